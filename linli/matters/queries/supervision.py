"""What is being supervised: on a matter, and all that is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import Actor, Permission

from ..models import Matter, Supervision, SupervisionState


def supervisions_visible_to(actor: Actor) -> QuerySet[Supervision]:
    """Those of the matters the actor sees at the desk; what is open first, each by its day."""
    from .matters import matters_visible_to  # which reads this module for its pages

    rows = Supervision.objects.select_related(
        "matter__kind", "matter__building", "matter__entrance", "matter__dwelling"
    ).order_by("due_at", "id")
    if not actor.may(Permission.DESK_OPEN):
        return rows.none()
    return rows.filter(matter__in=matters_visible_to(actor).order_by().values("pk"))


@dataclass(frozen=True)
class SupervisionLine:
    """One as it is shown: who asked, until when, who answered what."""

    supervision: Supervision
    asker: str
    answerer: str
    until: datetime
    is_late: bool
    place: str = ""


def supervision_of(matter: Matter) -> SupervisionLine | None:
    """The one that is open on the matter, or None."""
    row = Supervision.objects.filter(matter=matter).exclude(state=SupervisionState.ENDED).first()
    return supervision_lines([row])[0] if row else None


def supervision_lines(rows: Iterable[Supervision], *, with_place: bool = False) -> list[SupervisionLine]:
    """As lists show them; one query for the names."""
    from .matters import place_of

    listed, now = list(rows), clock.now()
    names = accounts.display_names([who for row in listed for who in (row.opened_by, row.answered_by)])
    return [
        SupervisionLine(
            supervision=row,
            asker=names.get(row.opened_by, "") if row.opened_by else "",
            answerer=names.get(row.answered_by, "") if row.answered_by else "",
            until=row.due_at.astimezone(clock.SHANGHAI) - timedelta(seconds=1),
            is_late=row.is_late_at(now),
            place=place_of(row.matter) if with_place else "",
        )
        for row in listed
    ]


def supervised_among(matter_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these matters that are being supervised; one query."""
    rows = Supervision.objects.filter(matter__in=list(matter_ids)).exclude(state=SupervisionState.ENDED)
    return set(rows.values_list("matter_id", flat=True))
