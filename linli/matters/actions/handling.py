"""The verbs of a matter: report, accept, refuse, pass, note, feed back, confirm, reopen, close by call-back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.accounts import queries as accounts
from linli.core import clock, files, tenancy
from linli.core.access import Actor, Permission
from linli.core.db import already_made, create_once
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.states import step
from linli.core.trail import record
from linli.core.uploads import CleanFile
from linli.residents.models import Resident

from .. import queries, rules
from ..models import Ending, Matter, MatterKind, MonthTable, Note, Queue, Source, State
from ..queries import Spot

Photos = Sequence[tuple[str, CleanFile]]


class AlreadyTaken(Conflict):
    code = "matter.already_taken"
    message = "这件事刚刚已有同事受理了，不用重复受理。请刷新列表看别的事项。"


class NotYours(NotAllowed):
    code = "matter.not_yours"
    message = "这件事由别的片区或后台在办。需要接手时，请经办人先转交给您。"


class WorkedOn(Conflict):
    code = "matter.worked_on"
    message = "这件事接了有一阵，或已经记过处置，不能直接放回。请用“转给后台办”，写一句为什么。"


class WordsMissing(Invalid):
    code, message = "matter.words_missing", "请写一两句话，说清楚是什么事。"


class TooLateToReopen(Conflict):
    code = "matter.too_late_to_reopen"
    message = f"办结已超过 {rules.REOPEN_DAYS} 天，不能再重开。请把现在的情况重新上报一件。"


class NotTheReporter(NotAllowed):
    code = "matter.not_the_reporter"
    message = "这一步要由上报人自己来定。社工可以打电话回访后代为记录。"


@dataclass(frozen=True)
class Contact:
    """Whom to call back when it is not the reporter: a neighbour's name and phone, as far as known."""

    name: str = ""
    phone: str | None = None
    resident: Resident | None = field(default=None)
    consent: str = ""
    """How she agreed to be spoken for (`models.Consent`); "" where nobody else is."""


@transaction.atomic
def report_matter(
    actor: Actor,
    *,
    kind: MatterKind,
    words: str,
    spot: Spot,
    id: UUID | None = None,
    source: Source = Source.RESIDENT,
    contact: Contact | None = None,
    photos: Photos = (),
) -> Matter:
    """Report a matter; it is routed to the specialist of the building's sub-area, or to the back office where there is none.

    `id` may come from the client: the same id, actor and content again returns the first matter and leaves no second trail.
    Staff report for a resident they name in `contact.resident` (needs MATTERS_REPORT_FOR_OTHERS).

    Raises:
        WordsMissing: nothing was said.
        NotAllowed: not signed in, or reporting for another resident without the power to.
        IdTaken: the id belongs to another report.
    """
    contact = contact or Contact()
    if not actor.is_signed_in:
        raise NotAllowed("请先登录再上报，这样我们才能告诉您办得怎样了。")
    if not words.strip():
        raise WordsMissing(field="words")
    if source == Source.DESK or (contact.resident and contact.resident.id not in actor.speaks_for):
        actor.require(Permission.MATTERS_REPORT_FOR_OTHERS)
    sub_area_id = queries.sub_area_id_of(spot.building)
    payload = payload_of(kind, words, spot, source, contact, photos)
    if id and (earlier := already_made(Matter, id=id, actor=actor, payload=payload)):
        return earlier
    now = clock.now()
    matter, is_new = create_once(
        Matter,
        id=id or uuid7(),
        actor=actor,
        payload=payload,
        number=_next_number(clock.today()),
        kind=kind,
        words=words.strip(),
        source=source,
        queue=queue_for(sub_area_id),
        sub_area_id=sub_area_id,
        building=spot.building,
        entrance=spot.entrance,
        dwelling=spot.dwelling,
        place_note=spot.note.strip(),
        reporter=actor.account_id,
        for_resident=contact.resident,
        contact_name=contact.name.strip(),
        contact_phone=contact.phone,
        consent=contact.consent,
        reported_at=now,
        due_at=rules.due_at(now, kind.promise_days),
    )
    if is_new:
        files.keep(actor, matter, list(photos), purpose="report")
        behalf = contact.resident.id if contact.resident else None
        facts: dict[str, Any] = {"queue": matter.queue, "sub_area_id": sub_area_id}
        if contact.consent:
            facts["consent"] = contact.consent
        record(actor, "matter.reported", matter, on_behalf_of=behalf, **facts)
    return matter


def payload_of(
    kind: MatterKind, words: str, spot: Spot, source: str, contact: Contact, photos: Photos
) -> dict[str, object]:
    """What makes two reports under one id the same report."""
    return {
        "kind": kind.id,
        "words": words.strip(),
        "place": [getattr(spot, part) and getattr(spot, part).id for part in ("building", "entrance", "dwelling")],
        "note": spot.note.strip(),
        "source": str(source),
        "contact": [
            contact.name.strip(),
            contact.phone,
            contact.resident and contact.resident.id,
            *filter(None, [contact.consent]),
        ],
        "photos": [str(clean.sha256) for _, clean in photos],
    }


def queue_for(sub_area_id: UUID | None) -> Queue:
    """The front desk where the sub-area has a specialist today, else the back office."""
    has_specialist = sub_area_id is not None and accounts.has_specialist(sub_area_id)
    return Queue.FRONT if has_specialist else Queue.BACK


def _next_number(day: date) -> str:
    """`261122-0017`: the day, then a count within the community. The upsert's row lock hands out each number once."""
    community_id = tenancy.current_id()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO matters_daycount (id, community_id, day, last) VALUES (%s, %s, %s, 1)
            ON CONFLICT (community_id, day) DO UPDATE SET last = matters_daycount.last + 1 RETURNING last""",
            [uuid7(), community_id, day],
        )
        return f"{day:%y%m%d}-{cursor.fetchone()[0]:04d}"


def _locked(matter: Matter) -> Matter:
    """The matter's row, locked until the transaction ends: what is read here is still so when it is written."""
    return Matter.objects.select_for_update().get(pk=matter.pk)


def _for_handling(actor: Actor, matter: Matter) -> Matter:
    actor.require(Permission.MATTERS_HANDLE)
    row = _locked(matter)
    if not queries.is_on_desk_of(actor, row):
        raise NotYours()
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
        NotYours: it lies with another sub-area or the other queue.
        OutOfTurn: it is past taking.
    """
    row = _for_handling(actor, matter)
    if row.state == State.ACCEPTED:
        if row.handler == actor.account_id:
            return row
        raise AlreadyTaken()
    step(row, State.ACCEPTED)
    row.handler, row.accepted_at = actor.account_id, clock.now()
    row.save(update_fields=["state", "handler", "accepted_at"])
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
    row.handler = actor.account_id
    row.save(update_fields=["state", "handler"])
    record(actor, "matter.refused", row, note_id=_note(actor, row, "matter.refused", reason))
    return row


@transaction.atomic
def pass_to_back_office(actor: Actor, *, matter: Matter, reason: str = "") -> Matter:
    """Hand a matter to the back office; it waits there to be taken. Passing it again changes nothing."""
    row = _for_handling(actor, matter)
    if row.queue == Queue.BACK and row.state == State.REPORTED:
        return row
    step(row, State.REPORTED)
    row.queue, row.handler, row.accepted_at = Queue.BACK, None, None
    row.save(update_fields=["state", "queue", "handler", "accepted_at"])
    record(actor, "matter.passed", row, queue=Queue.BACK, note_id=_note(actor, row, "matter.passed", reason))
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
    row.handler, row.accepted_at = None, None
    row.save(update_fields=["state", "handler", "accepted_at"])
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
    if row.state != State.ACCEPTED:
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
        OutOfTurn: the matter is not being handled.
    """
    if not words.strip():
        raise WordsMissing("请写一句给居民的答复，说清办成了什么。", field="words")
    row = _for_handling(actor, matter)
    step(row, State.FED_BACK)
    row.ending, row.fed_back_at = ending, clock.now()
    row.save(update_fields=["state", "ending", "fed_back_at"])
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
    if row.state not in (State.FED_BACK, State.CLOSED):
        step(row, "reopened")
    step(row, State.ACCEPTED)
    row.reopened_count += 1
    row.ending, row.fed_back_at, row.closed_at, row.rating, row.rating_words = "", None, None, None, ""
    row.due_at = rules.due_at(now, row.kind.promise_days)
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
    return matter.contact_phone or accounts.phone_of(matter.reporter) or ""
