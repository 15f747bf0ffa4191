"""Where a matter goes: the rules with what they count, in one statement; why; and how much everybody has in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from linli.accounts import queries as accounts
from linli.accounts import queries_duty as duty
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.places.models import Building

from .. import rules_routing
from ..models import OPEN, Grade, Matter, MatterKind, RoutingRule, Source, late_at
from .matters import sub_area_id_of


def rules_in_order() -> QuerySet[RoutingRule]:
    """Every rule, those switched off too, in the order they are asked."""
    return RoutingRule.objects.select_related("kind", "sub_area").order_by("order", "id")


def _seen(kind: MatterKind, building: Building | None, sub_area_id: UUID | None) -> Any:
    """How many of the like there are within a rule's own days and place, asked only of the rules that count."""
    span = ExpressionWrapper(OuterRef("days") * Value(timedelta(days=1)), output_field=DurationField())
    since = ExpressionWrapper(Value(clock.now()) - span, output_field=DateTimeField())
    every = Matter.objects.order_by()
    like = every.filter(kind=kind, reported_at__gte=since)

    def count(rows: QuerySet[Matter]) -> Any:
        counted = rows.values("kind_id").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    here = count(like.filter(building=building)) if building else Value(0)
    around = count(like.filter(sub_area_id=sub_area_id)) if sub_area_id else Value(0)
    known = Exists(every.filter(kind__path__0=kind.path[0], reported_at__gte=since))
    is_young = ~Exists(every.filter(reported_at__lt=since))
    return Case(
        When(pattern="like", within="building", then=here),
        When(pattern="like", within="sub_area", then=around),
        When(pattern="like", then=count(like)),
        When(Q(pattern="new") & (Q(known) | Q(is_young)), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )


def rules_for(kind: MatterKind, building: Building | None, sub_area_id: UUID | None) -> list[rules_routing.Rule]:
    """The rules in force with what each has seen, in their order: one statement."""
    fields = (
        "id", "name", "target", "person", "source", "grade", "pattern", "at_least", "days", "within",
    )  # fmt: skip
    rows = RoutingRule.objects.filter(is_on=True).order_by("order", "id")
    rows = rows.annotate(seen=_seen(kind, building, sub_area_id), of=F("kind__code"))
    return [
        rules_routing.Rule(
            **{name: getattr(row, name) for name in fields}, kind=row.of or "", sub_area=row.sub_area_id, seen=row.seen
        )
        for row in rows
    ]


def facts_of(kind: MatterKind, source: str, sub_area_id: UUID | None) -> rules_routing.Facts:
    """What the rules ask of a matter that comes in."""
    return rules_routing.Facts(
        path=kind.path,
        source=source,
        grade=kind.held("grade") or Grade.GRID.value,
        side=kind.held("side"),
        sub_area=sub_area_id,
        has_specialist=sub_area_id is not None and duty.has_specialist(sub_area_id),
    )


def place_for(
    kind: MatterKind, *, source: str, building: Building | None, sub_area_id: UUID | None
) -> rules_routing.Placed:
    """Where a matter that comes in now goes."""
    asked = rules_for(kind, building, sub_area_id)
    named = {rule.person for rule in asked if rule.person}
    on_duty = duty.on_duty(named) if named else frozenset()
    return rules_routing.place(facts_of(kind, source, sub_area_id), asked, on_duty)


@dataclass(frozen=True)
class Tried:
    """What would become of a matter: where it would go, and of each rule why it does not fit ("" where it does)."""

    placed: rules_routing.Placed
    person: str
    asked: list[tuple[rules_routing.Rule, str]]


def try_out(kind: MatterKind, *, source: str, building: Building | None) -> Tried:
    """这样一件事会到哪里: the same way a real one goes, with every rule's answer."""
    sub_area_id = sub_area_id_of(building)
    asked = rules_for(kind, building, sub_area_id)
    named = {rule.person for rule in asked if rule.person}
    on_duty = duty.on_duty(named) if named else frozenset()
    facts = facts_of(kind, source, sub_area_id)
    placed = rules_routing.place(facts, asked, on_duty)
    said = [
        (rule, rules_routing.why_not(rule, facts) or ("指定的同事今天不在岗" if _is_away(rule, on_duty) else ""))
        for rule in asked
    ]
    return Tried(placed, accounts.display_names([placed.person]).get(placed.person or UUID(int=0), ""), said)


def _is_away(rule: rules_routing.Rule, on_duty: frozenset[UUID]) -> bool:
    return rule.target == rules_routing.PERSON and rule.person not in on_duty


@dataclass(frozen=True)
class Load:
    """How much somebody has in hand today."""

    account_id: UUID
    name: str
    role: str
    open: int
    late: int
    away_until: Any  # the last day she is away, None when she is here

    @property
    def words(self) -> str:
        """在办 3 件，超时 1 件."""
        late = f"，超时 {self.late} 件" if self.late else ""
        return f"在办 {self.open} 件{late}" if self.open else "手上没有"


def loads() -> list[Load]:
    """Everybody who handles matters here today, the least burdened first; two statements and one for names."""
    here = duty.handling_staff()
    away = duty.away_today()
    rows = Matter.objects.filter(state__in=OPEN, handler__in=list(here)).order_by().values("handler")
    found = {
        row["handler"]: row for row in rows.annotate(open=Count("id"), late=Count("id", filter=late_at(clock.now())))
    }
    told = [
        Load(key, name, role, *_counts(found.get(key)), away_until=away.get(key)) for key, (name, role) in here.items()
    ]
    return sorted(told, key=lambda load: (load.away_until is not None, load.open, load.name))


def _counts(row: Any) -> tuple[int, int]:
    return (row["open"], row["late"]) if row else (0, 0)


def may_assign(actor: Actor) -> bool:
    """Who hands matters out: those who handle and see all of them."""
    return actor.may(Permission.MATTERS_HANDLE) and actor.may(Permission.MATTERS_SEE_ALL)


SOURCES: Sequence[tuple[str, str]] = Source.choices
GRADES: Sequence[tuple[str, str]] = Grade.choices
