from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli.core.clock import SHANGHAI
from linli.matters.rules import Counted, Outcome, may_reopen, month_rows, month_span, month_total

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
counted = st.lists(
    st.builds(
        Counted,
        st.sampled_from(["漏水", "噪音", "停车"]),
        st.sampled_from(Outcome),
        st.booleans(),
        st.none() | st.integers(1, 5),
    )
)


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_every_moment_belongs_to_exactly_one_month(day):
    start, end = month_span(day)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    assert start <= noon < end
    assert month_span(day.replace(day=1) + timedelta(days=32))[0] == end


@given(counted)
def test_the_table_loses_and_invents_nothing(matters):
    rows = month_rows(matters, ["漏水", "噪音", "停车", "没有的类"])
    total = month_total(matters)
    assert sum(row.total for row in rows) == total.total == len(matters)
    assert all(sum(row.by_outcome.values()) == row.total for row in [*rows, total])
    assert sum(row.late for row in rows) == total.late and sum(row.rated for row in rows) == total.rated
    assert rows[-1].total == 0 and rows[-1].average_rating is None


def test_no_rating_is_not_a_zero():
    row = month_total([Counted("漏水", Outcome.SOLVED, False, None), Counted("漏水", Outcome.SOLVED, False, 4)])
    assert (row.rated, row.average_rating) == (1, 4.0)


@given(moments, st.integers(0, 30 * 24 * 60))
def test_reopening_ends_with_the_fifteenth_day(closed_at, minutes):
    now = closed_at + timedelta(minutes=minutes)
    assert may_reopen(closed_at=closed_at, now=now) == (minutes <= 15 * 24 * 60)
    assert may_reopen(closed_at=None, now=now)
