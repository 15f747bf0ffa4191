"""Arithmetic of the figures, on plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Spans:
    """The days that stand beside one another, ends included: this month (so far), as many days of the last, all of the last."""

    this: tuple[date, date]
    before: tuple[date, date]
    last_month: tuple[date, date]
    is_running: bool

    @property
    def first(self) -> date:
        """The first day any of them counts."""
        return self.last_month[0]


def spans_of(month: date, today: date) -> Spans:
    """The spans for the month `month` lies in, as seen on `today`. A month that is over is compared with the whole one before it.

    The 31st has no fellow in a month of thirty days: then as many days as there are.
    """
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    last_before = first - timedelta(days=1)
    first_before = last_before.replace(day=1)
    is_running = first <= today <= last
    until = today if is_running else last
    same_day = first_before + (until - first) if is_running else last_before
    return Spans((first, until), (first_before, min(same_day, last_before)), (first_before, last_before), is_running)


def heat(value: int, most: int) -> int:
    """How full a cell is drawn: 0 for nothing, else 1 to 5, five for the fullest."""
    return 0 if value <= 0 or most <= 0 else max(1, -(-5 * value // most))


def change_words(now: int, before: int) -> str:
    """What became of a count beside the one before it: 多 12 件, 少 3 件, 一样多."""
    return f"多 {now - before} 件" if now > before else f"少 {before - now} 件" if now < before else "一样多"


def spell_hours(hours: float | None) -> str:
    """A wait in hours as one says it: 40 分钟, 3.5 小时, 2 天 4 小时; "" for none."""
    if hours is None:
        return ""
    if hours < 1:
        return f"{max(1, round(hours * 60))} 分钟"
    if hours < 24:
        return f"{hours:.1f}".removesuffix(".0") + " 小时"
    days, rest = divmod(round(hours), 24)
    return f"{days} 天" + (f" {rest} 小时" if rest else "")


def most_of(values: Iterable[int]) -> int:
    """The greatest; 0 of none."""
    return max(values, default=0)
