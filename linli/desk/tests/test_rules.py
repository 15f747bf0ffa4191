from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.desk import rules

dates = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("month", "today", "this", "before"),
    [
        ("2026-11-01", "2026-11-25", "2026-11-01..2026-11-25", "2026-10-01..2026-10-25"),
        ("2026-11-01", "2026-12-03", "2026-11-01..2026-11-30", "2026-10-01..2026-10-31"),
        ("2026-03-01", "2026-03-31", "2026-03-01..2026-03-31", "2026-02-01..2026-02-28"),
        ("2026-01-01", "2026-01-01", "2026-01-01..2026-01-01", "2025-12-01..2025-12-01"),
    ],
)
def test_a_running_month_stands_beside_as_many_days_and_a_past_one_beside_a_whole_month(month, today, this, before):
    spans = rules.spans_of(date.fromisoformat(month), date.fromisoformat(today))
    assert ["..".join(map(str, span)) for span in (spans.this, spans.before)] == [this, before]
    assert spans.is_running == (month[:7] == today[:7])


@given(dates, st.integers(0, 400))
def test_spans_follow_one_another_and_stay_in_their_months(today, back):
    spans = rules.spans_of(today - timedelta(days=back), today)
    assert spans.first <= spans.before[0] <= spans.before[1] <= spans.last_month[1] < spans.this[0] <= spans.this[1]
    assert spans.last_month[1] + timedelta(days=1) == spans.this[0]
    assert spans.before[0].day == spans.this[0].day == 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_heat_is_nothing_for_nothing_and_five_for_the_most(value, more):
    most = value + more
    drawn = rules.heat(value, most)
    assert (drawn == 0) == (value == 0)
    assert 0 <= drawn <= 5 and (drawn == 5 or value != most or most == 0)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (None, ""),
        (0.001, "1 分钟"),
        (0.75, "45 分钟"),
        (3.5, "3.5 小时"),
        (2, "2 小时"),
        (52, "2 天 4 小时"),
        (48, "2 天"),
    ],
)
def test_a_wait_is_said_as_people_say_it(hours, words):
    assert rules.spell_hours(hours) == words


def test_a_change_is_said_in_matters():
    assert [rules.change_words(now, before) for now, before in ((5, 3), (3, 5), (4, 4))] == [
        "多 2 件",
        "少 2 件",
        "一样多",
    ]
