"""Calculation on plain values: deadlines, who may still do what, counting by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from linli.core.pinyin import bigrams

SHANGHAI = ZoneInfo("Asia/Shanghai")
REOPEN_DAYS = 15
"""A resident may say "not settled after all" for this long after closing; afterwards it is a new matter. Ours; configuration later."""


PUT_BACK_MINUTES = 60
"""Taking a matter is undone by one press for this long; later it is passed on, with a word. Ours; configuration later."""


class Outcome(StrEnum):
    """What became of a reported matter, as the month's table counts it: each matter has exactly one."""

    SOLVED = "solved"  # 已解决
    EXPLAINED = "explained"  # 已解释
    IMPOSSIBLE = "impossible"  # 无法办理
    REFUSED = "refused"  # 不予受理
    MERGED = "merged"  # 已并案: its reporter gets the answer of the matter it was merged into
    OPEN = "open"  # 办理中

    @property
    def label(self) -> str:
        return OUTCOME_NAMES[self]


OUTCOME_NAMES = {
    Outcome.SOLVED: "已解决",
    Outcome.EXPLAINED: "已解释",
    Outcome.IMPOSSIBLE: "无法办理",
    Outcome.REFUSED: "不予受理",
    Outcome.MERGED: "已并案",
    Outcome.OPEN: "办理中",
}


def end_of(day: date) -> datetime:
    """The end (exclusive) of `day` in Asia/Shanghai."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=SHANGHAI)


def month_span(month: date) -> tuple[datetime, datetime]:
    """[first moment, first moment of the next month) of `month`'s month in Asia/Shanghai."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime(d.year, d.month, 1, tzinfo=SHANGHAI) for d in (first, following))
    return start, end


def greeting(hour: int) -> str:
    """How one greets at this hour (0 to 23) of the day."""
    if hour < 5 or hour >= 19:
        return "晚上好"
    if hour < 9:
        return "早上好"
    return "上午好" if hour < 11 else "中午好" if hour < 13 else "下午好"


def may_reopen(*, closed_at: datetime | None, now: datetime) -> bool:
    """Whether an answered matter may be opened again: always before it is closed, up to REOPEN_DAYS after."""
    return closed_at is None or now - closed_at <= timedelta(days=REOPEN_DAYS)


@dataclass(frozen=True)
class Counted:
    """One matter, as the month's table sees it."""

    kind: str
    outcome: Outcome
    is_late: bool
    rating: int | None


@dataclass(frozen=True)
class MonthRow:
    """One line of the month's table; `average_rating` is None when nobody rated."""

    kind: str
    total: int
    by_outcome: dict[Outcome, int]
    late: int
    rated: int
    average_rating: float | None


def month_rows(counted: Iterable[Counted], kinds: Iterable[str]) -> list[MonthRow]:
    """A line for each of `kinds` in order, those without matters included, so that nothing is silently absent."""
    matters = list(counted)
    return [_row(kind, [m for m in matters if m.kind == kind]) for kind in kinds]


def month_total(counted: Iterable[Counted]) -> MonthRow:
    """The table's last line."""
    return _row("合计", list(counted))


def _row(kind: str, matters: list[Counted]) -> MonthRow:
    outcomes = Counter(m.outcome for m in matters)
    ratings = [m.rating for m in matters if m.rating is not None]
    return MonthRow(
        kind=kind,
        total=len(matters),
        by_outcome={outcome: outcomes[outcome] for outcome in Outcome},
        late=sum(m.is_late for m in matters),
        rated=len(ratings),
        average_rating=sum(ratings) / len(ratings) if ratings else None,
    )


def find_words_of(matter: Any) -> list[str]:
    """By which words a matter is found: two neighbouring characters of what was reported and answered (b), its number and ends of it (n)."""
    day, _, count = matter.number.partition("-")
    numbers = {matter.number, day + count, count, count.lstrip("0")}
    answers = getattr(matter, "answers", ())  # none yet in the rows an old migration reads
    said = [matter.words, *(answer["said"] for answer in answers)]
    return [
        *(f"b:{pair}" for words in said for pair in bigrams(words)),
        *(f"n:{number}" for number in numbers if number),
    ]
    return [*(f"b:{pair}" for pair in bigrams(matter.words)), *(f"n:{number}" for number in numbers if number)]


def likeness(one: str, other: str) -> float:
    """How much two texts share, 0 to 1: their pairs of characters in common, of all they have (Jaccard)."""
    pairs, others = set(bigrams(one)), set(bigrams(other))
    return len(pairs & others) / len(pairs | others) if pairs and others else float(one == other)
