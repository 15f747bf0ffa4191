"""What an account signs in with, what it must do first, and where it is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from linli.core import clock

from .models import Account, Passkey, RecoveryCode, SecondStep, Session


@dataclass(frozen=True)
class SecondWays:
    """By what the second step can be taken; codes alone are no way, they stand in for one that is lost."""

    app_since: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


def second_ways_of(account: Account) -> SecondWays:
    """None at all for residents, who prove a phone each time."""
    if not account.is_staff_account:
        return SecondWays(None, (), 0)
    row = SecondStep.objects.filter(pk=account.pk).only("secret_since").first()
    keys = Passkey.objects.filter(account=account).defer("credential").order_by("made_at", "id")
    codes = RecoveryCode.objects.filter(account=account, used_at=None).count()
    return SecondWays(row.secret_since if row else None, tuple(keys), codes)


def must_first(account: Account) -> list[str]:
    """What somebody who just signed in has to do before all else, in order: "password", "second"."""
    if not account.is_staff_account:
        return []
    is_old = settings.LINLI_PROTECTION.is_too_old(account.password_set_at or account.joined_at, clock.now())
    must = ["password"] if account.must_change_password or is_old else []
    if settings.LINLI_SECOND_STEP_REQUIRED and not second_ways_of(account).any:
        must.append("second")
    return must


@dataclass(frozen=True)
class Place:
    """One place where an account is signed in."""

    handle: UUID
    device: str
    network: str
    since: datetime
    seen_at: datetime
    is_this: bool


def places_signed_in(account: Account, *, this: str | None = None) -> list[Place]:
    """Live sessions of the account, the one with the key `this` first, then the latest seen."""
    now, profile = clock.now(), settings.LINLI_PROTECTION
    rows = Session.objects.filter(account=account, expire_date__gt=now).defer("session_data").order_by("-seen_at", "pk")
    live = [
        row
        for row in rows
        if not (account.is_staff_account and profile.is_outlived(since=row.since, seen_at=row.seen_at, now=now))
    ]
    places = [
        Place(row.handle, row.device or "一台设备", row.network, row.since, row.seen_at, row.pk == this) for row in live
    ]
    return sorted(places, key=lambda place: not place.is_this)
