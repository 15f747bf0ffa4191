"""A deadline that moves: pausing the clock and asking for more time, each decided by somebody else than who asked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.states import may_step, step
from linli.core.trail import record
from linli.worktime.rules import after_calendar_days

from .. import queries, rules_clock
from ..models import OPEN, AskState, Extension, Matter, Pause, PauseReason, State
from .handling import _for_handling, _locked, _note
from .reporting import WordsMissing
from .stops import end_pause, waiting_asks


class AskedAlready(Conflict):
    code = "matter.asked_already"
    message = "这件事已经有一个申请在等审批，或正在暂停。请等审批，或先恢复计时，再提新的。"


class TooLateToAsk(Conflict):
    code = "matter.too_late_to_ask"
    message = "期限已经过了，不能再申请。请尽快办好答复，或在处置记录里说明原因。"


class NotInHand(Conflict):
    code = "matter.not_in_hand"
    message = "这件事现在不在办理中，不用申请。请刷新页面，看看进行到哪一步。"


class DayUnfit(Invalid):
    code, message = "matter.day_unfit", "请选一个以后的日子，最多往后 30 天。还要更久，到时再申请一次。"


class OwnAsk(NotAllowed):
    code = "matter.own_ask"
    message = "自己提的申请不能自己批。请另一位书记或街道干部来批。"


@transaction.atomic
def ask_pause(actor: Actor, *, matter: Matter, reason: PauseReason, until: date, words: str) -> Pause:
    """Ask that the clock stand still until the end of the day `until`, for one of the community's reasons.

    Raises:
        NotYours, NotInHand, TooLateToAsk, AskedAlready.
        WordsMissing: what exactly is waited for.
        DayUnfit: not a day to come, or too far.
    """
    row = _may_ask(actor, matter, words, "请写一句在等什么，例如“管件缺货，周五到”。")
    until_at, now = after_calendar_days(_noon(until), 0), clock.now()
    if not now < until_at <= now + rules_clock.PAUSE_MOST + clock.ONE_DAY:
        raise DayUnfit(field="until")
    note_id = _note(actor, row, "matter.pause_asked", words)
    with constraint("pause_one_open", broken=AskedAlready):
        pause = Pause.objects.create(
            matter=row, reason=reason, until_at=until_at, note_id=note_id, asked_by=_who(actor), asked_at=now
        )
    record(actor, "matter.pause_asked", row, note_id=note_id, reason=reason.code, until=until)
    return pause


@transaction.atomic
def ask_extension(actor: Actor, *, matter: Matter, until: date, words: str) -> Extension:
    """Ask for time until the end of the day `until`, while the promise still holds.

    Raises:
        NotYours, NotInHand, TooLateToAsk, AskedAlready.
        WordsMissing: why it takes longer.
        DayUnfit: not later than what is promised, or too far.
    """
    row = _may_ask(actor, matter, words, "请写一句为什么要更多时间，居民会看到。")
    wanted_at, now = after_calendar_days(_noon(until), 0), clock.now()
    if not row.due_at < wanted_at <= row.due_at + rules_clock.EXTEND_MOST + clock.ONE_DAY:
        raise DayUnfit("请选一个比现在的期限更晚的日子，最多往后 30 天。", field="until")
    note_id = _note(actor, row, "matter.extension_asked", words)
    with constraint("extension_one_open", broken=AskedAlready):
        extension = Extension.objects.create(
            matter=row, wanted_at=wanted_at, note_id=note_id, asked_by=_who(actor), asked_at=now
        )
    record(actor, "matter.extension_asked", row, note_id=note_id, until=until)
    return extension


@transaction.atomic
def decide_pause(actor: Actor, *, pause: Pause, is_granted: bool, words: str = "") -> Pause:
    """Agree to a pause or not. Agreed, the clock counts as standing since it was asked for. Needs CLOCK_DECIDE; deciding the same again
    changes nothing.

    Raises:
        NotAllowed, OwnAsk, OutOfTurn.
        WordsMissing: a refusal says why.
    """
    row = _locked(pause.matter)
    ask = Pause.objects.select_for_update().select_related("reason").get(pk=pause.pk)
    if not _decide(actor, ask, is_granted, words):
        return ask
    note_id = _note(actor, row, "matter.paused" if is_granted else "matter.pause_declined", words)
    if is_granted:
        ask.due_before = row.due_at
        row.due_at = queries.moved_due_at(row, ask.asked_at, ask.until_at)
        row.paused_until = row.look_at = ask.until_at
        row.save(update_fields=["due_at", "paused_until", "look_at"])
    ask.save()
    verb = "matter.paused" if is_granted else "matter.pause_declined"
    record(actor, verb, row, note_id=note_id, reason=ask.reason.code, until=_day_of(ask.until_at))
    return ask


@transaction.atomic
def decide_extension(actor: Actor, *, extension: Extension, is_granted: bool, words: str = "") -> Extension:
    """Give more time or not; the resident is told. Needs CLOCK_DECIDE; deciding the same again changes nothing.

    Raises:
        NotAllowed, OwnAsk, OutOfTurn.
        WordsMissing: a refusal says why.
    """
    row = _locked(extension.matter)
    ask = Extension.objects.select_for_update().get(pk=extension.pk)
    if not _decide(actor, ask, is_granted, words):
        return ask
    verb = "matter.extended" if is_granted else "matter.extension_declined"
    note_id = _note(actor, row, verb, words)
    if is_granted:
        ask.due_before = row.due_at
        row.due_at, row.look_at, row.raised_to = ask.wanted_at, clock.now(), ""
        row.extended_count += 1
        row.save(update_fields=["due_at", "look_at", "raised_to", "extended_count"])
    ask.save()
    record(actor, verb, row, note_id=note_id, until=_day_of(ask.wanted_at))
    return ask


@transaction.atomic
def withdraw_ask(actor: Actor, *, matter: Matter) -> Matter:
    """Take back what waits to be decided; without anything waiting nothing changes.

    Raises:
        NotYours: only who handles the matter.
    """
    row = _for_handling(actor, matter)
    for ask in waiting_asks(row):
        step(ask, AskState.WITHDRAWN)
        ask.save(update_fields=["state"])
        record(actor, "matter.ask_withdrawn", row)
    return row


@transaction.atomic
def resume_matter(actor: Actor, *, matter: Matter) -> Matter:
    """Let the clock run on before the pause is over: the deadline moved only by what really stood still.

    Raises:
        NotYours: only who handles the matter.
    """
    row = _for_handling(actor, matter)
    end_pause(actor, row, at=clock.now())
    return row


def _may_ask(actor: Actor, matter: Matter, words: str, without: str) -> Matter:
    row = _for_handling(actor, matter)
    if row.state == State.REPORTED or row.state not in OPEN:
        raise NotInHand()
    if not words.strip():
        raise WordsMissing(without, field="words")
    if clock.now() >= row.due_at:
        raise TooLateToAsk()
    # The row is locked: whoever asks at once sees this ask, and each kind's own constraint holds where somebody forgets to lock.
    if row.paused_until or waiting_asks(row):
        raise AskedAlready()
    return row


def _decide(actor: Actor, ask: Pause | Extension, is_granted: bool, words: str) -> bool:
    """Take the step (the caller saves); False when it was decided just so before."""
    actor.require(Permission.CLOCK_DECIDE)
    if ask.asked_by == actor.account_id:
        raise OwnAsk()
    wanted = AskState.GRANTED if is_granted else AskState.DECLINED
    if ask.state == wanted and not may_step(ask, wanted):
        return False
    if not is_granted and not words.strip():
        raise WordsMissing("请写一句为什么不同意，经办人好接着办。", field="words")
    step(ask, wanted)
    ask.decided_by, ask.decided_at = actor.account_id, clock.now()
    return True


def _who(actor: Actor) -> UUID:
    """Whose question it is: never the machine's."""
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI)


def _day_of(end: datetime) -> date:
    """The last day before the exclusive end."""
    return (end.astimezone(clock.SHANGHAI) - clock.ONE_DAY).date()
