"""Who of an organisation can be reached to answer for it, and by which link."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.core import clock
from linli.organisations.kinds import SINGLE, Role
from linli.organisations.models import OrganisationPost

from . import rules
from .models import PartySeat

ASKED_FIRST = (Role.CONTACT, Role.MANAGER, Role.LEADER, Role.DIRECTOR, Role.SECRETARY, Role.GRID_WORKER)


def phone_of(post: OrganisationPost) -> str | None:
    """The number of whoever holds the post: written down with it, or the register's."""
    return post.resident.phone if post.resident is not None else post.phone


def who_answers(organisation_ids: Iterable[UUID]) -> dict[UUID, OrganisationPost]:
    """Whom of each organisation one turns to today: a contact before its head, somebody with a mobile before all others."""
    held = OrganisationPost.objects.filter(
        organisation__in=list(organisation_ids), role__in=[*ASKED_FIRST, *SINGLE], span__contains=clock.today()
    )
    found: dict[UUID, OrganisationPost] = {}
    for post in sorted(held.select_related("resident").order_by("id"), key=_rank):
        found.setdefault(post.organisation_id, post)
    return found


def _rank(post: OrganisationPost) -> tuple[bool, int]:
    return not is_reached(post), ASKED_FIRST.index(Role(post.role)) if post.role in ASKED_FIRST else len(ASKED_FIRST)


def is_reached(post: OrganisationPost) -> bool:
    """Whether a code can be sent to whoever holds the post."""
    phone = phone_of(post)
    return bool(phone) and rules.is_mobile(str(phone))


def seat_by_code(code: str) -> PartySeat | None:
    """The seat of the active community with that link."""
    return PartySeat.objects.select_related("post__resident", "post__organisation").filter(code=code).first()


def seats_of(organisation_ids: Iterable[UUID]) -> dict[UUID, PartySeat]:
    """The seat of each organisation that has one whose post is held today; the newest of several."""
    held = PartySeat.objects.filter(
        post__organisation__in=list(organisation_ids), post__span__contains=clock.today()
    ).select_related("post")
    return {seat.post.organisation_id: seat for seat in held.order_by("made_at", "id")}
