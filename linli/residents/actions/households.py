"""Households: formed, split, joined, headed by somebody else, moved to another door; each from a day on.

Who belonged to a household on a day, and how they stood to its head, is in the residences. `Household.head` and
`Household.dwelling` say what holds now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.trail import record
from linli.core.versions import supersede
from linli.places.models import Dwelling
from linli.residents.codes import Relation, ResidenceKind
from linli.residents.kinship import relation_after
from linli.residents.models import Household, Residence, Resident

from .changes import require_in_reach, require_keeper
from .staying import BeganThatDay, LaterWritten, continue_from, lock_people, resettle, says, stay_on


class HouseholdGone(Conflict):
    code, message = "household.dissolved", "这一户已经撤户。请回到房屋页，找现在的那一户。"


class NotOfHousehold(Conflict):
    code, message = "household.not_member", "这位居民那一天不是这一户的人。请先核对户里有谁。"


class HeadStays(Conflict):
    code = "household.head_leaves"
    message = "走的人里有户主，户里还有别人。请先办“变更户主”，再办这件事。"


class NobodyStays(Conflict):
    code, message = "household.nobody_stays", "户里的人都选上了，这是整户搬走。请改办“整户迁居”。"


class RelationNeeded(Invalid):
    code = "household.relation_needed"
    message = "户主换了，有的人与新户主是什么关系推算不出来。请逐位选好。"


class OtherHousehold(Conflict):
    code, message = "household.of_another", "有人已经在别的户里。请先从那一户办“分户”。"


class NumberTaken(Conflict):
    code, message = "household.number_taken", "这个户号已经登记给另一户。请对照户口本核对户号。"


class SameHousehold(Invalid):
    code, message = "household.same", "两边是同一户。请选另一户。"


def lock_households(*households: Household) -> list[Household]:
    """The rows, locked in the order of their ids and given back in the order they came."""
    rows = Household.objects.select_for_update(of=("self",)).filter(pk__in={each.pk for each in households})
    held = {row.pk: row for row in rows.select_related("dwelling", "head").order_by("pk")}
    if any(each.pk not in held for each in households):
        raise HouseholdGone()
    return [held[each.pk] for each in households]


def live(household: Household, on: date) -> Household:
    """The household itself. Raises HouseholdGone where it was dissolved by that day."""
    if household.dissolved_on is not None and household.dissolved_on <= on:
        raise HouseholdGone()
    return household


def stays_in(household: Household, on: date) -> list[Residence]:
    """The household's residences on that day, lived and registered ones, locked, by resident."""
    rows = Residence.objects.select_for_update(of=("self",)).filter(household=household, span__contains=on)
    return list(rows.select_related("resident", "dwelling", "household").order_by("resident_id", "kind"))


def restate(actor: Actor, stay: Residence, on: date, *, household: Household | None, relation: str) -> None:
    """The same stay, in another household or as somebody else to its head, from that day on; with a trail entry."""
    changes: dict[str, Any] = {"household": household, "relation_to_head": relation}
    if says(stay, **changes):
        return
    row = continue_from(stay, on, **changes)
    touches = [row.pk, *([household.pk] if household else [])]
    record(actor, "resident.regrouped", row.resident, touches=touches, on=on, relation=relation)


def close_if_empty(actor: Actor, household: Household | None, on: date) -> None:
    """A household that nobody belongs to from that day on is dissolved with it."""
    if household is None or household.dissolved_on is not None:
        return
    if Residence.objects.filter(household=household, span__endswith__isnull=True).exists():
        return
    if Residence.objects.filter(household=household, span__endswith__gt=on).exists():
        return
    supersede(household, dissolved_on=on)
    record(actor, "household.dissolved", household, touches=[household.dwelling_id], on=on)


def refuse_later(household: Household, on: date) -> None:
    """What happens to a whole household is not written down before what happened to it later. Raises LaterWritten."""
    if Residence.objects.filter(household=household, span__startswith__gt=on).exists():
        raise LaterWritten("这一天以后，这一户还有别的登记。请先核对后来的登记，再办这件事。")


def refuse_headless(household: Household | None, leaving: Iterable[UUID], on: date) -> None:
    """A head does not leave people behind without one. Raises HeadStays."""
    gone = set(leaving)
    if household is None or household.head_id not in gone:
        return
    then_or_later = Q(span__contains=on) | Q(span__startswith__gt=on)
    if Residence.objects.filter(then_or_later, household=household).exclude(resident__in=gone).exists():
        raise HeadStays()


@transaction.atomic
def form_household(
    actor: Actor,
    *,
    dwelling: Dwelling,
    head: Resident,
    members: Mapping[UUID, str],
    on: date,
    number: str = "",
) -> Household:
    """People who live behind one door are one household from that day on; `members` gives relations by resident's id.

    Raises:
        NotAllowed, NotYet, HasDied.
        NotOfHousehold: somebody does not live behind that door that day.
        OtherHousehold: somebody belongs to a household already.
    """
    require_keeper(actor)
    require_in_reach(actor, dwelling=dwelling)
    relations = {**members, head.pk: Relation.HEAD}
    people = lock_people(Resident.objects.filter(pk__in=relations), on)
    stays = {person.pk: stay_on(person, on) for person in people.values()}
    if any(stay is None or stay.dwelling_id != dwelling.pk for stay in stays.values()):
        raise NotOfHousehold("有人那一天不住在这套房屋里。请先办迁入。")
    held = {stay.household_id for stay in stays.values() if stay}
    if len(held) == 1 and None not in held:
        (household,) = Household.objects.filter(pk__in=held)
        if household.head_id == head.pk:
            return household
    if held != {None}:
        raise OtherHousehold()
    household = _new_household(actor, dwelling=dwelling, head=people[head.pk], on=on, number=number)
    for key, stay in stays.items():
        assert stay is not None
        restate(actor, stay, on, household=household, relation=Relation(relations[key]))
    return household


def _new_household(actor: Actor, *, dwelling: Dwelling, head: Resident, on: date, number: str = "") -> Household:
    with constraint("household_number", broken=NumberTaken):
        household = Household.objects.create(dwelling=dwelling, head=head, number=number or None)
    record(actor, "household.formed", household, touches=[dwelling.pk, head.pk], on=on)
    return household


@transaction.atomic
def split_household(
    actor: Actor,
    *,
    household: Household,
    head: Resident,
    members: Mapping[UUID, str],
    on: date,
    dwelling: Dwelling | None = None,
) -> Household:
    """分户: `head` and `members` (relations to the new head, by id) are a household of their own from that day on.

    Behind the same door, or behind `dwelling`. A relation that is not said ("") is worked out where it can be. The same
    again gives back the household that was made.

    Raises:
        NotAllowed, NotYet, HasDied, HouseholdGone, NotOfHousehold, LaterWritten, BeganThatDay.
        HeadStays: the old head leaves others behind. NobodyStays: all of them leave. RelationNeeded.
    """
    require_keeper(actor)
    door = dwelling or household.dwelling
    require_in_reach(actor, dwelling=household.dwelling)
    require_in_reach(actor, dwelling=door)
    (household,) = lock_households(household)
    relations = {**members, head.pk: Relation.HEAD}
    people = lock_people(Resident.objects.filter(pk__in=relations), on)
    if made := _split_before(household, head, set(relations), on):
        return made
    live(household, on)
    stays = [stay for stay in stays_in(household, on) if stay.resident_id in relations]
    if {stay.resident_id for stay in stays} != set(relations):
        raise NotOfHousehold()
    if not Residence.objects.filter(household=household, span__contains=on).exclude(resident__in=relations).exists():
        raise NobodyStays()
    refuse_headless(household, relations, on)
    heir = next(stay.relation_to_head for stay in stays if stay.resident_id == head.pk)
    after = _all_restated(stays, head, heir, relations)
    made = _new_household(actor, dwelling=door, head=people[head.pk], on=on)
    for stay in stays:
        relation = after[stay.pk]
        if stay.kind == ResidenceKind.LIVED and stay.dwelling_id != door.pk:
            resettle(actor, people[stay.resident_id], dwelling=door, household=made, relation=relation, on=on)
        else:
            restate(actor, stay, on, household=made, relation=relation)
    record(actor, "household.split", household, touches=[made.pk, *relations], on=on)
    return made


def _split_before(household: Household, head: Resident, members: set[UUID], on: date) -> Household | None:
    """The household that the same people already formed that day."""
    stay = Residence.objects.filter(resident=head, span__contains=on, span__startswith=on, kind=ResidenceKind.LIVED)
    made = stay.exclude(household=household).select_related("household").first()
    if made is None or made.household is None or made.household.head_id != head.pk:
        return None
    theirs = set(
        Residence.objects.filter(household=made.household, span__startswith=on).values_list("resident_id", flat=True)
    )
    return made.household if theirs == members else None


@transaction.atomic
def join_households(
    actor: Actor, *, into: Household, household: Household, relations: Mapping[UUID, str], on: date
) -> Household:
    """并户: all of `household` belong to `into` from that day on, live behind its door, and `household` is dissolved.

    `relations` says how each stands to the head of `into`, by id; who is not named is 其他.

    Raises NotAllowed, NotYet, HasDied, HouseholdGone, SameHousehold, LaterWritten, BeganThatDay.
    """
    require_keeper(actor)
    if into.pk == household.pk:
        raise SameHousehold()
    require_in_reach(actor, dwelling=household.dwelling)
    require_in_reach(actor, dwelling=into.dwelling)
    into, household = lock_households(into, household)
    if household.dissolved_on == on:
        return into
    live(into, on)
    live(household, on)
    refuse_later(household, on)
    stays = stays_in(household, on)
    people = lock_people({stay.resident_id: stay.resident for stay in stays}.values(), on)
    for stay in stays:
        relation = Relation(relations.get(stay.resident_id) or Relation.OTHER)
        if stay.kind == ResidenceKind.LIVED and stay.dwelling_id != into.dwelling_id:
            person = people[stay.resident_id]
            resettle(actor, person, dwelling=into.dwelling, household=into, relation=relation, on=on)
        else:
            restate(actor, stay, on, household=into, relation=relation)
    record(actor, "household.joined", into, touches=[household.pk, *people], on=on)
    close_if_empty(actor, household, on)
    return into


@transaction.atomic
def change_head(
    actor: Actor, *, household: Household, head: Resident, on: date, relations: Mapping[UUID, str] | None = None
) -> Household:
    """变更户主: `head` heads the household from that day on, and everybody's relation is stated anew.

    `relations` are by resident's id; those that are left out are worked out where they can be.

    Raises:
        NotAllowed, NotYet, HasDied, HouseholdGone, NotOfHousehold, LaterWritten.
        RelationNeeded: somebody's relation to the new head cannot be worked out; `facts["people"]` says whose.
    """
    require_keeper(actor)
    require_in_reach(actor, dwelling=household.dwelling)
    (household,) = lock_households(household)
    live(household, on)
    if household.head_id == head.pk:
        return household
    refuse_later(household, on)
    stays = stays_in(household, on)
    lock_people({stay.resident_id: stay.resident for stay in stays}.values(), on)
    theirs = next((stay.relation_to_head for stay in stays if stay.resident_id == head.pk), None)
    if theirs is None:
        raise NotOfHousehold()
    after = _all_restated(stays, head, theirs, relations or {})
    for stay in stays:
        restate(actor, stay, on, household=household, relation=after[stay.pk])
    was = household.head_id
    supersede(household, head=head)
    record(actor, "household.head_changed", household, touches=[head.pk, *([was] if was else [])], on=on)
    return household


def _all_restated(
    stays: Iterable[Residence], head: Resident, heir: str, given: Mapping[UUID, str]
) -> dict[UUID, Relation]:
    """Each stay's relation to the new head, by the stay's id. Raises RelationNeeded where nobody knows."""
    after = {stay.pk: (stay, _restated(stay, head, heir, given)) for stay in stays}
    if unknown := sorted({str(stay.resident_id) for stay, relation in after.values() if not relation}):
        raise RelationNeeded(people=unknown)
    return {key: Relation(relation) for key, (_, relation) in after.items()}


def _restated(stay: Residence, head: Resident, heir: str, given: Mapping[UUID, str]) -> str:
    if stay.resident_id == head.pk:
        return Relation.HEAD
    return given.get(stay.resident_id) or relation_after(stay.relation_to_head, heir, stay.resident.sex)


@transaction.atomic
def move_household(actor: Actor, *, household: Household, dwelling: Dwelling, on: date) -> Household:
    """整户迁居: all who live in the household live behind another door from that day on. Registered addresses stay.

    Raises NotAllowed, NotYet, HasDied, HouseholdGone, BeganThatDay (somebody came that very day), LivesElsewhere.
    """
    require_keeper(actor)
    require_in_reach(actor, dwelling=household.dwelling)
    require_in_reach(actor, dwelling=dwelling)
    (household,) = lock_households(household)
    live(household, on)
    if household.dwelling_id == dwelling.pk:
        return household
    refuse_later(household, on)
    stays = [stay for stay in stays_in(household, on) if stay.kind == ResidenceKind.LIVED]
    if any(stay.span.lower >= on for stay in stays):
        raise BeganThatDay("户里有人那一天才住进来。请换晚一天的日期。", field="on")
    people = lock_people({stay.resident_id: stay.resident for stay in stays}.values(), on)
    for stay in stays:
        person = people[stay.resident_id]
        resettle(actor, person, dwelling=dwelling, household=household, relation=stay.relation_to_head, on=on)
    was = household.dwelling_id
    supersede(household, dwelling=dwelling)
    record(actor, "household.moved", household, touches=[was, dwelling.pk, *people], on=on)
    return household
