"""A filter, the address it is written as, and the list behind it are one thing."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from linli.core import clock
from linli.matters import actions, queries
from linli.matters.filters import NOWHERE, Days, DeskFilter
from linli.matters.forms_list import ListForm
from linli.matters.models import Ending, MatterKind

days = st.builds(
    lambda first, more: Days(first, first + timedelta(days=more)),
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.integers(0, 40),
)
filters = st.builds(
    DeskFilter,
    box=st.sampled_from(["open", "mine", "waiting", "all"]),
    kind=st.sampled_from(["", "leak"]),
    outcome=st.sampled_from(["", "solved", "open"]),
    month=st.none() | st.dates(date(2020, 1, 1), date(2090, 1, 1)).map(lambda day: day.replace(day=1)),
    is_late=st.booleans(),
    words=st.sampled_from(["", "灯 & 水=1"]),
    reported=st.none() | days,
    answered=st.none() | days,
    sub_area=st.sampled_from(["", "E1", NOWHERE]),
    building=st.none() | st.uuids(),
    is_in_time=st.booleans(),
    is_taken=st.booleans(),
    is_reopened=st.booleans(),
    is_rated=st.booleans(),
    weekday=st.integers(0, 7),
    hours=st.none() | st.tuples(st.integers(0, 23), st.integers(0, 24)),
)


@given(filters)
def test_a_filter_written_as_an_address_is_read_back_the_same(wanted):
    assert ListForm(QueryDict(wanted.query)).wanted == wanted


@pytest.mark.parametrize(
    "text", ["", "2026-11-01", "2026-11-25..2026-11-01", "x..y", "1026-01-01..1026-01-02", "2026-11-01..2026-11-31"]
)
def test_days_that_cannot_be_read_narrow_nothing(text):
    assert Days.read(text) is None
    assert ListForm(QueryDict(f"reported={text}")).wanted.reported is None


def test_days_are_said_as_people_say_them():
    said = [Days(date(2026, 11, 1), date(2026, 11, day)).words for day in (1, 25)]
    assert [*said, Days(date(2026, 10, 30), date(2026, 11, 2)).words] == [
        "11月1日",
        "11月1日至25日",
        "10月30日至11月2日",
    ]


@pytest.fixture
def told(cast, here, as_wang, as_specialist):
    """Three matters of 王芳: answered in time and rated, open and late, at no known place."""
    kind = MatterKind.objects.get(code="leak")

    def report(words, spot, *, days=0):
        with clock.at(clock.now() - timedelta(days=days)):
            return actions.report_matter(as_wang, kind=kind, words=words, spot=queries.spot_named(spot))

    answered, late = report("办了", "48-2-301"), report("晚了", "49-1-101", days=30)
    nowhere = report("东门口", "小区东门口", days=1)
    actions.accept_matter(as_specialist, matter=answered)
    actions.feed_back(as_specialist, matter=answered, ending=Ending.SOLVED, words="好了")
    actions.confirm_matter(as_wang, matter=answered, rating=4)
    return answered, late, nowhere


@pytest.mark.django_db
def test_each_filter_leaves_what_it_says(told, here, as_secretary):
    answered, late, nowhere = told
    today = clock.today()
    yesterday = today - timedelta(days=1)
    wanted = {
        DeskFilter("all", is_in_time=True): {answered},
        DeskFilter("all", is_late=True): {late},
        DeskFilter("all", is_rated=True): {answered},
        DeskFilter("all", is_taken=True): {answered},
        DeskFilter("all", is_reopened=True): set(),
        DeskFilter("all", sub_area="1"): {answered, late},
        DeskFilter("all", sub_area=NOWHERE): {nowhere},
        DeskFilter("all", building=here.buildings[48].id): {answered},
        DeskFilter("all", building=UUID(int=7)): set(),
        DeskFilter("all", reported=Days(yesterday, yesterday)): {nowhere},
        DeskFilter("all", answered=Days(today, today)): {answered},
        DeskFilter("all", weekday=yesterday.isoweekday(), reported=Days(yesterday, today)): {nowhere},
        DeskFilter("all", hours=(0, 24)): {answered, late, nowhere},
        DeskFilter("all", hours=(24, 24)): set(),
    }
    for each, rows in wanted.items():
        assert set(queries.desk_list(as_secretary, each)) == rows, each.query


@pytest.mark.django_db
def test_the_list_says_what_it_is_narrowed_to(told, here, cast, browse):
    page = browse(cast.accounts["赵敏"]).get(
        f"/c/{here.code}/desk/?box=all&sub_area=1&building={here.buildings[48].id}&in_time=1"
    )
    words = page.content.decode()
    assert "找到 1 件" in words
    for each in ("东片区", "48幢", "按时办好"):
        assert f">{each}</span>" in words
