"""What stands in the columns that are none of ours: other people, cards, dates, amounts, remarks, dogs, cars."""

from __future__ import annotations

from datetime import date, timedelta

from .cells import Cell, Pen, Value
from .columns import Column, Writer, means, other
from .habits import date_cell
from .names import full_name, id_number, phone_number
from .people import AS_OF, Row

Written = Cell | Value


def one_of(*words: str, gaps: float = 0) -> Writer:
    return lambda row, pen: None if gaps and pen.rng.random() < gaps else pen.rng.choice(words)


def always(value: Value) -> Writer:
    return lambda row, pen: value


def nothing(row: Row, pen: Pen) -> Written:
    return None


def whole(low: int, high: int) -> Writer:
    return lambda row, pen: pen.rng.randint(low, high)


def money(*amounts: float, look: str = "") -> Writer:
    return lambda row, pen: Cell(pen.rng.choice(amounts), look)


def day(style: str = "iso", low: int = 30, high: int = 3000, gaps: float = 0) -> Writer:
    """A date between `low` and `high` days before the list was made."""

    def write(row: Row, pen: Pen) -> Written:
        if gaps and pen.rng.random() < gaps:
            return None
        return date_cell(AS_OF - timedelta(days=pen.rng.randint(low, high)), style, Pen(pen.rng))

    return write


def digits(length: int, prefix: str = "", spaced: bool = False) -> Writer:
    """A number of a card or certificate, as a text."""

    def write(row: Row, pen: Pen) -> Written:
        text = prefix + "".join(pen.rng.choice("0123456789") for _ in range(length - len(prefix)))
        return Cell(" ".join(text[i : i + 4] for i in range(0, length, 4)) if spaced else text, "text")

    return write


bank_card = digits(19, "990000")
social_card = digits(9, "Z")


# Other people in the person's row


def head_name(row: Row, pen: Pen) -> Written:
    return row.household.head.name


def head_phone(row: Row, pen: Pen) -> Written:
    return row.household.head.phone


def head_id(row: Row, pen: Pen) -> Written:
    return row.household.head.id


def kin_name(row: Row, pen: Pen) -> Written:
    """A child who lives elsewhere."""
    surname = row.person.name[0] if pen.rng.random() < 0.6 and "·" not in row.person.name else ""
    return full_name(pen.rng, pen.rng.choice("男女"), date(1970, 1, 1), surname)


def someone_phone(row: Row, pen: Pen) -> Written:
    return phone_number(pen.rng.randint(10_000, 90_000))


def someone_phone_number(row: Row, pen: Pen) -> Written:
    return Cell(int(phone_number(pen.rng.randint(10_000, 90_000))))


def someone_id(row: Row, pen: Pen) -> Written:
    born = date(1968, 1, 1) + timedelta(days=pen.rng.randint(0, 9000))
    return Cell(id_number(born, pen.rng.choice("男女"), pen.rng.randint(1, 480)), "text")


def kin_both(row: Row, pen: Pen) -> Written:
    """Name and phone in one cell, as people do when there is one column for both."""
    return f"{kin_name(row, pen)}{pen.rng.choice((' ', '：', '(儿子)', ''))}{someone_phone(row, pen)}"


def elsewhere_birth(style: str) -> Writer:
    """The birth of someone else: a spouse, a child."""
    return lambda row, pen: date_cell(
        date(1960, 1, 1) + timedelta(days=pen.rng.randint(0, 12_000)), style, Pen(pen.rng)
    )


def grid_name(row: Row, pen: Pen) -> Written:
    return ("", "方晓燕", "余立新", "孔静", "严建军")[row.household.grid]


def grid_phone(row: Row, pen: Pen) -> Written:
    return phone_number(90_000 + row.household.grid)


def grid_phone_number(row: Row, pen: Pen) -> Written:
    return Cell(int(phone_number(90_000 + row.household.grid)))


def members(row: Row, pen: Pen) -> Written:
    return len(row.household.members)


def member(place: int, what: str) -> Writer:
    """The `place`-th other member of the household, for tables that put a family into one row."""

    def write(row: Row, pen: Pen) -> Written:
        rest = [m for m in row.household.members if m is not row.person]
        if place > len(rest):
            return None
        m = rest[place - 1]
        return {"name": m.name, "relation": m.relation, "phone": m.phone, "id": Cell(m.id, "text")}[what]

    return write


# What is told of the person


ethnicity = one_of("汉", "汉", "汉", "汉", "汉族", "畲族", "回族")
education = one_of("小学", "初中", "高中", "中专", "大专", "本科", "硕士", "文盲", gaps=0.1)
married = one_of("未婚", "已婚", "丧偶", "离异")
work = one_of("退休", "务工", "个体", "学生", "无业", "企业职工", "事业单位", gaps=0.1)
employer = one_of("原杭丝联", "大运河纺织厂", "某某物业公司", "某某小学", "市第三机床厂", "灵活就业", gaps=0.2)
health = one_of("健康", "良好", "一般", "高血压", "糖尿病、高血压", "半自理", "卧床", "认知症", gaps=0.05)
care_level = one_of("能力完好", "轻度失能", "中度失能", "重度失能", "完全失能")
remark = one_of(
    "住女儿家", "电话打不通", "低保已停", "户主", "独居，每周走访", "空挂户", "租客", "门牌看不清", "已搬走？", gaps=0.8
)
kin_relation = one_of("儿子", "女儿", "长子", "儿媳", "侄子", "邻居")
disability_kind = one_of("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
disability_level = one_of("一级", "二级", "三级", "四级")
disability_level_number = one_of("1", "2", "3", "4")


def disability_number(row: Row, pen: Pen) -> Written:
    """Twenty digits: the identity number, the kind and the level."""
    return Cell(f"{row.person.id}{pen.rng.randint(1, 7)}{pen.rng.randint(1, 4)}", "text")


def politics(head: str) -> Column:
    """政治面貌: an honest reader may take it for a group as well."""

    def write(row: Row, pen: Pen) -> Written:
        if row.person.age < 14:
            return "群众"
        return "中共党员" if row.person.has("party") else pen.rng.choice(("群众", "群众", "共青团员", "民盟盟员"))

    return means("political", other(head, write), "flag:party", "groups_text")


def age_band(row: Row, pen: Pen) -> Written:
    age = row.person.age
    return "100周岁以上" if age >= 100 else f"{age // 10 * 10}-{age // 10 * 10 + 9}周岁"


def allowance(row: Row, pen: Pen) -> Written:
    age = row.person.age
    return 800 if age >= 100 else 100 if age >= 90 else 60 if age >= 80 else 0


def old_age_on(years: int, style: str) -> Writer:
    """The day the person reached an age: a date that is not a birth."""

    def write(row: Row, pen: Pen) -> Written:
        born = row.person.born
        return date_cell(date(born.year + years, born.month, min(born.day, 28)), style, Pen(pen.rng))

    return write


def origin(row: Row, pen: Pen) -> Written:
    registered = row.household.registered
    return registered[: registered.index("市") + 1]


plate = one_of("浙A·Z0Z01", "浙A·Z0Z17", "浙A·DZ0Z38", "浙A·Z0Z44", "浙A·FZ0Z90")
