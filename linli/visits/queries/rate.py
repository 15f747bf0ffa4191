"""The monthly visit rate: of whom a rule asks to be called on at least once a month, how many were; with the list behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.places.models import SubArea
from linli.residents.models import Resident
from linli.residents.queries import lived_today, residents_visible_to

from .. import rules
from ..models import Cause, Every, PlanState, Risk, Visit, VisitPlan

MONTHLY = (Every.WEEK, Every.MONTH)


@dataclass(frozen=True)
class AreaRate:
    """One line: a sub-area or a level of risk, how many are on the roll, how many were called on."""

    code: str
    name: str
    roll: int
    visited: int

    @property
    def percent(self) -> int | None:
        return rules.percent(self.visited, self.roll)

    @property
    def missing(self) -> int:
        return self.roll - self.visited


@dataclass(frozen=True)
class MonthRate:
    """The month's rate, as of now."""

    month: date
    total: AreaRate
    areas: Sequence[AreaRate]
    risks: Sequence[AreaRate]

    @property
    def before(self) -> date:
        return rules.period_of(self.month - timedelta(days=1), rules.MONTH)[0]

    @property
    def after(self) -> date:
        return rules.period_of(self.month, rules.MONTH)[1] + timedelta(days=1)

    @property
    def is_running(self) -> bool:
        return self.after > clock.today()


def _bounds(month: date) -> tuple[date, date, datetime, datetime]:
    first, last = rules.period_of(month, rules.MONTH)
    begins = datetime.combine(first, time(), tzinfo=clock.SHANGHAI)
    return first, last, begins, datetime.combine(last + timedelta(days=1), time(), tzinfo=clock.SHANGHAI)


def _plans_in(month: date) -> QuerySet[VisitPlan]:
    """Routine plans of the resident of the outer query that ask for a visit in the month."""
    first, last, _, _ = _bounds(month)
    rows = VisitPlan.objects.filter(
        resident=OuterRef("pk"), cause=Cause.ROUTINE, policy__every__in=MONTHLY, from_on__lte=last, due_on__gte=first
    )
    return rows.exclude(state=PlanState.DROPPED)


def _roll(month: date) -> QuerySet[Any]:
    """Whoever was to be called on in the month, with `visited`, `area` and `risk`; of all the community."""
    _, _, begins, ends = _bounds(month)
    visits = Visit.objects.filter(resident=OuterRef("pk"), counts=True, at__gte=begins, at__lt=ends)
    plans = _plans_in(month)
    area = lived_today().values("dwelling__entrance__building__grid__sub_area")[:1]
    rows = Resident.objects.filter(Exists(plans))
    return rows.annotate(
        visited=Exists(visits),
        area=Subquery(area),
        risk=Subquery(plans.order_by("from_on", "due_on").values("policy__risk")[:1]),
    )


def month_rate(actor: Actor, month: date) -> MonthRate:
    """The month's figures of the whole community: numbers only, no names. Raises NotAllowed without VISITS_SEE."""
    actor.require(Permission.VISITS_SEE)
    sums = (
        _roll(month)
        .order_by()
        .values("area", "risk")
        .annotate(roll=Count("pk"), seen=Count("pk", filter=Q(visited=True)))
    )
    listed = list(sums)
    areas = [(str(row.pk), row.name, row.pk) for row in SubArea.objects.order_by("order", "code")]
    return MonthRate(
        month=_bounds(month)[0],
        total=_line("", "全社区", listed),
        areas=[_line(code, name, [row for row in listed if row["area"] == pk]) for code, name, pk in areas],
        risks=[
            _line(str(code), str(name), [row for row in listed if row["risk"] == code]) for code, name in Risk.choices
        ],
    )


def _line(code: str, name: str, rows: Sequence[dict[str, Any]]) -> AreaRate:
    return AreaRate(code, name, sum(row["roll"] for row in rows), sum(row["seen"] for row in rows))


def people_of_rate(actor: Actor, month: date, *, who: str, area: str = "", risk: str = "") -> QuerySet[Resident]:
    """The people behind a figure, as far as the actor may see them; `who` is visited or missing, anything else is all."""
    seen = residents_visible_to(actor).order_by().values("pk")
    rows = _roll(month).filter(pk__in=seen)
    if who in {"visited", "missing"}:
        rows = rows.filter(visited=who == "visited")
    if area:
        rows = rows.filter(area=area)
    if risk:
        rows = rows.filter(risk=risk)
    return rows.order_by("pinyin", "id")
