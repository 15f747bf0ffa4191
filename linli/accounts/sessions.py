"""Sessions in a table of ours: who, since when, seen when, with what device; listed, ended one by one, and over in time.

What the table says stands in the session itself too (`HELD`), so that saving a session writes its row whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import connection, models
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

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
    """Django's, over `accounts.Session`; `row` is what was loaded, its account with it."""

    row: Any = None

    @classmethod
    def get_model_class(cls) -> Any:
        from .models import Session  # the engine is imported before the models are

        return Session

    def _get_session_from_db(self) -> Any:
        self.row = _open_row(self.session_key)
        if self.row is None:
            self._session_key = None  # as Django: a key that opens nothing is not kept
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


def account_of(request: Any) -> Any:
    """Who is signed in, as `auth.get_user` says; from what the session's row brought along, where that is the whole answer.

    Anything out of the ordinary (an ended account, a changed password, a key that rotated) is left to Django.
    """
    session = request.session
    known = session.get(SESSION_KEY)
    row = getattr(session, "row", None)
    account = row.account if row is not None and known and str(row.account_id) == known else None
    if (
        account is not None
        and account.is_active
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    ):
        return account
    return auth.get_user(request)


def _open_row(session_key: str | None) -> Any:
    """The row of a session that is not over, with its account; None when there is none."""
    statement, session_of, account_of = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [session_key])
        values = cursor.fetchone()
    if values is None:
        return None
    row = session_of(values)
    if row.account_id is not None:
        row.account = account_of(values[len(row._meta.concrete_fields) :])
    return row


# Every request of somebody signed in begins with these two rows, so they come by one statement, composed once a process: the ORM
# composes it anew each time, which costs more than the database takes to answer it.
@cache
def _statement() -> tuple[str, Any, Any]:
    from .models import Account, Session

    columns = [f"{model._meta.db_table}.{field.column}" for model in (Session, Account) for field in _fields(model)]
    return (
        f"SELECT {', '.join(columns)} FROM accounts_session"
        " LEFT JOIN accounts_account ON accounts_account.id = accounts_session.account_id"
        " WHERE accounts_session.session_key = %s AND accounts_session.expire_date > statement_timestamp()",
        _maker(Session),
        _maker(Account),
    )


def _maker(model: type[models.Model]) -> Any:
    """Makes an instance from the first of the values a statement brought, as the ORM does."""
    fields = _fields(model)
    names = [field.attname for field in fields]
    turns = [
        (place, turn, field.cached_col)
        for place, field in enumerate(fields)
        for turn in (
            *connection.ops.get_db_converters(field.cached_col),
            *field.cached_col.get_db_converters(connection),
        )
    ]

    def made(values: Any) -> Any:
        own = list(values[: len(names)])
        for place, turn, column in turns:
            own[place] = turn(own[place], column, connection)
        return model.from_db(connection.alias, names, own)

    return made


def _fields(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


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
