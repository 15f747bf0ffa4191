"""What falls due, by rule or by what happened; and who walks it.

A plan is one row a person, cause and first day. Whatever makes plans may run twice, or in two workers at once: the database
keeps the second row out, and each run looks anew at what is missing, so that a worker that died loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from linli.accounts.queries import posts_in
from linli.core import clock, tenancy
from linli.core.access import GRANTS, Actor, Permission, Role
from linli.core.errors import Invalid, NotAllowed
from linli.core.states import step
from linli.core.trail import record, record_many
from linli.places.models import Community
from linli.residents.models import Resident
from linli.residents.queries import may_see_resident

from .. import queries, rules
from ..models import Cause, ExtraRound, PlanState, VisitPlan, VisitPolicy


class ReasonWanted(Invalid):
    code, message = "visit_plan.reason_wanted", "请写一句为什么，例如“昨天出院”“去女儿家住到春节”。"


class NotAColleague(NotAllowed):
    code = "visit_plan.not_a_colleague"
    message = "只能交给本社区能走访的同事。请从名单里选一位。"


@transaction.atomic
def fall_due(actor: Actor) -> int:
    """Make every plan that the rules ask for in this period and that is not there yet; how many. For the clock's job.

    Each person has the tightest of the rules that list them. Whoever died, moved away or is away is waited for no longer.
    """
    policies = list(VisitPolicy.objects.select_for_update().filter(ended_at=None).order_by("id"))
    here = queries.at_home()
    _drop_gone(here)
    for extra in queries.rounds_in_force():
        plan_round(extra, here)
    policies.sort(key=lambda policy: rules.TIGHTEST_FIRST.index(policy.every))
    today, made = clock.today(), 0
    for policy in policies:
        people = queries.roll_of(policy, among=here)
        here -= people
        count = _plan_period(policy, people, rules.period_of(today, policy.every))
        if count:
            record(actor, "visit_policy.fell_due", policy, count=count)
        made += count
    return made


def _plan_period(policy: VisitPolicy, people: set[UUID], period: tuple[date, date]) -> int:
    first, last = period
    rows = VisitPlan.objects.filter(
        resident__in=people, cause=Cause.ROUTINE, from_on__lte=last, due_on__gte=first
    ).values_list("resident_id", "from_on", "due_on")
    # A week's plan inside this month: somebody has been, or will be, without another one.
    has = {pk for pk, from_on, due_on in rows if rules.is_within((from_on, due_on), period) or from_on == first}
    return add_plans(
        [pk for pk in people if pk not in has], cause=Cause.ROUTINE, from_on=first, due_on=last, policy=policy
    )


def plan_round(extra: ExtraRound, here: set[UUID] | None = None) -> int:
    """The plans of an extra round that are not there yet; how many."""
    people: set[UUID] = set()
    for policy in queries.policies_in_force():
        if not extra.risks or policy.risk in extra.risks:
            people |= queries.roll_of(policy, among=here)
    return add_plans(people, cause=Cause.EXTRA, from_on=extra.from_on, due_on=extra.due_on, extra=extra)


def add_plans(people: Iterable[UUID], *, cause: Cause, from_on: date, due_on: date, **more: Any) -> int:
    """A plan for each of these people but those who have one of that cause and first day; how many were made."""
    wanted = list(people)
    has = VisitPlan.objects.filter(resident__in=wanted, cause=cause, from_on=from_on)
    known = set(has.values_list("resident_id", flat=True))
    now = clock.now()
    rows = [
        VisitPlan(resident_id=pk, cause=cause, from_on=from_on, due_on=due_on, made_at=now, **more)
        for pk in wanted
        if pk not in known
    ]
    VisitPlan.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def _drop_gone(here: set[UUID]) -> None:
    waiting = VisitPlan.objects.filter(state=PlanState.OPEN)
    people = set(waiting.values_list("resident_id", flat=True))
    alive = set(Resident.objects.filter(pk__in=people, died_on=None).values_list("pk", flat=True))
    gone = people - (alive & here)
    waiting.filter(resident__in=gone).update(state=PlanState.DROPPED, closed_at=clock.now())


@transaction.atomic
def plan_after_change(actor: Actor, *, resident_ids: Iterable[UUID], verb: str) -> int:
    """Something happened in the household: whoever a rule lists is called on within a day. For what follows the trail."""
    listed = queries.at_home() & set(resident_ids)
    wanted: set[UUID] = set()
    for policy in queries.policies_in_force().filter(is_extra_on_change=True):
        wanted |= queries.roll_of(policy, among=listed)
    today = clock.today()
    return add_plans(
        wanted,
        cause=Cause.CHANGE,
        from_on=today,
        due_on=today + timedelta(days=rules.CHANGE_DAYS),
        reason=CHANGES.get(verb, ""),
    )


CHANGES = {
    "resident.widowed": "丧偶",
    "resident.moved_in": "刚迁入",
    "resident.came_back": "外出返回",
    "resident.died": "家里有人去世",
    "household.moved": "整户迁居",
    "resident.divorced": "离婚",
}
"""What counts as a change in the household, and how it is said on the list."""


@transaction.atomic
def plan_visit(actor: Actor, *, resident: Resident, reason: str, due_on: date | None = None) -> VisitPlan:
    """Call on somebody for a reason the register does not know: home from hospital, a fall. By tomorrow where no day is said.

    Raises NotAllowed without VISITS_MAKE or out of reach, ReasonWanted.
    """
    actor.require(Permission.VISITS_MAKE)
    _require_reach(actor, resident.pk)
    reason, today = " ".join(reason.split())[:40], clock.today()
    if len(reason) < 2:
        raise ReasonWanted(field="reason")
    due_on = max(due_on or today + timedelta(days=rules.CHANGE_DAYS), today)
    add_plans([resident.pk], cause=Cause.CHANGE, from_on=today, due_on=due_on, reason=reason)
    plan: VisitPlan = VisitPlan.objects.get(resident=resident, cause=Cause.CHANGE, from_on=today)
    record(actor, "visit_plan.added", plan, touches=[resident.pk], due_on=plan.due_on)
    return plan


@transaction.atomic
def drop_plan(actor: Actor, *, plan: VisitPlan, reason: str) -> VisitPlan:
    """It need not be done: she is in hospital, at her daughter's. Says why. Raises NotAllowed, ReasonWanted, OutOfTurn."""
    actor.require(Permission.VISITS_MAKE)
    _require_reach(actor, plan.resident_id)
    reason = " ".join(reason.split())[:40]
    if len(reason) < 2:
        raise ReasonWanted(field="reason")
    plan = VisitPlan.objects.select_for_update().get(pk=plan.pk)
    step(plan, PlanState.DROPPED)
    plan.reason, plan.closed_at = reason, clock.now()
    plan.save(update_fields=["state", "reason", "closed_at"])
    record(actor, "visit_plan.dropped", plan, touches=[plan.resident_id])
    return plan


@transaction.atomic
def hand_over(actor: Actor, *, plans: QuerySet[VisitPlan], to: UUID | None) -> int:
    """Give what is open of these to a colleague, or (None) back to whoever serves the patch; how many.

    Raises NotAllowed without VISITS_MAKE, NotAColleague.
    """
    actor.require(Permission.VISITS_MAKE)
    if to is not None and to not in colleagues_who_visit():
        raise NotAColleague(field="to")
    mine = queries.plans_visible_to(actor).filter(pk__in=plans.order_by().values("pk"))
    rows: Sequence[VisitPlan] = list(
        VisitPlan.objects.select_for_update()
        .filter(pk__in=mine.order_by().values("pk"), state=PlanState.OPEN)
        .order_by("id")
    )
    changed = [row for row in rows if row.assignee != to]
    VisitPlan.objects.filter(pk__in=[row.pk for row in changed]).update(assignee=to)
    record_many(actor, "visit_plan.handed_over", changed, to=to)
    return len(changed)


def colleagues_who_visit() -> list[UUID]:
    """The accounts in this community that may record visits today."""
    roles = [role for role in Role if Permission.VISITS_MAKE in GRANTS[role]]
    community = Community.objects.get(pk=tenancy.current_id())
    rows = posts_in(community).filter(role__in=roles, account__is_active=True)
    return list(dict.fromkeys(rows.order_by("account__display_name").values_list("account_id", flat=True)))


def _require_reach(actor: Actor, resident_id: UUID) -> None:
    if not may_see_resident(actor, resident_id):
        raise NotAllowed("这位居民不住在您的片区。请转给那个片区的专员或后台社工。")
