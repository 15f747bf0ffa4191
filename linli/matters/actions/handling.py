"""What becomes of a matter: accept, refuse, pass, note, feed back, confirm, reopen, close by call-back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from linli.accounts import queries_duty as duty
from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.states import step
from linli.core.trail import record

from .. import queries, rules
from ..models import IN_HAND, Ending, Matter, MatterKind, MonthTable, Note, Queue, State
from .reporting import Photos, WordsMissing
from .stops import leave_no_asks


class AlreadyTaken(Conflict):
    code = "matter.already_taken"
    message = "这件事刚刚已有同事受理了，不用重复受理。请刷新列表看别的事项。"


class NotYours(NotAllowed):
    code = "matter.not_yours"
    message = "这件事由别的片区或后台在办。需要接手时，请经办人先转交给您。"


class Assigned(Conflict):
    code = "matter.assigned"
    message = "这件事已经派给别的同事，等她接单。需要换人时，请书记或后台改派。"


class NotOnDuty(Invalid):
    code = "matter.not_on_duty"
    message = "这位同事今天不在岗，或在这里没有岗位。请另选一位。"


class WorkedOn(Conflict):
    code = "matter.worked_on"
    message = "这件事接了有一阵，或已经记过处置，不能直接放回。请用“转给后台办”，写一句为什么。"


class EvidenceMissing(Invalid):
    code = "matter.evidence_missing"
    message = "这一类事答复“已解决”要有一张办好后的照片。请在“处置后照片”里拍一张；还没办好的，先“记一笔处置”。"


class TooLateToReopen(Conflict):
    code = "matter.too_late_to_reopen"
    message = f"办结已超过 {rules.REOPEN_DAYS} 天，不能再重开。请把现在的情况重新上报一件。"


class NotTheReporter(NotAllowed):
    code = "matter.not_the_reporter"
    message = "这一步要由上报人自己来定。社工可以打电话回访后代为记录。"


def _locked(matter: Matter) -> Matter:
    """The matter's row, locked until the transaction ends: what is read here is still so when it is written."""
    return Matter.objects.select_for_update().get(pk=matter.pk)


class HandledElsewhere(Conflict):
    code = "matter.handled_elsewhere"
    message = "这件事已经并到另一件里一起办。要单独办，请先点“不是同一件，分开另办”。"


def _for_handling(actor: Actor, matter: Matter, *, also_merged: bool = False) -> Matter:
    actor.require(Permission.MATTERS_HANDLE)
    row = _locked(matter)
    if not queries.is_on_desk_of(actor, row):
        raise NotYours()
    if row.state == State.MERGED and not also_merged:
        raise HandledElsewhere()
    return row


def _note(actor: Actor, matter: Matter, verb: str, words: str) -> UUID | None:
    if not words.strip():
        return None
    note = Note.objects.create(
        matter=matter, verb=verb, words=words.strip(), made_by=actor.account_id, made_at=clock.now()
    )
    return note.id


@transaction.atomic
def accept_matter(actor: Actor, *, matter: Matter) -> Matter:
    """Take a reported matter: the actor becomes its handler. Accepting one's own again changes nothing.

    Raises:
        AlreadyTaken: somebody else was first; the row's lock decides.
        Assigned: it was given to a colleague; only who sees all of them may take it from her.
        NotYours: it lies with another sub-area or the other queue.
        OutOfTurn: it is past taking.
    """
    row = _for_handling(actor, matter)
    if row.state == State.ACCEPTED:
        if row.handler == actor.account_id:
            return row
        raise AlreadyTaken()
    if row.handler not in (None, actor.account_id) and not queries.may_assign(actor):
        raise Assigned()
    step(row, State.ACCEPTED)
    row.handler = actor.account_id
    row.accepted_at = row.look_at = clock.now()
    row.save(update_fields=["state", "handler", "accepted_at", "look_at"])
    record(actor, "matter.accepted", row)
    return row


@transaction.atomic
def refuse_matter(actor: Actor, *, matter: Matter, reason: str) -> Matter:
    """Not the community's to settle: say why, and whose it is. The reason is shown to the reporter.

    Raises:
        WordsMissing: no reason given.
    """
    if not reason.strip():
        raise WordsMissing("请写明为什么不受理，并告诉居民该找哪里。", field="words")
    row = _for_handling(actor, matter)
    step(row, State.REFUSED)
    row.handler, row.look_at = actor.account_id, None
    row.save(update_fields=["state", "handler", "look_at"])
    record(actor, "matter.refused", row, note_id=_note(actor, row, "matter.refused", reason))
    return row


@transaction.atomic
def pass_to_back_office(actor: Actor, *, matter: Matter, reason: str = "") -> Matter:
    """Hand a matter to the back office; it waits there to be taken. Passing it again changes nothing."""
    row = _for_handling(actor, matter)
    if row.queue == Queue.BACK and row.state == State.REPORTED and row.handler is None:
        return row
    step(row, State.REPORTED)
    leave_no_asks(actor, row)
    row.queue, row.handler, row.accepted_at, row.look_at = Queue.BACK, None, None, clock.now()
    row.save(update_fields=["state", "queue", "handler", "accepted_at", "look_at"])
    record(actor, "matter.passed", row, queue=Queue.BACK, note_id=_note(actor, row, "matter.passed", reason))
    return row


@transaction.atomic
def assign_matter(actor: Actor, *, matter: Matter, to: UUID, words: str = "") -> Matter:
    """Give a matter to a colleague: it waits for her to take it, wherever it lay. Giving it to her again changes nothing.

    Needs MATTERS_HANDLE and MATTERS_SEE_ALL. She is told; until she takes it nobody has begun.

    Raises:
        NotOnDuty: she is away today, or holds no post here.
        OutOfTurn: it has been answered.
    """
    actor.require(Permission.MATTERS_SEE_ALL)
    row = _for_handling(actor, matter)
    if row.handler == to and row.is_open:
        return row
    if to not in duty.on_duty([to]):
        raise NotOnDuty(field="to")
    step(row, State.REPORTED)
    row.handler, row.accepted_at = to, None
    row.save(update_fields=["state", "handler", "accepted_at"])
    record(actor, "matter.assigned", row, to=to, note_id=_note(actor, row, "matter.assigned", words))
    return row


@transaction.atomic
def change_kind(actor: Actor, *, matter: Matter, kind: MatterKind, words: str = "") -> Matter:
    """It is something else than was said: put it under the right kind while it is open. The same kind again changes nothing.

    The promise is counted anew from the report, by the right kind's limit; one given at a reopening stays.

    Raises:
        OutOfTurn: it has been answered.
    """
    row = _for_handling(actor, matter)
    if row.kind_id == kind.pk:
        return row
    if not row.is_open:
        step(row, "kind_changed")  # says in plain words that it is not the turn
    before, row.kind, row.grade = row.kind.code, kind, kind.held("grade") or row.grade
    if not row.reopened_count:
        leave_no_asks(actor, row)
        row.due_at, row.look_at, row.raised_to = queries.promised_at(kind, row.reported_at), clock.now(), ""
    row.save(update_fields=["kind", "grade", "due_at", "look_at", "raised_to"])
    note_id = _note(actor, row, "matter.kind_changed", words)
    record(actor, "matter.kind_changed", row, note_id=note_id, was=before, is_now=kind.code)
    return row


@transaction.atomic
def put_back(actor: Actor, *, matter: Matter) -> Matter:
    """Undo taking it: the handler puts back what she took and has not worked on; it waits where it waited before.

    Raises:
        WorkedOn: something was noted since she took it; then it is passed on, with a word.
        OutOfTurn: the matter is not being handled.
    """
    row = _for_handling(actor, matter)
    if row.state == State.REPORTED:
        return row
    if row.state == State.ACCEPTED and not queries.may_put_back(actor, row):
        raise WorkedOn()
    step(row, State.REPORTED)
    leave_no_asks(actor, row)
    row.handler, row.accepted_at, row.look_at = None, None, clock.now()
    row.save(update_fields=["state", "handler", "accepted_at", "look_at"])
    record(actor, "matter.put_back", row)
    return row


@transaction.atomic
def note_handling(actor: Actor, *, matter: Matter, words: str, before: Photos = (), after: Photos = ()) -> Matter:
    """Write down what was done, with photos before and after.

    Raises:
        WordsMissing: neither words nor a photo.
        OutOfTurn: the matter is not being handled.
    """
    if not (words.strip() or before or after):
        raise WordsMissing("请写一句处置情况，或拍一张照片。", field="words")
    row = _for_handling(actor, matter)
    if row.state not in IN_HAND:
        step(row, "noted")  # says in plain words that it is not the turn
    kept = files.keep(actor, row, list(before), purpose="before") + files.keep(actor, row, list(after), purpose="after")
    note_id = _note(actor, row, "matter.noted", words)
    record(actor, "matter.noted", row, note_id=note_id, file_ids=[file.id for file in kept])
    return row


@transaction.atomic
def feed_back(
    actor: Actor, *, matter: Matter, ending: Ending, words: str, before: Photos = (), after: Photos = ()
) -> Matter:
    """Answer the reporter: how it ended and in which words; she confirms, rates or reopens.

    Raises:
        WordsMissing: an answer needs words.
        EvidenceMissing: this kind is solved only with a photo of how it is now.
        OutOfTurn: the matter is not being handled.
    """
    if not words.strip():
        raise WordsMissing("请写一句给居民的答复，说清办成了什么。", field="words")
    row = _for_handling(actor, matter)
    if ending == Ending.SOLVED and not after and queries.needs_evidence(row):
        raise EvidenceMissing(field="after")
    step(row, State.FED_BACK)
    leave_no_asks(actor, row)
    row.ending, row.fed_back_at, row.look_at = ending, clock.now(), None
    row.save(update_fields=["state", "ending", "fed_back_at", "look_at"])
    kept = files.keep(actor, row, list(before), purpose="before") + files.keep(actor, row, list(after), purpose="after")
    note_id = _note(actor, row, "matter.fed_back", words)
    record(actor, "matter.fed_back", row, ending=ending, note_id=note_id, file_ids=[file.id for file in kept])
    return row


def _for_reporter(actor: Actor, matter: Matter) -> Matter:
    row = _locked(matter)
    if not queries.is_reporter(actor, row):
        raise NotTheReporter()
    return row


@transaction.atomic
def confirm_matter(actor: Actor, *, matter: Matter, rating: int | None = None, words: str = "") -> Matter:
    """The reporter agrees that it is settled, and may rate it 1–5; a rating may also follow later, once.

    Raises:
        Invalid: a rating outside 1–5.
        OutOfTurn: there is no answer yet to confirm, or it was rated before.
    """
    if rating is not None and rating not in range(1, 6):
        raise Invalid("请在 1 到 5 颗星里选一个。", field="rating")
    row = _for_reporter(actor, matter)
    if row.state == State.CLOSED:
        if rating is None or row.rating == rating:
            return row
        if row.rating is not None:
            raise Conflict("这件事已经评过了，不用再评，谢谢您。", field="rating")
    else:
        step(row, State.CLOSED)
        row.closed_at = clock.now()
        record(actor, "matter.confirmed", row, ending=row.ending)
    if rating is not None:
        row.rating, row.rating_words = rating, words.strip()
        record(actor, "matter.rated", row, rating=rating)
    row.save(update_fields=["state", "closed_at", "rating", "rating_words"])
    return row


@transaction.atomic
def reopen_matter(actor: Actor, *, matter: Matter, words: str) -> Matter:
    """The reporter says it is not settled: it goes back to its handler with a new promise.

    Raises:
        WordsMissing: nobody would know what is still wrong.
        TooLateToReopen: it was closed more than REOPEN_DAYS ago.
    """
    if not words.strip():
        raise WordsMissing("请写一句还有什么没解决，经办人好接着办。", field="words")
    row = _for_reporter(actor, matter)
    now = clock.now()
    if not rules.may_reopen(closed_at=row.closed_at, now=now):
        raise TooLateToReopen()
    if row.state == State.MERGED and row.merged_into is not None and not row.merged_into.is_open:
        row.merged_into = None  # what was settled for the others is not for her: a matter of its own again
    elif row.state not in (State.FED_BACK, State.CLOSED):
        step(row, "reopened")
    step(row, State.ACCEPTED if row.handler else State.REPORTED)
    row.reopened_count += 1
    row.ending, row.fed_back_at, row.closed_at, row.rating, row.rating_words = "", None, None, None, ""
    row.due_at, row.look_at, row.raised_to = queries.promised_at(row.kind, now), now, ""
    row.save()
    record(actor, "matter.reopened", row, note_id=_note(actor, row, "matter.reopened", words))
    return row


@transaction.atomic
def close_by_call_back(actor: Actor, *, matter: Matter, words: str) -> Matter:
    """Close an answered matter after calling the reporter back; what she said is written down.

    Raises:
        WordsMissing: a call-back without a word of what was said.
        OutOfTurn: there is no answer yet.
    """
    if not words.strip():
        raise WordsMissing("请写明什么时候回访、居民怎么说。", field="words")
    row = _for_handling(actor, matter)
    step(row, State.CLOSED)
    row.closed_at = clock.now()
    row.save(update_fields=["state", "closed_at"])
    record(actor, "matter.called_back", row, ending=row.ending, note_id=_note(actor, row, "matter.called_back", words))
    return row


@transaction.atomic
def ask_for_month_table(actor: Actor, *, month: date) -> MonthTable:
    """Ask for the month's table as a file; a job makes it (it follows the trail verb). Needs FIGURES_EXPORT."""
    actor.require(Permission.FIGURES_EXPORT)
    table = MonthTable.objects.create(month=month.replace(day=1), asked_by=actor.account_id, asked_at=clock.now())
    record(actor, "month_table.asked", table, month=table.month)
    return table


@transaction.atomic
def reveal_contact(actor: Actor, *, matter: Matter) -> str:
    """The full phone number to call about `matter`: the contact's, else the reporter's ('' when there is none).

    Its handling is the reason; who looked and when is in the trail. Where nobody left a number there is nothing to look at, and no entry.

    Raises:
        NotYours: only those who handle the matter may see it.
    """
    if not queries.is_on_desk_of(actor, matter):
        raise NotYours()
    if not queries.has_phone(matter):
        return ""
    record(actor, "matter.contact_revealed", matter)
    return queries.phone_to_call(matter)
