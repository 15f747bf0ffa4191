"""How offices write one thing: a date, a number, a door. Each habit takes the pen and returns what goes into the cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .cells import Cell, Pen, Value
from .names import phone_number
from .people import CITY, DISTRICT, STREET, Person, Row

WIDE = str.maketrans("0123456789.-X", "０１２３４５６７８９．－Ｘ")
EPOCH = date(1899, 12, 30)


def date_cell(day: date, style: str, pen: Pen) -> Cell | str | int | float:
    """A day in one of the ways it is written; `mixed` is the list that five people filled in."""
    if style == "mixed":
        style = pen.rng.choice(("1938.5.6", "1938-05-06", "1938年5月6日", "19380506", "iso", "1938.5", "1938/5/6"))
    y, m, d = day.year, day.month, day.day
    texts = {
        "1938.5.6": f"{y}.{m}.{d}",
        "1938.05.06": f"{y}.{m:02d}.{d:02d}",
        "1938-05-06": f"{y}-{m:02d}-{d:02d}",
        "1938-5-6": f"{y}-{m}-{d}",
        "1938/5/6": f"{y}/{m}/{d}",
        "1938年5月6日": f"{y}年{m}月{d}日",
        "1938年05月06日": f"{y}年{m:02d}月{d:02d}日",
        "1938 年 5 月": f"{y} 年 {m} 月",
        "1938年5月": f"{y}年{m}月",
        "1938.5": f"{y}.{m}",
        "1938.05": f"{y}.{m:02d}",
        "1938-05": f"{y}-{m:02d}",
        "193805": f"{y}{m:02d}",
        "19380506": f"{y}{m:02d}{d:02d}",
        "１９３８．５": f"{y}.{m}".translate(WIDE),
        "1938-05-06 00:00:00": f"{y}-{m:02d}-{d:02d} 00:00:00",
    }
    if style in texts:
        if "6" not in style.rsplit("1938", 1)[-1] and "0506" not in style:
            pen.trouble("birth_only_month")
        return Cell(texts[style], "text")
    if style == "number 19380506":
        return Cell(y * 10_000 + m * 100 + d, "0")
    if style == "number 1938.5":
        pen.trouble("birth_month_lost_zero" if m == 10 else "birth_only_month")
        return Cell(float(f"{y}.{m}"))
    if style == "serial":
        return Cell((day - EPOCH).days, "0")
    if style == "cn_month":
        pen.trouble("birth_only_month")
    return Cell(day, style)


def id_cell(number: str, style: str, pen: Pen) -> Cell | str:
    """An identity number as typed. `damaged` numbers were typed as numbers: those ending in X stay texts by luck."""
    share = {"some damaged": 0.3, "some old": 0.25, "some wide": 0.3, "some wrong": 0.1, "some spaced": 0.4}
    if style in share:
        style = style.removeprefix("some ") if pen.rng.random() < share[style] else "text"
    if style == "damaged":
        if number.endswith("X"):
            return Cell(number, "text")
        pen.trouble("id_lost_digits")
        return Cell(float(number[:15] + "000"), "0")
    if style == "shown as 9.90105E+17":
        if number.endswith("X"):
            return Cell(number, "text")
        pen.trouble("id_lost_digits")
        return Cell(float(number[:15] + "000"))
    if style == "old":
        pen.trouble("id_old")
        return Cell(number[:6] + number[8:17], "text")
    if style == "wrong":
        swapped = number[:14] + number[15] + number[14] + number[16:]
        if swapped != number:
            pen.trouble("id_check_digit")
        return Cell(swapped, "text")
    written = {
        "text": number,
        "lower": number.lower(),
        "spaced": f"{number[:6]} {number[6:14]} {number[14:]}",
        "wide": number.translate(WIDE),
        "tab": "\t" + number,
        "quote": "'" + number,
        "trailing": number + "  ",
    }
    return Cell(written[style], "text")


def phone_cell(person: Person, style: str, pen: Pen) -> Cell | str | None:
    number = person.phone
    if style == "mixed":
        style = pen.rng.choice(("text", "number", "spaced", "two", "text"))
    if style == "some two":
        style = "two" if pen.rng.random() < 0.3 else "text"
    if style == "number":
        return Cell(int(number), "")
    if style == "two":
        pen.trouble("two_phones")
        other = pen.rng.choice((phone_number(pen.rng.randint(5_000, 9_999)), f"0571-1000{pen.rng.randint(1000, 9999)}"))
        return Cell(number + pen.rng.choice(("/", "、", "\n", " ", ",")) + other, "text")
    written = {
        "text": number,
        "spaced": f"{number[:3]} {number[3:7]} {number[7:]}",
        "dash": f"{number[:3]}-{number[3:7]}-{number[7:]}",
        "wide": number.translate(WIDE),
        "tab": "\t" + number,
    }
    return Cell(written[style], "text")


def door(row: Row, style: str, pen: Pen) -> str:
    """Where the person lives. `full` is the whole address, the other styles are spelt as door 2-301 of building 48."""
    h = row.household
    if style == "ditto":
        if pen.before and pen.before.household is h:
            pen.trouble("ditto")
            return "同上"
        style = "estate"
    if style == "mixed":
        style = pen.rng.choice(("48-2-301", "48幢2单元301室", "48幢301", "estate", "full"))
    short = f"{h.building}幢{h.entrance}单元{h.room}"
    return {
        "48-2-301": f"{h.building}-{h.entrance}-{h.room}",
        "48#2-301": f"{h.building}#{h.entrance}-{h.room}",
        "48—2—301": f"{h.building}—{h.entrance}—{h.room}",
        "48幢2单元301室": short + "室",
        "48幢2单元301": short,
        "48幢301": f"{h.building}幢{h.room}",
        "48号楼2单元301": f"{h.building}号楼{h.entrance}单元{h.room}",
        "estate 48-2-301": f"{h.estate}{h.building}-{h.entrance}-{h.room}",
        "estate": h.estate + short,
        "estate wide": h.estate + f"{h.building}幢".translate(WIDE) + f"{h.entrance}单元{h.room}室".translate(WIDE),
        "full": f"{CITY}{DISTRICT}{STREET}{h.estate}{short}室",
        "province": f"浙江省{CITY}{DISTRICT}{STREET} {h.estate} {short}室",
        "spaced": f"{h.estate} {h.building} 幢 {h.entrance} 单元 {h.room} 室",
    }[style]


YES = {
    "是/否": ("是", "否"),
    "是": ("是", ""),
    "√": ("√", ""),
    "有/无": ("有", "无"),
    "1/0": ("1", "0"),
    "Y/N": ("Y", "N"),
    "✔": ("✔", ""),
    "●": ("●", ""),
    "是/空/否": ("是", "否"),
}


def yes_or_no(true: bool, style: str, pen: Pen) -> Value:
    yes, no = YES[style]
    if style == "是/空/否" and not true and pen.rng.random() < 0.5:
        return None
    return yes if true else no or None


RELATIONS: dict[str, dict[str, str]] = {
    "plain": {},
    "formal": {
        "户主": "本人",
        "妻": "配偶",
        "丈夫": "配偶",
        "儿子": "子",
        "女儿": "女",
        "长子": "子",
        "长女": "女",
        "孙子": "孙子、孙女或外孙子女",
        "孙女": "孙子、孙女或外孙子女",
        "母亲": "父母",
        "儿媳": "其他",
    },
    "kin": {"户主": "户主本人", "妻": "老伴", "丈夫": "老伴", "长子": "大儿子", "长女": "大女儿", "母亲": "妈妈"},
    "of": {
        "户主": "户主",
        "妻": "之妻",
        "丈夫": "之夫",
        "儿子": "之子",
        "女儿": "之女",
        "长子": "之长子",
        "孙子": "之孙",
    },
    "codes": {
        "户主": "01",
        "妻": "12",
        "丈夫": "11",
        "儿子": "20",
        "长子": "21",
        "女儿": "30",
        "长女": "31",
        "儿媳": "28",
        "孙子": "41",
        "孙女": "42",
        "母亲": "52",
    },
}

SEXES: dict[str, Callable[[str], Value]] = {
    "男/女": lambda sex: sex,
    "1/2": lambda sex: 1 if sex == "男" else 2,
    "1/2 text": lambda sex: "1" if sex == "男" else "2",
    "男性/女性": lambda sex: sex + "性",
    "spaced": lambda sex: f" {sex} ",
    "code": lambda sex: "1-男" if sex == "男" else "2-女",
}

NAMES: dict[str, Callable[[str], str]] = {
    "plain": lambda name: name,
    "spaced": lambda name: f"{name[0]}　{name[1]}" if len(name) == 2 else name,
    "blank inside": lambda name: f"{name[0]} {name[1]}" if len(name) == 2 else name,
    "trailing": lambda name: name + " ",
    "dots": lambda name: name.replace("·", "•"),
}
