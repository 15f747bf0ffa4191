"""Somebody comes: registered once under an id that the caller chose, and settled behind a door or in a household."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import IdTaken, constraint
from linli.core.errors import Conflict
from linli.core.models import TrailEntry
from linli.core.trail import kind_of
from linli.places.models import Dwelling
from linli.residents import history, queries
from linli.residents.codes import PopulationClass, ResidenceKind
from linli.residents.models import Household, Residence, Resident

from .changes import NotYet, move_in, move_out, require_keeper
from .facts import TIMED, as_text
from .households import live, lock_households
from .intake import ResidentPlan, planned, register_resident

GIVEN = tuple(name for name in TIMED if name != "died_on")


class OtherDoor(Conflict):
    code, message = "household.other_door", "这一户不在这套房屋里。请核对房屋，或只写户。"


@transaction.atomic
def register_once(
    actor: Actor, plan: ResidentPlan, *, household: Household | None = None, relation_to_head: str = ""
) -> Resident:
    """The person of `plan`, in `household` where one is given; the same id, account and content again gives the person back.

    Raises:
        What `register_many` does of one person; NotYet for a stay that is to come.
        IdTaken: the id is somebody else's, or another account registered them, or with other facts.
        HouseholdGone, OtherDoor: the household was dissolved, or is behind another door.
    """
    require_keeper(actor)
    if plan.id and (earlier := _registered_before(actor, plan)):
        return earlier
    if plan.from_on is not None and plan.from_on > clock.today():
        raise NotYet(field="from_on")
    if household is not None:
        household = _home(household, plan.dwelling, plan.from_on or clock.today())
        word, relation = str(household.pk), relation_to_head
        plan = replace(
            plan, dwelling=household.dwelling, household=word, household_id=household.pk, relation_to_head=relation
        )
    with constraint("residents_resident_pkey", broken=IdTaken):
        return register_resident(actor, plan)


def _registered_before(actor: Actor, plan: ResidentPlan) -> Resident | None:
    """Whoever was registered under the plan's id, compared with what was written then. Raises IdTaken."""
    assert plan.id is not None
    row = Resident.with_merged.filter(pk=plan.id).first()
    if row is None:
        return None
    entry = TrailEntry.objects.filter(
        subject_kind=kind_of(Resident), subject_id=row.pk, verb="resident.registered", account_id=actor.account_id
    )
    wanted = planned(plan)
    said = history.values_of([row], GIVEN, on=clock.today(), known_at=row.noted_at)[row.pk]
    is_same = all(as_text(getattr(wanted, name)) == said[name] for name in GIVEN)
    home = Residence.of_all_times.filter(resident=row).order_by("known_from", "id").first()
    if plan.dwelling is not None and (home is None or home.dwelling_id != plan.dwelling.pk):
        is_same = False
    if not is_same or not entry.exists():
        raise IdTaken(field="id")
    survivor = queries.survivor_of(row.pk)
    return Resident.objects.get(pk=survivor) if survivor else row


def _home(household: Household, dwelling: Dwelling | None, on: date) -> Household:
    """The household, locked, which is there that day. Raises HouseholdGone, OtherDoor."""
    (household,) = lock_households(household)
    live(household, on)
    if dwelling is not None and dwelling.pk != household.dwelling_id:
        raise OtherDoor(field="dwelling_id")
    return household


@transaction.atomic
def settle_in(
    actor: Actor,
    *,
    resident: Resident,
    from_on: date,
    dwelling: Dwelling | None = None,
    household: Household | None = None,
    kind: str = ResidenceKind.LIVED,
    population_class: str = PopulationClass.REGISTERED,
    relation_to_head: str = "",
) -> Residence:
    """`resident` lives (is registered) behind `dwelling`, or in `household` behind its door, from that day on.

    The same again gives the residence back. Raises what `move_in` does; NotYet, HouseholdGone, OtherDoor.
    """
    require_keeper(actor)
    if from_on > clock.today():
        raise NotYet(field="from_on")
    if household is not None:
        household = _home(household, dwelling, from_on)
    door = dwelling or (household.dwelling if household else None)
    assert door is not None  # the caller names one of the two
    same = Residence.objects.filter(resident=resident, kind=kind, dwelling=door, household=household)
    if before := same.filter(span__startswith=from_on).first():
        return before
    return move_in(
        actor,
        resident=resident,
        dwelling=door,
        household=household,
        from_on=from_on,
        kind=kind,
        population_class=population_class,
        relation_to_head=relation_to_head,
    )


@transaction.atomic
def move_over(
    actor: Actor,
    *,
    resident: Resident,
    dwelling: Dwelling,
    from_on: date,
    household: Household | None = None,
    population_class: str = PopulationClass.REGISTERED,
    relation_to_head: str = "",
) -> Residence:
    """`resident` lives behind `dwelling` from that day on, and no longer where she lived before: one move, told once.

    Raises what `settle_in` and `move_out` do; a specialist moves only whom her patch knows (NotAllowed).
    """
    require_keeper(actor)
    before = queries.residence_of(resident, from_on)
    is_there = before is not None and before.dwelling_id == dwelling.pk and before.span.lower == from_on
    if before is not None and not is_there:
        move_out(actor, residence=before, on=from_on)
    return settle_in(
        actor,
        resident=resident,
        dwelling=dwelling,
        household=household,
        from_on=from_on,
        population_class=population_class,
        relation_to_head=relation_to_head if household else "",
    )
