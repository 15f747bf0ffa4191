"""A number and the list behind it: both are made from one `DeskFilter`, so they cannot differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from linli.core.access import Actor
from linli.matters.filters import Days, DeskFilter
from linli.matters.models import Matter
from linli.matters.queries import condition_of


@dataclass(frozen=True)
class Number:
    """How many, and which: `wanted` opens the list of just these."""

    value: int
    wanted: DeskFilter


@dataclass(frozen=True)
class Share:
    """So many of those that can be judged; no percentage where there is none."""

    part: Number
    whole: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down: 100 is said of all alone."""
        return 100 * self.part.value // self.whole if self.whole else None


@dataclass(frozen=True)
class Mean:
    """A mean with how many it is of."""

    value: float | None
    of: Number


def counters(actor: Actor, wanted: Mapping[str, DeskFilter], now: datetime) -> dict[str, Count]:
    """An aggregate for each filter, by its name."""
    return {name: Count("id", filter=condition_of(actor, each, now)) for name, each in wanted.items()}


def count(
    rows: QuerySet[Matter], actor: Actor, wanted: Mapping[str, DeskFilter], now: datetime, **more: Any
) -> dict[str, Any]:
    """How many of `rows` each filter leaves, and what else is asked of them: one query."""
    answer: dict[str, Any] = rows.order_by().aggregate(**counters(actor, wanted, now), **more)
    return answer


def mean_rating(actor: Actor, wanted: DeskFilter, now: datetime) -> Avg:
    """The mean rating of the matters `wanted` shows."""
    return Avg("rating", filter=condition_of(actor, wanted, now))


def month_to(day: date) -> Days:
    """From the first of the month to `day`."""
    return Days(day.replace(day=1), day)


def touched_since(first: date) -> Q:
    """Matters that are not closed, or were reported or answered since `first`: all that a figure of these days can count."""
    since = Days(first, first + timedelta(days=366))
    return Q(closed_at__isnull=True) | since.holds("reported_at") | since.holds("fed_back_at")
