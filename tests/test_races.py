"""Races with real threads and real commits. The database decides each; check-then-insert would lose every one of them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from linli.accounts import actions as accounts
from linli.accounts.queries import operator
from linli.core import clock
from linli.core.access import Role
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import Ending, Extension, Matter, MatterKind, Pause, PauseReason, State
from linli.organisations import actions as organisations
from tests.cast import PASSWORD
from tests.helpers import race

THREADS = 12


@pytest.fixture
def cast(committed_cast):
    return committed_cast


def report(cast, words="滴水", **more):
    with active(cast.here.id):
        return actions.report_matter(
            cast.actor("王芳"),
            kind=MatterKind.objects.get(code="leak"),
            words=words,
            spot=queries.spot_named("48-2-301"),
            **more,
        )


def verbs_of(cast, matter):
    with active(cast.here.id):
        return Counter(TrailEntry.objects.filter(subject_id=matter.id).values_list("verb", flat=True))


def test_one_matter_is_taken_by_one_person(cast):
    matter = report(cast)
    takers = []
    for i in range(THREADS):
        account = accounts.add_account(operator(), username=f"worker{i:02}", password=PASSWORD, display_name=f"社工{i}")
        accounts.grant_post(operator(), account=account, role=Role.BACK_OFFICE, community=cast.here.community)
        cast.accounts[f"社工{i}"] = account
        takers.append(cast.actor(f"社工{i}"))

    def take(i):
        with active(cast.here.id):
            return actions.accept_matter(takers[i], matter=matter)

    results = race(THREADS, take)
    winners = [r for r in results if isinstance(r, Matter)]
    assert len(winners) == 1
    assert all(isinstance(r, actions.AlreadyTaken) for r in results if r not in winners)
    assert verbs_of(cast, matter)["matter.accepted"] == 1


def test_one_report_sent_many_times_is_one_matter(cast):
    key = uuid7()
    results = race(THREADS, lambda i: report(cast, id=key))
    assert {r.pk for r in results} == {key}, [r for r in results if isinstance(r, Exception)]
    with active(cast.here.id):
        assert Matter.objects.count() == 1
    assert verbs_of(cast, results[0])["matter.reported"] == 1


def test_every_matter_gets_its_own_number(cast):
    results = race(THREADS, lambda i: [report(cast, words=f"{i}-{k}").number for k in range(4)])
    numbers = sorted(number for got in results for number in got)
    assert [int(number[-4:]) for number in numbers] == list(range(1, THREADS * 4 + 1))


def test_an_answer_is_confirmed_or_reopened_never_both(cast):
    matter = report(cast)
    with active(cast.here.id):
        actions.accept_matter(cast.actor("李娜"), matter=matter)
        actions.feed_back(cast.actor("李娜"), matter=matter, ending=Ending.SOLVED, words="好了")
    wang = cast.actor("王芳")

    def decide(i):
        with active(cast.here.id):
            if i % 2:
                return actions.reopen_matter(wang, matter=matter, words="没好")
            return actions.confirm_matter(wang, matter=matter, rating=5)

    results = race(THREADS, decide)
    with active(cast.here.id):
        matter.refresh_from_db()
    counted = verbs_of(cast, matter)
    # Confirming and then reopening is a lawful order; a state that both have set is not.
    assert (matter.state == State.CLOSED) == (counted["matter.confirmed"] > counted["matter.reopened"])
    assert counted["matter.reopened"] <= 1 and matter.reopened_count == counted["matter.reopened"]
    assert all(isinstance(r, Matter | OutOfTurn) for r in results)


def test_one_secretary_is_appointed_and_one_steward_a_building(cast):
    with active(cast.here.id):
        zhao, since = cast.actor("赵敏"), date(2025, 1, 1)
        committee = organisations.add_organisation(zhao, kind="committee", name="社区党委", from_on=since)
        seats = ({"role": "secretary"}, {"role": "steward", "building": cast.here.buildings[48]})
        branch = organisations.add_organisation(
            zhao, kind="general_branch", name="东片总支", parent=committee, from_on=since
        )
    for seat, taken in zip(seats, (organisations.SeatTaken, organisations.StewardThere), strict=True):

        def sit(i, seat=seat):
            with active(cast.here.id):
                return organisations.give_post(zhao, organisation=branch, name=f"候选{i}", from_on=since, **seat)

        results = race(THREADS, sit)
        assert [isinstance(result, taken) for result in results].count(False) == 1, results
    with active(cast.here.id):
        assert branch.posts.count() == 2


def in_hand(cast):
    """A matter that 李娜 handles."""
    matter = report(cast)
    with active(cast.here.id):
        return actions.accept_matter(cast.actor("李娜"), matter=matter)


def test_one_question_is_asked_however_many_ask_at_once(cast):
    matter, tomorrow = in_hand(cast), clock.today() + clock.ONE_DAY
    li = cast.actor("李娜")

    def ask(i):
        with active(cast.here.id):
            if i % 2:
                until = (matter.due_at + clock.ONE_DAY).date()
                return actions.ask_extension(li, matter=matter, until=until, words="要久一点")
            reason = PauseReason.objects.get(code="parts")
            return actions.ask_pause(li, matter=matter, reason=reason, until=tomorrow, words="等管件")

    results = race(THREADS, ask)
    assert sum(not isinstance(r, Exception) for r in results) == 1
    assert all(isinstance(r, actions.AskedAlready) for r in results if isinstance(r, Exception)), results
    with active(cast.here.id):
        assert Pause.objects.count() + Extension.objects.count() == 1


def test_a_pause_is_decided_once_and_ends_once(cast):
    matter, tomorrow = in_hand(cast), clock.today() + clock.ONE_DAY
    with active(cast.here.id):
        reason = PauseReason.objects.get(code="parts")
        pause = actions.ask_pause(cast.actor("李娜"), matter=matter, reason=reason, until=tomorrow, words="等管件")

    def decide(i):
        with active(cast.here.id):
            return actions.decide_pause(cast.actor("赵敏"), pause=pause, is_granted=bool(i % 2), words="先关阀")

    results = race(THREADS, decide)
    ends = {r.state for r in results if not isinstance(r, Exception)}
    assert len(ends) == 1 and all(isinstance(r, OutOfTurn) for r in results if isinstance(r, Exception)), results
    verbs = verbs_of(cast, matter)
    assert verbs["matter.paused"] + verbs["matter.pause_declined"] == 1

    def resume(_):
        with active(cast.here.id):
            return actions.resume_matter(cast.actor("李娜"), matter=matter)

    race(THREADS, resume)
    assert verbs_of(cast, matter)["matter.resumed"] == verbs["matter.paused"]
