"""Who is there today: specialists of a patch, who handles matters, who is away and who stands in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from linli.core import clock, tenancy
from linli.core.access import Actor, Permission, Role

from .models import Absence
from .queries import posts_today, role_words, sub_area_names


def has_specialist(sub_area_id: UUID) -> bool:
    """Whether anybody active serves this patch of the active community today, and is not away."""
    posts = posts_today().filter(community_id=tenancy.current_id(), role=Role.SPECIALIST, sub_area_id=sub_area_id)
    return posts.filter(account__is_active=True).exclude(account_id__in=_away()).exists()


def _away() -> Any:
    today = clock.today()
    return Absence.objects.filter(from_on__lte=today, until_on__gt=today).values("account_id")


def away_today() -> dict[UUID, date]:
    """Who of the active community is away today, with the day each is back."""
    today = clock.today()
    rows = Absence.objects.filter(from_on__lte=today, until_on__gt=today)
    return dict(rows.values_list("account_id", "until_on"))


def absences_visible_to(actor: Actor) -> QuerySet[Absence]:
    """Who is or will be away here, the next to begin first; for whoever may note it."""
    rows = Absence.objects.filter(until_on__gt=clock.today()).order_by("from_on", "pk")
    return rows if actor.may(Permission.POSTS_GRANT) else rows.none()


def handling_staff() -> dict[UUID, tuple[str, str]]:
    """Who handles matters in the active community today: name and post in words, by account."""
    names = sub_area_names()
    roles = (Role.SPECIALIST, Role.BACK_OFFICE, Role.SECRETARY)
    posts = posts_today().filter(community_id=tenancy.current_id(), role__in=roles, account__is_active=True)
    found: dict[UUID, list[str]] = {}
    called: dict[UUID, str] = {}
    for post in posts.select_related("account").order_by("account__display_name", "role", "id"):
        found.setdefault(post.account_id, []).append(role_words(post, names))
        called[post.account_id] = post.account.display_name or str(post.account.username)
    return {key: (called[key], "、".join(words)) for key, words in found.items()}


def on_duty(account_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `account_ids` who hold a post here today and are not away."""
    posts = posts_today().filter(community_id=tenancy.current_id(), account_id__in=list(account_ids))
    rows = posts.filter(account__is_active=True).exclude(account_id__in=_away())
    return frozenset(rows.values_list("account_id", flat=True))
