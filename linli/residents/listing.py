"""A list of people as it is worked with: which columns, in what order, page by page, how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OrderBy, Q, QuerySet

from .codelists import code_list
from .codes import PopulationClass, Relation
from .models import Residence, Resident
from .queries import ResidentCard, card_of, lived_today, with_cards

PAGE_SIZE = 30
COUNTED_TO = 10_000
"""Beyond it a list says "more than": counting a whole district would take longer than showing its first page."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, and what stands in it; `full` is unmasked, for who may see that."""

    code: str
    label: str
    masked: Callable[[Any, ResidentCard], str]
    full: Callable[[Any], str] | None = None
    is_number: bool = False
    width: int = 10  # characters, on paper and in a workbook

    @property
    def is_masked(self) -> bool:
        return self.full is not None


def _coded(field: str) -> Callable[[Any, ResidentCard], str]:
    return lambda row, card: code_list(field).name(getattr(row, field))


def _day(field: str) -> Callable[[Any, ResidentCard], str]:
    return lambda row, card: getattr(row, field).isoformat() if getattr(row, field) else ""


COLUMNS: dict[str, Column] = {
    column.code: column
    for column in (
        Column("name", "姓名", lambda row, card: card.name, lambda row: row.name, width=9),
        Column("sex", "性别", lambda row, card: card.sex, width=5),
        Column("age", "年龄", lambda row, card: "" if card.age is None else str(card.age), is_number=True, width=6),
        Column("doors", "住处", lambda row, card: "、".join(card.doors), is_number=True, width=14),
        Column(
            "phone", "电话", lambda row, card: card.phone, lambda row: row.phone or "", is_number=True, width=15
        ),
        Column("categories", "类别", lambda row, card: "、".join(_tags(card)), width=24),
        Column(
            "id_number",
            "身份证号",
            lambda row, card: card.id_number,
            lambda row: row.id_number or "",
            is_number=True,
            width=22,
        ),
        Column("birth_on", "出生年份", lambda row, card: f"{row.birth_on:%Y}" if row.birth_on else "",
               lambda row: row.birth_on.isoformat() if row.birth_on else "", is_number=True, width=12),
        Column("population", "人口类别", lambda row, card: _stay(row, 0, PopulationClass), width=9),
        Column("relation", "与户主关系", lambda row, card: _stay(row, 1, Relation), width=11),
        Column("ethnicity", "民族", _coded("ethnicity"), width=8),
        Column("education", "学历", _coded("education"), width=12),
        Column("marital_status", "婚姻状况", _coded("marital_status"), width=9),
        Column("political_status", "政治面貌", _coded("political_status"), width=14),
        Column("employment", "从业状况", _coded("employment"), width=14),
        Column("confirmed_on", "最近核实", _day("confirmed_on"), is_number=True, width=12),
        Column("check_by", "下次核实", _day("check_by"), is_number=True, width=12),
    )
}  # fmt: skip
USUAL = ("sex", "age", "doors", "phone", "categories")
"""What a list shows before anybody chose; the name is always there."""

SORTS = {
    "name": ("按姓名拼音", "pinyin", False),
    "oldest": ("年长的在前", "birth_on", False),
    "youngest": ("年轻的在前", "birth_on", True),
    "stale": ("最久没核实的在前", "confirmed_on", False),
    "newest": ("最近登记的在前", "noted_at", True),
}


def columns_of(codes: Iterable[str]) -> list[Column]:
    """The columns with the given codes, in the order of the table; the usual ones where none is known."""
    wanted = set(codes) & COLUMNS.keys() or set(USUAL)
    return [column for code, column in COLUMNS.items() if code in wanted and code != "name"]


def sorted_by(rows: QuerySet[Resident], sort: str) -> QuerySet[Resident]:
    """`rows` in one of SORTS, ending with the id, so that the order is whole."""
    return rows.order_by(*_order(sort, backwards=False))


def _order(sort: str, *, backwards: bool) -> list[OrderBy | str]:
    _, field, is_down = SORTS.get(sort, SORTS["name"])
    if field == "pinyin":  # never missing, and its index stands in this order
        return ["-pinyin", "-id"] if backwards else ["pinyin", "id"]
    down = is_down != backwards
    missing: dict[str, bool] = {"nulls_first": True} if backwards else {"nulls_last": True}
    if sort == "stale":
        missing = {"nulls_last": True} if backwards else {"nulls_first": True}
    return [F(field).desc(**missing) if down else F(field).asc(**missing), "-id" if backwards else "id"]


@dataclass(frozen=True)
class Slice:
    """One page: its rows, and the ids to go on from (None: nothing there)."""

    rows: list[Any]
    before: UUID | None
    after: UUID | None


def sliced(
    rows: QuerySet[Resident], sort: str, *, after: UUID | None = None, before: UUID | None = None, size: int = PAGE_SIZE
) -> Slice:
    """The page after (or before) the row with that id, else the first. Two queries; the same however far one has read.

    A row that has left the list since is still a place to go on from; one that nobody may see begins anew.
    """
    mark = Resident.objects.filter(pk=after or before).first() if after or before else None
    backwards = mark is not None and after is None
    wanted = rows.order_by(*_order(sort, backwards=backwards))
    if mark is not None:
        wanted = wanted.filter(_beyond(mark, sort, backwards=backwards))
    found: list[Any] = list(with_cards(wanted)[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Slice([], None, None)
    first, last = found[0].pk, found[-1].pk
    has_before = has_more if backwards else mark is not None
    has_after = True if backwards else has_more
    return Slice(found, first if has_before else None, last if has_after else None)


def _beyond(mark: Resident, sort: str, *, backwards: bool) -> Q:
    _, field, is_down = SORTS.get(sort, SORTS["name"])
    value, onwards = getattr(mark, field), "lt" if backwards else "gt"
    further = {"gt": "lt", "lt": "gt"}[onwards] if is_down else onwards
    is_last_missing = sort != "stale"  # those without a value stand at the end, but for what was never checked
    same = Q(**{field: value} if value is not None else {f"{field}__isnull": True}) & Q(**{f"id__{onwards}": mark.pk})
    missing = Q(**{f"{field}__isnull": True})
    if value is None:
        reaches_values = is_last_missing == backwards
        return same | ~missing if reaches_values else same
    met = same | Q(**{f"{field}__{further}": value})
    return met | missing if field != "pinyin" and is_last_missing != backwards else met


@dataclass(frozen=True)
class Line:
    """One person's row of a list, masked."""

    id: UUID
    card: ResidentCard
    cells: list[tuple[Column, str]]


def lines_of(found: Sequence[Any], columns: Sequence[Column]) -> list[Line]:
    """Rows loaded by `sliced` as lines of a table, masked."""
    cards = [card_of(row) for row in found]
    return [
        Line(row.pk, card, [(column, column.masked(row, card)) for column in columns])
        for row, card in zip(found, cards, strict=True)
    ]


def with_stays(rows: QuerySet[Resident]) -> QuerySet[Resident]:
    """`rows` with how they live here today, for the columns that say it."""
    lived: QuerySet[Residence] = lived_today()
    return rows.annotate(
        list_class=ArraySubquery(lived.values_list("population_class", flat=True)[:1]),
        list_relation=ArraySubquery(lived.values_list("relation_to_head", flat=True)[:1]),
    )


def _stay(row: Any, at: int, words: Any) -> str:
    held = (row.list_class, row.list_relation)[at]
    return str(words(held[0]).label) if held and held[0] else ""


def _tags(card: ResidentCard) -> list[str]:
    if card.is_dead:
        return ["已去世", *card.categories]
    return ["80岁以上", *card.categories] if card.is_over_80 else list(card.categories)


def count_of(rows: QuerySet[Resident]) -> int:
    """How many, up to COUNTED_TO + 1, which means more."""
    return rows.order_by()[: COUNTED_TO + 1].count()


def count_words(count: int) -> str:
    """1 234; 超过 10000."""
    return f"超过 {COUNTED_TO}" if count > COUNTED_TO else str(count)
