"""Columns by meaning. Each function makes one column; the heading is the office's own word for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from .cells import Cell, Pen, Value
from .habits import NAMES, RELATIONS, SEXES, date_cell, door, id_cell, phone_cell, yes_or_no
from .people import AS_OF, COMMUNITY, DISTRICT, FLAGS, STREET, Row

Writer = Callable[[Row, Pen], Cell | Value]


@dataclass(frozen=True)
class Column:
    means: str
    heads: tuple[str, ...]
    """From the widest heading to the narrowest: ("家庭成员", "姓名")."""
    write: Writer
    unit: str = ""
    also: tuple[str, ...] = ()
    """Other words of the vocabulary that an honest reader may choose."""
    down: bool = False
    """One merged cell for all rows of a household."""
    hidden: bool = False
    adds_up: bool = False


def under(head: str, *columns: Column) -> tuple[Column, ...]:
    """These columns below one wider heading."""
    return tuple(replace(column, heads=(head, *column.heads)) for column in columns)


def down(column: Column) -> Column:
    return replace(column, down=True)


def hide(column: Column) -> Column:
    return replace(column, hidden=True)


def perhaps(gaps: float, column: Column) -> Column:
    """The same column with a share of its cells left empty."""
    return replace(column, write=lambda row, pen: None if pen.rng.random() < gaps else column.write(row, pen))


def means(word: str, column: Column, *also: str) -> Column:
    """The same cells with another meaning; `also` are words that an honest reader may choose as well."""
    return replace(column, means=word, also=also)


def serial(head: str = "序号", style: str = "number") -> Column:
    def write(row: Row, pen: Pen) -> Cell | Value:
        if style == "formula":
            return Cell(pen.number, formula=f"ROW()-{pen.row + 1 - pen.number}")
        return {"number": pen.number, "text": str(pen.number), "001": f"{pen.number:03d}"}[style]

    return Column("serial", (head,), write)


def name(head: str = "姓名", style: str = "plain") -> Column:
    def write(row: Row, pen: Pen) -> Cell:
        if row.doubled:
            pen.trouble("duplicate_person")
        return Cell(NAMES[style](row.person.name), "text")

    return Column("name", (head,), write)


def sex(head: str = "性别", style: str = "男/女", wrong: float = 0) -> Column:
    def write(row: Row, pen: Pen) -> Value:
        written = row.person.sex
        if wrong and pen.rng.random() < wrong:
            pen.trouble("sex_disagrees")
            written = "女" if written == "男" else "男"
        return SEXES[style](written)

    return Column("sex", (head,), write)


def birth(head: str = "出生日期", style: str = "iso", wrong: float = 0) -> Column:
    def write(row: Row, pen: Pen) -> Cell | Value:
        day = row.person.born
        if wrong and pen.rng.random() < wrong:
            pen.trouble("birth_disagrees")
            day += timedelta(days=pen.rng.choice((-370, 31, 366, 3653)))
        return date_cell(day, style, pen)

    return Column("birth", (head,), write)


def age(head: str = "年龄", style: str = "number", unit: str = "") -> Column:
    def write(row: Row, pen: Pen) -> Cell | Value:
        years = row.person.age
        if style == "formula":
            return Cell(
                years, "0", formula=f'DATEDIF(DATE({row.person.born.year},{row.person.born.month},1),TODAY(),"Y")'
            )
        return f"{years}岁" if style == "岁" else str(years) if style == "text" else years

    return Column("age", (head,), write, unit)


def identity(head: str = "身份证号", style: str = "text") -> Column:
    return Column("id", (head,), lambda row, pen: id_cell(row.person.id, style, pen))


def phone(head: str = "联系电话", style: str = "text") -> Column:
    return Column("phone", (head,), lambda row, pen: phone_cell(row.person, style, pen))


def lives(head: str = "现住址", style: str = "estate") -> Column:
    return Column("address_lived", (head,), lambda row, pen: door(row, style, pen))


def registered(head: str = "户籍地址") -> Column:
    return Column("address_registered", (head,), lambda row, pen: row.household.registered)


def building(head: str = "幢", form: str = "{}", number: bool = True) -> Column:
    def write(row: Row, pen: Pen) -> Value:
        return row.household.building if form == "{}" and number else form.format(row.household.building)

    return Column("building", (head,), write)


def entrance(head: str = "单元", form: str = "{}", number: bool = True) -> Column:
    def write(row: Row, pen: Pen) -> Value:
        return row.household.entrance if form == "{}" and number else form.format(row.household.entrance)

    return Column("entrance", (head,), write)


def room(head: str = "室", form: str = "{}", number: bool = True) -> Column:
    def write(row: Row, pen: Pen) -> Value:
        return row.household.room if form == "{}" and number else form.format(row.household.room)

    return Column("room", (head,), write)


def household_no(head: str = "户号") -> Column:
    return Column("household_no", (head,), lambda row, pen: row.household.number)


def relation(head: str = "与户主关系", style: str = "plain") -> Column:
    words = RELATIONS[style]
    return Column("relation_to_head", (head,), lambda row, pen: words.get(row.person.relation, row.person.relation))


def population(head: str = "人口类别", words: dict[str, str] | None = None) -> Column:
    return Column(
        "population_class",
        (head,),
        lambda row, pen: (words or {}).get(row.household.population_class, row.household.population_class),
    )


def since(head: str = "入住日期", style: str = "iso") -> Column:
    return Column("from_date", (head,), lambda row, pen: _plain_date(row.household.since, style, pen))


def died(head: str = "死亡日期", style: str = "iso", share: float = 1) -> Column:
    def write(row: Row, pen: Pen) -> Cell | Value:
        if share < 1 and pen.rng.random() > share:
            return None
        return _plain_date(AS_OF - timedelta(days=pen.rng.randint(1, 260)), style, pen)

    return Column("died_on", (head,), write)


def _plain_date(day, style: str, pen: Pen) -> Cell | Value:  # type: ignore[no-untyped-def]
    """A date that is not a birth: what is wrong with it is nobody's trouble."""
    return date_cell(day, style, Pen(pen.rng))


def flag(word: str, head: str, style: str = "是/否") -> Column:
    return Column(f"flag:{word}", (head,), lambda row, pen: yes_or_no(row.person.has(word), style, pen))


def groups(
    head: str = "人员类别", *words: str, between: str = "、", empty: str = "", names: dict[str, str] | None = None
) -> Column:
    """The person's groups in one text, of these words only if any are given."""

    def write(row: Row, pen: Pen) -> Value:
        flags = [f for f in FLAGS if row.person.has(f) and (not words or f in words)]
        return between.join((names or {}).get(f, FLAGS[f]) for f in flags) or empty or None

    return Column("groups_text", (head,), write)


def area(head: str, which: str) -> Column:
    """Where the door lies: district, street, community, grid, estate."""

    def write(row: Row, pen: Pen) -> Value:
        grid = row.household.grid
        return {
            "district": DISTRICT,
            "street": STREET,
            "community": COMMUNITY,
            "short": COMMUNITY.removesuffix("社区"),
            "grid": f"第{'一二三四'[grid - 1]}网格",
            "grid number": grid,
            "estate": row.household.estate,
            "all": STREET + COMMUNITY,
        }[which]

    return Column("area_words", (head,), write)


def signature(head: str = "签名") -> Column:
    return Column("signature", (head,), lambda row, pen: None)


def other(head: str, write: Writer, unit: str = "", adds_up: bool = False) -> Column:
    return Column("other", (head,), write, unit, adds_up=adds_up)
