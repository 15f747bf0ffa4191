"""Plans fall due by the clock, and after what happened in a household."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from procrastinate.contrib.django import app

from linli.core import tenancy, trail
from linli.core.access import SYSTEM
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.residents.models import Residence
from linli.residents.queries import lived_everywhere_today

from . import actions


@app.periodic(cron="11 * * * *")
@app.task(name="visits.fall_due", queueing_lock="visits.fall_due", pass_context=False)
def fall_due(timestamp: int) -> None:
    """Every hour, community by community: whatever is missing is made, so that an hour that was slept through is made up for."""
    communities: Any = apps.get_model("places", "Community")
    for community_id in communities.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with tenancy.active(community_id):
            actions.fall_due(SYSTEM)


@tenant_task(name="visits.after_change")
def after_change(community_id: int, entry_id: str) -> None:
    """Whoever lives behind the door where something happened."""
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    if entry.via == trail.REPLAYED:
        return
    actions.plan_after_change(SYSTEM, resident_ids=_with_household(entry), verb=entry.verb)


def _with_household(entry: TrailEntry) -> set[UUID]:
    """The person with all who share the door now or did last; of a household, all who live in it."""
    today = lived_everywhere_today()
    if entry.subject_kind == "residents.household":
        return set(today.filter(household=entry.subject_id).values_list("resident_id", flat=True))
    home = Residence.objects.filter(resident=entry.subject_id, kind="lived").order_by("-span").first()
    behind = today.filter(dwelling=home.dwelling_id).values_list("resident_id", flat=True) if home else []
    return {entry.subject_id, *behind}
