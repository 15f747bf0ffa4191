"""Periods, questions, percents: on plain values."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.visits import rules

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(DAYS, st.sampled_from(rules.TIGHTEST_FIRST))
def test_every_day_lies_in_one_period_and_the_next_begins_the_day_after(day, every):
    first, last = rules.period_of(day, every)
    assert first <= day <= last
    assert rules.period_of(first, every) == rules.period_of(last, every) == (first, last)
    assert rules.period_of(last + timedelta(days=1), every)[0] == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("every", "first", "last"),
    [
        ("week", date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_the_end_of_a_year_is_the_end_of_a_month_and_a_quarter_but_not_of_a_week(every, first, last):
    assert rules.period_of(date(2026, 12, 30), every) == (first, last)


def test_each_question_has_an_answer_that_worries_and_one_that_does_not():
    for question in rules.questions().values():
        assert {answer.is_worrying for answer in question.answers} == {True, False}, question.code
        assert len({answer.code for answer in question.answers}) == len(question.answers)


def test_answers_to_questions_nobody_asked_are_left_out():
    said = {"eats": "bad", "falls": "maybe", "weather": "fine"}
    assert rules.sound(said) == {"eats": "bad"}
    assert rules.worries(said) == ["吃饭：吃不下"]


def test_a_hundred_percent_is_all_of_them():
    assert rules.percent(199, 200) == 99 and rules.percent(200, 200) == 100 and rules.percent(0, 0) is None
