"""Sessions in a table of ours: who, since when, seen when, with what device; listed, ended one by one, and over in time.

What the table says stands in the session itself too (`HELD`), so that saving a session writes its row whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest

from linli.core import clock
from linli.core.ids import uuid7

from . import devices

HELD = "held"
ENDED = "ended"
"""In an anonymous session: why the one before it was over, for the sign-in page to say."""
MUST = "must"
"""What a session has to do before anything else: "password", "second"."""
FRESH = "fresh_at"
NOTE_EVERY = 60  # seconds between two notes that somebody is still there


class SessionStore(db.SessionStore):
    """Django's, over `accounts.Session`; `row` is what was loaded."""

    row: Any = None

    @classmethod
    def get_model_class(cls) -> Any:
        from .models import Session  # the engine is imported before the models are

        return Session

    def _get_session_from_db(self) -> Any:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: Any) -> Any:
        account = data.get(SESSION_KEY)
        held = data.get(HELD)
        if account and (held is None or held["account"] != account):
            held = data[HELD] = held_now(account, how="", device="", network="")
        row: Any = super().create_model_instance(data)
        now = clock.now()
        row.since = row.seen_at = now
        if account and held:
            row.account_id = UUID(account)
            row.handle = UUID(held["handle"])
            row.how, row.device, row.network = held["how"], held["device"], held["network"]
            row.since = datetime.fromtimestamp(held["since"], UTC)
        return row


def held_now(account: str, *, how: str, device: str, network: str) -> dict[str, Any]:
    """What a session that begins now says of itself."""
    since = clock.now().timestamp()
    return {
        "account": account,
        "handle": str(uuid7()),
        "since": since,
        "how": how,
        "device": device,
        "network": network,
    }


def begin(request: HttpRequest, account_id: UUID, *, how: str) -> None:
    """Note on the session just signed in who, how and with what; what an earlier one had to do is forgotten."""
    for note in (ENDED, MUST):
        request.session.pop(note, None)
    request.session[HELD] = held_now(
        str(account_id),
        how=how,
        device=devices.device_in_words(request.headers.get("User-Agent", "")),
        network=devices.network_in_words(request.META.get("REMOTE_ADDR", "")),
    )
    request.session[FRESH] = clock.now().timestamp()


def why_over(store: Any, *, is_staff: bool) -> str:
    """Why a loaded session is over ("idle", "longest"), "" while it holds. Residents' end by their expiry alone."""
    row = getattr(store, "row", None)
    if row is None or not is_staff:
        return ""
    return settings.LINLI_PROTECTION.is_outlived(since=row.since, seen_at=row.seen_at, now=clock.now())


def note_seen(store: Any) -> None:
    """Somebody is still there: noted once a minute, in a statement of its own."""
    row = getattr(store, "row", None)
    if row is None or (clock.now() - row.seen_at).total_seconds() < NOTE_EVERY:
        return
    store.get_model_class().objects.filter(pk=row.pk).update(seen_at=clock.now())
