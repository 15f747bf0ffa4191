"""Handing a matter on (转办), and what becomes of it there: taken, answered, checked, done again, given back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.accounts import actions as accounts
from linli.accounts import queries_seats as seats
from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.states import step
from linli.core.trail import record
from linli.organisations.models import Organisation

from .. import queries, rules
from ..models import HANDED, Handover, HandoverState, Matter, State
from .handling import _for_handling, _locked, _note
from .reporting import Photos, WordsMissing


class WithThemAlready(Conflict):
    code = "handover.with_them_already"
    message = "这件事已经转给这个单位，还没有办完。要补充的话，请在转办下面写。"


class DayPast(Invalid):
    code, message = "handover.day_past", "反馈期限请选今天或以后的一天。"


class UnitEnded(Invalid):
    code, message = "handover.unit_ended", "这个单位已经停止活动，请另选一个。"


class NotYourUnit(NotAllowed):
    code = "handover.not_your_unit"
    message = "这件事没有转给您所在的单位，或已经收回。请刷新看看现在要办的。"


@transaction.atomic
def hand_on(
    actor: Actor,
    *,
    matter: Matter,
    organisation: Organisation,
    asked: str,
    answer_by: date,
    shares_contact: bool = False,
    shares_photos: bool = True,
) -> Handover:
    """Ask an organisation to do something about the matter, and to answer by the end of `answer_by`.

    Several may have it at once. It sees the place, `asked`, the matter's words, with `shares_photos` the report's photos and
    with `shares_contact` whom to call. Where somebody of it has a mobile number, the inbox is opened for them.

    Raises:
        NotYours, OutOfTurn: not the actor's to handle, or not in hand.
        WordsMissing, DayPast, UnitEnded: nothing asked, no time to do it, nobody there.
        WithThemAlready: the same organisation has it and is not done.
    """
    if not asked.strip():
        raise WordsMissing("请写一句要对方做什么。", field="asked")
    if answer_by < clock.today():
        raise DayPast(field="answer_by")
    if not organisation.holds_on(clock.today()):
        raise UnitEnded(field="organisation")
    row = _for_handling(actor, matter)
    if row.state != State.HANDED_ON:
        step(row, State.HANDED_ON)
        row.save(update_fields=["state"])
    with constraint("handover_open_once", broken=WithThemAlready(field="organisation")):
        handover = Handover.objects.create(
            matter=row,
            organisation=organisation,
            asked=asked.strip(),
            shares_contact=shares_contact,
            due_at=rules.end_of(answer_by),
            offered_by=actor.account_id,
            offered_at=clock.now(),
        )
    if shares_photos:
        shown = [file for file in files.files_of(row) if file.purpose == "report"]
        files.keep(actor, handover, [files.again(file) for file in shown], purpose="report")
    _open_inbox(actor, organisation)
    _say(actor, "handover.offered", handover, asked)
    return handover


def _open_inbox(actor: Actor, organisation: Organisation) -> None:
    """A seat for whoever one turns to there; without a mobile number the desk writes down what they say."""
    post = seats.who_answers([organisation.pk]).get(organisation.pk)
    if post is not None and seats.is_reached(post):
        accounts.open_seat(actor, post=post)


@transaction.atomic
def take_handover(actor: Actor, *, handover: Handover) -> Handover:
    """The organisation takes it on. Taking it again changes nothing."""
    row = _for_party(actor, handover)
    if row.state == HandoverState.TAKEN:
        return row
    step(row, HandoverState.TAKEN)
    row.taken_at = clock.now()
    row.save(update_fields=["state", "taken_at"])
    _say(actor, "handover.taken", row)
    return row


@transaction.atomic
def answer_handover(actor: Actor, *, handover: Handover, words: str, photos: Photos = ()) -> Handover:
    """The organisation says what it did; the desk checks it before the resident hears. Answering takes it, where nobody had.

    Raises:
        WordsMissing: an answer needs a sentence; a photo alone does not say what was done.
    """
    if not words.strip():
        raise WordsMissing("请写一句做了什么，照片可以一起发。", field="words")
    row = _for_party(actor, handover)
    if row.state == HandoverState.ANSWERED and row.answer == words.strip() and not photos:
        return row
    step(row, HandoverState.ANSWERED)
    row.answer, row.answered_at = words.strip(), clock.now()
    row.taken_at = row.taken_at or row.answered_at
    row.save(update_fields=["state", "answer", "answered_at", "taken_at"])
    kept = files.keep(actor, row, list(photos), purpose="after")
    _say(actor, "handover.answered", row, words, file_ids=[file.id for file in kept])
    return row


@transaction.atomic
def return_handover(actor: Actor, *, handover: Handover, reason: str) -> Handover:
    """The organisation gives it back (退单), with why; the matter is its handler's again.

    Raises:
        WordsMissing: no reason given.
    """
    if not reason.strip():
        raise WordsMissing("请写一句为什么退回，社区好另外安排。", field="words")
    row = _for_party(actor, handover)
    _end(actor, row, HandoverState.RETURNED, "handover.returned", reason)
    return row


@transaction.atomic
def accept_answer(actor: Actor, *, handover: Handover, words: str = "") -> Handover:
    """The desk has checked the answer (核查通过); with the last one the matter can be answered."""
    row = _for_desk(actor, handover)
    if row.state == HandoverState.ACCEPTED:
        return row
    # The pictures of what was done become the matter's own: the resident sees them, and may not see the handover.
    shown = [file for file in files.files_of(row) if file.purpose == "after"]
    kept = files.keep(actor, row.matter, [files.again(file) for file in shown], purpose="after")
    _end(actor, row, HandoverState.ACCEPTED, "handover.accepted", words, file_ids=[file.id for file in kept])
    return row


@transaction.atomic
def send_again(actor: Actor, *, handover: Handover, reason: str, answer_by: date | None = None) -> Handover:
    """The check found it wanting (重办): the organisation has it again, until `answer_by` where a new day is given.

    Raises:
        WordsMissing: nobody would know what is still wrong.
    """
    if not reason.strip():
        raise WordsMissing("请写一句哪里还没办好，对方好接着办。", field="words")
    if answer_by is not None and answer_by < clock.today():
        raise DayPast(field="answer_by")
    row = _for_desk(actor, handover)
    step(row, HandoverState.AGAIN)
    row.again_count += 1
    row.reason, row.answered_at = reason.strip(), None
    row.due_at = rules.end_of(answer_by) if answer_by else row.due_at
    row.save(update_fields=["state", "again_count", "reason", "answered_at", "due_at"])
    _say(actor, "handover.again", row, reason)
    return row


@transaction.atomic
def withdraw_handover(actor: Actor, *, handover: Handover, reason: str = "") -> Handover:
    """The desk takes it back before there is an answer; the organisation no longer sees it as open."""
    row = _for_desk(actor, handover)
    if row.state == HandoverState.WITHDRAWN:
        return row
    _end(actor, row, HandoverState.WITHDRAWN, "handover.withdrawn", reason)
    return row


@transaction.atomic
def reveal_contact_to(actor: Actor, *, handover: Handover) -> str:
    """Whom the organisation may call about it, in full, where the desk gave it so; who looked is in the trail.

    Raises:
        NotYourUnit: another organisation's, over, or given without the contact.
    """
    row = _for_party(actor, handover)
    if not (row.shares_contact and row.is_open and queries.has_phone(row.matter)):
        raise NotYourUnit()
    record(actor, "matter.contact_revealed", row.matter, handover_id=row.pk)
    return queries.phone_to_call(row.matter)


def _for_party(actor: Actor, handover: Handover) -> Handover:
    """The handover, locked after its matter, for whoever answers for the organisation, or the desk writing down what it says."""
    row = _both_locked(handover)
    is_theirs = actor.may(Permission.HANDOVERS_ANSWER) and row.organisation_id in actor.answers_for
    if not is_theirs and not queries.is_on_desk_of(actor, row.matter):
        raise NotYourUnit()
    return row


def _for_desk(actor: Actor, handover: Handover) -> Handover:
    _for_handling(actor, handover.matter)
    return _both_locked(handover)


def _both_locked(handover: Handover) -> Handover:
    matter = _locked(Matter(pk=handover.matter_id))
    row = Handover.objects.select_for_update().get(pk=handover.pk)
    row.matter = matter
    return row


def _end(
    actor: Actor, row: Handover, state: HandoverState, verb: str, words: str, file_ids: list[UUID] | None = None
) -> None:
    """The handover is over; with the last open one the matter is its handler's again."""
    step(row, state)
    row.ended_at = clock.now()
    if state != HandoverState.ACCEPTED:
        row.reason = words.strip()
    row.save(update_fields=["state", "ended_at", "reason"])
    matter = row.matter
    if matter.state == State.HANDED_ON and not Handover.objects.filter(matter=matter, state__in=HANDED).exists():
        step(matter, State.ACCEPTED)
        matter.save(update_fields=["state"])
    _say(actor, verb, row, words, file_ids)


def _say(actor: Actor, verb: str, row: Handover, words: str = "", file_ids: list[UUID] | None = None) -> None:
    """On the matter's timeline, where all that happens to it stands; `handover_id` says which of several it was."""
    facts: dict[str, Any] = {"file_ids": file_ids} if file_ids else {}
    note_id = _note(actor, row.matter, verb, words)
    record(
        actor, verb, row.matter, touches=[row.pk],
        handover_id=row.pk, organisation_id=row.organisation_id, note_id=note_id, **facts,
    )  # fmt: skip
