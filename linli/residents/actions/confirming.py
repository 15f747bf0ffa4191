"""Somebody looked, and it is still so: the record, one field, a residence, a category or a document is as sure as today.

A confirmation changes no fact, so it makes no version; the trail keeps who confirmed what, when and how.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import Invalid
from linli.core.trail import record
from linli.core.versions import Versioned
from linli.residents import check_rules
from linli.residents.models import Category, Document, Residence, Resident
from linli.residents.records import held_fields

from .changes import require_in_reach, require_keeper


class HowUnknown(Invalid):
    code, message = "confirm.how_unknown", "请选一种核实方式，例如“居民本人说”。"


class NothingToConfirm(Invalid):
    code, message = "confirm.nothing", "这一项没有登记内容，没有可以核实的。请先补登。"


@transaction.atomic
def confirm_record(actor: Actor, *, resident: Resident, how: str) -> Resident:
    """All of it was gone through and is so: fields, where they live now, categories and documents in force.

    Raises NotAllowed, HowUnknown.
    """
    resident, source = _locked(actor, resident, how)
    today = clock.today()
    resident.marks = {}
    _sure(resident, today, source)
    in_force: list[tuple[type[Versioned], Any]] = [
        (Residence, lambda row: check_rules.check_by(check_rules.RESIDENCE, today)),
        (Category, lambda row: check_rules.category_check_by(row.kind, today)),
        (Document, lambda row: check_rules.check_by(check_rules.DOCUMENT, today)),
    ]
    for model, due in in_force:
        for row in model.objects.filter(resident=resident, span__contains=today):
            model.objects.filter(pk=row.pk).update(confirmed_on=today, check_by=due(row))
    record(actor, "resident.confirmed", resident, how=source)
    return resident


@transaction.atomic
def confirm_field(actor: Actor, *, resident: Resident, field: str, how: str) -> Resident:
    """One field is so. Raises NotAllowed, HowUnknown, NothingToConfirm."""
    resident, source = _locked(actor, resident, how)
    if field not in held_fields(resident):
        raise NothingToConfirm()
    mark_field(resident, field, source=source)
    resident.save(update_fields=["marks", "check_by"])
    record(actor, "resident.confirmed", resident, how=source, changed=[field])
    return resident


@transaction.atomic
def confirm_home(actor: Actor, *, residence: Residence, how: str) -> Residence:
    """They still live (are registered) there. Raises NotAllowed, HowUnknown."""
    resident, source = _locked(actor, residence.resident, how)
    today = clock.today()
    due = check_rules.check_by(check_rules.RESIDENCE, today)
    Residence.objects.filter(pk=residence.pk).update(confirmed_on=today, check_by=due)
    record(actor, "resident.confirmed", resident, how=source, changed=[check_rules.RESIDENCE], touches=[residence.pk])
    residence.refresh_from_db()
    return residence


@transaction.atomic
def note_seen(actor: Actor, *, resident: Resident, field: str, reason: str) -> None:
    """Both sides of a request were read in full. Raises NotAllowed without RESIDENTS_REVEAL."""
    actor.require(Permission.RESIDENTS_REVEAL)
    record(actor, "resident.revealed", resident, field=field, reason=reason)


def mark_field(resident: Resident, field: str, *, source: str) -> None:
    """A field was written or confirmed today: its own age, and the record's next check. The caller saves marks and check_by."""
    today = clock.today()
    due = check_rules.check_by(field, today)
    mark = {"source": source[:40], "confirmed_on": today.isoformat(), "check_by": due.isoformat()}
    resident.marks = {**resident.marks, field: mark}
    resident.check_by = _soonest(resident)


def _sure(resident: Resident, today: Any, source: str) -> None:
    resident.confirmed_on, resident.source = today, source
    resident.check_by = _soonest(resident)
    resident.save(update_fields=["confirmed_on", "source", "check_by", "marks"])


def _soonest(resident: Resident) -> Any:
    held = held_fields(resident)
    return check_rules.soonest_check(held, confirmed_on=resident.confirmed_on, marks=resident.marks)


def _locked(actor: Actor, resident: Resident, how: str) -> tuple[Resident, str]:
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    if how not in check_rules.confirmed_by():
        raise HowUnknown(field="how")
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
    return resident, check_rules.confirmed_by()[how]
