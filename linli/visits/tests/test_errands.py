"""A volunteer walks a light door: what she is given, what she sees, what she may not."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.db import IdTaken
from linli.core.errors import NotAllowed
from linli.core.ids import uuid7
from linli.residents import actions as residents
from linli.visits import actions, queries
from linli.visits.actions import PolicyFacts
from linli.visits.models import Cause, PlanState, Visit, VisitErrand, VisitPlan

from .conftest import MONDAY, day


@pytest.fixture
def lent(alone):
    """王芳 is a volunteer; 王桂英 and 老马 are due this month by a light rule."""
    boss = alone.actor("赵敏")
    residents.grant_category(boss, resident=alone.residents["王芳"], kind="volunteer", from_on=date(2024, 1, 1))
    with clock.at(MONDAY):
        facts = PolicyFacts(name="独居", every="month", categories=["living_alone"], is_light=True)
        actions.add_policy(boss, facts=facts)
        actions.fall_due(SYSTEM)
    return alone


def plans_of(cast, name="王桂英"):
    return VisitPlan.objects.filter(resident=cast.residents[name])


def give(cast, name="王桂英", who="李娜", to="王芳") -> int:
    return actions.give_errands(cast.actor(who), plans=plans_of(cast, name), volunteer=cast.accounts[to].pk)


def test_a_volunteer_sees_a_name_a_door_and_what_to_ask_until_a_day(lent):
    with clock.at(day(11, 3)):
        assert give(lent) == 1
        (row,) = queries.errand_rows(queries.errands_of(lent.actor("王芳")))
        assert (row.name, row.place, row.errand.until) == ("王桂英", "48幢1单元102室", date(2026, 11, 10))
        assert [question.code for question in row.questions] == ["eats", "sleeps", "medicine", "falls"]
        assert not queries.errands_of(lent.actor("路人")).exists()
    with clock.at(day(11, 11)):
        assert not queries.errands_of(lent.actor("王芳")).exists()


def test_meeting_her_counts_once_however_often_it_is_sent(lent):
    wang, id = lent.actor("王芳"), uuid7()
    with clock.at(day(11, 3)):
        give(lent)
        errand = VisitErrand.objects.get()
        for _ in range(2):
            actions.do_errand(wang, errand_id=errand.pk, found="met", answers={"eats": "bad"}, id=id)
        with pytest.raises(IdTaken):
            actions.do_errand(wang, errand_id=errand.pk, found="absent", id=id)
        with pytest.raises(actions.ErrandOver):
            actions.do_errand(wang, errand_id=errand.pk, found="met")
    visit = Visit.objects.get()
    assert visit.counts and visit.is_worrying and plans_of(lent).get().state == PlanState.DONE


def test_not_meeting_her_brings_the_specialist_the_same_day(lent):
    with clock.at(day(11, 3)):
        give(lent)
        actions.do_errand(lent.actor("王芳"), errand_id=VisitErrand.objects.get().pk, found="absent")
        follow = plans_of(lent).get(cause=Cause.FOLLOW_UP)
        assert (follow.due_on, follow.reason) == (date(2026, 11, 3), "志愿者没见到")
        assert not queries.errands_of(lent.actor("王芳")).exists()


def test_only_what_is_light_goes_to_whoever_is_registered_for_it(lent):
    with clock.at(day(11, 3)):
        with pytest.raises(actions.NotAVolunteer):
            give(lent, to="老马")
        with pytest.raises(actions.NoneLight):
            give(lent, "老马")  # not of her patch
        with pytest.raises(NotAllowed):
            give(lent, who="王芳")
        actions.plan_visit(lent.actor("李娜"), resident=lent.residents["王桂英"], reason="昨天出院")
        assert give(lent) == 1  # what is urgent stays with the specialist


def test_it_is_taken_back_at_once(lent):
    with clock.at(day(11, 3)):
        give(lent)
        assert actions.end_errands(lent.actor("李娜"), plans=plans_of(lent)) == 1
        with pytest.raises(actions.ErrandOver):
            actions.do_errand(lent.actor("王芳"), errand_id=VisitErrand.objects.get().pk, found="met")
