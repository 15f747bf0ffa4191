"""As if it had never been written: corrections taken back without a trace in the register, as an undone import needs it. The trail keeps both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, NotAllowed
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.trail import record
from linli.core.versions import unwrite
from linli.residents.models import Category, CorrectionRequest, Fact, Residence, Resident
from linli.residents.models_requests import Asked
from linli.residents.second_person import field_needs_second

from .asking import facts_of
from .changes import require_in_reach, require_keeper
from .corrections import in_form
from .facts import from_text, unwrite_fields
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


class NothingToTakeBack(Conflict):
    code, message = "fact.nothing_to_take_back", "这一项登记以后没有改过，没有可以撤回的。请先查看现在的登记。"


class SecondNeeded(Conflict):
    code, message = "fact.second_needed", "这一项要另一位同事核准，不能直接撤回。请提一份更正，写明应该是什么。"


@transaction.atomic
def take_back_field(actor: Actor, *, resident: Resident, field: str, because: str) -> Resident:
    """The last writing of one field never happened: what was believed before it is believed again.

    Raises:
        NotAllowed, NothingToTakeBack; SecondNeeded for a field that nobody changes alone.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    if field_needs_second(field):
        raise SecondNeeded()
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    facts = Fact.of_all_times.filter(resident=resident, field=field)
    written = facts.filter(known_to=None).order_by("-known_from").values_list("known_from", flat=True).first()
    if written is None:
        raise NothingToTakeBack()
    before = facts.filter(known_from__lt=written, known_to__gte=written, span__contains=clock.today()).first()
    if before is None:
        raise NothingToTakeBack()
    marks = {name: mark for name, mark in resident.marks.items() if name != field}
    to = {field: from_text(field, before.value)}
    return uncorrect_resident(actor, resident=resident, to=to, marks=marks, since=written, because=because)


@transaction.atomic
def unask(actor: Actor, *, ids: Iterable[UUID]) -> int:
    """Open requests of the actor's own go as if they had never been, as an undone import needs it; how many.

    What somebody decided stays. The trail keeps both.
    """
    if actor.account_id is None:
        raise NotAllowed()
    mine = CorrectionRequest.objects.select_for_update().filter(
        pk__in=list(ids), state=Asked.REQUESTED, requested_by=actor.account_id
    )
    for request in (rows := list(mine.order_by("pk"))):
        record(actor, "correction.withdrawn", request, touches=[request.resident_id], **facts_of(request))
    CorrectionRequest.objects.filter(pk__in=[request.pk for request in rows]).delete()
    return len(rows)
