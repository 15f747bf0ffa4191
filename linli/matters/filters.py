"""What the desk's list may be narrowed to. Figures count by the same conditions, so that a number and the list it opens are one thing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan

from linli.core.clock import SHANGHAI

from . import rules
from .models import OPEN, State, late_at
from .rules import Outcome

NOWHERE, NOWHERE_WORDS = "-", "没有写明楼栋"
"""As a sub-area: matters whose place the register does not know."""
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Days:
    """Whole days in Asia/Shanghai, both ends included; written 2026-11-01..2026-11-25."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @classmethod
    def read(cls, text: str) -> Days | None:
        """The days `text` names; None for anything else, and for days turned round."""
        first, _, last = text.partition("..")
        try:
            days = cls(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            return None
        return days if days.first <= days.last and days.first.year >= 2000 and days.last.year <= 2100 else None

    def holds(self, field: str) -> Q:
        """Rows whose moment `field` lies in these days."""
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
            for day in (self.first, self.last + timedelta(days=1))
        )
        return Q(**{f"{field}__gte": start, f"{field}__lt": end})

    @property
    def words(self) -> str:
        """11月1日至25日."""
        if self.first == self.last:
            return f"{self.first:%-m月%-d日}"
        end = f"{self.last:%-d日}" if self.first.month == self.last.month else f"{self.last:%-m月%-d日}"
        return f"{self.first:%-m月%-d日}至{end}"


@dataclass(frozen=True)
class DeskFilter:
    """What the desk list shows. `month` and `reported` count by the report's day, `answered` by the answer's.

    `weekday` is 1 (Monday) to 7; `hours` the first hour and the one after the last, of the report in Asia/Shanghai.
    """

    box: str = "open"  # open, mine, waiting (answered, not confirmed), all
    kind: str = ""
    outcome: str = ""
    month: date | None = None
    is_late: bool = False
    words: str = ""
    reported: Days | None = None
    answered: Days | None = None
    sub_area: str = ""
    building: UUID | None = None
    is_in_time: bool = False
    is_taken: bool = False
    is_reopened: bool = False
    is_rated: bool = False
    weekday: int = 0
    hours: tuple[int, int] | None = None

    def but(self, **changes: Any) -> DeskFilter:
        """This filter with what is given changed."""
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The part of an address after `?` that `forms_list.ListForm` reads back as this filter."""
        written = {
            "box": self.box,
            "kind": self.kind,
            "outcome": self.outcome,
            "q": self.words,
            "sub_area": self.sub_area,
        }
        written |= {"month": f"{self.month:%Y-%m}" if self.month else "", "building": str(self.building or "")}
        written |= {"reported": str(self.reported or ""), "answered": str(self.answered or "")}
        written |= {"weekday": str(self.weekday or ""), "hours": "-".join(map(str, self.hours)) if self.hours else ""}
        written |= {field.name.removeprefix("is_"): "1" for field in fields(self) if getattr(self, field.name) is True}
        return urlencode({name: value for name, value in written.items() if value})

    def condition(self, now: datetime) -> Q:
        """The rows it leaves, as seen at `now`; the box apart, which depends on who looks."""
        start, end = rules.month_span(self.month) if self.month else (None, None)
        parts = (
            Q(kind__path__contains=[self.kind]) if self.kind else None,
            with_outcome(Outcome(self.outcome)) if self.outcome else None,
            Q(reported_at__gte=start, reported_at__lt=end) if self.month else None,
            late_at(now) if self.is_late else None,
            Q(number__icontains=self.words) | Q(words__icontains=self.words) if self.words else None,
            self.reported.holds("reported_at") if self.reported else None,
            # A matter opened again has no answer; a refusal is none that counts as settled.
            self.answered.holds("fed_back_at") if self.answered else None,
            _in_sub_area(self.sub_area) if self.sub_area else None,
            Q(building=self.building) if self.building else None,
            in_time() if self.is_in_time else None,
            Q(accepted_at__isnull=False) if self.is_taken else None,
            Q(reopened_count__gt=0) if self.is_reopened else None,
            Q(rating__isnull=False) if self.is_rated else None,
            _on_weekday(self.weekday) if self.weekday else None,
            _in_hours(*self.hours) if self.hours else None,
        )
        whole = Q()
        for part in parts:
            whole &= part if part is not None else Q()
        return whole

    @property
    def more_words(self) -> list[str]:
        """The filters in force that need no look-up, in words; kind, outcome, month, place and words are the page's to say."""
        words = (
            f"{self.reported.words}上报" if self.reported else "",
            f"{self.answered.words}答复" if self.answered else "",
            "按时办好" if self.is_in_time else "",
            "接过单" if self.is_taken else "",
            "居民重开过" if self.is_reopened else "",
            "居民评过" if self.is_rated else "",
            f"星期{WEEKDAYS[self.weekday - 1]}" if self.weekday else "",
            f"{self.hours[0]}–{self.hours[1]}点" if self.hours else "",
        )
        return [word for word in words if word]


def with_outcome(outcome: Outcome) -> Q:
    """The query's form of `models.outcome_of`."""
    if outcome == Outcome.REFUSED:
        return Q(state=State.REFUSED)
    if outcome == Outcome.MERGED:
        return Q(state=State.MERGED)
    if outcome == Outcome.OPEN:
        return Q(state__in=OPEN)
    return Q(state__in=[State.FED_BACK, State.CLOSED], ending=outcome.value)


def in_time() -> Q:
    """Matters answered before their promise ran out. With `late_at(now)` they are all that can be judged at `now`."""
    return Q(state__in=[State.FED_BACK, State.CLOSED], fed_back_at__lt=F("due_at"))


def _in_sub_area(code: str) -> Q:
    return Q(sub_area__isnull=True) if code == NOWHERE else Q(sub_area__code=code)


def _on_weekday(weekday: int) -> Q:
    return Q(Exact(ExtractIsoWeekDay("reported_at", tzinfo=SHANGHAI), weekday))


def _in_hours(first: int, after_last: int) -> Q:
    hour = ExtractHour("reported_at", tzinfo=SHANGHAI)
    return Q(GreaterThanOrEqual(hour, first)) & Q(LessThan(hour, after_last))
