"""Reporting a matter: from whom, about which place, to whose queue, under which number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.accounts import queries_duty as duty
from linli.core import clock, files, tenancy
from linli.core.access import Actor, Permission
from linli.core.db import already_made, create_once
from linli.core.errors import Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.trail import record
from linli.core.uploads import CleanFile
from linli.residents.models import Resident

from .. import queries, rules_kinds
from ..models import NOT_THE_REPORTERS, Grade, Matter, MatterKind, Queue, Source
from ..queries import Spot

Photos = Sequence[tuple[str, CleanFile]]


class WordsMissing(Invalid):
    code, message = "matter.words_missing", "请写一两句话，说清楚是什么事。"


class AnswerWrong(Invalid):
    code, message = "matter.answer_wrong", "有一个问题的回答不对，请看一下。"


ASKED_BY_A_FORM = frozenset(Source) - {Source.HOTLINE, Source.DEVICE, Source.OPEN311}
"""Somebody sat before the questions; a hotline's sheet or a device cannot be asked."""


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
    answers: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
) -> Matter:
    """Report a matter; the community's rules say where it goes, and where none fits its kind and its patch do.

    `id` may come from the client: the same id, actor and content again returns the first matter and leaves no second trail.
    `answers` are to what the kind asks, by the questions' keys; whoever has a form before her must answer what must be answered.
    Staff report for a resident they name in `contact.resident` (needs MATTERS_REPORT_FOR_OTHERS). `due_at` is the deadline of
    whoever sent it (the hotline's order), in place of the kind's promise.

    Raises:
        WordsMissing: nothing was said.
        AnswerWrong: an answer that is none, or a question left out that must be answered.
        NotAllowed: not signed in, or reporting for another resident without the power to.
        IdTaken: the id belongs to another report.
    """
    contact = contact or Contact()
    if not actor.is_signed_in:
        raise NotAllowed("请先登录再上报，这样我们才能告诉您办得怎样了。")
    if not words.strip():
        raise WordsMissing(field="words")
    if source in NOT_THE_REPORTERS or (contact.resident and contact.resident.id not in actor.speaks_for):
        actor.require(Permission.MATTERS_REPORT_FOR_OTHERS)
    said = answers_to(kind, answers or {}, source=source)
    sub_area_id = queries.sub_area_id_of(spot.building)
    payload = payload_of(kind, words, spot, source, contact, photos, said)
    if id and (earlier := already_made(Matter, id=id, actor=actor, payload=payload)):
        return earlier
    now = clock.now()
    placed = queries.place_for(kind, source=source, building=spot.building, sub_area_id=sub_area_id)
    matter, is_new = create_once(
        Matter,
        id=id or uuid7(),
        actor=actor,
        payload=payload,
        number=_next_number(clock.today()),
        kind=kind,
        words=words.strip(),
        answers=said,
        grade=kind.held("grade") or Grade.GRID,
        source=source,
        queue=placed.queue,
        handler=placed.person,
        routed_by_id=placed.rule,
        routed_because=placed.because,
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
        due_at=due_at or queries.promised_at(kind, now),
    )
    if is_new:
        files.keep(actor, matter, list(photos), purpose="report")
        behalf = contact.resident.id if contact.resident else None
        facts: dict[str, Any] = {"queue": matter.queue, "sub_area_id": sub_area_id, "rule": placed.rule}
        if placed.person:
            facts["to"] = placed.person
        if contact.consent:
            facts["consent"] = contact.consent
        record(actor, "matter.reported", matter, on_behalf_of=behalf, **facts)
    return matter


def answers_to(kind: MatterKind, given: Mapping[str, str], *, source: str) -> list[dict[str, str]]:
    """What was answered to the kind's questions, as the matter keeps it.

    Raises:
        AnswerWrong: at the field `ask-<key>` of the question.
    """
    try:
        return rules_kinds.answers_in(kind.asks, given, must_answer=source in ASKED_BY_A_FORM)
    except rules_kinds.Wrong as wrong:
        raise AnswerWrong(wrong.sentence, field=f"ask-{wrong.key}") from wrong


def payload_of(
    kind: MatterKind,
    words: str,
    spot: Spot,
    source: str,
    contact: Contact,
    photos: Photos,
    answers: Sequence[Mapping[str, str]] = (),
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
        **({"answers": [(each["key"], each["said"]) for each in answers]} if answers else {}),
    }


def queue_for(sub_area_id: UUID | None) -> Queue:
    """The front desk where the sub-area has a specialist today, else the back office."""
    has_specialist = sub_area_id is not None and duty.has_specialist(sub_area_id)
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
