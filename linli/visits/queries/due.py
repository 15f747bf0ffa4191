"""Who is on the roll, what is due at which door, and in what order one walks there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.web import NOBODY
from linli.places.models import Dwelling
from linli.places.queries import place_label
from linli.residents import conditions
from linli.residents.codes import PopulationClass, category_name
from linli.residents.models import Category, Residence, Resident
from linli.residents.queries import (
    ResidentCard,
    cards_of,
    is_bound_to_patch,
    lived_everywhere_today,
)

from .. import rules
from ..models import Cause, ExtraRound, PlanState, VisitPlan, VisitPolicy, VisitSession

NOT_AT_HOME = (PopulationClass.AWAY, PopulationClass.NOMINAL)


def policies_in_force() -> QuerySet[VisitPolicy]:
    """The rules that ask for visits now, the tightest first."""
    rows = VisitPolicy.objects.filter(ended_at=None)
    order = Case(*(When(every=every, then=place) for place, every in enumerate(rules.TIGHTEST_FIRST)), default=9)
    return rows.order_by(order, "name", "id")


def rounds_in_force() -> QuerySet[ExtraRound]:
    """The extra rounds that run today, the newest first."""
    today = clock.today()
    return ExtraRound.objects.filter(ended_at=None, due_on__gte=today).order_by("-made_at", "-id")


def at_home() -> set[UUID]:
    """Whoever can be called on here at all: who lives behind a door of the community today, not away, not in name only."""
    rows = lived_everywhere_today().exclude(population_class__in=NOT_AT_HOME)
    return set(rows.values_list("resident_id", flat=True))


def roll_of(policy: VisitPolicy, *, among: Collection[UUID] | None = None) -> set[UUID]:
    """Whom the rule asks to be called on today: in any of its categories, and meeting all its conditions; of these people alone,
    where they are given (who is `at_home`, when several rules are asked).

    Three small queries: one over everything is planned badly where nobody has counted the tables yet.
    """
    people = set(at_home() if among is None else among)
    if policy.categories:
        held = Category.objects.filter(kind__in=policy.categories, span__contains=clock.today())
        people &= set(held.values_list("resident_id", flat=True))
    rows = conditions.narrowed(
        Resident.objects.filter(pk__in=people, died_on=None), conditions.of_data(policy.conditions)
    )
    return set(rows.order_by().values_list("pk", flat=True))


def words_of_policy(policy: VisitPolicy) -> str:
    """独居、失能，年龄满 80 周岁."""
    kinds = "、".join(category_name(kind) for kind in policy.categories)
    met = [each.words for each in conditions.of_data(policy.conditions)]
    return "，".join(filter(None, [kinds, *met])) or "全部居民"


def plans_visible_to(actor: Actor) -> QuerySet[VisitPlan]:
    """Of whoever the actor may see, and what a colleague handed to her; the longest due first."""
    rows = VisitPlan.objects.select_related("resident", "policy", "extra").order_by("due_on", "id")
    if not actor.may(Permission.VISITS_MAKE):
        return rows.none()
    if not is_bound_to_patch(actor):
        return rows
    theirs = lived_everywhere_today().filter(dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids)
    return rows.filter(Q(resident__in=theirs.values("resident")) | Q(assignee=actor.account_id))


def open_plans(actor: Actor, day: date | None = None) -> QuerySet[VisitPlan]:
    """Those that have begun by that day (today)."""
    return plans_visible_to(actor).filter(state=PlanState.OPEN, from_on__lte=day or clock.today())


def sessions_visible_to(actor: Actor) -> QuerySet[VisitSession]:
    """One's own, and those at doors whose people one may see; the newest first."""
    rows = VisitSession.objects.select_related("dwelling__entrance__building").order_by("-at", "-id")
    if not actor.may(Permission.VISITS_MAKE):
        return rows.none()
    if not is_bound_to_patch(actor):
        return rows
    return rows.filter(
        Q(made_by=actor.account_id) | Q(dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids)
    )


def may_see_session(actor: Actor, session_id: UUID) -> bool:
    return sessions_visible_to(actor).filter(pk=session_id).exists()


def may_open_door(actor: Actor, dwelling: Dwelling) -> bool:
    """A door of one's patch, or one that was handed over."""
    if not actor.may(Permission.VISITS_MAKE):
        return False
    if not is_bound_to_patch(actor) or dwelling.entrance.building.grid.sub_area_id in actor.sub_area_ids:
        return True
    behind = lived_everywhere_today().filter(dwelling=dwelling).values("resident")
    return VisitPlan.objects.filter(assignee=actor.account_id, state=PlanState.OPEN, resident__in=behind).exists()


def residences_behind(dwelling_ids: Iterable[UUID]) -> QuerySet[Residence]:
    """The residences of today behind these doors."""
    return lived_everywhere_today().filter(dwelling__in=list(dwelling_ids))


@dataclass(frozen=True)
class DoorRow:
    """A door to walk to: who is due behind it, since when, why, and to whom it was given."""

    dwelling: Dwelling
    cards: Sequence[ResidentCard]
    causes: Sequence[str]
    due_on: date
    assignee: UUID | None
    policies: Sequence[str]
    reason: str

    @property
    def place(self) -> str:
        return place_label(dwelling=self.dwelling)

    @property
    def building(self) -> str:
        return self.dwelling.entrance.building.name

    @property
    def in_building(self) -> str:
        """2单元301室: where the building stands over the list."""
        return place_label(dwelling=self.dwelling).removeprefix(self.building)

    @property
    def days_late(self) -> int:
        return max(0, (clock.today() - self.due_on).days)

    @property
    def late_words(self) -> str:
        """For the chip: 3 天."""
        return f" {self.days_late} 天"

    @property
    def is_today(self) -> bool:
        return self.due_on == clock.today()

    @property
    def is_urgent(self) -> bool:
        """Not one of the usual turns: somebody was not met, or something happened."""
        return bool({Cause.FOLLOW_UP, Cause.CHANGE} & set(self.causes))

    @property
    def cause_words(self) -> list[str]:
        return [Cause(each).label for each in self.causes if each != Cause.ROUTINE]

    @property
    def order(self) -> tuple[int, int, int, str]:
        entrance = self.dwelling.entrance
        return (entrance.building.number, entrance.number, self.dwelling.floor, self.dwelling.room)


def doors_due(plans: QuerySet[VisitPlan]) -> list[DoorRow]:
    """The doors behind which the people of these plans live today, the longest due first. Four queries, whatever there are."""
    listed = list(plans)
    residences = (
        lived_everywhere_today()
        .filter(resident__in={plan.resident_id for plan in listed})
        .select_related("dwelling__entrance__building__grid")
    )
    homes: dict[UUID, Residence] = {row.resident_id: row for row in residences}
    behind: dict[UUID, list[VisitPlan]] = {}
    for plan in listed:
        if plan.resident_id in homes:
            behind.setdefault(homes[plan.resident_id].dwelling_id, []).append(plan)
    wanted = {plan.resident_id for each in behind.values() for plan in each}
    cards = {card.id: card for card in cards_of(Resident.objects.filter(pk__in=wanted))}
    rows = [_door(plans_there, homes[plans_there[0].resident_id].dwelling, cards) for plans_there in behind.values()]
    return sorted(rows, key=lambda row: (not row.is_urgent, row.due_on, row.order))


def _door(plans: Sequence[VisitPlan], dwelling: Dwelling, cards: dict[UUID, ResidentCard]) -> DoorRow:
    people = dict.fromkeys(plan.resident_id for plan in plans)
    return DoorRow(
        dwelling=dwelling,
        cards=[cards[pk] for pk in people if pk in cards],
        causes=list(dict.fromkeys(plan.cause for plan in plans)),
        due_on=min(plan.due_on for plan in plans),
        assignee=next((plan.assignee for plan in plans if plan.assignee), None),
        policies=list(dict.fromkeys(plan.policy.name for plan in plans if plan.policy)),
        reason=next((_reason_of(plan) for plan in plans if _reason_of(plan)), ""),
    )


def _reason_of(plan: VisitPlan) -> str:
    return plan.reason or (plan.extra.reason if plan.extra else "")


@dataclass(frozen=True)
class DueList:
    """How many doors there are under each heading of the list."""

    late: int
    today: int
    soon: int
    all: int


def count_due(rows: Iterable[DoorRow]) -> DueList:
    today, listed = clock.today(), list(rows)
    edge = today + timedelta(days=rules.SOON_DAYS)
    return DueList(
        late=sum(row.due_on < today for row in listed),
        today=sum(row.due_on <= today for row in listed),
        soon=sum(today < row.due_on <= edge for row in listed),
        all=len(listed),
    )


def route_of(rows: Sequence[DoorRow], most: int = rules.ROUTE_DOORS) -> list[DoorRow]:
    """The way of the day: the most urgent doors, then what is near them, in the order one walks: building, entrance, floor.

    What is urgent is always on it, however much there is. `rows` come the longest due first.
    """
    today = clock.today()
    must = [row for row in rows if row.is_urgent or row.due_on <= today]
    chosen = must[: max(most, sum(row.is_urgent for row in must))]
    left = [row for row in rows if row not in chosen]
    if not chosen:
        chosen, left = left[:1], left[1:]
    stairs = {row.dwelling.entrance_id for row in chosen}
    houses = {row.dwelling.entrance.building_id for row in chosen}
    left.sort(
        key=lambda row: (
            row.dwelling.entrance_id not in stairs,
            row.dwelling.entrance.building_id not in houses,
            row.due_on,
            row.order,
        )
    )
    near = left[: max(0, most - len(chosen))]
    return sorted([*chosen, *near], key=lambda row: row.order)


def walked_today(actor: Actor) -> int:
    """Doors the actor has been to today."""
    began = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = VisitSession.objects.filter(made_by=actor.account_id or NOBODY, at__gte=began)
    return rows.values("dwelling").distinct().count()
