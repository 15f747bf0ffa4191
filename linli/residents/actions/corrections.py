"""Putting the register right: a fact that was written down wrongly, and people who were taken in by mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.identifiers import normalise_name, normalise_phone, parse_id_number
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.trail import record
from linli.core.versions import supersede, unwrite
from linli.places.models import Dwelling
from linli.residents.codes import Sex
from linli.residents.models import Category, Document, Fact, Household, Residence, Resident

from .changes import NotYet, begins, require_in_reach, require_keeper
from .facts import put_fields
from .intake import IdNumberTaken, code_in_list

CODED = ("ethnicity", "education", "marital_status", "political_status", "employment")
"""Fields whose values are codes of the list of the same name."""
CORRECTABLE = ("name", "former_name", "sex", "birth_on", "id_number", "phone", *CODED, "employer")


@transaction.atomic
def correct_resident(actor: Actor, *, resident: Resident, to: Mapping[str, Any], because: str) -> Resident:
    """Write the fields of CORRECTABLE named in `to` as they should have been; those that already say so are left alone.

    The trail says which fields and why, never what they were or are. None takes a birth date, ID number or phone away.

    Raises:
        NotAllowed, NameWrong, IdNumberWrong, PhoneWrong, NotYet.
        IdNumberTaken: somebody else in the community has that ID number.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    wanted = {field: _in_form(field, value) for field, value in to.items()}
    changed = [field for field, value in wanted.items() if getattr(resident, field) != value]
    if not changed:
        return resident
    put_fields(resident, wanted, since=None, source=because)
    written = {*changed, "marks"}
    if "name" in written:
        resident.pinyin, resident.initials = pinyin_of(resident.name), initials_of(resident.name)
        written |= {"pinyin", "initials"}
    if "phone" in written:
        written |= {"phone_index", "phone_tail_index"}
    if "id_number" in written:
        written |= {"id_number_index", "id_tail_index"}
    with constraint("resident_one_id_number", broken=IdNumberTaken):
        resident.save(update_fields=sorted(written))
    record(actor, "resident.corrected", resident, changed=changed, because=because)
    return resident


def _in_form(field: str, value: Any) -> Any:
    if field not in CORRECTABLE:
        raise LookupError(f"{field} is not corrected here")
    if field == "name":
        return normalise_name(value)
    if field == "sex":
        return Sex(value)
    if field in CODED:
        return code_in_list(field, value or "")
    if field in {"former_name", "employer"}:
        return normalise_name(value) if value else ""
    if not value:
        return None
    if field == "phone":
        return normalise_phone(value)
    if field == "id_number":
        return parse_id_number(value, today=clock.today()).number
    if value > clock.today():
        raise NotYet("出生日期还没有到。请对照证件再看一遍。", field="birth_on")
    return value


@transaction.atomic
def take_back(actor: Actor, *, residents: Iterable[Resident], because: str) -> list[Resident]:
    """People who should never have been taken in leave the register with their residences, categories and empty households.

    Whoever something else refers to (an account, a matter) stays: the database refuses, and the caller is told by the list
    of those that did go. The trail keeps that they were here.
    """
    require_keeper(actor)
    gone = []
    for resident in residents:
        require_in_reach(actor, resident=resident)
        if _is_referred_to(resident):
            continue
        for model in (Category, Document, Fact):
            model.of_all_times.filter(resident=resident).delete()
        stays = Residence.of_all_times.filter(resident=resident)
        households = set(stays.values_list("household_id", flat=True)) - {None}
        Household.of_all_times.filter(head=resident).update(head=None)
        stays.delete()
        for household_id in households:
            if not Residence.of_all_times.filter(household_id=household_id).exists():
                Household.of_all_times.filter(Q(pk=household_id) | Q(stands_for=household_id)).delete()
        record(actor, "resident.taken_back", resident, because=because)
        Resident.objects.filter(pk=resident.pk).delete()
        gone.append(resident)
    return gone


OURS = (Residence, Category, Household, Document, Fact)


def _is_referred_to(resident: Resident) -> bool:
    """Whether a row outside the register refers to the resident: asked of every foreign key there is."""
    for relation in Resident._meta.get_fields(include_hidden=True):
        if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
            continue
        model, name = relation.related_model, relation.field.name  # type: ignore[union-attr]
        if model in OURS:
            continue
        if model._base_manager.filter(**{name: resident.pk}).exists():  # type: ignore[union-attr]
            return True
    return False


@transaction.atomic
def unmove(actor: Actor, *, made: UUID, ended: UUID | None) -> None:
    """A move that should not have been written: the residence `made` goes, the one it `ended` is open again."""
    require_keeper(actor)
    residence = Residence.objects.select_for_update().select_related("resident").get(pk=made)
    require_in_reach(actor, resident=residence.resident)
    Residence.of_all_times.filter(Q(pk=made) | Q(stands_for=made)).delete()
    if ended is not None:
        earlier = Residence.objects.select_for_update().get(pk=ended)
        unwrite(earlier, since=earlier.known_from)
        if earlier.span.upper == residence.span.lower:  # begun and ended within one moment of the clock
            earlier.span = begins(earlier.span.lower)
            earlier.save(update_fields=["span"])
    record(actor, "resident.move_taken_back", residence.resident, touches=[each for each in (made, ended) if each])


@transaction.atomic
def drop_categories(actor: Actor, *, resident: Resident, ids: Iterable[UUID]) -> None:
    """Categories of `resident` that should not have been granted."""
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    for category in Category.objects.filter(resident=resident, pk__in=list(ids)):
        record(actor, "category.taken_back", resident, touches=[category.pk], kind=category.kind)
        Category.of_all_times.filter(Q(pk=category.pk) | Q(stands_for=category.pk)).delete()


@transaction.atomic
def correct_home(actor: Actor, *, residence: Residence, dwelling: Dwelling) -> Residence:
    """The door was written down wrongly: the same stay, behind another one. A move is `move_out` and `move_in`."""
    require_keeper(actor)
    residence = Residence.objects.select_for_update().select_related("resident").get(pk=residence.pk)
    require_in_reach(actor, resident=residence.resident, dwelling=dwelling)
    if residence.dwelling_id == dwelling.pk:
        return residence
    was = residence.dwelling_id
    supersede(residence, dwelling=dwelling, household=None)
    record(actor, "resident.home_corrected", residence.resident, touches=[residence.pk, was, dwelling.pk])
    return residence
