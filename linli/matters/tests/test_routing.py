"""Where a matter goes: the rules, why, who is away, and giving one to a colleague."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from linli.accounts import actions as accounts
from linli.accounts.models import Post
from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.matters import actions, jobs, queries
from linli.matters.models import Queue, State
from linli.matters.rules_routing import BACK, FRONT, PERSON, Facts, Rule, place, why_not
from linli.notices.models import Message

# --- the rules themselves

PATCHES, PEOPLE = [uuid4(), uuid4()], [uuid4(), uuid4()]


@st.composite
def some_rules(draw):
    target = draw(st.sampled_from([FRONT, BACK, PERSON]))
    return Rule(
        id=uuid4(),
        name="规则",
        target=target,
        person=draw(st.sampled_from(PEOPLE)) if target == PERSON else None,
        kind=draw(st.sampled_from(["", "leak", "leak-roof", "fire"])),
        sub_area=draw(st.sampled_from([None, *PATCHES])),
        source=draw(st.sampled_from(["", "desk"])),
        grade=draw(st.sampled_from(["", "urgent"])),
        pattern=draw(st.sampled_from(["", "like", "new"])),
        at_least=draw(st.integers(2, 5)),
        days=draw(st.integers(1, 90)),
        within=draw(st.sampled_from(["building", "sub_area", "community"])),
        seen=draw(st.integers(0, 6)),
    )


facts = st.builds(
    Facts,
    path=st.sampled_from([("leak",), ("leak", "leak-roof"), ("fire",)]),
    source=st.sampled_from(["resident", "desk"]),
    grade=st.sampled_from(["L1", "urgent"]),
    side=st.sampled_from(["", FRONT, BACK]),
    sub_area=st.sampled_from([None, *PATCHES]),
    has_specialist=st.booleans(),
)


@given(facts, st.lists(some_rules(), max_size=6), st.sets(st.sampled_from(PEOPLE)))
def test_every_matter_gets_a_place_and_the_first_rule_that_fits_decides(known, rules, on_duty):
    placed = place(known, rules, on_duty)

    fitting = [r for r in rules if not why_not(r, known) and (r.target != PERSON or r.person in on_duty)]
    assert placed.queue in (FRONT, BACK) and placed.because
    assert placed.rule == (fitting[0].id if fitting else None)
    assert placed.person is None or placed.person in on_duty
    assert placed.queue == BACK or known.has_specialist, "nobody waits at a front desk that is empty"
    assert place(known, [*rules, Rule(uuid4(), "末", BACK)], on_duty).rule == placed.rule or not fitting


# --- a matter that comes in

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(as_wang, here):
    def make(code="leak", door="48-2-301", **more):
        kind, spot = queries.kinds_to_report().by_code[code], queries.spot_named(door)
        return actions.report_matter(as_wang, kind=kind, words="有件事", spot=spot, **more)

    return make


@pytest.fixture
def usual(here, as_secretary):
    return {rule.name: rule for rule in actions.set_up_routing(as_secretary)}


def test_scattered_goes_to_the_front_and_the_third_in_one_house_to_the_back(report, usual):
    first, second, third = report(), report(door="48-1-102"), report()

    assert [m.queue for m in (first, second, third)] == [Queue.FRONT, Queue.FRONT, Queue.BACK]
    assert first.routed_by is None and first.routed_because == "零散的事先由片区专员办"
    assert third.routed_by == usual["同一幢楼反复出现"] and third.routed_because == "近 30 天本楼栋第 3 件同类"


def test_what_is_long_past_or_elsewhere_or_another_kind_does_not_count(report, usual):
    with clock.at(clock.now() - timedelta(days=31)):
        report(), report()
    report(door="49-1-101"), report(door="49-1-101"), report("noise")
    assert report().queue == Queue.FRONT


def test_new_is_what_a_community_that_has_kept_count_has_not_seen(report, usual):
    assert report().queue == Queue.FRONT, "a community's first days know nothing new"
    with clock.at(clock.now() - timedelta(days=200)):
        report("clean")
    fresh = report("noise", door="49-1-101")
    assert (fresh.queue, fresh.routed_because) == (Queue.BACK, "近 180 天没有过这样的事")
    assert report("noise", door="49-1-101").queue == Queue.FRONT


def test_without_rules_the_kind_and_the_patch_decide(report):
    assert report("policy").routed_because == "这一类先由后台办"
    nowhere = report(door="小区东门口")
    assert (nowhere.queue, nowhere.routed_because) == (Queue.BACK, "没有写明楼栋")


def test_a_rule_that_is_off_or_comes_later_does_not_decide(report, usual, as_secretary):
    mine = actions.add_rule(as_secretary, name="漏水都给后台", kind=report().kind, target="back")
    assert report().routed_by == mine
    actions.switch_rule(as_secretary, rule=mine, is_on=False)
    assert report(door="49-1-101").routed_by is None
    actions.switch_rule(as_secretary, rule=mine, is_on=True)
    front = actions.add_rule(as_secretary, name="漏水给专员", kind=mine.kind, target="front")
    assert report(door="49-1-101").routed_by == mine
    actions.shift_rule(as_secretary, rule=front, by=-1)
    assert report(door="9-1-101").routed_by == front


def test_a_rule_names_a_colleague_who_is_told_and_takes_it(report, cast, as_secretary, as_back_office, as_specialist):
    chen = cast.accounts["陈建国"]
    actions.add_rule(as_secretary, name="停车找陈建国", kind=queries.kinds_to_report().by_code["parking"],
                     target="person", person=chen.pk)  # fmt: skip
    matter = report("parking")
    assert matter.handler == chen.pk and matter.state == State.REPORTED

    with pytest.raises(NotAllowed):
        actions.accept_matter(as_specialist, matter=matter)
    assert actions.accept_matter(as_back_office, matter=matter).state == State.ACCEPTED


def test_reporting_asks_one_question_more_however_many_rules_there_are(report, usual, as_secretary):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            report("noise", door="49-1-101")
        return len([q for q in asked if "routingrule" in q["sql"]]), len(asked)

    before = questions()
    for n in range(5):
        actions.add_rule(as_secretary, name=f"规则 {n}", pattern="like", at_least=50, days=9, target="back")
    assert questions() == before and before[0] == 1


def test_trying_out_says_what_a_real_one_would_do_and_changes_nothing(report, usual, here):
    report(), report()
    kind, spot = queries.kinds_to_report().by_code["leak"], queries.spot_named("48-2-301")
    tried = queries.try_out(kind, source="resident", building=spot.building)
    assert tried.placed.rule == usual["同一幢楼反复出现"].pk
    assert {r.name: why for r, why in tried.asked}["紧急的事先到片区专员"] == "层级不同"
    assert report().routed_by_id == tried.placed.rule


def test_only_the_secretary_arranges_rules_and_a_rule_must_be_whole(as_specialist, as_secretary, usual):
    with pytest.raises(NotAllowed):
        actions.add_rule(as_specialist, name="我的", target="back")
    for wrong in (
        {"name": " ", "target": "back"},
        {"name": "没写几天", "pattern": "like", "at_least": 3, "target": "back"},
        {"name": "没写给谁", "target": "person"},
        {"name": "不在这里", "target": "person", "person": uuid7()},
    ):
        with pytest.raises(actions.RuleWrong):
            actions.add_rule(as_secretary, **wrong)
    with pytest.raises(actions.RuleNamed):
        actions.add_rule(as_secretary, name="半年没有过的事", target="back")


# --- away and standing in


def test_a_cover_has_the_patch_for_those_days_and_matters_find_her(report, cast, here, as_secretary):
    lina, sun = cast.accounts["李娜"], cast.accounts["孙伟"]
    today = clock.today()
    away = accounts.note_absence(
        as_secretary,
        account=lina,
        community=here.community,
        from_on=today,
        until_on=today + timedelta(days=3),
        cover=sun,
    )
    post = Post.objects.get(pk=away.posts[0])
    assert (post.account, post.valid_from, post.valid_to) == (sun, away.from_on, away.until_on)
    matter = report()
    assert matter.queue == Queue.FRONT
    assert actions.accept_matter(cast.actor("孙伟"), matter=matter).handler == sun.pk

    accounts.end_absence(as_secretary, absence=away)
    post.refresh_from_db()
    assert post.valid_to == today


def test_without_a_cover_the_patch_waits_at_the_back_and_nobody_is_given_to_who_is_away(
    report, cast, here, as_secretary
):
    lina, today = cast.accounts["李娜"], clock.today()
    accounts.note_absence(
        as_secretary, account=lina, community=here.community, from_on=today, until_on=today + timedelta(days=1)
    )
    matter = report()
    assert (matter.queue, matter.routed_because) == (Queue.BACK, "这个片区今天没有专员在岗")
    with pytest.raises(actions.NotOnDuty):
        actions.assign_matter(as_secretary, matter=matter, to=lina.pk)
    with clock.at(clock.now() + timedelta(days=1)):
        assert report(door="49-1-101").queue == Queue.FRONT
    with pytest.raises(accounts.AbsenceNoted):
        accounts.note_absence(
            as_secretary, account=lina, community=here.community, from_on=today, until_on=today + timedelta(days=9)
        )


# --- giving it to a colleague


def test_a_matter_given_to_a_colleague_waits_for_her_and_she_is_told(report, cast, as_secretary, as_specialist, here):
    chen, matter = cast.accounts["陈建国"], report()
    given_to = actions.assign_matter(as_secretary, matter=matter, to=chen.pk, words="你熟")
    assert (given_to.state, given_to.handler, given_to.accepted_at) == (State.REPORTED, chen.pk, None)
    with pytest.raises(actions.Assigned):
        actions.accept_matter(as_specialist, matter=matter)

    entry = _last("matter.assigned")
    for _ in range(2):
        jobs.tell_assigned.func(community_id=here.id, entry_id=str(entry.pk))
    assert Message.objects.filter(template="matter_assigned", recipient_account=chen.pk).count() == 1
    assert actions.accept_matter(cast.actor("陈建国"), matter=matter).accepted_at is not None


def test_only_who_sees_all_gives_matters_out(report, cast, as_specialist):
    with pytest.raises(NotAllowed):
        actions.assign_matter(as_specialist, matter=report(), to=cast.accounts["孙伟"].pk)


def test_loads_say_what_everybody_has_in_hand(report, cast, as_specialist):
    actions.accept_matter(as_specialist, matter=report())
    loads = {load.name: (load.open, load.late) for load in queries.loads()}
    assert loads["李娜"] == (1, 0) and loads["陈建国"] == (0, 0)


def _last(verb):
    return TrailEntry.objects.filter(verb=verb).latest("at")
