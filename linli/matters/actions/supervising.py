"""督办: the secretary or the street asks after a matter; its handler answers; whoever asked ends it."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, NotFound
from linli.core.states import step
from linli.core.trail import record

from .. import queries, rules
from ..models import IN_HAND, Matter, State, Supervision, SupervisionState
from .handling import _for_handling, _locked, _note
from .handovers import DayPast
from .reporting import WordsMissing


class SupervisedAlready(Conflict):
    code, message = "supervision.open_already", "这件事已经在督办了。可以看看回复，或先结束再另提要求。"


class NothingToSupervise(Conflict):
    code, message = "supervision.nothing_open", "这件事已经答复了，不用再督办。居民说没办好时会重新打开。"


@transaction.atomic
def supervise(actor: Actor, *, matter: Matter, why: str, answer_by: date) -> Supervision:
    """Ask after an open matter; an answer is wanted by the end of `answer_by`. Needs MATTERS_SUPERVISE.

    Raises:
        WordsMissing, DayPast: no reason, or a day that is past.
        NothingToSupervise: it is answered, refused or closed.
        SupervisedAlready: one at a time; the database decides.
    """
    actor.require(Permission.MATTERS_SUPERVISE)
    if not why.strip():
        raise WordsMissing("请写一句为什么督办、要看到什么。", field="words")
    if answer_by < clock.today():
        raise DayPast("回复期限请选今天或以后的一天。", field="answer_by")
    row = _locked(matter)
    if not queries.matters_visible_to(actor).filter(pk=row.pk).exists():
        raise NotFound()
    if row.state not in (State.REPORTED, *IN_HAND):
        raise NothingToSupervise()
    with constraint("supervision_one_at_a_time", broken=SupervisedAlready()):
        made = Supervision.objects.create(
            matter=row,
            why=why.strip(),
            due_at=rules.end_of(answer_by),
            opened_by=actor.account_id,
            opened_at=clock.now(),
        )
    _say(actor, "supervision.opened", made, why)
    return made


@transaction.atomic
def answer_supervision(actor: Actor, *, supervision: Supervision, words: str) -> Supervision:
    """Whoever handles the matter says how it stands. A second answer takes the place of the first, which stays on the timeline.

    Raises:
        WordsMissing, NotYours, OutOfTurn.
    """
    if not words.strip():
        raise WordsMissing("请写一句现在办到哪里、哪天能好。", field="words")
    _for_handling(actor, supervision.matter)
    row = _row(supervision)
    if row.state != SupervisionState.ANSWERED:
        step(row, SupervisionState.ANSWERED)
        row.answered_at = clock.now()
    row.answer, row.answered_by = words.strip(), actor.account_id
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    _say(actor, "supervision.answered", row, words)
    return row


@transaction.atomic
def end_supervision(actor: Actor, *, supervision: Supervision, words: str = "") -> Supervision:
    """Whoever may supervise is content, or it is overtaken. Ended already, it stays so. Needs MATTERS_SUPERVISE."""
    actor.require(Permission.MATTERS_SUPERVISE)
    _locked(supervision.matter)
    row = _row(supervision)
    if row.state == SupervisionState.ENDED:
        return row
    step(row, SupervisionState.ENDED)
    row.ended_at = clock.now()
    row.save(update_fields=["state", "ended_at"])
    _say(actor, "supervision.ended", row, words)
    return row


def _row(supervision: Supervision) -> Supervision:
    row: Supervision = Supervision.objects.select_for_update().select_related("matter").get(pk=supervision.pk)
    return row


def _say(actor: Actor, verb: str, row: Supervision, words: str) -> None:
    note_id = _note(actor, row.matter, verb, words)
    record(actor, verb, row.matter, touches=[row.pk], supervision_id=row.pk, note_id=note_id)
