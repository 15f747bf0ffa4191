"""Opening and closing accounts. Nobody is deleted: a closed account keeps its trail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from linli.accounts.models import Account, PastPassword, Session
from linli.accounts.protection import Protection, password_fault
from linli.core import clock, tenancy, trail
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.identifiers import normalise_phone


class UsernameTaken(Conflict):
    code, message = "accounts.username_taken", "这个用户名已经有人用了，请换一个（例如加上姓名拼音）。"


class UsernameOdd(Invalid):
    code, message = "accounts.username_odd", "用户名请用 3 到 40 个小写字母、数字、点或短横。"


class PasswordWeak(Invalid):
    code, message = "accounts.password_weak", "这个密码很多人在用，别人最先猜它。请换一个别处没用过的。"


class PasswordUsed(Invalid):
    code = "accounts.password_used"


class PasswordDiffers(Invalid):
    code, message = "accounts.password_differs", "原密码对不上，请看看大小写和输入法。"


class AdministratorsOnly(NotAllowed):
    code, message = "accounts.administrators_only", "停用账号由系统管理员来办，请与管理员联系。"


@transaction.atomic
def add_account(
    actor: Actor,
    *,
    username: str | None = None,
    password: str | None = None,
    phone: str | None = None,
    display_name: str = "",
) -> Account:
    """Open an account: staff with a username and password, residents with a phone alone (they mostly open their own).

    Raises:
        NotAllowed: the actor may not grant posts.
        UsernameTaken, UsernameOdd, PasswordWeak
    """
    actor.require(Permission.POSTS_GRANT)
    account = Account(username=username, phone=normalise_phone(phone) if phone else None, display_name=display_name)
    if username is not None and not _is_username(username):
        raise UsernameOdd(field="username")
    _set_password(account, password)
    with constraint("accounts_account_username_key", broken=UsernameTaken(field="username")):
        account.save(force_insert=True)
    if password is not None:
        _remember(account)
    _note(actor, "account.added", account)
    return account


def _is_username(text: str) -> bool:
    return (
        3 <= len(text) <= 40
        and text.isascii()
        and text == text.lower()
        and text.replace(".", "").replace("-", "").isalnum()
    )


def _set_password(account: Account, password: str | None) -> None:
    """Put a password on `account`, unsaved, as the deployment's profile wants it."""
    if password is None:
        account.set_unusable_password()
        return
    profile: Protection = settings.LINLI_PROTECTION
    if fault := password_fault(password, profile, username=account.username or ""):
        raise PasswordWeak(fault, field="password")
    try:
        password_validation.validate_password(password, account)
    except ValidationError as error:
        raise PasswordWeak(field="password") from error
    for past in _last_passwords(account, profile.history):
        if check_password(password, past):
            words = f"这个密码最近用过。请换一个，不要和最近 {profile.history} 个一样。"
            raise PasswordUsed(words, field="password")
    account.set_password(password)
    account.password_set_at, account.must_change_password = clock.now(), False


def _last_passwords(account: Account, many: int) -> list[str]:
    rows = PastPassword.objects.filter(account_id=account.pk).order_by("-set_at", "-id")
    return list(rows.values_list("password", flat=True)[:many])


def _remember(account: Account) -> None:
    """Keep the hash of the password just set, as far back as the profile looks; older ones are forgotten."""
    many = settings.LINLI_PROTECTION.history
    if many:
        PastPassword.objects.create(account=account, password=account.password)
    kept = list(
        PastPassword.objects.filter(account=account).order_by("-set_at", "-id").values_list("pk", flat=True)[:many]
    )
    PastPassword.objects.filter(account=account).exclude(pk__in=kept).delete()


@transaction.atomic
def change_password(actor: Actor, *, account: Account, old: str, new: str) -> Account:
    """The actor's own password; every session ends with it, the caller renews its own.

    Raises:
        PasswordDiffers, PasswordWeak, PasswordUsed
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if actor.account_id != account.pk or not account.check_password(old):
        raise PasswordDiffers(field="old")
    _set_password(account, new)
    account.save(update_fields=["password", "password_set_at", "must_change_password"])
    _remember(account)
    _note(actor, "account.password_changed", account)
    return account


@transaction.atomic
def reset_password(actor: Actor, *, account: Account, new: str) -> Account:
    """Give a colleague who forgot it a password for one sign-in: it must be changed then. Every session ends with it.

    Raises:
        NotAllowed, PasswordWeak
    """
    actor.require(Permission.ACCOUNTS_KEEP)
    account = Account.objects.select_for_update().get(pk=account.pk)
    _set_password(account, new)
    account.must_change_password = True
    account.save(update_fields=["password", "password_set_at", "must_change_password"])
    _remember(account)
    _note(actor, "account.password_reset", account)
    return account


@transaction.atomic
def sign_out_everywhere(actor: Actor, *, account: Account) -> None:
    """End every session of the actor's own account at its next request."""
    if actor.account_id != account.pk:
        raise NotAllowed()
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    Session.objects.filter(account=account).delete()
    _note(actor, "session.ended_everywhere", account)


@transaction.atomic
def close_account(actor: Actor, *, account: Account) -> Account:
    """Close an account; its sessions and tokens stop at their next request. Closing a closed one changes nothing.

    Raises:
        NotAllowed, AdministratorsOnly: an account may work in several communities, so a secretary ends posts instead.
    """
    actor.require(Permission.POSTS_GRANT)
    if not is_administrator(actor):
        raise AdministratorsOnly()
    if Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        Session.objects.filter(account=account).delete()
        _note(actor, "account.closed", account)
    account.is_active = False
    return account


def is_administrator(actor: Actor) -> bool:
    return any(duty.role == "administrator" for duty in actor.duties)


def _note(actor: Actor, verb: str, account: Account, **facts: Any) -> None:
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account, **facts)
