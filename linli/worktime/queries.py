"""Reading a community's working time: for counting (`working_time`), and for its page (`month_of`)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from linli.core import clock

from . import rules
from .holidays import Notice, announced, notices
from .models import Shift, SpecialDay
from .rules import Span, Week, WorkingTime


def working_time() -> WorkingTime:
    """The active community's: two small queries."""
    swaps = {day: said.is_working for day, said in announced().items()}
    swaps.update(SpecialDay.objects.values_list("day", "is_working"))
    return WorkingTime(week(), swaps)


def week() -> Week:
    """The spans of each weekday, Monday first; the usual week where the community has set none."""
    days: list[list[Span]] = [[] for _ in range(7)]
    for weekday, opens, closes in Shift.objects.values_list("weekday", "opens_minute", "closes_minute"):
        days[weekday - 1].append((opens, closes))
    return tuple(tuple(spans) for spans in days) if any(days) else rules.USUAL_WEEK


def is_usual() -> bool:
    """Whether the community works by the usual week, having set none of its own."""
    return not Shift.objects.exists()


@dataclass(frozen=True)
class DayShown:
    """A day of the month's calendar. `name` is the holiday's, `said` where the day is not what its weekday says."""

    day: date
    is_working: bool
    is_in_month: bool
    is_today: bool
    name: str = ""
    special: SpecialDay | None = None

    @property
    def said(self) -> str:
        """One character for the corner: 休 or 班, as China's calendars print it; "" on an ordinary day."""
        if self.special is None and not self.name:
            return ""
        return "班" if self.is_working else "休"


@dataclass(frozen=True)
class MonthShown:
    """A month's calendar, weeks from Monday, and where its holidays come from (None: not announced, or not yet in our data)."""

    first: date
    weeks: list[list[DayShown]]
    notice: Notice | None
    working_days: int

    @property
    def days(self) -> list[DayShown]:
        return [day for week in self.weeks for day in week if day.is_in_month]

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)


def month_of(month: date) -> MonthShown:
    """The calendar of `month`'s month with the days around it that fill its weeks."""
    first, today, working = month.replace(day=1), clock.today(), working_time()
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    own = {row.day: row for row in SpecialDay.objects.filter(day__range=(weeks[0][0], weeks[-1][-1]))}

    def shown(day: date) -> DayShown:
        said = announced().get(day)
        return DayShown(
            day,
            working.is_working_day(day),
            day.month == first.month,
            day == today,
            said.name if said else "",
            own.get(day),
        )

    rows = [[shown(day) for day in week] for week in weeks]
    many = sum(day.is_working for week in rows for day in week if day.is_in_month)
    return MonthShown(first, rows, notices().get(first.year), many)


def special_days(since: date) -> list[SpecialDay]:
    """What the community decided of single days from `since` on, the next first."""
    return list(SpecialDay.objects.filter(day__gte=since).order_by("day"))
