from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.worktime import actions, queries
from linli.worktime.forms import read_spans
from linli.worktime.models import Shift, SpecialDay

HALF = (((8 * 60, 12 * 60),),) * 6 + ((),)


def test_a_community_without_hours_of_its_own_works_the_usual_week(here):
    working = queries.working_time()
    assert working.is_working_day(date(2026, 11, 26)) and not working.is_working_day(date(2026, 11, 28))
    assert not working.is_working_day(date(2026, 10, 1)) and working.is_working_day(date(2026, 10, 10))


def test_the_secretary_sets_the_week_and_once_more_changes_nothing(as_secretary):
    actions.set_week(as_secretary, week=HALF)
    actions.set_week(as_secretary, week=HALF)

    assert queries.week() == HALF and Shift.objects.count() == 6
    assert TrailEntry.objects.filter(verb="worktime.week_set").count() == 1


def test_a_day_is_changed_said_and_taken_back(as_secretary):
    day = date(2026, 11, 26)
    actions.set_day(as_secretary, day=day, is_working=False, reason="台风停工")
    assert not queries.working_time().is_working_day(day)

    actions.set_day(as_secretary, day=day, is_working=False, reason="台风停工")
    assert TrailEntry.objects.filter(verb="worktime.day_set").count() == 1

    actions.clear_day(as_secretary, day=day)
    actions.clear_day(as_secretary, day=day)
    assert queries.working_time().is_working_day(day) and not SpecialDay.objects.exists()
    assert TrailEntry.objects.filter(verb="worktime.day_cleared").count() == 1


def test_a_reason_is_asked_for_and_an_empty_week_refused(as_secretary):
    with pytest.raises(actions.ReasonMissing):
        actions.set_day(as_secretary, day=date(2026, 11, 26), is_working=False, reason=" ")
    with pytest.raises(actions.NotAWeek):
        actions.set_week(as_secretary, week=((),) * 7)


def test_only_who_keeps_the_calendar_changes_it(as_specialist):
    for act in (
        lambda: actions.set_week(as_specialist, week=HALF),
        lambda: actions.set_day(as_specialist, day=date(2026, 11, 26), is_working=False, reason="x"),
        lambda: actions.clear_day(as_specialist, day=date(2026, 11, 26)),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_database_refuses_spans_that_overlap(here):
    Shift.objects.create(weekday=1, opens_minute=500, closes_minute=600)
    Shift.objects.create(weekday=1, opens_minute=600, closes_minute=700)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(weekday=1, opens_minute=550, closes_minute=560)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("8:30-11:30 13:00-17:00", ((510, 690), (780, 1020))),
        ("８：３０～１１：３０，13:00至17:00", ((510, 690), (780, 1020))),
        ("8:30–11:30　13:00–17:00", ((510, 690), (780, 1020))),
        (" ", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert read_spans(text) == spans


@pytest.mark.parametrize("text", ["早上", "11:30-8:30", "8:00-10:00 9:00-11:00", "8:00-25:00"])
def test_what_is_no_span_is_said_so(text):
    with pytest.raises(ValueError, match=text):
        read_spans(text)


def test_the_page_names_the_notice_and_says_when_a_year_has_none(cast, here, browse):
    client = browse(cast.accounts["赵敏"])
    url = f"/c/{here.code}/desk/worktime/"
    assert "国办发明电〔2025〕7号" in client.get(url + "?month=2026-10").content.decode()
    assert "2031 年的放假安排这里还没有" in client.get(url + "?month=2031-02").content.decode()
    assert client.get(url + "?month=9999-99&day=x").status_code == 200


def test_a_day_is_changed_on_the_page(cast, here, browse):
    client = browse(cast.accounts["赵敏"])
    url = f"/c/{here.code}/desk/worktime/"
    refused = client.post(url + "day/", {"day": "2026-11-27", "is_working": "0", "reason": ""})
    assert refused.status_code == 422 and "请写一句原因" in refused.content.decode()

    client.post(url + "day/", {"day": "2026-11-27", "is_working": "0", "reason": "全员培训"})
    assert "全员培训" in client.get(url + "?month=2026-11").content.decode()
    client.post(url + "day/clear/", {"day": "2026-11-27"})
    assert "全员培训" not in client.get(url + "?month=2026-11").content.decode()


def test_a_specialist_looks_but_finds_nothing_to_change(cast, here, browse):
    page = browse(cast.accounts["李娜"]).get(f"/c/{here.code}/desk/worktime/?day=2026-11-27").content.decode()
    assert "上班时间" in page and "worktime/week/" not in page and "worktime/day/" not in page


def test_the_month_shown_counts_its_working_days(here):
    with clock.at(datetime(2026, 10, 8, 9, tzinfo=clock.SHANGHAI)):
        shown = queries.month_of(date(2026, 10, 8))
    assert shown.working_days == 18  # 22 weekdays, five of them holidays, and the 10th made up
    assert shown.after - shown.before > timedelta(days=55)
