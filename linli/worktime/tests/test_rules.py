from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linli.core.clock import SHANGHAI
from linli.worktime.holidays import announced, notices
from linli.worktime.rules import (
    USUAL_WEEK,
    NeverOpen,
    Unit,
    WorkingTime,
    after_calendar_days,
    is_a_week,
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


USUAL = WorkingTime(USUAL_WEEK, {day: said.is_working for day, said in announced().items()})

spans = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)
HOURS_ENOUGH = 240  # minutes a week, so that the longest spell ends within the two years that are looked through
weeks = st.tuples(*[spans] * 7).filter(
    lambda week: sum(closes - opens for day in week for opens, closes in day) >= HOURS_ENOUGH
)
swaps = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=40)
calendars = st.builds(WorkingTime, weeks, swaps)
moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 31), timezones=st.just(SHANGHAI))
spells = st.integers(0, 60 * 24 * 5).map(lambda minutes: timedelta(minutes=minutes))


def is_within(calendar, moment, *, closing=True):
    """Whether `moment` lies in the hours; `closing` lets the very moment of closing count."""
    day = moment.astimezone(SHANGHAI).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    days = [(midnight, calendar.spans_on(day))]
    if closing:  # a span that ends at 24:00 closes on the next day's first moment
        days.append((midnight - timedelta(days=1), calendar.spans_on(day - timedelta(days=1))))
    return any(
        start + timedelta(minutes=opens) <= moment
        and (moment < start + timedelta(minutes=closes) or (closing and moment == start + timedelta(minutes=closes)))
        for start, of_day in days
        for opens, closes in of_day
    )


@given(calendars, moments, spells)
def test_what_is_counted_never_lands_outside_the_hours(calendar, start, much):
    assert is_within(calendar, calendar.add_working(start, much))
    assert is_within(calendar, calendar.take_working(start, much))
    assert is_within(calendar, calendar.next_opening(start), closing=False)


@given(calendars, moments, spells)
def test_counting_and_measuring_are_inverse(calendar, start, much):
    assert calendar.working_between(start, calendar.add_working(start, much)) == much
    assert calendar.working_between(calendar.take_working(start, much), start) == much


@given(calendars, moments, spells, spells)
def test_counting_on_is_counting_through(calendar, start, first, second):
    assert calendar.add_working(calendar.add_working(start, first), second) == calendar.add_working(
        start, first + second
    )


@given(calendars, moments, moments, spells)
def test_who_starts_later_is_never_due_earlier(calendar, one, other, much):
    early, late = sorted((one, other))
    assert calendar.add_working(early, much) <= calendar.add_working(late, much)
    assert calendar.add_working(early, much) <= calendar.add_working(early, much + timedelta(minutes=1))


@given(calendars, moments, moments, moments)
def test_two_stretches_make_the_whole(calendar, a, b, c):
    whole = calendar.working_between(a, b) + calendar.working_between(b, c)
    assert whole == calendar.working_between(a, c) == -calendar.working_between(c, a)


@given(calendars, moments, st.integers(0, 30))
def test_so_many_working_days_later_so_many_working_days_lie_between(calendar, start, days):
    due = calendar.after_working_days(start, days)
    last = due.date() - timedelta(days=1)
    between = [start.date() + timedelta(days=n) for n in range(1, (last - start.date()).days + 1)]
    assert calendar.is_working_day(last)
    assert sum(map(calendar.is_working_day, between)) == (days or (1 if between else 0))


@given(calendars, moments, moments, moments, st.sampled_from(Unit))
def test_a_clock_that_stood_still_never_comes_back_earlier(calendar, due, one, other, unit):
    first, last = sorted((one, other))
    assert calendar.moved(due, first, last, unit) >= due
    assert calendar.moved(due, first, first, unit) == due


@given(moments, st.integers(0, 400))
def test_calendar_days_end_at_midnight_after_that_many_whole_days(start, days):
    due = after_calendar_days(start, days)
    assert (due.hour, due.minute, (due.date() - start.date()).days) == (0, 0, days + 1)


def test_the_day_off_before_the_festival_is_worked_and_the_monday_in_it_is_not():
    # 2026: Saturday 14 February is worked, the Spring Festival lasts to Monday 23 February.
    assert USUAL.is_working_day(date(2026, 2, 14)) and not USUAL.is_working_day(date(2026, 2, 23))
    assert USUAL.next_opening(at("2026-02-14 17:00")) == at("2026-02-24 08:30")
    assert USUAL.after_working_days(at("2026-02-13 09:00"), 2) == at("2026-02-25 00:00")
    assert USUAL.add_working(at("2026-02-14 16:30"), timedelta(hours=1)) == at("2026-02-24 09:00")


def test_lunch_and_the_night_are_not_worked():
    assert USUAL.add_working(at("2026-11-25 10:30"), timedelta(hours=2)) == at("2026-11-25 14:00")
    assert USUAL.working_between(at("2026-11-25 09:00"), at("2026-11-26 09:00")) == timedelta(hours=7)
    assert USUAL.take_working(at("2026-11-26 09:00"), timedelta(hours=1)) == at("2026-11-25 16:30")


def test_a_day_off_that_is_worked_has_the_hours_of_the_first_working_day():
    calendar = WorkingTime((((600, 700),), *[()] * 6), {date(2026, 11, 29): True})
    assert calendar.spans_on(date(2026, 11, 29)) == ((600, 700),)


def test_a_calendar_that_never_opens_says_so():
    with pytest.raises(NeverOpen):
        WorkingTime(((),) * 7).next_opening(at("2026-11-25 10:00"))
    with pytest.raises(NeverOpen):
        WorkingTime(((),) * 7).after_working_days(at("2026-11-25 10:00"), 1)


def test_overlapping_or_reversed_spans_are_no_week():
    assert is_a_week(USUAL_WEEK)
    assert not is_a_week(((),) * 7)
    assert not is_a_week((((500, 600), (550, 700)), *[()] * 6))
    assert not is_a_week((((600, 500),), *[()] * 6))


@pytest.mark.parametrize("year", sorted(notices()))
def test_a_notice_swaps_only_days_that_were_otherwise(year):
    """Days worked by a notice are week-ends; every year has the seven festivals, and says where it was read."""
    said = {day: each for day, each in announced().items() if day.year == year}
    assert all(day.weekday() >= 5 for day, each in said.items() if each.is_working)
    names = "、".join(each.name for each in said.values() if not each.is_working)
    assert all(name in names for name in ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"])
    assert notices()[year].source.startswith("http") and notices()[year].issued_on.year == year - 1


@given(calendars, moments)
def test_nothing_to_count_is_now_or_the_next_opening(calendar, start):
    assume(not is_within(calendar, start))
    assert calendar.add_working(start, timedelta(0)) == calendar.next_opening(start)
