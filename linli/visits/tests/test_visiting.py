"""A pass at one door: what it writes, what it refuses, what happens when it is sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.db import IdTaken
from linli.core.errors import NotAllowed
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.matters.models import Matter, MatterKind, Queue, State
from linli.residents.models import Resident
from linli.visits import actions, queries
from linli.visits.actions import Need, Said
from linli.visits.bulk import Batch
from linli.visits.models import Cause, PlanState, Visit, VisitPlan, VisitSession

from .conftest import MONDAY, day

GRANNY_HOME = "48-1-102"


@pytest.fixture
def due(alone, monthly):
    """Both are due this month."""
    with clock.at(MONDAY):
        actions.fall_due(SYSTEM)
    return alone


def met(cast, name="王桂英", **more) -> Said:
    return Said(resident_id=cast.residents[name].pk, found="met", **more)


def go(cast, *said, who="李娜", door=GRANNY_HOME, channel="door", **more) -> VisitSession:
    return actions.record_session(cast.actor(who), dwelling=cast.here.door(door), channel=channel, said=said, **more)


def of_granny(cast, **of):
    return VisitPlan.objects.filter(resident=cast.residents["王桂英"], **of)


def test_meeting_her_does_everything_that_was_due(due):
    with clock.at(day(11, 3)):
        actions.plan_visit(due.actor("李娜"), resident=due.residents["王桂英"], reason="昨天出院")
        session = go(due, met(due, answers={"eats": "bad", "sleeps": "good"}, words="想女儿"))
        line = queries.session_lines(session).lines[0][1]
    assert set(of_granny(due).values_list("state", flat=True)) == {PlanState.DONE}
    visit = Visit.objects.get()
    assert visit.counts and visit.is_worrying and line.worries == ["吃饭：吃不下"] and line.by == "李娜"
    entry = TrailEntry.objects.get(verb="visit.recorded")
    assert "想女儿" not in str(entry.facts) and entry.facts["met"] == 1


def test_what_she_answered_lies_encrypted(due):
    with clock.at(day(11, 3)):
        go(due, met(due, answers={"eats": "bad"}, words="想女儿"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers, words FROM visits_visit")
        (answers, words) = cursor.fetchone()
    assert b"bad" not in bytes(answers) and "想女儿".encode() not in bytes(words)


def test_not_meeting_her_is_due_again_the_same_day_and_once(due):
    with clock.at(day(11, 3)):
        for _ in range(2):
            go(due, replace(met(due), found="absent"))
        follow = of_granny(due, cause=Cause.FOLLOW_UP).get()
        assert (follow.from_on, follow.due_on, follow.state) == (date(2026, 11, 3), date(2026, 11, 3), PlanState.OPEN)
        assert of_granny(due, cause=Cause.ROUTINE, state=PlanState.OPEN).exists()
        (row,) = [row for row in queries.doors_due(queries.open_plans(due.actor("李娜"))) if row.is_urgent]
        assert row.cause_words == ["没见到，当天再访"]
        go(due, met(due), channel="phone")
    assert not of_granny(due, state=PlanState.OPEN).exists()


def test_a_way_that_does_not_count_leaves_it_due(due):
    with clock.at(day(11, 3)):
        go(due, met(due), channel="neighbour")
    assert not Visit.objects.get().counts and of_granny(due, state=PlanState.OPEN).count() == 1


def test_sent_twice_it_is_one_visit_and_another_with_its_id_is_refused(due):
    id, kind = uuid7(), MatterKind.objects.get(code="repair")
    said = met(due, need=Need(kind, "厨房的灯不亮"), next_on=date(2026, 11, 10))
    with clock.at(day(11, 3)):
        first = go(due, said, id=id)
        again = go(due, said, id=id)
        assert first == again and VisitSession.objects.count() == Visit.objects.count() == Matter.objects.count() == 1
        assert of_granny(due, cause=Cause.AGREED).count() == 1
        with pytest.raises(IdTaken):
            go(due, replace(said, words="别的"), id=id)
        with pytest.raises(IdTaken):
            go(due, said, id=id, who="陈建国")
    assert TrailEntry.objects.filter(verb="visit.recorded").count() == 1


def test_what_she_needs_becomes_a_matter_of_hers_and_may_be_handed_on(due):
    kind = MatterKind.objects.get(code="elder")
    with clock.at(day(11, 3)):
        go(due, met(due, need=Need(kind, "想装扶手", is_handed_on=True)))
    matter = Matter.objects.get()
    assert (matter.for_resident, matter.queue, matter.state) == (due.residents["王桂英"], Queue.BACK, State.REPORTED)
    assert matter.consent == "in_person" and Visit.objects.get().matter == matter


def test_one_tap_confirms_exactly_what_stood_on_the_page(due):
    granny = due.residents["王桂英"]
    with clock.at(day(11, 3)):
        (page,) = queries.door_page(due.actor("李娜"), due.here.door(GRANNY_HOME)).members
        assert {"phone", "residence"} <= set(page.to_confirm)
        go(due, met(due, is_confirmed=True))
        (page,) = queries.door_page(due.actor("李娜"), due.here.door(GRANNY_HOME)).members
    assert page.to_confirm == []
    assert Resident.objects.get(pk=granny.pk).marks["phone"]["source"] == "上门看到"
    with clock.at(day(11, 4)), pytest.raises(actions.CannotConfirm):
        go(due, Said(granny.pk, "absent", is_confirmed=True))
    with clock.at(day(11, 4)), pytest.raises(actions.CannotConfirm):
        go(due, met(due, is_confirmed=True), channel="neighbour")


def test_nothing_is_written_when_one_part_is_refused(due):
    kind = MatterKind.objects.get(code="repair")
    with clock.at(day(11, 3)), pytest.raises(actions.NotBehindThisDoor):
        go(due, met(due, need=Need(kind, "灯不亮")), met(due, "老马"))
    assert not VisitSession.objects.exists() and not Matter.objects.exists()
    with clock.at(day(11, 3)), pytest.raises(actions.NobodyThere):
        go(due)


def test_a_phone_that_was_out_of_reach_may_send_late_but_not_from_the_future(due):
    with clock.at(day(11, 5)):
        assert go(due, met(due), at=day(11, 3)).at == day(11, 3)
        for wrong in (day(11, 6), day(11, 5) - timedelta(days=8)):
            with pytest.raises(actions.TimeWrong):
                go(due, met(due), at=wrong)


def test_no_photo_is_kept_where_the_rule_asks_for_none(due):
    from tests.journeys.stage import picture

    with clock.at(day(11, 3)), pytest.raises(actions.PhotoNotAsked):
        go(due, met(due), photos=[picture()])


@pytest.mark.parametrize("who", ["孙伟", "王芳", "周国平", "郑涛"])
def test_who_does_not_serve_the_door_records_nothing(due, who):
    with clock.at(day(11, 3)), pytest.raises(NotAllowed):
        go(due, met(due), who=who)


def test_the_rate_counts_people_met_in_the_month_and_its_list_is_the_figure(due):
    boss = due.actor("赵敏")
    with clock.at(day(11, 3)):
        go(due, met(due))
        go(due, met(due), channel="phone")
        go(due, met(due, "老马"), who="孙伟", door="9-1-101", channel="neighbour")
        rate = queries.month_rate(boss, clock.today())
        missing = queries.people_of_rate(boss, clock.today(), who="missing")
        assert (rate.total.roll, rate.total.visited, rate.total.percent) == (2, 1, 50)
        assert [row.name for row in missing] == ["老马"]
        assert [(line.name, line.roll, line.visited) for line in rate.areas] == [("东片区", 1, 1), ("西片区", 1, 0)]
        assert not queries.people_of_rate(due.actor("周国平"), clock.today(), who="missing").exists()
        with pytest.raises(NotAllowed):
            queries.month_rate(due.actor("王芳"), clock.today())


def test_told_in_one_batch_it_leaves_the_rows_that_one_by_one_leaves(due):
    home, granny = due.here.door(GRANNY_HOME), due.residents["王桂英"].pk
    passes = [
        (day(11, 3), "door", [Said(granny, "absent")]),
        (day(11, 3, 11), "door", [Said(granny, "absent")]),
        (day(11, 4), "neighbour", [Said(granny, "met")]),
        (day(11, 5), "phone", [Said(granny, "met", answers={"eats": "bad"}, words="想女儿")]),
    ]

    def left():
        visits = Visit.objects.order_by("at").values_list("at", "found", "counts", "answers", "words", "is_worrying")
        plans = (
            of_granny(due)
            .order_by("cause")
            .values_list("cause", "from_on", "due_on", "state", "closed_at", "visit__at")
        )
        trail = TrailEntry.objects.filter(verb="visit.recorded").order_by("at").values_list("at", "facts", "account_id")
        hashes = VisitSession.objects.order_by("at").values_list("made_hash", "channel", "made_by")
        return [list(rows) for rows in (visits, plans, trail, [(bytes(h), c, m) for h, c, m in hashes])]

    def undone(tell):
        with transaction.atomic():
            tell()
            found = left()
            transaction.set_rollback(True)
        return found

    def one_by_one():
        for at, channel, said in passes:
            with clock.at(at):
                go(due, *said, channel=channel)

    def in_one_batch():
        with Batch() as batch:
            for at, channel, said in passes:
                with clock.at(at):
                    batch.record_session(due.actor("李娜"), dwelling=home, channel=channel, said=said)

    assert undone(one_by_one) == undone(in_one_batch)
