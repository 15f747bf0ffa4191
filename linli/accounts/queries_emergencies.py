"""Emergencies: one's own, those that wait for review, and what was done while one was open."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from linli.core import clock, trail
from linli.core.access import Actor, Permission
from linli.core.models import TrailEntry

from .models import Emergency
from .queries import display_names


def emergencies_visible_to(actor: Actor) -> QuerySet[Emergency]:
    """One's own, and all for whoever looks them over; those not looked over first, then the newest."""
    rows = Emergency.objects.order_by("reviewed_at", "-opened_at", "id")
    if actor.may(Permission.EMERGENCY_REVIEW):
        return rows
    return rows.none() if actor.account_id is None else rows.filter(account_id=actor.account_id)


def open_emergency_of(actor: Actor) -> Emergency | None:
    """The actor's own that is open now."""
    if actor.account_id is None:
        return None
    return Emergency.objects.filter(account_id=actor.account_id, closed_at=None, until__gt=clock.now()).first()


def unreviewed_for(actor: Actor) -> QuerySet[Emergency]:
    """Those that wait for this actor's eye."""
    if actor.account_id is None or not actor.may(Permission.EMERGENCY_REVIEW):
        return Emergency.objects.none()
    return Emergency.objects.filter(reviewed_at=None).exclude(account_id=actor.account_id)


def unreviewed_count(actor: Actor) -> int:
    """How many wait for this actor's eye."""
    return unreviewed_for(actor).count()


@dataclass(frozen=True)
class Case:
    """One emergency with who opened it and what was done meanwhile, first to last."""

    row: Emergency
    who: str
    deeds: tuple[tuple[TrailEntry, str], ...]
    is_own: bool


def cases_for(actor: Actor, rows: list[Emergency], *, most: int = 50) -> list[Case]:
    """The emergencies as their reviewer reads them."""
    names = display_names([row.account_id for row in rows])
    return [
        Case(row, names.get(row.account_id, ""), _deeds(row, most), row.account_id == actor.account_id) for row in rows
    ]


def _deeds(row: Emergency, most: int) -> tuple[tuple[TrailEntry, str], ...]:
    ended = row.closed_at or row.until
    done = TrailEntry.objects.filter(account_id=row.account_id, at__gte=row.opened_at, at__lte=ended)
    entries = done.filter(facts__because=str(row.pk)).order_by("at", "id")[:most]
    return tuple((entry, trail.VERBS.get(entry.verb, entry.verb)) for entry in entries)
