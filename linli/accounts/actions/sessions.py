"""Ending sessions: one's own, one by one or all others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from linli.accounts.models import Account, Session
from linli.core import tenancy, trail
from linli.core.access import Actor
from linli.core.errors import NotAllowed, NotFound


@transaction.atomic
def end_session(actor: Actor, *, account: Account, handle: UUID) -> int:
    """End one session of the actor's own account, at its next request. Ending one that is over changes nothing; how many.

    Raises:
        NotFound: it is another account's.
    """
    _own(actor, account)
    if Session.objects.filter(handle=handle).exclude(account=account).exists():
        raise NotFound()
    return _end(actor, account, handle=handle)


@transaction.atomic
def end_other_sessions(actor: Actor, *, account: Account, but: str | None) -> int:
    """End every session of the actor's own account but the one with the key `but`; how many."""
    _own(actor, account)
    rows = Session.objects.filter(account=account).exclude(session_key=but)
    ended = rows.delete()[0]
    if ended:
        _note(actor, "session.ended_others", account, many=ended)
    return ended


def _end(actor: Actor, account: Account, *, handle: UUID) -> int:
    ended = Session.objects.filter(account=account, handle=handle).delete()[0]
    if ended:
        _note(actor, "session.ended", account, session=handle)
    return ended


def outlived(account: Account, *, why: str) -> None:
    """Note that a session of `account` was over in time: "idle" or "longest"."""
    _note(Actor("sign-in", account_id=account.pk), "session.outlived", account, why=why)


def _own(actor: Actor, account: Account) -> None:
    if actor.account_id != account.pk:
        raise NotAllowed()


def _note(actor: Actor, verb: str, account: Account, **facts: Any) -> None:
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account, **facts)
