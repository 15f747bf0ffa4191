"""Putting the register right: a fact that was written down wrongly, and people who were taken in by mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.identifiers import normalise_name, normalise_phone, parse_id_number
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.trail import record, record_many
from linli.core.versions import supersede, unwrite
from linli.places.models import Dwelling
from linli.residents import queries
from linli.residents.codes import CATEGORY_KINDS, Sex
from linli.residents.models import Category, Document, Fact, Household, Residence, Resident

from .changes import CategoryHeld, LevelUnknown, NotYet, begins, require_in_reach, require_keeper
from .confirming import mark_field
from .facts import put_fields
from .intake import CodeUnknown, IdNumberTaken, code_in_list

ONE_DAY = timedelta(days=1)
CODED = ("ethnicity", "education", "marital_status", "political_status", "employment")
"""Fields whose values are codes of the list of the same name."""
CORRECTABLE = ("name", "former_name", "sex", "birth_on", "id_number", "phone", *CODED, "employer")


@transaction.atomic
def correct_resident(
    actor: Actor,
    *,
    resident: Resident,
    to: Mapping[str, Any],
    because: str,
    since: date | None = None,
    source: str = "",
) -> Resident:
    """Write the fields of CORRECTABLE named in `to` as they should have been; those that already say so are left alone.

    With `since` it is no correction but a change in the world: before that day, what stood there was true. With a `source`
    the fields written are as sure as today. The trail says which fields and why, never what they were or are. None takes
    a birth date, ID number or phone away.

    Raises:
        NotAllowed, NameWrong, IdNumberWrong, PhoneWrong, NotYet.
        IdNumberTaken: somebody else in the community has that ID number.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    if since is not None and since > clock.today():
        raise NotYet("这一天还没有到。请填已经变了的那一天。", field="since")
    wanted = {field: in_form(field, value) for field, value in to.items()}
    changed = [field for field, value in wanted.items() if getattr(resident, field) != value]
    if not changed:
        return resident
    put_fields(resident, wanted, since=since, source=source or because)
    written = {*changed, "marks"}
    if source:
        written.add("check_by")
        for field in changed:
            mark_field(resident, field, source=source)
    if "name" in written:
        resident.pinyin, resident.initials = pinyin_of(resident.name), initials_of(resident.name)
        written |= {"pinyin", "initials"}
    if "phone" in written:
        written |= {"phone_index", "phone_tail_index"}
    if "id_number" in written:
        written |= {"id_number_index", "id_tail_index"}
    with constraint("resident_one_id_number", broken=IdNumberTaken):
        resident.save(update_fields=sorted(written))
    if since is None:
        record(actor, "resident.corrected", resident, changed=changed, because=because)
    else:
        record(actor, "resident.changed", resident, changed=changed, because=because, since=since)
    return resident


def in_form(field: str, value: Any) -> Any:
    """The value of a field of CORRECTABLE as it is kept. Raises what `correct_resident` does of it."""
    if field not in CORRECTABLE:
        raise LookupError(f"{field} is not corrected here")
    if field == "name":
        return normalise_name(value)
    if field == "sex":
        if value not in Sex.values:
            raise CodeUnknown(field="sex")
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
def correct_death(actor: Actor, *, resident: Resident, died_on: date | None, because: str) -> Resident:
    """The day of death was written down wrongly, or the person lives (None): what ended with it ends anew, or goes on.

    Raises NotAllowed, NotYet; DateOutOfOrder where a residence or category began later.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    if resident.died_on is None or resident.died_on == died_on:
        return resident
    if died_on is not None and died_on > clock.today():
        raise NotYet(field="died_on")
    ended, ends = resident.died_on + ONE_DAY, died_on + ONE_DAY if died_on else None
    for model in (Residence, Category):
        for row in model.objects.select_for_update().filter(resident=resident, span__endswith=ended).order_by("id"):
            supersede(row, span=begins(row.span.lower, ends))
    put_fields(resident, {"died_on": died_on}, since=None, source=because)
    resident.save(update_fields=["died_on", "marks"])
    record(actor, "resident.corrected", resident, changed=["died_on"], because=because)
    return resident


@transaction.atomic
def take_back(actor: Actor, *, residents: Iterable[Resident], because: str) -> list[Resident]:
    """People who should never have been taken in leave the register with their residences, categories and empty households.

    Whoever something else refers to (an account, a matter) stays: the caller is told by the list of those that did go.
    The trail keeps that they were here. Thousands cost a handful of statements.
    """
    require_keeper(actor)
    wanted = list(residents)
    if queries.is_bound_to_patch(actor):
        for resident in wanted:
            require_in_reach(actor, resident=resident)
    held = _referred_to([resident.pk for resident in wanted])
    gone = [resident for resident in wanted if resident.pk not in held]
    ids = [resident.pk for resident in gone]
    stays = Residence.of_all_times.filter(resident__in=ids)
    households = set(stays.exclude(household=None).values_list("household_id", flat=True))
    for model in (Category, Document, Fact, Residence):
        _forget(model.of_all_times.filter(resident__in=ids))
    Household.of_all_times.filter(head__in=ids).update(head=None)
    households -= set(Residence.of_all_times.filter(household__in=households).values_list("household_id", flat=True))
    _forget(Household.of_all_times.filter(Q(pk__in=households) | Q(stands_for__in=households)))
    record_many(actor, "resident.taken_back", gone, because=because)
    _forget(Resident.objects.filter(pk__in=ids))
    return gone


def _forget(rows: QuerySet[Any]) -> None:
    """Delete rows by one statement, without loading what refers to them: the database's own keys refuse what must stay."""
    rows._raw_delete(rows.db)


OURS = (Residence, Category, Household, Document, Fact)


def _referred_to(ids: list[UUID]) -> set[UUID]:
    """Those of `ids` a row outside the register refers to: asked of every foreign key there is."""
    found: set[UUID] = set()
    for relation in Resident._meta.get_fields(include_hidden=True):
        if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
            continue
        model, name = relation.related_model, relation.field.name  # type: ignore[union-attr]
        if model not in OURS:
            rows = model._base_manager.filter(**{f"{name}__in": ids})  # type: ignore[union-attr]
            found |= set(rows.values_list(f"{name}_id", flat=True))
    return found


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


CATEGORY_FIELDS = ("level", "certificate_number", "decision", "decided_on")


def category_in_form(kind: str, to: Mapping[str, Any]) -> dict[str, Any]:
    """Values of CATEGORY_FIELDS as they are kept. Raises LevelUnknown."""
    if unknown := set(to) - set(CATEGORY_FIELDS):
        raise LookupError(f"{unknown} are not corrected here")
    wanted = dict(to)
    if wanted.get("level") and wanted["level"] not in CATEGORY_KINDS[kind].levels:
        raise LevelUnknown(field="level")
    if "certificate_number" in wanted:
        wanted["certificate_number"] = wanted["certificate_number"] or None
    return wanted


@transaction.atomic
def correct_category(actor: Actor, *, category: Category, to: Mapping[str, Any]) -> Category:
    """Write level, certificate, decision or first day (`from_on`) of a category as they should have been.

    Raises:
        NotAllowed, LevelUnknown.
        DateOutOfOrder: it would begin after it ended. CategoryHeld: the same kind in an earlier time.
    """
    require_keeper(actor)
    category = Category.objects.select_for_update().select_related("resident").get(pk=category.pk)
    require_in_reach(actor, resident=category.resident)
    fields = {name: value for name, value in to.items() if name != "from_on"}
    wanted = category_in_form(category.kind, fields)
    if to.get("from_on"):
        wanted["span"] = begins(to["from_on"], category.span.upper)
    changed = [name for name, value in wanted.items() if getattr(category, name) != value]
    if changed:
        with constraint("category_one_of_a_kind", broken=CategoryHeld):
            supersede(category, **wanted)
        record(
            actor, "category.corrected", category.resident, touches=[category.pk], kind=category.kind, changed=changed
        )
    return category


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
