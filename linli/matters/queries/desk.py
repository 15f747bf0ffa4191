"""The desk's list: which matters, in which order, what a line says of each, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, Value, When

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.places.models import Building, SubArea
from linli.places.queries import place_labels

from ..filters import NOWHERE, NOWHERE_WORDS, DeskFilter
from ..models import OPEN, Matter, MatterKind, Queue, State, late_at
from .handovers import Out, out_of
from .matters import is_on_desk_of, matters_visible_to, promised_until, with_note
from .supervision import supervised_among


def _on_open_list(actor: Actor) -> Q:
    """Which open matters wait for the actor: all for who sees all, else the front desk's and those in her hands."""
    is_everything = actor.may(Permission.MATTERS_SEE_ALL)
    return Q() if is_everything else Q(queue=Queue.FRONT) | Q(handler=actor.account_id)


def condition_of(actor: Actor, wanted: DeskFilter, now: datetime) -> Q:
    """Which of the visible matters `wanted` shows the actor at `now`: lists show by it, figures count by it."""
    boxes = {
        "open": Q(state__in=OPEN) & _on_open_list(actor),
        "mine": Q(state__in=OPEN, handler=actor.account_id),
        "waiting": Q(state=State.FED_BACK),
    }
    return boxes.get(wanted.box, Q()) & wanted.condition(now)


def desk_list(actor: Actor, wanted: DeskFilter) -> QuerySet[Matter]:
    """The desk's list: late, then untaken, then in hand, each by due time; finished ones newest first. See `desk_rows`."""
    now = clock.now()
    rows = matters_visible_to(actor).select_related(None).filter(condition_of(actor, wanted, now))
    if wanted.box in ("open", "mine"):
        # Late first, then what nobody has taken, then what is in hand; each by its promise.
        rank = Case(When(late_at(now), then=Value(0)), When(state=State.REPORTED, then=Value(1)), default=Value(2))
        rows = rows.order_by(rank, "due_at", "id")
    return rows


def places_in_words(wanted: DeskFilter) -> list[str]:
    """The sub-area and the building the list is narrowed to, by name; no query where there is none."""
    found = [NOWHERE_WORDS] if wanted.sub_area == NOWHERE else []
    if wanted.sub_area and not found:
        found = [*SubArea.objects.filter(code=wanted.sub_area).values_list("name", flat=True)] or [wanted.sub_area]
    if wanted.building:
        found += [*Building.objects.filter(pk=wanted.building).values_list("name", flat=True)] or ["没有登记的楼"]
    return found


@dataclass(frozen=True)
class DeskCounts:
    """Today's news at the desk, each the length of a list one click away."""

    open: int
    late: int
    mine: int
    waiting: int


def desk_counts(actor: Actor) -> DeskCounts:
    """How many are open, late, in the actor's hands, and waiting for the resident's word: one pass over what is not closed."""
    is_open, is_listed = Q(state__in=OPEN), _on_open_list(actor)
    rows = matters_visible_to(actor).filter(state__in=[*OPEN, State.FED_BACK]).order_by()
    return DeskCounts(
        **rows.aggregate(
            open=Count("id", filter=is_open & is_listed),
            late=Count("id", filter=is_open & is_listed & late_at(clock.now())),
            mine=Count("id", filter=is_open & Q(handler=actor.account_id)),
            waiting=Count("id", filter=Q(state=State.FED_BACK)),
        )
    )


@dataclass(frozen=True)
class DeskRow:
    """One line of the desk's list."""

    matter: Matter
    kind_name: str
    place: str
    who: str  # the handler, or whose turn it is
    until: datetime
    is_late: bool
    may_accept: bool


def desk_rows(actor: Actor, matters: Iterable[Matter]) -> list[DeskRow]:
    """What the desk's list says of each, in their order: five small queries, however many they are."""
    now, listed = clock.now(), list(matters)
    spots = [(m.building_id, m.entrance_id, m.dwelling_id) for m in listed]
    labels, names = place_labels(spots), accounts.display_names([m.handler for m in listed])
    kinds = dict(MatterKind.objects.values_list("pk", "name"))
    out = out_of(m.pk for m in listed if m.state == State.HANDED_ON)
    supervised = supervised_among(m.pk for m in listed if m.is_open)
    for m in listed:
        m.is_supervised = m.pk in supervised
        m.is_to_check = m.pk in out and out[m.pk].is_to_check
    return [
        DeskRow(
            matter=m,
            kind_name=kinds[m.kind_id],
            place=with_note(m, labels[spot]),
            who=_who(m, names, out),
            until=promised_until(m),
            is_late=m.is_late_at(now),
            may_accept=m.state == State.REPORTED
            and is_on_desk_of(actor, m)
            and (m.handler in (None, actor.account_id) or actor.may(Permission.MATTERS_SEE_ALL)),
        )
        for m, spot in zip(listed, spots, strict=True)
    ]


def _who(matter: Matter, names: dict[UUID, str], out: dict[UUID, Out]) -> str:
    """The organisation that has it; the handler, where it is hers again to check; or whose turn it is."""
    there = out.get(matter.pk)
    if there is not None and not there.is_to_check:
        return there.units
    return names.get(matter.handler, "") if matter.handler else matter.get_queue_display()
