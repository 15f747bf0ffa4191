"""As if it had never been written: corrections taken back without a trace in the register, as an undone import needs it. The trail keeps both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.trail import record
from linli.core.versions import unwrite
from linli.residents.models import Category, Residence, Resident

from .changes import require_in_reach, require_keeper
from .corrections import in_form
from .facts import unwrite_fields
from .intake import IdNumberTaken


@transaction.atomic
def uncorrect_resident(
    actor: Actor, *, resident: Resident, to: Mapping[str, Any], marks: Mapping[str, Any], since: datetime, because: str
) -> Resident:
    """The fields of `to` and the record's `marks` are as before, and what was believed before `since` is believed again.

    Raises:
        NotAllowed.
        IdNumberTaken: somebody else has that ID number meanwhile.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    unwrite_fields(resident, to, since=since)
    for field, value in to.items():
        setattr(resident, field, in_form(field, value))
    resident.pinyin, resident.initials = pinyin_of(resident.name), initials_of(resident.name)
    resident.marks = dict(marks)
    followers = {"phone": ("phone_index", "phone_tail_index"), "id_number": ("id_number_index", "id_tail_index")}
    written = {*to, "marks", "pinyin", "initials", *(name for field in to for name in followers.get(field, ()))}
    with constraint("resident_one_id_number", broken=IdNumberTaken):
        resident.save(update_fields=sorted(written))
    record(actor, "resident.uncorrected", resident, changed=list(to), because=because)
    return resident


@transaction.atomic
def uncorrect_home(actor: Actor, *, residence: Residence, since: datetime) -> Residence:
    """A door put right by mistake: the stay is behind the one of before `since`."""
    require_keeper(actor)
    residence = Residence.objects.select_for_update().select_related("resident").get(pk=residence.pk)
    require_in_reach(actor, resident=residence.resident)
    unwrite(residence, since=since)
    record(actor, "resident.home_uncorrected", residence.resident, touches=[residence.pk])
    return residence


@transaction.atomic
def uncorrect_category(actor: Actor, *, category: Category, since: datetime) -> Category:
    """Level, certificate and day of decision are those of before `since`."""
    require_keeper(actor)
    category = Category.objects.select_for_update().select_related("resident").get(pk=category.pk)
    require_in_reach(actor, resident=category.resident)
    unwrite(category, since=since)
    record(actor, "category.uncorrected", category.resident, touches=[category.pk], kind=category.kind)
    return category
