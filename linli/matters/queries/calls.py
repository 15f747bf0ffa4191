"""吹哨报到 as it is read: on a matter, in a unit's inbox, and how units came over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Avg, Count, F, Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.organisations.models import Organisation

from ..models import CalledUnit, Matter, WhistleCall

RATED_OVER = timedelta(days=365)


def units_visible_to(actor: Actor) -> QuerySet[CalledUnit]:
    """Calls to the organisations the actor answers for, and at the desk those of the matters she may see."""
    from .matters import matters_visible_to  # which reads this module for its pages

    rows = CalledUnit.objects.select_related(
        "organisation",
        "call__matter__kind",
        "call__matter__building",
        "call__matter__entrance",
        "call__matter__dwelling",
    ).order_by("call__respond_by", "id")
    seen = Q(pk__in=())
    if actor.may(Permission.HANDOVERS_ANSWER):
        seen |= Q(organisation__in=actor.answers_for)
    if actor.may(Permission.DESK_OPEN):
        seen |= Q(call__matter__in=matters_visible_to(actor).order_by().values("pk"))
    return rows.filter(seen)


@dataclass(frozen=True)
class CallLine:
    """One call on its matter's page, with its units, the leading one first."""

    call: WhistleCall
    units: list[CalledUnit]

    @property
    def arrived(self) -> int:
        return sum(unit.arrived_at is not None for unit in self.units)

    @property
    def in_time(self) -> int:
        return sum(unit.came_in_time(self.call.respond_by) for unit in self.units)


def calls_of(matter: Matter) -> list[CallLine]:
    """The calls of a matter, the latest first; two queries."""
    calls = list(WhistleCall.objects.filter(matter=matter).order_by("-made_at"))
    units: dict[UUID, list[CalledUnit]] = {call.pk: [] for call in calls}
    rows = (
        CalledUnit.objects.filter(call__in=calls)
        .select_related("organisation")
        .order_by("-is_lead", "organisation__name")
    )
    for unit in rows:
        units[unit.call_id].append(unit)
    return [CallLine(call, units[call.pk]) for call in calls]


def called_to(actor: Actor) -> list[CalledUnit]:
    """Calls that are not over, for the inbox of the organisations the actor answers for; the soonest first."""
    rows = units_visible_to(actor).filter(organisation__in=actor.answers_for, call__ended_at=None)
    return list(rows.exclude(arrived_at__isnull=False, result__gt=""))


@dataclass(frozen=True)
class UnitRecord:
    """How one organisation came in a year: called, there in time, and the mean rating with how many it rests on."""

    organisation: Organisation
    called: int
    in_time: int
    rating: float | None
    rated: int

    @property
    def percent(self) -> int:
        """Arrived in time, of those called."""
        return round(100 * self.in_time / self.called) if self.called else 0


def unit_records(actor: Actor) -> list[UnitRecord]:
    """Units called within a year, by name: a record of coming, no ranking. For whoever may call them."""
    if not actor.may(Permission.UNITS_CALL):
        return []
    since = clock.now() - RATED_OVER
    rows = CalledUnit.objects.filter(call__made_at__gte=since).filter(
        Q(call__respond_by__lte=clock.now()) | Q(arrived_at__isnull=False) | Q(call__ended_at__isnull=False)
    )
    counted = (
        rows.order_by()
        .values("organisation")
        .annotate(
            called=Count("id"),
            in_time=Count("id", filter=Q(arrived_at__lte=F("call__respond_by"))),
            rating_mean=Avg("rating"),
            rated=Count("rating"),
        )
    )
    names = Organisation.objects.in_bulk([row["organisation"] for row in counted])
    found = [
        UnitRecord(names[row["organisation"]], row["called"], row["in_time"], row["rating_mean"], row["rated"])
        for row in counted
    ]
    return sorted(found, key=lambda each: each.organisation.name)
