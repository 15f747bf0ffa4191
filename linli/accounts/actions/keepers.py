"""What the security administrator does to other people's signing in: end sessions, unlock, and, with a second person, reset a second step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.accounts.models import Account, Passkey, RecoveryCode, SecondReset, SecondStep, Session
from linli.core import clock, tenancy, trail
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, NotAllowed


class ResetAsked(Conflict):
    code, message = "accounts.reset_asked", "已经有人申请重设，等另一位管理员同意就行。"


class ResetTakesTwo(NotAllowed):
    code = "accounts.reset_takes_two"
    message = "重设第二步要两个人：申请的人不能自己同意，也不能给自己重设。请另一位管理员来办。"


class ResetDone(Conflict):
    code, message = "accounts.reset_done", "这次重设已经办过了。请看看账号现在的样子。"


@transaction.atomic
def end_sessions_of(actor: Actor, *, account: Account, handle: UUID | None = None) -> int:
    """End one session of anybody's account, or all; how many.

    Raises:
        NotAllowed: only the security administrator.
    """
    actor.require(Permission.SECURITY_KEEP)
    rows = Session.objects.filter(account=account)
    ended = (rows if handle is None else rows.filter(handle=handle)).delete()[0]
    if ended:
        _note(actor, "session.ended_by_keeper", account, many=ended)
    return ended


@transaction.atomic
def unlock(actor: Actor, *, account: Account) -> None:
    """Let somebody try again at once who was locked out, by passwords or second steps. Unlocking nobody changes nothing."""
    actor.require(Permission.SECURITY_KEEP)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM axes_accessattempt WHERE username = %s", [account.username or ""])
        forgotten = cursor.rowcount
    forgotten += SecondStep.objects.filter(pk=account.pk, wrong__gt=0).update(wrong=0, wrong_since=None)
    if forgotten:
        _note(actor, "account.unlocked", account)


@transaction.atomic
def ask_second_reset(actor: Actor, *, account: Account, reason: str) -> SecondReset:
    """Ask that a lost second step be taken away, so that a new one can be set at the next sign-in.

    Raises:
        NotAllowed: only a system or a security administrator.
        ResetTakesTwo: one's own.
        ResetAsked
    """
    if not actor.may(Permission.SECURITY_KEEP):
        actor.require(Permission.ACCOUNTS_KEEP)
    if actor.account_id is None or actor.account_id == account.pk:
        raise ResetTakesTwo()
    with constraint("second_reset_open_once", broken=ResetAsked):
        row = SecondReset.objects.create(account=account, reason=reason, asked_by=actor.account_id)
    _note(actor, "second_step.reset_asked", account, reason=reason)
    return row


@transaction.atomic
def do_second_reset(actor: Actor, *, reset: SecondReset) -> SecondReset:
    """Take away the app, the passkeys and the codes of the account, and end its sessions.

    Raises:
        NotAllowed: only a security administrator.
        ResetTakesTwo: who asked, or whose it is.
        ResetDone
    """
    actor.require(Permission.SECURITY_KEEP)
    if actor.account_id is None or actor.account_id in (reset.asked_by, reset.account_id):
        raise ResetTakesTwo()
    with constraint("second_reset_takes_two", broken=ResetTakesTwo):
        done = SecondReset.objects.filter(pk=reset.pk, done_at=None).update(
            done_by=actor.account_id, done_at=clock.now()
        )
    if not done:
        raise ResetDone()
    account = reset.account
    for model in (Passkey, RecoveryCode, SecondStep, Session):
        model._default_manager.filter(account=account).delete()
    _note(actor, "second_step.reset", account, asked_by=reset.asked_by)
    reset.refresh_from_db()
    return reset


def _note(actor: Actor, verb: str, account: Account, **facts: Any) -> None:
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account, **facts)
