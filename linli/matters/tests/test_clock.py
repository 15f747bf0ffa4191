"""Pauses, extensions, and what the clock says: asked and decided by two people, said once, always within working hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.core import clock
from linli.core.clock import SHANGHAI
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.matters import actions, queries
from linli.matters.models import AskState, ClockMark, Ending, Extension, Matter, MatterKind, Pause, PauseReason
from linli.matters.rules_clock import Timed, moments_of
from linli.notices.models import Message
from linli.worktime.holidays import announced
from linli.worktime.rules import USUAL_WEEK, Unit, WorkingTime

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
USUAL = WorkingTime(USUAL_WEEK, {day: said.is_working for day, said in announced().items()})


def at(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


@pytest.fixture
def kind(here):
    """Promised in three working days."""
    kind = MatterKind.objects.get(code="leak")
    kind.promise_unit = "working_days"
    kind.save()
    return kind


@pytest.fixture
def matter(kind, as_wang, as_specialist):
    """Reported on Monday at nine, taken at ten: due when Thursday is over."""
    with clock.at(MONDAY):
        row = actions.report_matter(as_wang, kind=kind, words="滴水", spot=queries.spot_named("48-2-301"))
    with clock.at(MONDAY + timedelta(hours=1)):
        return actions.accept_matter(as_specialist, matter=row)


@pytest.fixture
def reason(here):
    return PauseReason.objects.get(code="parts")


def look(here, moment):
    with clock.at(moment):
        while actions.look_at_clocks(here.community):
            pass


def ask_pause(actor, matter, reason, *, when="11-24 10:00", until=date(2026, 11, 26), words="管件周四到"):
    with clock.at(at(when)):
        return actions.ask_pause(actor, matter=matter, reason=reason, until=until, words=words)


def grant(actor, pause, *, when="11-24 14:00"):
    with clock.at(at(when)):
        return actions.decide_pause(actor, pause=pause, is_granted=True)


def test_a_promise_of_three_working_days_ends_when_the_third_is_over(matter):
    assert matter.due_at == at("11-27 00:00")


def test_a_pause_moves_the_deadline_by_the_working_time_it_stands_still(as_specialist, as_secretary, matter, reason):
    grant(as_secretary, ask_pause(as_specialist, matter, reason))

    row = Matter.objects.get(pk=matter.pk)
    # From Tuesday ten to the end of Thursday are 5.5 + 7 + 7 hours; after Thursday they end on the Wednesday after.
    assert row.paused_until == at("11-27 00:00")
    assert USUAL.working_between(at("11-27 00:00"), row.due_at) == timedelta(hours=19, minutes=30)
    assert "材料还没有到" in queries.pause_words(row) and "11月26日" in queries.pause_words(row)


def test_going_on_early_gives_back_what_was_not_paused(as_specialist, as_secretary, matter, reason):
    grant(as_secretary, ask_pause(as_specialist, matter, reason))
    with clock.at(at("11-25 10:00")):
        actions.resume_matter(as_specialist, matter=matter)
        actions.resume_matter(as_specialist, matter=matter)

    row = Matter.objects.get(pk=matter.pk)
    assert row.paused_until is None
    assert USUAL.working_between(at("11-27 00:00"), row.due_at) == timedelta(hours=7)
    assert Pause.objects.get().state == AskState.ENDED
    assert TrailEntry.objects.filter(verb="matter.resumed").count() == 1


def test_a_pause_that_has_run_out_ends_by_itself(here, as_specialist, as_secretary, matter, reason):
    grant(as_secretary, ask_pause(as_specialist, matter, reason))
    due = Matter.objects.get(pk=matter.pk).due_at
    look(here, at("11-26 17:00"))
    assert Pause.objects.get().state == AskState.GRANTED
    look(here, at("11-27 00:01"))
    row = Matter.objects.get(pk=matter.pk)
    assert (Pause.objects.get().state, row.paused_until, row.due_at) == (AskState.ENDED, None, due)


def test_nobody_decides_what_they_asked_themselves(as_secretary, matter, reason):
    pause = ask_pause(as_secretary, matter, reason)
    with pytest.raises(actions.OwnAsk):
        grant(as_secretary, pause)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause.objects.update(decided_by=as_secretary.account_id)


def test_the_street_decides_what_the_secretary_asked(as_secretary, as_official, matter, reason):
    assert grant(as_official, ask_pause(as_secretary, matter, reason)).state == AskState.GRANTED


def test_a_specialist_does_not_decide(as_specialist, as_other_specialist, matter, reason):
    pause = ask_pause(as_specialist, matter, reason)
    for actor in (as_specialist, as_other_specialist):
        with pytest.raises(NotAllowed):
            grant(actor, pause)


def test_one_question_at_a_time(as_specialist, as_secretary, matter, reason):
    pause = ask_pause(as_specialist, matter, reason)
    with pytest.raises(actions.AskedAlready):
        ask_pause(as_specialist, matter, reason)
    with clock.at(at("11-24 11:00")), pytest.raises(actions.AskedAlready):
        actions.ask_extension(as_specialist, matter=matter, until=date(2026, 11, 30), words="要换整根管")
    grant(as_secretary, pause)
    with pytest.raises(actions.AskedAlready):
        ask_pause(as_specialist, matter, reason, when="11-25 10:00", until=date(2026, 11, 27))


def test_the_database_holds_one_open_pause(as_specialist, matter, reason):
    pause = ask_pause(as_specialist, matter, reason)
    pause.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause(
            matter=matter, reason=reason, until_at=pause.until_at, asked_by=pause.asked_by, asked_at=pause.asked_at
        ).save()


def test_after_the_deadline_nothing_is_asked(as_specialist, matter, reason):
    with pytest.raises(actions.TooLateToAsk):
        ask_pause(as_specialist, matter, reason, when="11-27 09:00", until=date(2026, 11, 30))
    with clock.at(at("11-27 09:00")), pytest.raises(actions.TooLateToAsk):
        actions.ask_extension(as_specialist, matter=matter, until=date(2026, 11, 30), words="还要两天")


@pytest.mark.parametrize("until", [date(2026, 11, 23), date(2027, 3, 1)])
def test_a_day_gone_or_too_far_is_refused(as_specialist, matter, reason, until):
    with pytest.raises(actions.DayUnfit):
        ask_pause(as_specialist, matter, reason, until=until)


def test_an_extension_is_granted_counted_and_told(as_wang, as_specialist, as_secretary, matter):
    with clock.at(at("11-25 15:00")):
        extension = actions.ask_extension(as_specialist, matter=matter, until=date(2026, 12, 1), words="要换整根管")
    with clock.at(at("11-25 16:00")):
        actions.decide_extension(as_secretary, extension=extension, is_granted=True)
        actions.decide_extension(as_secretary, extension=extension, is_granted=True)

    row = Matter.objects.get(pk=matter.pk)
    assert (row.due_at, row.extended_count) == (at("12-02 00:00"), 1)
    verbs = [step.verb for step in queries.page_of(as_wang, row).steps]
    assert "matter.extended" in verbs and "matter.extension_asked" not in verbs
    assert "matter.extension_asked" in [step.verb for step in queries.page_of(as_specialist, row).steps]


def test_a_refusal_says_why_and_changes_nothing(as_specialist, as_secretary, matter):
    with clock.at(at("11-25 15:00")):
        extension = actions.ask_extension(as_specialist, matter=matter, until=date(2026, 12, 1), words="忙")
        with pytest.raises(actions.WordsMissing):
            actions.decide_extension(as_secretary, extension=extension, is_granted=False)
        actions.decide_extension(as_secretary, extension=extension, is_granted=False, words="先关阀，明天换管")
        with pytest.raises(OutOfTurn):
            actions.decide_extension(as_secretary, extension=extension, is_granted=True)
    assert Matter.objects.get(pk=matter.pk).due_at == matter.due_at
    assert Extension.objects.get().state == AskState.DECLINED


def test_answering_ends_the_pause_and_takes_back_what_was_asked(as_specialist, as_secretary, matter, reason):
    grant(as_secretary, ask_pause(as_specialist, matter, reason))
    with clock.at(at("11-25 10:00")):
        row = actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="换好了")
    assert row.paused_until is None and Pause.objects.get().state == AskState.ENDED


def test_the_clock_reminds_urges_and_raises_each_once(cast, here, as_specialist, matter):
    for moment in (
        "11-24 09:00",
        "11-26 13:30",
        "11-26 09:00",
        "11-27 08:30",
        "11-27 09:00",
        "11-30 09:00",
        "12-03 09:00",
    ):
        look(here, at(moment)), look(here, at(moment))

    marks = list(ClockMark.objects.order_by("made_at", "id").values_list("mark", flat=True))
    assert marks.count("overdue") == marks.count("secretary") == marks.count("street") == 1
    assert {"last", "overdue", "secretary", "street"} <= set(marks) and len(marks) == len(set(marks))
    row = Matter.objects.get(pk=matter.pk)
    assert (row.raised_to, row.look_at) == ("street", None)
    said = [step.title for step in queries.page_of(as_specialist, row).steps]
    assert "超时，已催办" in said and said.count("超时，已报上级") == 2


def test_who_can_be_reached_by_machine_hears_it_and_nobody_has_to_telephone(cast, here, as_specialist, matter):
    account = cast.accounts["李娜"]
    look(here, at("11-26 09:00"))
    assert not Message.objects.filter(template="matter_due_soon").exists()
    account.phone = "10012340077"
    account.save()
    look(here, at("11-27 09:00"))
    message = Message.objects.get(template="matter_overdue")
    assert message.recipient_account == account.id and message.channel == "sms"


def test_after_a_stop_of_the_machine_only_the_gravest_is_told(here, matter):
    look(here, at("12-10 09:00"))
    assert ClockMark.objects.count() >= 4
    assert TrailEntry.objects.filter(subject_id=matter.id, verb="matter.raised").count() == 1
    assert not TrailEntry.objects.filter(subject_id=matter.id, verb__in=["matter.overdue", "matter.due_soon"]).exists()


def test_a_matter_nobody_takes_is_said_after_its_hours(here, kind, as_wang):
    with clock.at(MONDAY):
        row = actions.report_matter(as_wang, kind=kind, words="滴水", spot=queries.spot_named("48-2-301"))
    look(here, at("11-23 13:30"))
    assert not ClockMark.objects.exists()
    look(here, at("11-23 14:30"))
    assert [*ClockMark.objects.values_list("matter_id", "mark")] == [(row.id, "untaken")]


def test_a_paused_matter_is_left_in_peace(here, as_specialist, as_secretary, matter, reason):
    grant(as_secretary, ask_pause(as_specialist, matter, reason))
    look(here, at("11-26 16:30"))
    assert not ClockMark.objects.exclude(mark="soon").exists()


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)),
    st.integers(1, 30),
    st.sampled_from(Unit),
    st.none() | st.integers(1, 40),
    st.booleans(),
)
def test_whatever_the_promise_the_clock_speaks_in_working_hours_and_in_order(start, amount, unit, hours, is_taken):
    reported_at = start.replace(tzinfo=SHANGHAI)
    due_at = USUAL.promised(reported_at, amount, unit)
    timed = Timed(reported_at, due_at, amount, unit, is_taken, reported_at if is_taken else None, hours, hours)
    moments = {each.mark: each.at for each in moments_of(timed, USUAL)}
    assert all(
        any(opens <= at.hour * 60 + at.minute <= closes for opens, closes in USUAL.spans_on(at.date()))
        for at in moments.values()
    )
    assert moments["overdue"] >= due_at and moments["overdue"] <= moments["secretary"] < moments["street"]
    # A promise given and over between two working days has nothing to remind of.
    assert moments.get("soon", reported_at) <= moments.get("last", reported_at) < due_at


def test_the_flow_on_the_pages(cast, here, browse, matter, reason):
    root = f"/c/{here.code}/desk"
    specialist, secretary = browse(cast.accounts["李娜"]), browse(cast.accounts["赵敏"])
    with clock.at(at("11-24 10:00")):
        page = specialist.get(f"{root}/matters/{matter.id}/").content.decode()
        assert "申请延期" in page and "暂停计时" in page
        empty = specialist.post(
            f"{root}/matters/{matter.id}/pause/", {"pause-reason": "parts", "pause-until": "2026-11-26"}
        )
        assert empty.status_code == 422 and "在等什么" in empty.content.decode()
        given_ = {"pause-reason": "parts", "pause-until": "2026-11-26", "pause-words": "管件周四到"}
        asked = specialist.post(f"{root}/matters/{matter.id}/pause/", given_, follow=True).content.decode()
        assert "撤回申请" in asked and "等社区书记审批" in asked
        assert "李娜申请暂停计时" in secretary.get(f"{root}/asks/").content.decode()
        decided = secretary.post(f"{root}/matters/{matter.id}/decide/", {"decide-decision": "yes"}, follow=True)
        assert "暂停计时中" in decided.content.decode()
        again = secretary.post(f"{root}/matters/{matter.id}/decide/", {"decide-decision": "no", "decide-words": "x"})
        assert again.status_code == 409
        mine = browse(cast.accounts["王芳"]).get(f"/c/{here.code}/matters/{matter.id}/").content.decode()
        assert "材料还没有到" in mine and "管件周四到" not in mine
        resumed = specialist.post(f"{root}/matters/{matter.id}/resume/", follow=True).content.decode()
        assert "暂停计时中" not in resumed


def test_a_program_asks_decides_and_goes_on(cast, here, browse, matter, reason):
    root = f"/api/c/{here.code}/matters/{matter.id}"
    specialist, secretary = browse(cast.accounts["李娜"]), browse(cast.accounts["赵敏"])
    asked = {"reason": "parts", "until": "2026-11-26", "words": "管件周四到"}
    with clock.at(at("11-24 10:00")):
        assert specialist.post(f"{root}/decide", {"is_granted": True}, "application/json").status_code == 403
        assert specialist.post(f"{root}/pause", asked, "application/json").status_code == 200
        assert specialist.post(f"{root}/pause", asked, "application/json").status_code == 409
        decided = secretary.post(f"{root}/decide", {"is_granted": True}, "application/json")
        assert decided.status_code == 200 and decided.json()["paused_until"] is not None
        resumed = specialist.post(f"{root}/resume", {}, "application/json")
        assert resumed.status_code == 200 and resumed.json()["paused_until"] is None
