"""Live notices: relay → NOTIFY → one LISTEN connection per process → server-sent events.

A notice says only that something of a kind has changed; the page fetches its part again under its own rights. The event id is the seal
number `n` of the trail, so a client that comes back with its last id misses nothing and gets nothing twice. Two kinds of stream:
the desk's (`/live?c=CODE`, for staff; kinds and verbs without ids) and one subject's (`/live?c=CODE&kind=…&id=…`, for whoever may see it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from . import subjects, tenancy
from .access import Actor, Permission

REPLAY_AT_MOST = 500


@dataclass(frozen=True)
class Notice:
    """Something changed: the n-th sealed entry of a community."""

    n: int
    verb: str
    kind: str
    subject_id: UUID


@dataclass(frozen=True)
class Stream:
    """What one client may hear: everything of a community (as kinds), or one subject."""

    community_id: int
    kind: str | None = None
    subject_id: UUID | None = None

    def hears(self, notice: Notice) -> bool:
        return self.subject_id is None or notice.subject_id == self.subject_id

    def tell(self, notice: Notice) -> dict[str, str | int]:
        """What the client is told; the desk stream carries no ids."""
        return {"n": notice.n, "verb": notice.verb, "kind": notice.kind}


def stream_for(actor: Actor, kind: str | None, subject_id: UUID | None) -> Stream | None:
    """The stream `actor` may open in the active community, or None."""
    community_id = tenancy.current_id()
    if kind is None or subject_id is None:
        return Stream(community_id) if actor.may(Permission.DESK_OPEN) else None
    if not subjects.may_see(actor, kind, subject_id):
        return None
    return Stream(community_id, kind, subject_id)


def authorise(session_key: str, code: str, kind: str | None, subject_id: UUID | None) -> Stream | None:
    """The stream a session may open, or None. Opens the community itself."""
    actor_of_session = import_string(settings.LINLI_ACTOR_OF_SESSION)
    actor: Actor | None = actor_of_session(session_key, code)
    if actor is None or actor.community_id is None:
        return None
    with tenancy.active(actor.community_id):
        return stream_for(actor, kind, subject_id)


def position() -> int:
    """The last sealed number of the active community: where a page rendered now should listen from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n FROM core_trailseal WHERE community_id = %s ORDER BY n DESC LIMIT 1", [tenancy.current_id()]
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def notices_after(community_id: int, n: int) -> list[Notice]:
    """Sealed entries after `n`, oldest first, at most REPLAY_AT_MOST + 1."""
    with tenancy.active(community_id), connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.n, e.verb, e.subject_kind, e.subject_id FROM core_trailseal s
            JOIN core_trailentry e ON e.community_id = s.community_id AND e.id = s.entry_id
            WHERE s.community_id = %s AND s.n > %s ORDER BY s.n LIMIT %s""",
            [community_id, n, REPLAY_AT_MOST + 1],
        )
        return [Notice(*row) for row in cursor.fetchall()]


def context_for(code: str, after: int, *, kind: str | None = None, subject_id: UUID | None = None) -> dict[str, Any]:
    """What a page needs to listen from where it was rendered: `live_url`, `poll_url`, `live_after`."""
    query = {"c": code} | ({"kind": kind, "id": str(subject_id)} if kind and subject_id else {})
    return {
        "live_url": f"{settings.LINLI_LIVE_ORIGIN}/live?{urlencode(query)}",
        "poll_url": f"/c/{code}/live/poll/?{urlencode(query)}",
        "live_after": after,
    }
