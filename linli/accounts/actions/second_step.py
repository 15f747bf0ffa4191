"""The second step: six digits of an authenticator app (RFC 6238), a passkey, or a recovery code.

Like all of signing in, nothing here may run inside a transaction that a failure undoes: a wrong try must stay counted.
"""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from linli.accounts import rules
from linli.accounts.models import Account, RecoveryCode, SecondStep
from linli.core import clock, tenancy, trail
from linli.core.access import Actor
from linli.core.errors import Conflict, Invalid, NotAllowed, TooMany

HALF_MINUTE = 30
ISSUER = "邻里"
WRONG_DIGITS = "数字对不上。请填手机上现在显示的 6 位；还是不对，把手机的时间设成自动，再看一眼。"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


class WrongSecond(Invalid):
    code = "accounts.wrong_second"


class DigitsUsed(Invalid):
    code, message = "accounts.digits_used", "这组数字刚刚用过了。请等验证器换成下一组（最多半分钟），再填。"


class SecondLocked(TooMany):
    code = "accounts.second_locked"


class NothingToConfirm(Conflict):
    code, message = "accounts.nothing_to_confirm", "这个二维码已经换过了。请刷新页面，扫新的那个。"


def offer_app(actor: Actor, *, account: Account) -> str:
    """A new secret for an authenticator app, kept aside until its digits were typed once; the same one until then."""
    _own(actor, account)
    row, _ = SecondStep.objects.get_or_create(account=account)
    if row.new_secret is None:
        SecondStep.objects.filter(pk=row.pk, new_secret__isnull=True).update(new_secret=_new_secret())
        row.refresh_from_db()
    assert row.new_secret is not None
    return row.new_secret


def _new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def app_address(account: Account, secret: str) -> str:
    """What the QR code holds (otpauth://)."""
    return _totp(secret).get_provisioning_uri(account.username or account.display_name, ISSUER)


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), 6, SHA1(), HALF_MINUTE)  # noqa: S303  what every app knows (RFC 6238, 1.2)


def confirm_app(actor: Actor, *, account: Account, digits: str) -> list[str]:
    """Take the offered app into use, its digits proven. Answers new recovery codes, when there are none yet.

    Raises:
        NothingToConfirm, WrongSecond, SecondLocked
    """
    _own(actor, account)
    _count_try(account)
    row = SecondStep.objects.get(pk=account.pk)
    if row.new_secret is None:
        raise NothingToConfirm()
    step = _step_shown(row.new_secret, rules.plain_digits(digits))
    if step is None:
        raise WrongSecond(WRONG_DIGITS, field="code")
    with transaction.atomic():
        SecondStep.objects.filter(pk=row.pk).update(
            secret=row.new_secret, new_secret=None, secret_since=clock.now(), last_step=step, wrong=0, wrong_since=None
        )
        _note(actor, "second_step.app_added", account)
        has_codes = RecoveryCode.objects.filter(account=account, used_at=None).exists()
        return [] if has_codes else new_codes(account)


def make_codes(actor: Actor, *, account: Account) -> list[str]:
    """Ten new recovery codes, to be printed now; the old ones stop working."""
    _own(actor, account)
    with transaction.atomic():
        codes = new_codes(account)
        _note(actor, "second_step.codes_made", account)
    return codes


def new_codes(account: Account) -> list[str]:
    """Recovery codes in place of all earlier ones; only their digests are kept."""
    SecondStep.objects.get_or_create(account=account)
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(rules.RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, code_hash=_hash(account, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(account: Account, code: str) -> bytes:
    return salted_hmac("linli.accounts.recovery", f"{account.pk}:{code}", algorithm="sha256").digest()


def check_second(account: Account, *, typed: str) -> str:
    """Whether `typed` is the app's digits or an unused recovery code: answers "app" or "recovery".

    Raises:
        WrongSecond: neither; says how many tries are left.
        DigitsUsed: these digits came in already, here or elsewhere; the database decides.
        SecondLocked: too many wrong ones; says when to come back.
    """
    left = _count_try(account)
    row = SecondStep.objects.get(pk=account.pk)
    code = rules.plain_code(typed)
    if code.isdigit() and row.secret is not None:
        step = _step_shown(row.secret, code)
        if step is not None:
            if not SecondStep.objects.filter(pk=row.pk, last_step__lt=step).update(last_step=step):
                raise DigitsUsed(field="code")
            return _right(account, "app")
    elif _spend(account, code):
        return _right(account, "recovery")
    _refused(account)
    raise WrongSecond(_tries_words(left), field="code")


def _step_shown(secret: str, digits: str) -> int | None:
    """The half minute whose digits these are: now, the one before (typed slowly) or after (a clock ahead)."""
    now, totp = int(clock.now().timestamp()) // HALF_MINUTE, _totp(secret)
    shown = [step for step in (now - 1, now, now + 1) if _same(totp.generate(step * HALF_MINUTE), digits)]
    return shown[-1] if shown else None


def _same(shown: bytes, digits: str) -> bool:
    return compare_digest(shown, digits.encode())


def _spend(account: Account, code: str) -> bool:
    rows = RecoveryCode.objects.filter(account=account, used_at=None, code_hash=_hash(account, code))
    return bool(rows.update(used_at=clock.now()))


def _right(account: Account, how: str) -> str:
    SecondStep.objects.filter(pk=account.pk).update(wrong=0, wrong_since=None)
    return how


def _count_try(account: Account) -> int:
    """Count a try before anything is compared, in a statement of its own: many at once are still five. How many are left."""
    now = clock.now()
    row, _ = SecondStep.objects.get_or_create(account=account)
    over = SecondStep.objects.filter(pk=row.pk, wrong_since__lte=now - rules.SECOND_SPAN)
    over.update(wrong=0, wrong_since=None)
    may = SecondStep.objects.filter(pk=row.pk, wrong__lt=rules.SECOND_TRIES)
    if not may.update(wrong=F("wrong") + 1, wrong_since=now):
        row.refresh_from_db(fields=["wrong_since"])
        left = (row.wrong_since or now) + rules.SECOND_SPAN - now
        words = f"试错太多次，为了您的账号安全先停一停。请 {rules.in_words(left)}后再来；急用请找管理员重设第二步。"
        raise SecondLocked(words, retry_after=max(1, -(-left // timedelta(seconds=1))))
    row.refresh_from_db(fields=["wrong"])
    return max(0, rules.SECOND_TRIES - row.wrong)


def _tries_words(left: int) -> str:
    if left:
        return f"对不上，还可以试 {left} 次。请填验证器现在显示的 6 位数字；手机不在身边，填一个备用码。"
    return "对不上，现在要等 15 分钟。手机丢了、备用码也没有，请找管理员重设第二步。"


def _refused(account: Account) -> None:
    _note(Actor("sign-in", account_id=account.pk), "session.refused", account, how="second")


def _own(actor: Actor, account: Account) -> None:
    if actor.account_id != account.pk or not account.is_staff_account:
        raise NotAllowed()


def _note(actor: Actor, verb: str, account: Account, **facts: Any) -> None:
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account, **facts)
