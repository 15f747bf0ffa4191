"""The desk's list: which matters, in which order, what a line says of each, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Q, QuerySet, Value, When

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.places.queries import place_labels

from .. import rules
from ..models import OPEN, Matter, MatterKind, Queue, State, late_at
from ..rules import Outcome
from .matters import is_on_desk_of, matters_visible_to, promised_until, with_note


@dataclass(frozen=True)
class DeskFilter:
    """What the desk list shows. `month` counts by the report's month, like the month's table."""

    box: str = "open"  # open, mine, waiting (answered, not confirmed), all
    kind: str = ""
    outcome: str = ""
    month: date | None = None
    is_late: bool = False
    words: str = ""


def _on_open_list(actor: Actor) -> Q:
    """Which open matters wait for the actor: all for who sees all, else the front desk's and those in her hands."""
    is_everything = actor.may(Permission.MATTERS_SEE_ALL)
    return Q() if is_everything else Q(queue=Queue.FRONT) | Q(handler=actor.account_id)


def desk_list(actor: Actor, wanted: DeskFilter) -> QuerySet[Matter]:
    """The desk's list: late, then untaken, then in hand, each by due time; finished ones newest first. See `desk_rows`."""
    now = clock.now()
    rows = matters_visible_to(actor).select_related(None)
    if wanted.box == "open":
        rows = rows.filter(_on_open_list(actor), state__in=OPEN)
    elif wanted.box == "mine":
        rows = rows.filter(state__in=OPEN, handler=actor.account_id)
    elif wanted.box == "waiting":
        rows = rows.filter(state=State.FED_BACK)
    if wanted.kind:
        rows = rows.filter(kind__code=wanted.kind)
    if wanted.month:
        start, end = rules.month_span(wanted.month)
        rows = rows.filter(reported_at__gte=start, reported_at__lt=end)
    if wanted.outcome:
        rows = rows.filter(with_outcome(Outcome(wanted.outcome)))
    if wanted.is_late:
        rows = rows.filter(late_at(now))
    if wanted.words:
        rows = rows.filter(Q(number__icontains=wanted.words) | Q(words__icontains=wanted.words))
    if wanted.box in ("open", "mine"):
        # Late first, then what nobody has taken, then what is in hand; each by its promise.
        rank = Case(When(late_at(now), then=Value(0)), When(state=State.REPORTED, then=Value(1)), default=Value(2))
        rows = rows.order_by(rank, "due_at", "id")
    return rows


def with_outcome(outcome: Outcome) -> Q:
    """The query's form of `outcome_of`."""
    if outcome == Outcome.REFUSED:
        return Q(state=State.REFUSED)
    if outcome == Outcome.OPEN:
        return Q(state__in=OPEN)
    return Q(state__in=[State.FED_BACK, State.CLOSED], ending=outcome.value)


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
    return [
        DeskRow(
            matter=m,
            kind_name=kinds[m.kind_id],
            place=with_note(m, labels[spot]),
            who=names.get(m.handler, "") if m.handler else m.get_queue_display(),
            until=promised_until(m),
            is_late=m.is_late_at(now),
            may_accept=m.state == State.REPORTED and is_on_desk_of(actor, m),
        )
        for m, spot in zip(listed, spots, strict=True)
    ]
