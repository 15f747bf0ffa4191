"""Passkeys (WebAuthn): the fido2 library checks what a browser sends, this file keeps what came of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from linli.accounts.models import Account, Passkey
from linli.core import clock, tenancy, trail
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed, NotFound

MOST = 10


class PasskeyWrong(Invalid):
    code, message = "accounts.passkey_wrong", "这台设备给的密钥核对不上。请再按一次；还是不行，用验证器的 6 位数字。"


class PasskeyKnown(Conflict):
    code, message = "accounts.passkey_known", "这把密钥已经登记过了，直接用它登录就行。"


class TooManyPasskeys(Conflict):
    code, message = "accounts.passkeys_full", f"最多登记 {MOST} 把通行密钥。请先删掉不用的。"


def server() -> Fido2Server:
    """Whom keys are made for: this installation's own name, and the addresses it is served at."""
    rp = PublicKeyCredentialRpEntity(name="邻里", id=urlsplit(settings.LINLI_ORIGIN).hostname or "localhost")
    return Fido2Server(rp, verify_origin=lambda origin: origin in settings.CSRF_TRUSTED_ORIGINS)


def begin_passkey(actor: Actor, *, account: Account) -> tuple[dict[str, Any], Any]:
    """What the browser needs to make a key, and the state to keep in the session until it has.

    Raises:
        TooManyPasskeys
    """
    _own(actor, account)
    known = _credentials(account)
    if len(known) >= MOST:
        raise TooManyPasskeys()
    options, state = server().register_begin(
        PublicKeyCredentialUserEntity(
            id=account.pk.bytes,
            name=account.username or "",
            display_name=account.display_name or account.username or "",
        ),
        credentials=known,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options)["publicKey"], state


def add_passkey(actor: Actor, *, account: Account, state: Any, answer: Any, name: str) -> Passkey:
    """Keep the key a browser made.

    Raises:
        PasskeyWrong: not an answer to this challenge, from another address, or unreadable.
        PasskeyKnown
    """
    _own(actor, account)
    try:
        made = server().register_complete(state, answer)
    except (ValueError, TypeError, KeyError) as error:
        raise PasskeyWrong() from error
    held = made.credential_data
    assert held is not None  # register_complete has seen to it
    with transaction.atomic():
        with constraint("accounts_passkey_credential_id_key", broken=PasskeyKnown):
            passkey = Passkey.objects.create(
                account=account,
                credential_id=held.credential_id,
                credential=bytes(held),
                sign_count=made.counter,
                name=name,
            )
        _note(actor, "second_step.passkey_added", account, passkey=passkey.pk)
    return passkey


def drop_passkey(actor: Actor, *, account: Account, passkey_id: UUID) -> None:
    """Forget one of the actor's own keys. Dropping one that is gone changes nothing.

    Raises:
        NotFound: it is not the actor's.
    """
    _own(actor, account)
    with transaction.atomic():
        if Passkey.objects.filter(pk=passkey_id).exclude(account=account).exists():
            raise NotFound()
        if Passkey.objects.filter(pk=passkey_id, account=account).delete()[0]:
            _note(actor, "second_step.passkey_dropped", account, passkey=passkey_id)


def ask_passkey(account: Account) -> tuple[dict[str, Any], Any]:
    """What the browser needs to show one of the account's keys, and the state to keep until it has."""
    options, state = server().authenticate_begin(
        _credentials(account), user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options)["publicKey"], state


def check_passkey(account: Account, *, state: Any, answer: Any) -> None:
    """Whether the browser has shown one of the account's keys.

    Raises:
        PasskeyWrong: not its key, not this challenge, or a counter that went back (the key was copied).
    """
    try:
        shown = AuthenticationResponse.from_dict(answer)
        used = server().authenticate_complete(state, _credentials(account), shown)
    except (ValueError, TypeError, KeyError) as error:
        raise PasskeyWrong() from error
    count = shown.response.authenticator_data.counter
    rows = Passkey.objects.filter(account=account, credential_id=used.credential_id)
    if count:  # most keys that are synchronised do not count
        rows = rows.filter(sign_count__lt=count)
    if not rows.update(sign_count=count, used_at=clock.now()):
        raise PasskeyWrong()


def _credentials(account: Account) -> list[AttestedCredentialData]:
    rows = Passkey.objects.filter(account=account).order_by("made_at", "id")
    return [AttestedCredentialData(bytes(held)) for held in rows.values_list("credential", flat=True)]


def _own(actor: Actor, account: Account) -> None:
    if actor.account_id != account.pk or not account.is_staff_account:
        raise NotAllowed()


def _note(actor: Actor, verb: str, account: Account, **facts: Any) -> None:
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, verb, account, **facts)
