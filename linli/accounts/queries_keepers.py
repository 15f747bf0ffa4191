"""Staff accounts as their keepers see them: who they are, what they hold, and what keeps them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission

from . import rules
from .models import Account, Passkey, SecondReset, SecondStep
from .queries import posts_today, role_words


def staff_accounts(actor: Actor, asked: str = "") -> QuerySet[Account]:
    """Accounts with a username, for whoever keeps accounts or their security; by username. `asked` is in name or username."""
    if not (actor.may(Permission.ACCOUNTS_KEEP) or actor.may(Permission.SECURITY_KEEP)):
        return Account.objects.none()
    rows = Account.objects.filter(username__isnull=False).order_by("-is_active", "username")
    return rows.filter(Q(username__icontains=asked) | Q(display_name__icontains=asked)) if asked else rows


@dataclass(frozen=True)
class AccountLine:
    """One account in a list."""

    account: Account
    posts: str
    has_second: bool
    is_locked: bool
    waits: bool  # somebody asked that its second step be reset


def lines_of(accounts: Iterable[Account]) -> list[AccountLine]:
    """The accounts with what stands beside them, in their order."""
    rows = list(accounts)
    keys = [row.pk for row in rows]
    posts: dict[object, list[str]] = {}
    for post in posts_today().filter(account_id__in=keys).select_related("community").order_by("role", "id"):
        where = f"{post.community.name} " if post.community else ""
        posts.setdefault(post.account_id, []).append(f"{where}{role_words(post)}")
    steps = {row.pk: row for row in SecondStep.objects.filter(pk__in=keys).only("secret_since", "wrong", "wrong_since")}
    with_keys = set(Passkey.objects.filter(account_id__in=keys).values_list("account_id", flat=True))
    waiting = set(SecondReset.objects.filter(account_id__in=keys, done_at=None).values_list("account_id", flat=True))
    since = clock.now() - rules.SECOND_SPAN
    return [
        AccountLine(
            account=row,
            posts="、".join(posts.get(row.pk, [])),
            has_second=row.pk in with_keys or bool(steps.get(row.pk) and steps[row.pk].secret_since),
            is_locked=_is_locked(steps.get(row.pk), since),
            waits=row.pk in waiting,
        )
        for row in rows
    ]


def _is_locked(step: SecondStep | None, since: datetime) -> bool:
    return bool(step and step.wrong >= rules.SECOND_TRIES and step.wrong_since and step.wrong_since > since)


def open_reset_of(account: Account) -> SecondReset | None:
    return SecondReset.objects.filter(account=account, done_at=None).first()
