"""Every figure is as long as the list it opens, and no figure is of a worker."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.core import clock
from linli.core.clock import SHANGHAI
from linli.core.tenancy import active
from linli.desk.queries.figures import figures_of
from linli.matters import actions, queries
from linli.matters.models import Ending, MatterKind

from .conftest import text, title

pytestmark = pytest.mark.django_db
SECRETARY, BACK_OFFICE, SPECIALIST, ADMINISTRATOR = "赵敏", "陈建国", "李娜", "管理员"
NOON = datetime(2026, 11, 25, 12, tzinfo=SHANGHAI)  # a Wednesday


@pytest.fixture(autouse=True)
def at_noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def told(cast, here):
    """In November: four answered (one late, two rated, one opened again), one refused, one late, one at no known place, one new; in October two."""
    kinds = {kind.code: kind for kind in MatterKind.objects.all()}
    wang, lina, chen = (cast.actor(name) for name in ("王芳", "李娜", "陈建国"))

    def report(day, *, kind="leak", spot="48-2-301", hour=9, month=11):
        with clock.at(datetime(2026, month, day, hour, tzinfo=SHANGHAI)):
            return actions.report_matter(wang, kind=kinds[kind], words="漏水", spot=queries.spot_named(spot))

    def answer(matter, *, hours, taken=1):
        reported = matter.reported_at
        with clock.at(reported + timedelta(hours=taken)):
            actions.accept_matter(lina, matter=matter)
        with clock.at(reported + timedelta(hours=hours)):
            actions.feed_back(lina, matter=matter, ending=Ending.SOLVED, words="好了")

    quick, slow, again, plain = report(2), report(3), report(4, kind="noise"), report(5, spot="49-1-101", hour=20)
    for matter, hours, taken in ((quick, 5, 1), (slow, 24 * 9, 3), (again, 4, 2), (plain, 6, 2)):
        answer(matter, hours=hours, taken=taken)
    actions.confirm_matter(wang, matter=quick, rating=5)
    actions.confirm_matter(wang, matter=slow, rating=2)
    actions.reopen_matter(wang, matter=again, words="又漏")
    refused = report(6)
    actions.refuse_matter(lina, matter=refused, reason="找物业")
    report(7), report(25, spot="小区东门口", hour=8)
    actions.pass_to_back_office(lina, matter=report(24))
    before = report(10, month=10)
    answer(before, hours=3)
    report(28, month=10, spot="9-1-101")
    return chen


def cells_of(figures):
    """Every number of the page by what it is."""
    found = {}
    for name in ("this", "before", "last_month"):
        span = getattr(figures, name)
        for part in ("reported", "settled", "late", "reopened", "taken"):
            found[f"{name}.{part}"] = getattr(span, part)
        found |= {f"{name}.in_time": span.in_time.part, f"{name}.rated": span.rating.of}
    found |= {f"now.{part}": getattr(figures.now, part) for part in ("open", "late", "waiting")}
    for group in ("kinds", "sub_areas"):
        for row in getattr(figures, group):
            for part in ("reported", "before", "late"):
                found[f"{row.name}.{part}"] = getattr(row, part)
            found |= {f"{row.name}.in_time": row.in_time.part, f"{row.name}.rated": row.rating.of}
    found |= {f"building {cell.name}": cell.number for cell in figures.buildings}
    found |= {f"{day} {i}": cell.number for day, cells in figures.hours for i, cell in enumerate(cells)}
    return found


def test_every_figure_is_as_long_as_its_list(told, as_secretary):
    for month in (NOON.date(), NOON.date().replace(month=10)):
        numbers = cells_of(figures_of(as_secretary, month))
        assert len(numbers) > 120
        lists = {name: queries.desk_list(as_secretary, number.wanted).count() for name, number in numbers.items()}
        assert {name: number.value for name, number in numbers.items()} == lists


def test_the_figures_are_what_happened(told, as_secretary):
    figures = figures_of(as_secretary, NOON.date())
    this, before = figures.this, figures.before
    assert (this.reported.value, before.reported.value, figures.last_month.reported.value) == (8, 1, 2)
    assert (this.settled.value, before.settled.value) == (3, 1)
    # judged: three answered and one open and due; the reopened and the two of these days are not due, the refused is not judged
    assert (this.in_time.part.value, this.in_time.whole, this.in_time.percent) == (2, 4, 50)
    assert (this.late.value, this.reopened.value, this.rating.value, this.rating.of.value) == (2, 1, 3.5, 2)
    assert (this.taken.value, this.median, this.ninetieth) == (4, "2 小时", "2.7 小时")
    assert (figures.now.open.value, figures.now.late.value, figures.now.waiting.value) == (5, 2, 2)
    assert figures.change == "多 7 件"
    assert [(cell.name, cell.number.value, cell.heat) for cell in figures.buildings] == [("48幢", 6, 5), ("49幢", 1, 1)]
    assert [row.name for row in figures.sub_areas] == ["东片区", "西片区", "没有写明楼栋"]
    for rows in (figures.kinds, figures.sub_areas):
        assert sum(row.in_time.whole for row in rows) == this.in_time.whole
        assert sum(row.rating.of.value for row in rows) == this.rating.of.value


def test_the_same_figure_is_the_same_on_the_months_table_and_the_streets_board(told, as_secretary, cast):
    from linli.desk.queries.street import board_of

    figures, table = figures_of(as_secretary, NOON.date()), queries.month_figures(NOON.date())
    assert (figures.this.reported.value, figures.this.late.value) == (table.total.total, table.total.late)
    assert [(row.name, row.reported.value, row.late.value) for row in figures.kinds] == [
        (row.kind, row.total, row.late) for row in table.rows
    ]
    standing = next(line.standing for line in board_of(cast.accounts["周国平"]).lines if line.community.id == 1)
    assert (
        standing.reported.value == figures.this.reported.value and standing.settled.value == figures.this.settled.value
    )
    assert (standing.in_time.percent, standing.in_time.whole) == (
        figures.this.in_time.percent,
        figures.this.in_time.whole,
    )
    assert standing.rating.value == figures.this.rating.value and standing.late.value == figures.now.late.value


def test_every_number_on_the_page_opens_as_many_as_it_says(told, house):
    page = text(house.get(SECRETARY, "/desk/figures/"))
    links = re.findall(r'href="([^"]+desk/\?[^"]+)"[^>]*>(?:<span>[^<]*</span><b>)?(\d+)(?:</b>)?</a>', page)
    assert len(links) > 25
    for address, number in set(links):
        assert re.search(r"\d+", title(house.get(SECRETARY, address.replace("&amp;", "&")))).group() == number, address


def test_the_title_is_the_news_and_the_moment_is_said(told, house):
    page = house.get(SECRETARY, "/desk/figures/")
    assert re.sub(r"\s+", "", title(page)) == "2026年11月到今天上报8件，比上月同期多7件"
    assert "数到 今天 12:00" in text(page) and text(page).count("means__words") == 8
    past = house.get(SECRETARY, "/desk/figures/?month=2026-10")
    assert re.sub(r"\s+", "", title(past)) == "2026年10月上报2件，比前一个月多2件"
    assert "2026年11月到今天" in title(house.get(SECRETARY, "/desk/figures/?month=2030-01"))


def test_nobody_who_works_here_is_counted(told, house):
    page = text(house.get(SECRETARY, "/desk/figures/")).split("<main", 1)[1].split("</main>")[0]
    assert not any(name in page for name in ("李娜", "孙伟", "陈建国", "经办"))


def test_figures_are_for_who_may_see_them(house, cast):
    allowed = {
        who: house.get(who, "/desk/figures/").status_code
        for who in (SECRETARY, BACK_OFFICE, "周国平", SPECIALIST, ADMINISTRATOR, "王芳")
    }
    assert allowed == {
        SECRETARY: 200,
        BACK_OFFICE: 200,
        "周国平": 200,
        SPECIALIST: 403,
        ADMINISTRATOR: 403,
        "王芳": 404,
    }
    assert house.browse(cast.accounts["冯丽"]).get(f"{house.root}/desk/figures/").status_code == 404


def test_an_empty_month_is_a_page_too(house):
    page = house.get(SECRETARY, "/desk/figures/")
    assert page.status_code == 200 and "上报 0 件" in title(page) and "一样多" in title(page)


def test_a_group_is_one_query(told, as_secretary):
    with CaptureQueriesContext(connection) as asked:
        figures_of(as_secretary, NOON.date())
    counted = [query for query in asked if '"matters_matter"' in query["sql"]]
    assert len(counted) == 7  # two of the columns, what is before us, kinds, sub-areas, buildings, hours


def test_another_communitys_matters_are_not_counted(told, cast, as_secretary):
    before = {name: number.value for name, number in cells_of(figures_of(as_secretary, NOON.date())).items()}
    with active(cast.sibling.id):
        kind = MatterKind.objects.get(code="leak")
        actions.report_matter(
            cast.actor("邻居丁", cast.sibling), kind=kind, words="邻居", spot=queries.spot_named("3-1-101")
        )
    assert {name: number.value for name, number in cells_of(figures_of(as_secretary, NOON.date())).items()} == before
