"""Volunteers and what they were given: a name, a door, what to ask, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from linli.accounts.queries import accounts_of_residents, display_names
from linli.core import clock, reading
from linli.core.access import Actor
from linli.core.web import NOBODY
from linli.places.models import Dwelling
from linli.places.queries import place_label
from linli.residents.models import Category
from linli.residents.queries import lived_everywhere_today

from .. import rules
from ..models import PlanState, VisitErrand

VOLUNTEER = "volunteer"


def volunteers() -> list[tuple[UUID, str]]:
    """The accounts of today's registered volunteers, with their names, by name."""
    held = Category.objects.filter(kind=VOLUNTEER, span__contains=clock.today()).values_list("resident_id", flat=True)
    ids = [account for accounts in accounts_of_residents(held).values() for account in accounts]
    names = display_names(ids)
    return sorted(((each, names[each]) for each in set(ids) if names.get(each)), key=lambda pair: (pair[1], pair[0]))


def errands_of(actor: Actor) -> QuerySet[VisitErrand]:
    """What the actor was given and may still walk today, the soonest due first."""
    rows = VisitErrand.objects.filter(volunteer=actor.account_id or NOBODY, ended_at=None, until__gte=clock.today())
    rows = rows.filter(plan__state=PlanState.OPEN)
    return rows.select_related("plan__resident", "plan__policy").order_by("until", "id")


@dataclass(frozen=True)
class ErrandRow:
    """All that a volunteer sees of it."""

    errand: VisitErrand
    name: str
    dwelling: Dwelling

    @property
    def place(self) -> str:
        return place_label(dwelling=self.dwelling)

    @property
    def questions(self) -> list[rules.Question]:
        policy = self.errand.plan.policy
        return rules.asked(policy.questions) if policy else []


def errand_rows(errands: QuerySet[VisitErrand]) -> Sequence[ErrandRow]:
    """The errands whose people still live here, by door. Whoever is named was looked at."""
    listed = list(errands)
    people = [errand.plan.resident_id for errand in listed]
    homes = {
        row.resident_id: row.dwelling
        for row in lived_everywhere_today()
        .filter(resident__in=people)
        .select_related("dwelling__entrance__building__grid")
    }
    rows = [
        ErrandRow(errand, errand.plan.resident.name, homes[errand.plan.resident_id])
        for errand in listed
        if errand.plan.resident_id in homes
    ]
    reading.shown([row.errand.plan.resident_id for row in rows])
    return sorted(rows, key=lambda row: (row.errand.until, row.dwelling.door))
