"""One door as it is worked through, and one person's visits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from linli.accounts.queries import display_names
from linli.core import clock
from linli.core.access import Actor
from linli.core.files import files_of
from linli.core.models import StoredFile
from linli.places.models import Dwelling
from linli.places.queries import place_label
from linli.residents import check_rules, records
from linli.residents.models import Residence, Resident
from linli.residents.queries import ResidentCard, cards_of, lived_everywhere_today, may_see_resident

from .. import rules
from ..models import Cause, Channel, Every, Found, PlanState, Visit, VisitPlan, VisitPolicy, VisitSession
from .due import may_open_door, open_plans, plans_visible_to


@dataclass(frozen=True)
class VisitLine:
    """One visit as it is read again."""

    visit: Visit
    by: str
    answers: Sequence[str]
    worries: Sequence[str]

    @property
    def channel(self) -> str:
        return Channel(self.visit.session.channel).label

    @property
    def found(self) -> str:
        return Found(self.visit.found).label

    @property
    def at(self) -> datetime:
        return self.visit.at


@dataclass(frozen=True)
class MemberPage:
    """One person behind the door: what is due, what to ask, what to look at, and how it was last time."""

    resident: Resident
    card: ResidentCard
    plans: Sequence[VisitPlan]
    policy: VisitPolicy | None
    questions: Sequence[rules.Question]
    to_confirm: Sequence[str]  # field codes; `residence` for the home
    last: VisitLine | None
    next_on: date | None  # the last day of the next turn
    may_keep: bool

    @property
    def is_due(self) -> bool:
        return bool(self.plans)

    @property
    def due_on(self) -> date | None:
        return min((plan.due_on for plan in self.plans), default=None)

    @property
    def causes(self) -> list[str]:
        return [Cause(each).label for each in dict.fromkeys(plan.cause for plan in self.plans)]

    @property
    def confirm_words(self) -> str:
        """电话、住处."""
        labels = ["住处" if each == check_rules.RESIDENCE else records.label_of(each) for each in self.to_confirm]
        return "、".join(labels)


@dataclass(frozen=True)
class DoorPage:
    """Everything of one door on one screen."""

    dwelling: Dwelling
    members: Sequence[MemberPage]
    wants_photo: bool
    has_last: bool = field(default=False)

    @property
    def place(self) -> str:
        return place_label(dwelling=self.dwelling)

    @property
    def due(self) -> list[MemberPage]:
        return [each for each in self.members if each.is_due]

    @property
    def others(self) -> list[MemberPage]:
        return [each for each in self.members if not each.is_due]


def door_page(actor: Actor, dwelling: Dwelling) -> DoorPage | None:
    """The door with everybody who lives behind it today, who is due first; None for a door the actor may not open.

    Of a door that was handed over, those alone who were.
    """
    if not may_open_door(actor, dwelling):
        return None
    homes = {row.resident_id: row for row in lived_everywhere_today().filter(dwelling=dwelling)}
    plans: dict[UUID, list[VisitPlan]] = {}
    for plan in open_plans(actor).filter(resident__in=list(homes)):
        plans.setdefault(plan.resident_id, []).append(plan)
    people = Resident.objects.filter(pk__in=list(homes), died_on=None)
    rows = {row.pk: row for row in people}
    cards = {card.id: card for card in cards_of(people)}
    policies = _policies_of(plans_visible_to(actor).filter(resident__in=list(rows)))
    lasts = _last_met(list(rows))
    names = display_names(each.session.made_by for each in lasts.values())
    members = []
    for pk, row in rows.items():
        may_keep = may_see_resident(actor, pk)
        if not may_keep and pk not in plans:
            continue
        policy = policies.get(pk)
        members.append(
            MemberPage(
                resident=row,
                card=cards[pk],
                plans=plans.get(pk, []),
                policy=policy,
                questions=rules.asked(policy.questions) if policy else [],
                to_confirm=_to_confirm(row, homes[pk]) if may_keep else [],
                last=line_of(lasts[pk], names) if pk in lasts else None,
                next_on=_next_turn(policy),
                may_keep=may_keep,
            )
        )
    members.sort(key=lambda each: (not each.is_due, each.due_on or date.max, -(each.card.age or 0)))
    wants_photo = any(each.policy.wants_photo for each in members if each.is_due and each.policy)
    return DoorPage(dwelling, members, wants_photo, any(each.last for each in members if each.is_due))


def _policies_of(plans: QuerySet[VisitPlan]) -> dict[UUID, VisitPolicy]:
    """Whose rule is whose: that of the newest routine plan."""
    found: dict[UUID, VisitPolicy] = {}
    for plan in plans.filter(cause=Cause.ROUTINE).exclude(policy=None).order_by("-from_on", "due_on"):
        if plan.policy is not None:
            found.setdefault(plan.resident_id, plan.policy)
    return found


def _next_turn(policy: VisitPolicy | None) -> date | None:
    if policy is None or policy.ended_at is not None:
        return None
    today = clock.today()
    _, last = rules.period_of(today, policy.every)
    return rules.period_of(last + clock.ONE_DAY, policy.every)[1]


def home_behind(resident: Resident, dwelling: Dwelling) -> Residence | None:
    """Her residence of today behind that door."""
    rows = lived_everywhere_today().filter(resident=resident, dwelling=dwelling)
    return rows.select_related("resident").first()


def _to_confirm(resident: Resident, home: Residence) -> list[str]:
    today = clock.today()
    due = [name for name in records.held_fields(resident) if records.age_of(resident, name).is_due(today)]
    if home.confirmed_on is None or (home.check_by is not None and home.check_by <= today):
        due.append(check_rules.RESIDENCE)
    return due


def _last_met(resident_ids: Iterable[UUID]) -> dict[UUID, Visit]:
    rows = Visit.objects.filter(resident__in=list(resident_ids), found=Found.MET).select_related("session")
    return {row.resident_id: row for row in rows.order_by("resident", "-at").distinct("resident")}


def answers_of(visit: Visit) -> dict[str, str]:
    """What was answered then, by question."""
    return rules.sound(json.loads(visit.answers)) if visit.answers else {}


def last_answers(member: MemberPage) -> dict[str, str]:
    """For "same as last time"."""
    return answers_of(member.last.visit) if member.last else {}


def line_of(visit: Visit, names: dict[UUID, str]) -> VisitLine:
    """The visit in words; `names` of accounts."""
    answers = answers_of(visit)
    by = names.get(visit.session.made_by, "") if visit.session.made_by else ""
    return VisitLine(visit, by, rules.in_words(answers), rules.worries(answers))


@dataclass(frozen=True)
class PersonVisits:
    """One person's visits, for her page: the newest first, and what is due."""

    resident_id: UUID
    dwelling: Dwelling | None
    policy: VisitPolicy | None
    plans: Sequence[VisitPlan]
    lines: Sequence[VisitLine]
    count: int

    @property
    def every(self) -> str:
        return Every(self.policy.every).label if self.policy else ""


def person_visits(actor: Actor, resident: Resident, *, most: int = 5) -> PersonVisits:
    """What her page shows of visits to her."""
    rows = Visit.objects.filter(resident=resident).select_related("session", "matter").order_by("-at", "-id")
    listed = list(rows[:most])
    names = display_names(each.session.made_by for each in listed)
    home = lived_everywhere_today().filter(resident=resident).select_related("dwelling").first()
    plans = plans_visible_to(actor).filter(resident=resident)
    return PersonVisits(
        resident_id=resident.pk,
        dwelling=home.dwelling if home else None,
        policy=_policies_of(plans).get(resident.pk),
        plans=list(plans.filter(state=PlanState.OPEN)),
        lines=[line_of(each, names) for each in listed],
        count=rows.count() if len(listed) == most else len(listed),
    )


@dataclass(frozen=True)
class SessionPage:
    """A pass at a door as it was recorded."""

    session: VisitSession
    by: str
    lines: Sequence[tuple[ResidentCard, VisitLine]]
    photos: Sequence[StoredFile]

    @property
    def place(self) -> str:
        return place_label(dwelling=self.session.dwelling)

    @property
    def met(self) -> int:
        return sum(line.visit.found == Found.MET for _, line in self.lines)

    @property
    def missed(self) -> int:
        return len(self.lines) - self.met


def session_lines(session: VisitSession) -> SessionPage:
    """What was recorded in one pass."""
    visits = list(Visit.objects.filter(session=session).select_related("session", "matter").order_by("id"))
    cards = {card.id: card for card in cards_of(Resident.objects.filter(pk__in=[each.resident_id for each in visits]))}
    names = display_names([session.made_by])
    lines = [(cards[each.resident_id], line_of(each, names)) for each in visits if each.resident_id in cards]
    by = names.get(session.made_by, "") if session.made_by else ""
    return SessionPage(session, by, lines, files_of(session))
