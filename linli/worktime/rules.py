"""Working time as arithmetic: what is open when, so many working hours from now, how much of it lies between two moments.

Moments are aware; answers are in Asia/Shanghai, which has had no summer time since 1991. A span of a day runs from its opening up to,
not including, its closing, in minutes since midnight. What falls due may fall on the very moment of closing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from linli.core.clock import ONE_DAY, SHANGHAI

Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]

MORNING, AFTERNOON = (8 * 60 + 30, 11 * 60 + 30), (13 * 60, 17 * 60)
USUAL_WEEK: Week = ((MORNING, AFTERNOON),) * 5 + ((), ())
"""Monday to Friday 8:30–11:30 and 13:00–17:00, for a community that has not set its own. Ours: no law fixes a committee's hours."""
FARTHEST = timedelta(days=800)
"""How far an answer is looked for: a calendar without a working day in two years is a mistake, not a promise."""
NOTHING = timedelta(0)


class Unit(StrEnum):
    """What a promise is counted in."""

    WORKING_HOURS = "working_hours"  # 工作小时
    WORKING_DAYS = "working_days"  # 工作日
    CALENDAR_DAYS = "calendar_days"  # 自然日


UNIT_WORDS = {Unit.WORKING_HOURS: "个工作小时", Unit.WORKING_DAYS: "个工作日", Unit.CALENDAR_DAYS: "天"}


class NeverOpen(ValueError):
    """No working time within FARTHEST."""


@dataclass(frozen=True)
class WorkingTime:
    """A community's week (Monday first) and the single days that differ: `swaps` says of a day whether it is worked.

    A day off that is worked after all (调休上班) has the hours of its own weekday, or of the week's first working day where it has none.
    """

    week: Week = USUAL_WEEK
    swaps: Mapping[date, bool] = field(default_factory=dict)

    def spans_on(self, day: date) -> Sequence[Span]:
        """When `day` is worked, in order; empty on a day off."""
        usual = self.week[day.weekday()]
        is_worked = self.swaps.get(day)
        if is_worked is None:
            return usual
        return (usual or next((spans for spans in self.week if spans), ())) if is_worked else ()

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans_on(day))

    def usual_day(self) -> timedelta:
        """How much is worked on the week's longest day: what "one working day" means where hours are counted."""
        return timedelta(minutes=max(sum(closes - opens for opens, closes in spans) for spans in self.week))

    def opening_on_last_day(self, due_at: datetime) -> datetime:
        """When the last day opens on which there is still time before `due_at`.

        Raises:
            NeverOpen
        """
        due_at = due_at.astimezone(SHANGHAI)
        for opens, _ in self._spans_back_from(due_at):
            if opens < due_at:
                return self._moments_of(opens.date())[0][0]
        raise NeverOpen

    def next_opening(self, moment: datetime) -> datetime:
        """`moment` if it is worked then, else the next opening.

        Raises:
            NeverOpen
        """
        moment = moment.astimezone(SHANGHAI)
        return next(max(opens, moment) for opens, closes in self._spans_from(moment) if closes > moment)

    def add_working(self, start: datetime, much: timedelta) -> datetime:
        """The moment at which `much` (0 or more) working time has gone by since `start`; never outside the hours.

        Raises:
            NeverOpen
        """
        start, left = start.astimezone(SHANGHAI), much
        for opens, closes in self._spans_from(start):
            begins = max(opens, start)
            if begins > closes:
                continue
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise NeverOpen

    def take_working(self, end: datetime, much: timedelta) -> datetime:
        """The moment from which `much` working time is left until `end`: the mirror of `add_working`.

        Raises:
            NeverOpen
        """
        end, left = end.astimezone(SHANGHAI), much
        for opens, closes in self._spans_back_from(end):
            ends = min(closes, end)
            if ends < opens:
                continue
            if left <= ends - opens:
                return ends - left
            left -= ends - opens
        raise NeverOpen

    def working_between(self, first: datetime, last: datetime) -> timedelta:
        """How much working time lies between two moments; below zero when `last` is the earlier."""
        if last < first:
            return -self.working_between(last, first)
        first, last = first.astimezone(SHANGHAI), last.astimezone(SHANGHAI)
        many = (last.date() - first.date()).days
        days = (first.date() + timedelta(days=ahead) for ahead in range(many + 1))
        spans = (span for day in days for span in self._moments_of(day))
        return sum((max(NOTHING, min(closes, last) - max(opens, first)) for opens, closes in spans), NOTHING)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """The end (exclusive) of the `days`-th working day after the day of `start`; the day itself is not counted.

        Source: Civil Code of the PRC, articles 201 (the first day is not counted) and 203 (a day ends at 24:00).

        Raises:
            NeverOpen
        """
        day, left = start.astimezone(SHANGHAI).date(), days
        last = day + FARTHEST
        while left or not self.is_working_day(day):
            day += ONE_DAY
            left -= bool(left) and self.is_working_day(day)
            if day > last:
                raise NeverOpen
        return _midnight(day + ONE_DAY)

    def promised(self, start: datetime, amount: int, unit: Unit) -> datetime:
        """When a promise of so many units, given at `start`, has run out (exclusive)."""
        if unit == Unit.WORKING_HOURS:
            return self.add_working(start, timedelta(hours=amount))
        if unit == Unit.WORKING_DAYS:
            return self.after_working_days(start, amount)
        return after_calendar_days(start, amount)

    def moved(self, due_at: datetime, first: datetime, last: datetime, unit: Unit) -> datetime:
        """`due_at` after the clock stood still from `first` to `last`: later by the working time between, or, where a promise counts
        every day, by the days that were begun."""
        if unit == Unit.CALENDAR_DAYS:
            return due_at.astimezone(SHANGHAI) + max(NOTHING, _whole_days(last - first))
        stood = max(NOTHING, self.working_between(first, last))
        return self.add_working(due_at, stood) if stood else due_at.astimezone(SHANGHAI)

    def _moments_of(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = _midnight(day)
        return [
            (midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes))
            for opens, closes in self.spans_on(day)
        ]

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.date()
        for ahead in range(FARTHEST.days):
            yield from self._moments_of(day + timedelta(days=ahead))
        raise NeverOpen

    def _spans_back_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.date()
        for back in range(FARTHEST.days):
            yield from reversed(self._moments_of(day - timedelta(days=back)))
        raise NeverOpen


def after_calendar_days(start: datetime, days: int) -> datetime:
    """The end (exclusive) of the `days`-th calendar day after the day of `start`."""
    return _midnight(start.astimezone(SHANGHAI).date() + timedelta(days=days + 1))


def is_a_week(week: Sequence[Sequence[Span]]) -> bool:
    """Whether `week` can be worked: seven days, some time in it, every day's spans in order and apart."""
    edges = [[edge for span in spans for edge in span] for spans in week]
    in_order = all(a < b for day in edges for a, b in pairwise(day))
    return len(edges) == 7 and any(edges) and in_order and all(0 <= e <= 24 * 60 for day in edges for e in day)


def at_clock(minute: int) -> str:
    """8:30 for 510."""
    return f"{minute // 60}:{minute % 60:02d}"


def amount_words(amount: int, unit: Unit | str) -> str:
    """3 个工作日."""
    return f"{amount} {UNIT_WORDS[Unit(unit)]}"


def _whole_days(span: timedelta) -> timedelta:
    return timedelta(days=-(-span // ONE_DAY))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
