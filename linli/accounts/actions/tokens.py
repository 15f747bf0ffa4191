"""API tokens: made by their owner, shown once, stopped by their owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from linli.accounts import rules
from linli.accounts.models import Account, Scope, Token
from linli.accounts.queries import token_hash
from linli.core import clock, tenancy, trail
from linli.core.access import Actor
from linli.core.errors import Invalid, NotAllowed
from linli.places.models import Community

from .accounts import is_administrator

PREFIX = "linli_"


class TokenNameMissing(Invalid):
    code, message = "accounts.token_name_missing", "请写一下这个口令给谁用，例如：街道数据看板。"


class ScopeMissing(Invalid):
    code, message = "accounts.token_scope_missing", "请至少选一项：查看，或办理。"


class LifeTooLong(Invalid):
    code, message = "accounts.token_life", "有效期请选 1 天到 365 天；到期前可以再生成一个新的。"


@transaction.atomic
def make_token(
    actor: Actor,
    *,
    account: Account,
    name: str,
    scopes: Iterable[str] = (Scope.READ,),
    community: Community | None = None,
    life: timedelta = rules.TOKEN_LIFE,
) -> tuple[Token, str]:
    """A new token of `account` and its secret, which is shown this once and never kept.

    It can do what the account can, within `scopes` and `community`. Owners make their own, administrators anybody's
    (for systems).

    Raises:
        NotAllowed, TokenNameMissing, ScopeMissing, LifeTooLong
    """
    if actor.account_id != account.pk and not is_administrator(actor):
        raise NotAllowed()
    wanted = sorted({Scope(scope) for scope in scopes})
    if not name.strip():
        raise TokenNameMissing(field="name")
    if not wanted:
        raise ScopeMissing(field="scopes")
    if not timedelta(0) < life <= rules.TOKEN_LIFE:
        raise LifeTooLong(field="life")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    token = Token.objects.create(
        account=account,
        name=name.strip()[:60],
        prefix=secret[:12],
        hash=token_hash(secret),
        scopes=wanted,
        community=community,
        made_at=now,
        expires_at=now + life,
    )
    with tenancy.active(tenancy.PLATFORM):
        trail.record(actor, "token.made", token, owner=account.pk, scopes=wanted)
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, *, token: Token) -> Token:
    """Stop a token at once; stopping a stopped one changes nothing.

    Raises:
        NotAllowed: neither its owner nor an administrator.
    """
    if actor.account_id != token.account_id and not is_administrator(actor):
        raise NotAllowed()
    now = clock.now()
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        token.revoked_at = now
        with tenancy.active(tenancy.PLATFORM):
            trail.record(actor, "token.revoked", token, owner=token.account_id)
    return token
