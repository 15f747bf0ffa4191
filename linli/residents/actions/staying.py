"""A stay that changes at a day: closed at that day, and continued by a new row behind the same door.

Population class, permit, going away and coming back, the registered address beside the lived one (人户分离). What is said
here of one day holds from that day on; a day to come is not written down before it is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.ids import uuid7
from linli.core.trail import record
from linli.core.versions import supersede
from linli.places.models import Dwelling
from linli.residents.codes import PopulationClass, ResidenceKind
from linli.residents.models import Household, Residence, Resident

from .changes import LivesElsewhere, NotYet, begins, lock_living, require_in_reach, require_keeper


class LaterWritten(Conflict):
    code = "residence.later_written"
    message = "这一天以后，这位居民还有别的登记。请先核对后来的登记，再办这件事。"


class NoHome(Conflict):
    code, message = "residence.none_then", "这位居民那一天没有登记住处。请先办迁入，再办这件事。"


class BeganThatDay(Invalid):
    code = "residence.began_then"
    message = "这位居民那一天才住进来。请换晚一天的日期；如果住处登记错了，请办“更正住处”。"


class WhereaboutsNeeded(Invalid):
    code, message = "residence.whereabouts_needed", "请写明去了哪里，例如“上海市浦东新区，跟女儿住”。"


class PermitEnded(Invalid):
    code, message = "residence.permit_ended", "居住证的到期日要晚于办理的那一天。请核对居住证。"


class NotAway(Conflict):
    code, message = "residence.not_away", "这位居民没有登记外出，不用办返回。"


def lock_people(people: Iterable[Resident], on: date) -> dict[Any, Resident]:
    """The people's rows, locked in the order of their ids. Raises NotYet and HasDied."""
    if on > clock.today():
        raise NotYet(field="on")
    return {person.pk: lock_living(person, None) for person in sorted(people, key=lambda each: each.pk)}


def stay_on(resident: Resident, on: date, kind: str = ResidenceKind.LIVED) -> Residence | None:
    """The residence of that kind that holds on that day, locked."""
    rows = Residence.objects.select_for_update(of=("self",)).filter(resident=resident, kind=kind, span__contains=on)
    return rows.select_related("resident", "household", "dwelling").first()


def homes_on(people: Iterable[Resident], on: date) -> list[Residence]:
    """Where the people live that day, with their households; nothing is locked."""
    rows = Residence.objects.filter(resident__in=list(people), kind=ResidenceKind.LIVED, span__contains=on)
    return list(rows.select_related("household"))


def says(stay: Residence, **changes: Any) -> bool:
    """Whether the row says all of that already."""
    return all(getattr(stay, name) == value for name, value in changes.items())


def continue_from(stay: Residence, on: date, **changes: Any) -> Residence:
    """`stay` says `changes` from that day on; the row in force that day. Nothing is written where it says so already.

    Raises LaterWritten where the same stay goes on in a row that begins after the day: that one would say the old thing.
    """
    if says(stay, **changes):
        return stay
    lower, upper = stay.span.lower, stay.span.upper
    if upper is not None:
        later = Residence.objects.filter(resident_id=stay.resident_id, kind=stay.kind, span__startswith__gt=on)
        same = Q(dwelling_id=stay.dwelling_id)
        if stay.household_id is not None:
            same |= Q(household_id=stay.household_id)
        if later.filter(same).exists():
            raise LaterWritten()
    if lower == on:
        return supersede(stay, **changes)
    held = {field.attname: getattr(stay, field.attname) for field in stay._meta.concrete_fields}
    going_on = Residence(**{**held, "id": uuid7(), "span": begins(on, upper), "known_from": clock.now()})
    for name, value in changes.items():
        setattr(going_on, name, value)
    supersede(stay, span=begins(lower, on))
    going_on.save(force_insert=True)
    return going_on


def end_stay(actor: Actor, stay: Residence, on: date, **facts: Any) -> None:
    """The stay ends: `on` is the first day it no longer holds."""
    if stay.span.lower >= on:
        raise BeganThatDay(field="on")
    supersede(stay, span=begins(stay.span.lower, on))
    record(actor, "resident.moved_out", stay.resident, touches=[stay.pk, stay.dwelling_id], on=on, **facts)


def resettle(
    actor: Actor, person: Resident, *, dwelling: Dwelling, household: Household | None, relation: str, on: date
) -> Residence:
    """`person` (locked) lives behind `dwelling` in `household` from that day on, wherever the person lived before."""
    stay = stay_on(person, on)
    if stay is not None and stay.dwelling_id == dwelling.pk:
        was = (stay.household_id, stay.relation_to_head)
        stay = continue_from(stay, on, household=household, relation_to_head=relation)
        if was != (stay.household_id, stay.relation_to_head):
            record(actor, "resident.regrouped", person, touches=[stay.pk, dwelling.pk], on=on, relation=relation)
        return stay
    carried: dict[str, Any] = {}
    if stay is not None:
        carried = {
            "population_class": stay.population_class,
            "permit_number": stay.permit_number,
            "permit_until": stay.permit_until,
        }
        end_stay(actor, stay, on)
    with constraint("residence_one_at_once", broken=LivesElsewhere):
        stay = Residence.objects.create(
            resident=person,
            dwelling=dwelling,
            household=household,
            relation_to_head=relation,
            span=begins(on),
            **carried,
        )
    record(actor, "resident.moved_in", person, touches=[stay.pk, dwelling.pk], kind=stay.kind, from_on=on)
    return stay


@transaction.atomic
def change_class(
    actor: Actor,
    *,
    resident: Resident,
    population_class: str,
    on: date,
    reason: str = "",
    permit_number: str | None = None,
    permit_until: date | None = None,
) -> Residence:
    """How the community counts the resident from that day on: 户籍、流动、境外、外出 or 空挂, and why.

    It is said of the door lived behind, or of the registered one where there is no other. A permit belongs to 流动 and
    境外 alone. The same again changes nothing.

    Raises:
        NotAllowed, NotYet, HasDied, NoHome, LaterWritten.
        PermitEnded: the permit would have ended before it begins to count.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    wanted = PopulationClass(population_class)
    holds_permit = wanted in {PopulationClass.MIGRANT, PopulationClass.ABROAD}
    if holds_permit and permit_until is not None and permit_until <= on:
        raise PermitEnded(field="permit_until")
    person = lock_people([resident], on)[resident.pk]
    stay = stay_on(person, on) or stay_on(person, on, ResidenceKind.REGISTERED)
    if stay is None:
        raise NoHome(field="on")
    changes = {
        "population_class": wanted,
        "reason": " ".join(reason.split()),
        "permit_number": (permit_number or None) if holds_permit else None,
        "permit_until": permit_until if holds_permit else None,
    }
    if says(stay, **changes):
        return stay
    stay = continue_from(stay, on, **changes)
    record(
        actor,
        "resident.class_changed",
        person,
        touches=[stay.pk, stay.dwelling_id],
        on=on,
        population_class=wanted,
    )
    return stay


@transaction.atomic
def leave_for(actor: Actor, *, resident: Resident, on: date, whereabouts: str, reason: str = "") -> Residence:
    """外出: from that day on the resident lives elsewhere and stays registered here; the row that says so.

    Behind the door they no longer live; the registered residence goes on there (it begins with the stay, where none was
    written down) as 外出 with the whereabouts, in the same household. The same again changes nothing.

    Raises:
        NotAllowed, NotYet, HasDied, NoHome, LaterWritten, BeganThatDay.
        WhereaboutsNeeded: nobody said where to.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    if not (whereabouts := " ".join(whereabouts.split())[:60]):
        raise WhereaboutsNeeded(field="whereabouts")
    person = lock_people([resident], on)[resident.pk]
    away = {"population_class": PopulationClass.AWAY, "whereabouts": whereabouts, "reason": " ".join(reason.split())}
    lived, registered = stay_on(person, on), stay_on(person, on, ResidenceKind.REGISTERED)
    if lived is None and registered is not None and says(registered, **away):
        return registered
    if lived is None and registered is None:
        raise NoHome(field="on")
    if lived is not None:
        registered = registered or _registered_since(lived, on)
        end_stay(actor, lived, on, because="away")
    assert registered is not None
    registered = continue_from(registered, on, **away)
    record(actor, "resident.went_away", person, touches=[registered.pk, registered.dwelling_id], on=on)
    return registered


def _registered_since(lived: Residence, on: date) -> Residence:
    """The registered residence that a stay as 户籍 implied and nobody wrote down; after another one, where there was one.

    Raises LaterWritten where one is written down for a later day.
    """
    written = Residence.objects.filter(resident=lived.resident, kind=ResidenceKind.REGISTERED)
    ended = [span.upper for span in written.values_list("span", flat=True) if span.upper and span.upper <= on]
    with constraint("residence_one_at_once", broken=LaterWritten):
        return Residence.objects.create(
            resident=lived.resident,
            dwelling=lived.dwelling,
            household=lived.household,
            kind=ResidenceKind.REGISTERED,
            relation_to_head=lived.relation_to_head,
            span=begins(max([lived.span.lower, *ended])),
            source=lived.source,
        )


@transaction.atomic
def come_back(actor: Actor, *, resident: Resident, on: date) -> Residence:
    """The resident lives again where they are registered, in the same household; the row lived in.

    Raises:
        NotAllowed, NotYet, HasDied, LaterWritten, LivesElsewhere.
        NotAway: nobody wrote down that they were away.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    person = lock_people([resident], on)[resident.pk]
    lived, registered = stay_on(person, on), stay_on(person, on, ResidenceKind.REGISTERED)
    if lived is not None and lived.span.lower == on:
        return lived
    here = {"population_class": PopulationClass.REGISTERED, "whereabouts": "", "reason": ""}
    if lived is not None and lived.population_class == PopulationClass.AWAY:
        lived = continue_from(lived, on, **here)
    elif registered is None or registered.population_class != PopulationClass.AWAY:
        raise NotAway()
    else:
        registered = continue_from(registered, on, **here)
        with constraint("residence_one_at_once", broken=LivesElsewhere):
            lived = Residence.objects.create(
                resident=person,
                dwelling=registered.dwelling,
                household=registered.household,
                relation_to_head=registered.relation_to_head,
                span=begins(on),
            )
    record(actor, "resident.came_back", person, touches=[lived.pk, lived.dwelling_id], on=on)
    return lived


@transaction.atomic
def register_at(
    actor: Actor, *, resident: Resident, dwelling: Dwelling, on: date, household: Household | None = None
) -> Residence:
    """The household book says `dwelling` from that day on, wherever the resident lives (人户分离 where the two differ).

    Raises NotAllowed, NotYet, HasDied, BeganThatDay, LivesElsewhere (a later registration is written down).
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    person = lock_people([resident], on)[resident.pk]
    before = stay_on(person, on, ResidenceKind.REGISTERED)
    if before is not None and before.dwelling_id == dwelling.pk:
        return before
    if before is not None:
        if before.span.lower >= on:
            raise BeganThatDay(field="on")
        supersede(before, span=begins(before.span.lower, on))
    with constraint("residence_one_at_once", broken=LivesElsewhere):
        stay = Residence.objects.create(
            resident=person, dwelling=dwelling, household=household, kind=ResidenceKind.REGISTERED, span=begins(on)
        )
    record(actor, "resident.registered_at", person, touches=[stay.pk, dwelling.pk], on=on)
    return stay
