"""Signing in: one-time codes for residents, passwords for staff.

Nothing here may run inside a transaction that a failure undoes: a wrong try must stay counted. So these pages live
outside communities.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from linli.accounts import rules
from linli.accounts.models import NOBODY, Account, SignInCode
from linli.core import clock, tenancy, trail
from linli.core.access import Actor
from linli.core.crypto import blind_index
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed, Problem, TooMany
from linli.core.identifiers import normalise_phone


class NotMobile(Invalid):
    code, message = "accounts.not_mobile", "验证码只能发到手机。请填 11 位手机号；没有手机可请社工帮您办理。"


class CodeTooOften(TooMany):
    code = "accounts.code_too_often"


class CodeNotSent(Problem):
    status, code = 503, "accounts.code_not_sent"
    message = "短信暂时发不出去。请过几分钟再试，或拨打值班电话由工作人员代办。"


class WrongCode(Invalid):
    code = "accounts.wrong_code"


class CodeSpent(Invalid):
    code, message = "accounts.code_spent", "这个验证码已经用过、过期或试得太多。请返回上一步，重新获取一个。"


class WrongPassword(Invalid):
    # One sentence for an unknown user, a wrong password and a closed account: it tells a guesser nothing.
    code, message = (
        "accounts.wrong_password",
        "用户名或密码对不上。请看看大小写和输入法；忘记密码请找社区书记或管理员重设。",
    )


class LockedOut(TooMany):
    code = "accounts.locked_out"


class AccountClosed(NotAllowed):
    code, message = "accounts.closed", "这个账号已停用。如需恢复，请联系所在社区。"


class PhoneKnown(Conflict):
    code, message = "accounts.phone_known", "这个手机号已经有账号了，请直接登录。"


CodeSender = Callable[[str, str, str], bool]
_sender: list[CodeSender] = []


def send_codes_by(sender: CodeSender) -> None:
    """Say how a code reaches a phone: `sender(phone, code, once_key)` answers whether it was handed over."""
    _sender[:] = [sender]


@dataclass(frozen=True)
class AskedCode:
    """A code on its way. `shown` is the code itself, in demo and tests alone."""

    id: UUID
    shown: str | None


def ask_code(*, phone: str, address: str) -> AskedCode:
    """Send a one-time code to `phone`, asked for from network `address`.

    Whether anybody holds an account with that phone makes no difference here.

    Raises:
        PhoneWrong, NotMobile: no message can reach it.
        CodeTooOften: a limit per phone or address; the database decides, so a race does not get past it.
        CodeNotSent: no provider took it.
    """
    phone = normalise_phone(phone)
    if not rules.is_mobile(phone):
        raise NotMobile(field="phone")
    digits = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    row = _new_code(phone, blind_index("sign_in_address", address), digits)
    if not (_sender and _sender[0](phone, digits, f"sign-in-code:{row.pk}")) and not settings.IS_DEMO:
        raise CodeNotSent()
    return AskedCode(row.pk, digits if settings.IS_DEMO else None)


def ask_code_again(*, code_id: UUID | None, address: str) -> AskedCode:
    """Send another code to the phone that `code_id` was sent to; whoever asked goes on with the new one.

    Raises:
        CodeSpent: that code is no longer known; the phone must be given again.
        CodeTooOften, CodeNotSent: as in `ask_code`.
    """
    row = SignInCode.objects.filter(pk=code_id).first() if code_id else None
    if row is None:
        raise CodeSpent()
    return ask_code(phone=row.phone, address=address)


@transaction.atomic
def _new_code(phone: str, address_index: bytes, digits: str) -> SignInCode:
    now = clock.now()
    # Those asking for the same phone or from the same address queue up here, always in the same order.
    _one_at_a_time(sorted([blind_index("phone", phone), address_index]))
    since = now - rules.LONGEST_SPAN
    recent = SignInCode.objects.filter(made_at__gt=since)
    wait = max(
        rules.wait_for_next(rows.values_list("made_at", flat=True), now, limits)
        for rows, limits in (
            (recent.filter(phone_index=phone), rules.PER_PHONE),
            (recent.filter(address_index=address_index), rules.PER_ADDRESS),
        )
    )
    if wait > timedelta(0):
        words = f"刚刚已经发过验证码了，请 {rules.in_words(wait)}后再获取。没收到？可以让社工帮您。"
        raise CodeTooOften(words, retry_after=-(-wait // timedelta(seconds=1)))
    row = SignInCode(
        phone=phone,
        address_index=address_index,
        made_at=now,
        expires_at=now + rules.CODE_LIFE,
        tries_left=rules.CODE_TRIES,
    )
    row.code_hash = _code_hash(row.pk, digits)
    row.save(force_insert=True)
    return row


def _one_at_a_time(keys: list[bytes]) -> None:
    """Hold each key until the transaction ends; others asking for it wait."""
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], signed=True)])


def _code_hash(code_id: UUID, digits: str) -> bytes:
    return salted_hmac("linli.accounts.code", f"{code_id}:{digits}", algorithm="sha256").digest()


def check_code(*, code_id: UUID | None, digits: str) -> Account:
    """The account of the phone that `digits` were sent to; the first success of a phone opens its account.

    `code_id` is what this browser was given with the code: nobody else's guesses spend its tries.

    Raises:
        WrongCode: not the digits sent; says how many tries are left.
        CodeSpent: used, expired, tried too often, or asked for elsewhere.
        AccountClosed: the phone is proven, the account is closed.
    """
    if code_id is None:
        raise CodeSpent(field="code")
    now = clock.now()
    live = SignInCode.objects.filter(pk=code_id, used_at__isnull=True, expires_at__gt=now)
    # The count goes down before anything is compared, in a statement of its own: 64 tries at once are still five.
    if not live.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1):
        raise CodeSpent(field="code")
    row = SignInCode.objects.get(pk=code_id)
    if not compare_digest(bytes(row.code_hash), _code_hash(row.pk, rules.plain_digits(digits))):
        _note(None, "session.refused", how="code")
        raise WrongCode(_tries_words(row.tries_left), field="code")
    if not live.update(used_at=now):
        raise CodeSpent(field="code")
    account = _account_with_phone(row.phone)
    if not account.is_active:
        _note(account, "session.refused", how="code")
        raise AccountClosed()
    return account


def _tries_words(left: int) -> str:
    if left:
        return f"验证码不对，还可以试 {left} 次。没收到？60 秒后可重发，或让社工帮您。"
    return "验证码不对，这个验证码不能再试了。请返回上一步，重新获取一个。"


def _account_with_phone(phone: str) -> Account:
    known = Account.objects.filter(phone_index=phone).first()
    if known is not None:
        return known
    account = Account(phone=phone)
    account.set_unusable_password()
    try:
        with constraint("accounts_account_phone_index_key", broken=PhoneKnown):
            account.save(force_insert=True)
    except PhoneKnown:  # two first sign-ins at once
        return Account.objects.get(phone_index=phone)
    return account


def forget_codes() -> int:
    """Delete codes older than the longest limit looks back, and sessions that are over; how many codes."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return SignInCode.objects.filter(made_at__lte=clock.now() - rules.LONGEST_SPAN).delete()[0]


def check_password(request: Any, *, username: str, password: str, address: str) -> Account:
    """The staff account with these credentials, which may still have a second step to take.

    `request` is for the lock-out, which counts by user and address.

    Raises:
        WrongPassword: any of unknown, wrong, closed: same words, near-equal time (a hash is computed each time).
        LockedOut: too many failures; says when to come back.
    """
    with transaction.atomic():
        # One try at a time per user and address, or a burst would all be let in before the first failure is counted.
        if not _is_first(blind_index("password", f"{username}\0{address}")):
            raise LockedOut("同一账号正在别处登录，请过几秒钟再试。", retry_after=5)
        if (left := _lock_left(username, address)) > timedelta(0):
            raise _locked_out(left)
        account = auth.authenticate(request, username=username, password=password)
    was_locked = getattr(request, "axes_locked_out", False)
    request.axes_locked_out = False  # the words are ours, not the middleware's
    if isinstance(account, Account):
        return account
    _note(Account.objects.filter(username=username).first(), "session.refused", how="password", is_locked=was_locked)
    raise _locked_out(_lock_left(username, address)) if was_locked else WrongPassword()


def counted_as(username: str) -> str:
    """What a guessed user name is written down as: people type their phone or ID number there, and those stay unreadable."""
    return f"#{blind_index('guess', username).hex()}" if re.search(r"\d{6}", username) else username


def name_for_axes(request: Any, credentials: dict[str, Any] | None) -> str | None:
    """`counted_as` for axes, which counts the failures (settings.AXES_USERNAME_CALLABLE)."""
    username = credentials.get("username") if credentials else request.POST.get("username")
    return counted_as(username) if username else username


def _is_first(key: bytes) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(key[:8], signed=True)])
        return bool(cursor.fetchone()[0])


def _lock_left(username: str, address: str) -> timedelta:
    """How long until this user may try again from this address. Trying meanwhile adds nothing."""
    span = timedelta(hours=settings.AXES_COOLOFF_TIME)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(failures_since_start) FILTER (WHERE username = %(username)s), 0) >= %(limit)s,
                coalesce(sum(failures_since_start), 0) >= %(address_limit)s, max(attempt_time)
            FROM axes_accessattempt WHERE ip_address = %(address)s AND attempt_time > %(since)s""",
            {
                "username": counted_as(username),
                "limit": settings.AXES_FAILURE_LIMIT,
                "address_limit": rules.GUESSES_PER_ADDRESS,
                "address": address,
                "since": clock.now() - span,
            },
        )
        is_user_locked, is_address_locked, last = cursor.fetchone()
    return last + span - clock.now() if is_user_locked or is_address_locked else timedelta(0)


def _locked_out(left: timedelta) -> LockedOut:
    left = max(left, timedelta(seconds=1))
    words = f"密码试错太多次，为了您的账号安全先停一停。请 {rules.in_words(left)}后再来；急用请找管理员重设密码。"
    return LockedOut(words, retry_after=-(-left // timedelta(seconds=1)))


def signed_in(account: Account, *, how: str) -> None:
    """Note that `account` came in, having shown all it has to: `how` as "code", "password", "password+app"."""
    _note(account, "session.signed_in", how=how)


def signed_out(actor: Actor, account: Account) -> None:
    """Note that `account` left; the session itself is the caller's to end."""
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, "session.signed_out", account)


def _note(account: Account | None, verb: str, **facts: Any) -> None:
    """A sign-in or its refusal, in the platform's trail: ids only, and for nobody known a bare zero id."""
    actor = Actor("sign-in", account_id=account.pk if account else None)
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account or Account(pk=NOBODY), **facts)
