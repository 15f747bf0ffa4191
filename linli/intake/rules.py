"""Rows of a hotline's sheet as orders, and matters in the words of Open311; plain values only.

Columns: what 12345 systems call theirs differs from city to city; the words below were gathered from published order forms, and a sheet
whose number or content column is called something else is refused with these words, never guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOOK_AT = 15  # rows among which the heading is looked for
MOST_ROWS = 1000
END_OF_DAY = time(23, 59)

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("工单编号", "工单号", "受理编号", "受理单号", "诉求编号", "案件编号", "任务编号", "编号"),
    "words": ("诉求内容", "问题描述", "诉求描述", "主要内容", "工单内容", "事项内容", "来电内容", "内容描述", "内容"),
    "place": ("事发地址", "诉求地址", "问题地址", "事发地点", "地址", "地点", "位置"),
    "name": ("诉求人", "来电人", "诉求人姓名", "来电人姓名", "联系人", "市民姓名", "姓名"),
    "phone": ("联系电话", "来电号码", "联系方式", "诉求人电话", "电话", "手机号码", "手机"),
    "received": ("来电时间", "受理时间", "诉求时间", "登记时间", "派单时间", "转办时间"),
    "due": (
        "办理期限",
        "办结期限",
        "截止时间",
        "办理时限",
        "处理时限",
        "要求办结时间",
        "反馈时限",
        "回复期限",
        "限办时间",
    ),
    "kind": ("诉求类型", "事项类别", "问题分类", "诉求分类", "事项分类", "类别", "分类"),
}
NEEDED = ("number", "words")


@dataclass(frozen=True)
class Order:
    """One order as the sheet says it; `row` counts as the spreadsheet does, from 1. Moments are in Asia/Shanghai."""

    row: int
    number: str
    words: str
    place: str = ""
    name: str = ""
    phone: str = ""
    received: datetime | None = None
    due: datetime | None = None
    kind: str = ""


@dataclass(frozen=True)
class Wrong:
    """A row that is no order, and why, in a sentence that says what to do."""

    row: int
    why: str


def find_columns(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    """The row (from 0) of the heading and where each known column stands; None when no row names both a number and a content."""
    for number, row in enumerate(rows[:LOOK_AT]):
        words = [_plain(cell) for cell in row]
        found = {name: at for name, known in COLUMNS.items() if (at := _first(words, known)) is not None}
        if all(name in found for name in NEEDED):
            return number, found
    return None


def read_orders(
    rows: Iterable[tuple[int, Sequence[object]]], columns: Mapping[str, int]
) -> tuple[list[Order], list[Wrong]]:
    """The orders among numbered rows below the heading. Empty rows are passed over; a number said twice counts once, the first."""
    orders: dict[str, Order] = {}
    wrong: list[Wrong] = []
    for number, row in rows:
        cells = {name: row[at] if at < len(row) else None for name, at in columns.items()}
        if not any(_text(cell) for cell in cells.values()):
            continue
        order = _order(number, cells)
        if isinstance(order, Wrong):
            wrong.append(order)
        elif order.number in orders:
            wrong.append(Wrong(number, f"和第 {orders[order.number].row} 行是同一个工单编号，只收前面那一行。"))
        else:
            orders[order.number] = order
    return list(orders.values()), wrong


def _order(row: int, cells: Mapping[str, object]) -> Order | Wrong:
    texts = {name: _text(cell) for name, cell in cells.items()}
    if not texts["number"]:
        return Wrong(row, "缺工单编号。请补上再传，编号是认不认得出重复的依据。")
    if len(texts["number"]) > 40:
        return Wrong(row, "工单编号超过 40 个字，不像编号。请看看是不是列错位了。")
    if not texts["words"]:
        return Wrong(row, "缺诉求内容。请补上一两句再传。")
    moments = {}
    for name in ("received", "due"):
        moments[name] = moment_in(cells.get(name), is_end=name == "due")
        if moments[name] is None and texts.get(name):
            heading = "来电时间" if name == "received" else "办理期限"
            return Wrong(row, f"{heading}“{texts[name][:20]}”看不懂。请写成 2026-03-01 09:30 这样。")
    return Order(
        row=row,
        number=texts["number"],
        words=texts["words"][:1000],
        place=texts.get("place", "")[:120],
        name=texts.get("name", "")[:80],
        phone=re.split(r"[,，、/;； ]", texts.get("phone", ""))[0][:30],
        received=moments["received"],
        due=moments["due"],
        kind=texts.get("kind", ""),
    )


_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2})?)?秒?(?:\.\d+)?)?"
)


def moment_in(value: object, *, is_end: bool) -> datetime | None:
    """A cell as a moment in Asia/Shanghai; a day alone is its first minute, or its last where it `is_end`. None when unreadable."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or SHANGHAI)
    if isinstance(value, date):
        return datetime.combine(value, END_OF_DAY if is_end else time(), SHANGHAI)
    match = _MOMENT.fullmatch(unicodedata.normalize("NFKC", _text(value)))
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    try:
        if hour is None:
            return datetime.combine(date(int(year), int(month), int(day)), END_OF_DAY if is_end else time(), SHANGHAI)
        return datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0), tzinfo=SHANGHAI)
    except ValueError:
        return None


def kind_named(words: str, kinds: Mapping[str, str]) -> str:
    """The code of the kind a sheet means, by its name or a part of it; "other" when none fits. `kinds`: code → name."""
    plain = _plain(words)
    if plain:
        for code, name in kinds.items():
            if name in plain or plain in name:
                return code
    return "other"


def _first(words: Sequence[str], known: Sequence[str]) -> int | None:
    return next((words.index(name) for name in known if name in words), None)


def _plain(cell: object) -> str:
    text = unicodedata.normalize("NFKC", "" if cell is None else str(cell))
    return re.sub(r"[\s*＊:：]+|\(.*?\)", "", text)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


# -- Open311 GeoReport v2 (https://wiki.open311.org/GeoReport_v2/): its words for ours

MOST_DAYS = timedelta(days=90)
"""GeoReport v2: a list of requests spans at most 90 days."""


def open311_status(state: str) -> str:
    """open or closed: an answered matter is open until its reporter agrees."""
    return "closed" if state in ("closed", "refused", "merged") else "open"


def span_asked(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """[start, end] of a list: the last 90 days by default, never more than 90 days, as GeoReport v2 has it."""
    end = end or (start + MOST_DAYS if start else now)
    start = start or end - MOST_DAYS
    return max(start, end - MOST_DAYS), end
