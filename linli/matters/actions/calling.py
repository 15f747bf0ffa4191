"""吹哨报到: several units are called at once; arrival, result and rating, each in its turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotFound
from linli.core.trail import record
from linli.organisations.models import Organisation

from .. import queries
from ..models import OPEN, CalledUnit, Matter, WhistleCall
from .handling import _locked, _note
from .handovers import NotYourUnit, _open_inbox
from .reporting import WordsMissing


class CalledAlready(Conflict):
    code, message = "whistle.open_already", "这件事已经吹过哨，单位还在报到。请先结束，再吹下一次。"


class NothingToCallFor(Conflict):
    code, message = "whistle.nothing_open", "这件事已经答复了，不用再吹哨。"


class UnitsMissing(Invalid):
    code, message = "whistle.units_missing", "请至少选一个单位，并选一个牵头的。"


class HourPast(Invalid):
    code, message = "whistle.hour_past", "请选一个还没到的时间。"


class NotThereYet(Conflict):
    code, message = "whistle.not_there_yet", "这个单位还没有报到。请等它到了，再记结果、评分。"


@transaction.atomic
def call_units(
    actor: Actor, *, matter: Matter, units: Sequence[Organisation], lead: Organisation, respond_by: datetime, words: str
) -> WhistleCall:
    """Call `units` to the matter, `lead` among them, to be there by `respond_by`. Needs UNITS_CALL.

    Raises:
        WordsMissing, UnitsMissing, HourPast: nothing said, nobody called, no time to come.
        NothingToCallFor, CalledAlready: not open, or called and not over.
    """
    actor.require(Permission.UNITS_CALL)
    if not words.strip():
        raise WordsMissing("请写一句要各单位来做什么。", field="words")
    if not units or lead not in units:
        raise UnitsMissing(field="units")
    if respond_by <= clock.now():
        raise HourPast(field="respond_by")
    row = _locked(matter)
    if not queries.matters_visible_to(actor).filter(pk=row.pk).exists():
        raise NotFound()
    if row.state not in OPEN:
        raise NothingToCallFor()
    with constraint("whistle_call_one_at_a_time", broken=CalledAlready()):
        call = WhistleCall.objects.create(
            matter=row, words=words.strip(), respond_by=respond_by, made_by=actor.account_id, made_at=clock.now()
        )
    for unit in units:
        CalledUnit.objects.create(call=call, organisation=unit, is_lead=unit == lead)
        _open_inbox(actor, unit)
    _say(actor, "whistle.blown", call, words, organisation_ids=[unit.pk for unit in units])
    return call


@transaction.atomic
def arrive(actor: Actor, *, unit: CalledUnit) -> CalledUnit:
    """The unit is there: said by itself, or by the desk that sees it. Saying it again changes nothing."""
    row = _locked_unit(unit)
    if not (_is_theirs(actor, row) or queries.is_on_desk_of(actor, row.call.matter)):
        raise NotYourUnit()
    if row.arrived_at is None:
        row.arrived_at, row.arrived_said_by = clock.now(), actor.account_id
        row.save(update_fields=["arrived_at", "arrived_said_by"])
        _say(actor, "whistle.arrived", row.call, "", organisation_id=row.organisation_id)
    return row


@transaction.atomic
def tell_result(actor: Actor, *, unit: CalledUnit, words: str) -> CalledUnit:
    """What the unit did: said by itself or written down by the desk; the latest stands.

    Raises:
        WordsMissing, NotThereYet, NotYourUnit.
    """
    if not words.strip():
        raise WordsMissing("请写一句做了什么。", field="words")
    row = _locked_unit(unit)
    if not (_is_theirs(actor, row) or queries.is_on_desk_of(actor, row.call.matter)):
        raise NotYourUnit()
    if row.arrived_at is None:
        raise NotThereYet()
    row.result = words.strip()
    row.save(update_fields=["result"])
    _say(actor, "whistle.told", row.call, words, organisation_id=row.organisation_id)
    return row


@transaction.atomic
def rate_unit(actor: Actor, *, unit: CalledUnit, rating: int) -> CalledUnit:
    """Whoever may call rates how it was, 1 to 5; another rating takes its place. Needs UNITS_CALL."""
    actor.require(Permission.UNITS_CALL)
    if rating not in range(1, 6):
        raise Invalid("请在 1 到 5 分里选一个。", field="rating")
    row = _locked_unit(unit)
    if row.rating != rating:
        row.rating, row.rated_by = rating, actor.account_id
        row.save(update_fields=["rating", "rated_by"])
        _say(actor, "whistle.rated", row.call, "", organisation_id=row.organisation_id, rating=rating)
    return row


@transaction.atomic
def end_call(actor: Actor, *, call: WhistleCall) -> WhistleCall:
    """It is over; who has not come by now did not come. Needs UNITS_CALL."""
    actor.require(Permission.UNITS_CALL)
    row: WhistleCall = WhistleCall.objects.select_for_update().select_related("matter").get(pk=call.pk)
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        _say(actor, "whistle.ended", row, "")
    return row


def _is_theirs(actor: Actor, row: CalledUnit) -> bool:
    return actor.may(Permission.HANDOVERS_ANSWER) and row.organisation_id in actor.answers_for


def _locked_unit(unit: CalledUnit) -> CalledUnit:
    row: CalledUnit = (
        CalledUnit.objects.select_for_update(of=("self",))
        .select_related("call__matter", "organisation")
        .get(pk=unit.pk)
    )
    return row


def _say(actor: Actor, verb: str, call: WhistleCall, words: str, **facts: Any) -> None:
    note_id = _note(actor, call.matter, verb, words)
    record(actor, verb, call.matter, touches=[call.pk], call_id=call.pk, note_id=note_id, **facts)
