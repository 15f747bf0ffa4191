"""The trail: `record` writes the entry in the deed's own transaction; `follow` says what happens because of it, a moment later.

The entry is the outbox: the relay seals it, defers the jobs that follow its verb and tells whoever watches (`core.relay`). A follower may
run twice and must not mind. What must be true together belongs into the action; what may come a moment later follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from . import clock
from .access import Actor, Permission, Role
from .copy import add_rows, copies_of
from .ids import uuid7
from .models import TrailEntry
from .tenancy import TenantModel, current_id

REPLAYED = "demo"
"""`via` of history that is told afterwards (the demo's): sealed and shown like any other, but nobody is sent a message about it."""

_followers: dict[str, list[str]] = defaultdict(list)
VERBS: dict[str, str] = {}
"""Every trail verb and its Chinese wording for timelines; each app adds its own (`trail.verbs`)."""
READING = ("resident.listed", "resident.opened")
"""Verbs of somebody having seen somebody: many, and nothing that happened to the record; timelines leave them out."""


def kind_of(row: models.Model | type[models.Model]) -> str:
    """The subject kind stored in an entry: app label and model name, e.g. `matters.matter`."""
    return row._meta.label_lower


def verbs(words: dict[str, str]) -> None:
    """Declare an app's verbs with the words timelines show; `record` refuses a verb nobody declared."""
    VERBS.update(words)


def follow(verb: str, task_name: str) -> None:
    """After each `verb`, defer the job `task_name` (its full dotted name) with community_id and entry_id."""
    if task_name not in _followers[verb]:
        _followers[verb].append(task_name)


def followers_of(verb: str) -> list[str]:
    return _followers.get(verb, [])


def record(
    actor: Actor,
    verb: str,
    row: models.Model,
    *,
    on_behalf_of: UUID | None = None,
    touches: Iterable[UUID] = (),
    **facts: Any,
) -> TrailEntry:
    """Write one entry about `row` in the active community, in the current transaction."""
    entry = entry_of(actor, verb, row, on_behalf_of=on_behalf_of, touches=touches, **facts)
    add_rows(TrailEntry, [entry])
    return entry


def record_many(
    actor: Actor,
    verb: str,
    rows: Iterable[models.Model],
    *,
    on_behalf_of: UUID | None = None,
    touches: Iterable[UUID] = (),
    **facts: Any,
) -> None:
    """The same verb over many rows of one kind: an entry each, one insert. Among thousands only the ids travel."""
    subjects = list(rows)
    if not subjects:
        return
    entry = entry_of(actor, verb, subjects[0], on_behalf_of=on_behalf_of, touches=touches, **facts)
    ids = [entry.pk, *(uuid7() for _ in subjects[1:])]
    copies_of(entry, id=ids, subject_id=[row.pk for row in subjects])


def entry_of(
    actor: Actor,
    verb: str,
    row: models.Model,
    *,
    on_behalf_of: UUID | None = None,
    touches: Iterable[UUID] = (),
    **facts: Any,
) -> TrailEntry:
    """The entry `record` writes, not yet written: for what is written in one go. Raises LookupError for a verb nobody declared."""
    if verb not in VERBS:
        raise LookupError(f"trail verb {verb!r} is not declared")
    return TrailEntry(
        community_id=current_id(),
        at=clock.now(),
        verb=verb,
        subject_kind=kind_of(row),
        subject_id=row.pk,
        account_id=actor.account_id,
        role=_role_of(actor),
        on_behalf_of=on_behalf_of,
        via=actor.via,
        request_id=actor.request_id,
        facts={key: _plain(value) for key, value in facts.items()} | _because(actor),
        touches=list(touches),
    )


def entries_visible_to(actor: Actor) -> QuerySet[TrailEntry]:
    """The active community's whole trail, newest first, for whoever answers for it (TRAIL_SEE)."""
    rows = TrailEntry.objects.order_by("-at", "-id")
    return rows if actor.may(Permission.TRAIL_SEE) else rows.none()


def timeline_of(row: TenantModel) -> QuerySet[TrailEntry]:
    """What happened to `row`, first to last; who merely looked is not told here (`linli.rights`)."""
    entries = TrailEntry.objects.filter(subject_id=row.pk, subject_kind=kind_of(row)).exclude(verb__in=READING)
    return entries.order_by("at", "id")


def _because(actor: Actor) -> dict[str, str]:
    """The emergency an actor's wider reading rests on while it is open."""
    return {"because": str(actor.because)} if actor.because else {}


def _role_of(actor: Actor) -> str:
    held = {duty.role for duty in actor.duties}
    if not held:
        return Role.RESIDENT if actor.is_signed_in else actor.label if actor.via == "job" else ""
    return next(role for role in reversed(Role) if role in held)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
