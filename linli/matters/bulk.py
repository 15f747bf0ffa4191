"""The verbs of `actions` over many matters at once, for matters that are born in the batch: imports, and the demo's history.

A batch takes the same calls with the same rules, in memory, and writes everything when it ends: matters, notes and trail entries, a COPY
each. Nobody else can know a matter before that, so nothing needs a lock. A test holds that both ways leave the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.core import clock, files, tenancy, trail
from linli.core.access import Actor, Permission
from linli.core.copy import add_rows
from linli.core.db import payload_hash
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.states import step
from linli.places.models import Building, Grid

from . import actions, queries, rules
from .actions import Contact, Photos, WordsMissing
from .models import NOT_THE_REPORTERS, Ending, Grade, Matter, MatterKind, Note, Queue, Source, State
from .queries import Spot


class Batch:
    """`with Batch() as batch:` inside `tenancy.active`; then the verbs, each matter's in order, the matters in order of their report.

    Written when the block ends, or not at all when it raises. Files are kept at once: a batch undone leaves at most orphan files.
    """

    def __init__(self) -> None:
        self._matters: dict[UUID, Matter] = {}
        self._notes: list[Note] = []
        self._entries: list[TrailEntry] = []
        self._sub_areas: dict[UUID, UUID | None] = {}
        self._queues: dict[tuple[UUID | None, date], Queue] = {}

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()

    def report_matter(
        self,
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
    ) -> Matter:
        """As `actions.report_matter`, for an `id` that nobody used; the number is given when the batch is written."""
        contact = contact or Contact()
        if not actor.is_signed_in or actor.account_id is None:
            raise NotAllowed()
        if not words.strip():
            raise WordsMissing(field="words")
        if source in NOT_THE_REPORTERS or (contact.resident and contact.resident.id not in actor.speaks_for):
            actor.require(Permission.MATTERS_REPORT_FOR_OTHERS)
        said = actions.answers_to(kind, answers or {}, source=source)
        sub_area_id, now = self._sub_area_of(spot.building), clock.now()
        matter = Matter(
            id=id or uuid7(),
            made_by=actor.account_id,
            made_hash=payload_hash(actions.payload_of(kind, words, spot, source, contact, photos, said)),
            kind=kind,
            words=words.strip(),
            answers=said,
            grade=kind.held("grade") or Grade.GRID,
            source=source,
            queue=self._queue_for(sub_area_id),
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
            due_at=queries.promised_at(kind, now),
        )
        self._matters[matter.id] = matter
        if photos:
            files.keep(actor, matter, list(photos), purpose="report")
        behalf = contact.resident.id if contact.resident else None
        facts = {"queue": matter.queue, "sub_area_id": sub_area_id}
        facts |= {"consent": contact.consent} if contact.consent else {}
        self._record(actor, "matter.reported", matter, on_behalf_of=behalf, **facts)
        return matter

    def accept_matter(self, actor: Actor, *, matter: Matter) -> Matter:
        """As `actions.accept_matter`."""
        self._for_handling(actor, matter)
        step(matter, State.ACCEPTED)
        matter.handler = actor.account_id
        matter.accepted_at = matter.look_at = clock.now()
        self._record(actor, "matter.accepted", matter)
        return matter

    def refuse_matter(self, actor: Actor, *, matter: Matter, reason: str) -> Matter:
        """As `actions.refuse_matter`."""
        _need(reason)
        self._for_handling(actor, matter)
        step(matter, State.REFUSED)
        matter.handler, matter.look_at = actor.account_id, None
        self._record(actor, "matter.refused", matter, note_id=self._note(actor, matter, "matter.refused", reason))
        return matter

    def pass_to_back_office(self, actor: Actor, *, matter: Matter, reason: str = "") -> Matter:
        """As `actions.pass_to_back_office`."""
        self._for_handling(actor, matter)
        step(matter, State.REPORTED)
        matter.queue, matter.handler, matter.accepted_at, matter.look_at = Queue.BACK, None, None, clock.now()
        note_id = self._note(actor, matter, "matter.passed", reason)
        self._record(actor, "matter.passed", matter, queue=Queue.BACK, note_id=note_id)
        return matter

    def note_handling(
        self, actor: Actor, *, matter: Matter, words: str, before: Photos = (), after: Photos = ()
    ) -> Matter:
        """As `actions.note_handling`."""
        if not (before or after):
            _need(words)
        self._for_handling(actor, matter)
        if matter.state != State.ACCEPTED:
            step(matter, "noted")
        file_ids = self._keep(actor, matter, before, after)
        note_id = self._note(actor, matter, "matter.noted", words)
        self._record(actor, "matter.noted", matter, note_id=note_id, file_ids=file_ids)
        return matter

    def feed_back(
        self, actor: Actor, *, matter: Matter, ending: Ending, words: str, before: Photos = (), after: Photos = ()
    ) -> Matter:
        """As `actions.feed_back`."""
        _need(words)
        self._for_handling(actor, matter)
        step(matter, State.FED_BACK)
        matter.ending, matter.fed_back_at, matter.look_at = ending, clock.now(), None
        file_ids = self._keep(actor, matter, before, after)
        note_id = self._note(actor, matter, "matter.fed_back", words)
        self._record(actor, "matter.fed_back", matter, ending=ending, note_id=note_id, file_ids=file_ids)
        return matter

    def confirm_matter(self, actor: Actor, *, matter: Matter, rating: int | None = None, words: str = "") -> Matter:
        """As `actions.confirm_matter`."""
        if rating is not None and rating not in range(1, 6):
            raise Invalid(field="rating")
        self._for_reporter(actor, matter)
        if matter.state == State.CLOSED:
            if rating is None or matter.rating == rating:
                return matter
            if matter.rating is not None:
                raise Conflict(field="rating")
        else:
            step(matter, State.CLOSED)
            matter.closed_at = clock.now()
            self._record(actor, "matter.confirmed", matter, ending=matter.ending)
        if rating is not None:
            matter.rating, matter.rating_words = rating, words.strip()
            self._record(actor, "matter.rated", matter, rating=rating)
        return matter

    def reopen_matter(self, actor: Actor, *, matter: Matter, words: str) -> Matter:
        """As `actions.reopen_matter`."""
        _need(words)
        self._for_reporter(actor, matter)
        now = clock.now()
        if not rules.may_reopen(closed_at=matter.closed_at, now=now):
            raise actions.TooLateToReopen()
        if matter.state not in (State.FED_BACK, State.CLOSED):
            step(matter, "reopened")
        step(matter, State.ACCEPTED)
        matter.reopened_count += 1
        matter.ending, matter.rating, matter.rating_words = "", None, ""
        matter.fed_back_at = matter.closed_at = None
        matter.due_at, matter.look_at, matter.raised_to = queries.promised_at(matter.kind, now), now, ""
        self._record(actor, "matter.reopened", matter, note_id=self._note(actor, matter, "matter.reopened", words))
        return matter

    def close_by_call_back(self, actor: Actor, *, matter: Matter, words: str) -> Matter:
        """As `actions.close_by_call_back`."""
        _need(words)
        self._for_handling(actor, matter)
        step(matter, State.CLOSED)
        matter.closed_at = clock.now()
        note_id = self._note(actor, matter, "matter.called_back", words)
        self._record(actor, "matter.called_back", matter, ending=matter.ending, note_id=note_id)
        return matter

    # -- what the verbs share

    def _for_handling(self, actor: Actor, matter: Matter) -> None:
        self._require_own(matter)
        actor.require(Permission.MATTERS_HANDLE)
        if not queries.is_on_desk_of(actor, matter):
            raise actions.NotYours()

    def _for_reporter(self, actor: Actor, matter: Matter) -> None:
        self._require_own(matter)
        if not queries.is_reporter(actor, matter):
            raise actions.NotTheReporter()

    def _require_own(self, matter: Matter) -> None:
        if self._matters.get(matter.id) is not matter:
            raise ValueError("a batch handles only matters that were reported in it")

    def _sub_area_of(self, building: Building | None) -> UUID | None:
        if building is None:
            return None
        if building.grid_id not in self._sub_areas:
            self._sub_areas.update(Grid.objects.values_list("id", "sub_area_id"))
        return self._sub_areas[building.grid_id]

    def _queue_for(self, sub_area_id: UUID | None) -> Queue:
        key = (sub_area_id, clock.today())
        if key not in self._queues:
            self._queues[key] = actions.queue_for(sub_area_id)
        return self._queues[key]

    def _note(self, actor: Actor, matter: Matter, verb: str, words: str) -> UUID | None:
        if not words.strip():
            return None
        note = Note(matter=matter, verb=verb, words=words.strip(), made_by=actor.account_id, made_at=clock.now())
        self._notes.append(note)
        return note.id

    def _keep(self, actor: Actor, matter: Matter, before: Photos, after: Photos) -> list[UUID]:
        kept = []
        for photos, purpose in ((before, "before"), (after, "after")):
            if photos:
                kept += files.keep(actor, matter, list(photos), purpose=purpose)
        return [file.id for file in kept]

    def _record(
        self, actor: Actor, verb: str, matter: Matter, *, on_behalf_of: UUID | None = None, **facts: Any
    ) -> None:
        self._entries.append(trail.entry_of(actor, verb, matter, on_behalf_of=on_behalf_of, **facts))

    @transaction.atomic
    def _write(self) -> None:
        self._number(list(self._matters.values()))
        add_rows(Matter, list(self._matters.values()))
        add_rows(Note, self._notes)
        add_rows(TrailEntry, self._entries)

    def _number(self, matters: list[Matter]) -> None:
        """Numbers as `actions` gives them: counted on within each day, in the order of the reports."""
        by_day: dict[date, list[Matter]] = {}
        for matter in sorted(matters, key=lambda m: m.reported_at):
            by_day.setdefault(matter.reported_at.astimezone(clock.SHANGHAI).date(), []).append(matter)
        with connection.cursor() as cursor:
            for day, theirs in by_day.items():
                cursor.execute(
                    """INSERT INTO matters_daycount (id, community_id, day, last) VALUES (%s, %s, %s, %s)
                    ON CONFLICT (community_id, day) DO UPDATE SET last = matters_daycount.last + excluded.last RETURNING last""",
                    [uuid7(), tenancy.current_id(), day, len(theirs)],
                )
                first = cursor.fetchone()[0] - len(theirs) + 1
                for i, matter in enumerate(theirs):
                    matter.number = f"{day:%y%m%d}-{first + i:04d}"


def _need(words: str) -> None:
    if not words.strip():
        raise WordsMissing(field="words")
