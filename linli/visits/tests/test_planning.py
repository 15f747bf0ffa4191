"""What falls due: for whom, once, never lost, never doubled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.residents import actions as residents
from linli.residents.models import Residence
from linli.visits import actions, jobs, queries
from linli.visits.actions import PolicyFacts
from linli.visits.models import Cause, PlanState, VisitPlan

from .conftest import MONDAY, day


def plans(**of):
    return VisitPlan.objects.filter(**of).order_by("from_on", "id")


def test_whoever_a_rule_lists_is_due_once_a_period_however_often_the_clock_asks(alone, monthly):
    with clock.at(MONDAY):
        assert [actions.fall_due(SYSTEM) for _ in range(3)] == [2, 0, 0]
    plan = plans(resident=alone.residents["王桂英"]).get()
    assert (plan.from_on, plan.due_on, plan.cause) == (date(2026, 11, 1), date(2026, 11, 30), Cause.ROUTINE)
    with clock.at(day(12, 1)):
        assert actions.fall_due(SYSTEM) == 2
    assert plans(resident=alone.residents["王桂英"]).count() == 2  # November's is still open: nothing was lost


def test_the_database_refuses_the_second_plan_of_a_period(alone, monthly):
    with clock.at(MONDAY):
        actions.fall_due(SYSTEM)
        twin = plans().first()
        with pytest.raises(IntegrityError), transaction.atomic():
            VisitPlan.objects.create(
                resident=twin.resident, cause=twin.cause, from_on=twin.from_on, due_on=twin.due_on, made_at=clock.now()
            )
        assert (
            actions.planning.add_plans([twin.resident_id], cause=twin.cause, from_on=twin.from_on, due_on=twin.due_on)
            == 0
        )


def test_of_two_rules_the_tighter_one_counts_and_a_looser_one_waits_for_its_next_period(alone, monthly):
    boss = alone.actor("赵敏")
    with clock.at(MONDAY):
        weekly = actions.add_policy(
            boss, facts=PolicyFacts(name="独居每周", every="week", risk="high", categories=["living_alone"])
        )
        assert actions.fall_due(SYSTEM) == 2
        assert set(plans().values_list("policy__name", flat=True)) == {"独居每周"}
        actions.end_policy(boss, policy=weekly)
        assert set(plans().values_list("state", flat=True)) == {PlanState.DROPPED}
        assert actions.fall_due(SYSTEM) == 0
    with clock.at(day(12, 1)):
        assert actions.fall_due(SYSTEM) == 2


def test_nobody_waits_for_who_died_or_moved_away(alone, monthly):
    boss = alone.actor("赵敏")
    with clock.at(MONDAY):
        actions.fall_due(SYSTEM)
    with clock.at(day(11, 10)):
        residents.record_death(boss, resident=alone.residents["王桂英"], died_on=date(2026, 11, 9))
        home = Residence.objects.get(resident=alone.residents["老马"])
        residents.move_out(boss, residence=home, on=date(2026, 11, 10))
    with clock.at(day(11, 11)):
        assert actions.fall_due(SYSTEM) == 0
    assert not plans(state=PlanState.OPEN).exists()


def test_coming_back_from_elsewhere_brings_somebody_within_a_day_and_once(alone, monthly):
    granny, boss = alone.residents["王桂英"], alone.actor("赵敏")
    with clock.at(MONDAY):
        residents.leave_for(boss, resident=granny, on=date(2026, 11, 1), whereabouts="上海")
        assert actions.fall_due(SYSTEM) == 1  # 老马 alone: nobody knocks at the door of who is away
    with clock.at(day(11, 9)):
        residents.come_back(boss, resident=granny, on=date(2026, 11, 8))
        entry = TrailEntry.objects.get(verb="resident.came_back")
        for _ in range(2):
            jobs.after_change.func(community_id=1, entry_id=str(entry.pk))
    (plan,) = plans(cause=Cause.CHANGE)
    assert (plan.resident, plan.due_on, plan.reason) == (granny, date(2026, 11, 10), "外出返回")


def test_who_shares_the_door_of_a_death_is_looked_after(alone, monthly, cast):
    boss, granny = alone.actor("赵敏"), alone.residents["王桂英"]
    with clock.at(MONDAY):
        (husband,) = residents.register_many(
            boss, [residents.ResidentPlan(name="王大山", dwelling=cast.here.door("48-1-102"), from_on=date(2020, 1, 1))]
        )
    with clock.at(day(11, 5)):
        residents.record_death(boss, resident=husband, died_on=date(2026, 11, 4))
        entry = TrailEntry.objects.get(verb="resident.died")
        jobs.after_change.func(community_id=1, entry_id=str(entry.pk))
    (plan,) = plans(cause=Cause.CHANGE)
    assert (plan.resident, plan.due_on, plan.reason) == (granny, date(2026, 11, 6), "家里有人去世")


def test_the_secretary_throws_the_switch_and_everybody_on_the_roll_is_due_once_more(alone, monthly):
    boss = alone.actor("赵敏")
    with clock.at(MONDAY):
        extra = actions.start_round(boss, kind="weather", reason="寒潮橙色预警", due_on=date(2026, 11, 4))
        assert plans(cause=Cause.EXTRA, extra=extra).count() == 2
        actions.fall_due(SYSTEM)
        assert plans(cause=Cause.EXTRA).count() == 2
        actions.end_round(boss, extra=extra)
        assert not plans(cause=Cause.EXTRA, state=PlanState.OPEN).exists()
        with pytest.raises(NotAllowed):
            actions.start_round(alone.actor("李娜"), kind="weather", reason="寒潮", due_on=date(2026, 11, 4))
        with pytest.raises(actions.RoundReasonWanted):
            actions.start_round(boss, kind="weather", reason=" ", due_on=date(2026, 11, 4))


def test_a_specialist_walks_her_own_patch_and_what_a_colleague_gave_her(alone, monthly):
    lina, boss = alone.actor("李娜"), alone.actor("赵敏")
    with clock.at(MONDAY):
        actions.fall_due(SYSTEM)
        west = plans(resident=alone.residents["老马"])
        assert [plan.resident_id for plan in queries.open_plans(lina)] == [alone.residents["王桂英"].pk]
        assert actions.hand_over(lina, plans=west, to=lina.account_id) == 0  # not hers to take
        assert actions.hand_over(boss, plans=west, to=lina.account_id) == 1
        assert actions.hand_over(boss, plans=west, to=lina.account_id) == 0
        assert {plan.resident_id for plan in queries.open_plans(lina)} == {
            alone.residents["王桂英"].pk,
            alone.residents["老马"].pk,
        }
        assert len(queries.door_page(lina, alone.here.door("9-1-101")).members) == 1
        with pytest.raises(actions.NotAColleague):
            actions.hand_over(boss, plans=west, to=alone.accounts["王芳"].pk)
        assert actions.hand_over(boss, plans=west, to=None) == 1
        assert queries.door_page(lina, alone.here.door("9-1-101")) is None


def test_the_way_of_the_day_goes_house_by_house_and_takes_what_is_near(alone, monthly):
    with clock.at(MONDAY):
        actions.fall_due(SYSTEM)
        rows = queries.doors_due(queries.open_plans(alone.actor("赵敏")))
        assert [row.dwelling.door for row in queries.route_of(rows)] == ["9-1-101", "48-1-102"]
        actions.plan_visit(alone.actor("李娜"), resident=alone.residents["王桂英"], reason="昨天出院")
        rows = queries.doors_due(queries.open_plans(alone.actor("赵敏")))
        assert [row.dwelling.door for row in queries.route_of(rows, most=1)] == ["48-1-102"]
        assert rows[0].due_on == clock.today() + timedelta(days=1) and rows[0].reason == "昨天出院"
