"""The street's board: whose communities, which numbers, and where they lead."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.core import clock
from linli.core.tenancy import active
from linli.desk.queries.street import board_of
from linli.matters import actions, queries
from linli.matters.models import Ending, MatterKind

from .conftest import text, title

pytestmark = pytest.mark.django_db
OFFICIAL, ELSEWHERE, ADMINISTRATOR = "周国平", "韩雪", "管理员"


def report(cast, place, who, *, days=0, door="48-2-301"):
    with active(place.id), clock.at(clock.now() - timedelta(days=days)):
        kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named(door)
        return actions.report_matter(cast.actor(who, place), kind=kind, words="漏水", spot=spot)


@pytest.fixture
def told(cast):
    """Next door one is late; here one is answered and rated and one is open."""
    report(cast, cast.sibling, "邻居丁", days=30, door="3-1-101")
    answered = report(cast, cast.here, "王芳")
    report(cast, cast.here, "王芳")
    with active(cast.here.id):
        actions.accept_matter(cast.actor("李娜"), matter=answered)
        actions.feed_back(cast.actor("李娜"), matter=answered, ending=Ending.SOLVED, words="好了")
        actions.confirm_matter(cast.actor("王芳"), matter=answered, rating=4)


def open_board(browse, cast, who):
    return browse(cast.accounts[who]).get("/street/")


def test_the_title_is_the_news_and_what_is_late_stands_first(cast, browse, told):
    page = open_board(browse, cast, OFFICIAL)
    assert title(page) == "2 个社区，1 个有超时"
    assert text(page).index("卖鱼桥社区</a></th>") < text(page).index("仓基新村社区</a></th>")
    assert "小天竺" not in text(page)


def test_each_number_opens_as_many_in_that_community(cast, browse, told):
    found = re.findall(
        r'href="([^"?]+\?[^"]+)"[^>]*>(?:<svg.*?</svg>)?([0-9.]+)(%?)', text(open_board(browse, cast, OFFICIAL))
    )
    assert len(found) >= 7
    for address, number, percent in found:
        listed = title(browse(cast.accounts[OFFICIAL]).get(address.replace("&amp;", "&")))
        many = re.search(r"\d+", listed).group()
        assert many == number or percent or "rated" in address, (address, number, listed)


def test_the_board_says_what_each_desk_says(cast, told):
    board = board_of(cast.accounts[OFFICIAL])
    assert [line.community.id for line in board.lines] == [2, 1]
    for line, place in zip(board.lines, (cast.sibling, cast.here), strict=True):
        with active(place.id):
            counts = queries.desk_counts(cast.actor(OFFICIAL, place))
        standing = line.standing
        assert (standing.open.value, standing.late.value, standing.waiting.value) == (
            counts.open,
            counts.late,
            counts.waiting,
        )
    here = board.lines[1].standing
    assert (here.in_time.percent, here.in_time.whole, here.rating.value, here.rating.of.value) == (100, 1, 4.0, 1)
    assert [line.specialists for line in board.lines] == [1, 2]
    assert board.totals["late"] == 1


def test_another_streets_official_sees_the_own_street_alone(cast, browse, told):
    page = open_board(browse, cast, ELSEWHERE)
    assert title(page) == "1 个社区，都没有超时"
    assert "小天竺" in text(page) and "仓基新村" not in text(page) and "卖鱼桥" not in text(page)


def test_an_administrator_sees_who_is_on_duty_and_no_matters(cast, browse, told):
    page = text(open_board(browse, cast, ADMINISTRATOR))
    assert title(open_board(browse, cast, ADMINISTRATOR)) == "3 个社区"
    assert all(name in page for name in ("仓基新村", "卖鱼桥", "小天竺")) and "没有</span>" in page
    assert "去催" not in page and "本月上报" not in page


@pytest.mark.parametrize("who", ["王芳", "李娜", "陈建国", "赵敏", "路人"])
def test_who_oversees_nothing_is_told_nothing(cast, browse, who):
    assert open_board(browse, cast, who).status_code == 404


def test_a_post_that_ended_opens_no_board(cast, browse):
    from linli.accounts import actions as accounts
    from linli.accounts.models import Post
    from linli.accounts.queries import operator

    accounts.end_post(operator(), post=Post.objects.get(account=cast.accounts[OFFICIAL]))
    assert open_board(browse, cast, OFFICIAL).status_code == 404
    assert "/street/" not in browse(cast.accounts[OFFICIAL]).get("/").headers.get("Location", "")


def test_after_signing_in_an_official_lands_on_the_board(cast, browse):
    assert browse(cast.accounts[OFFICIAL]).get("/")["Location"] == "/street/"
    choice = text(browse(cast.accounts[OFFICIAL]).get("/?choose=1"))
    assert "街道看板" in choice and "仓基新村社区" in choice
    assert "街道看板" in text(browse(cast.accounts[OFFICIAL]).get(f"/c/{cast.here.code}/desk/"))
    assert browse().get("/street/")["Location"].startswith("/sign-in/")


def test_a_community_costs_a_fixed_number_of_questions_whatever_it_holds(cast, told):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            board_of(cast.accounts[OFFICIAL])
        return len(asked)

    before = questions()
    report(cast, cast.here, "王芳")
    report(cast, cast.sibling, "邻居丁", door="3-1-101")
    assert questions() == before


def test_the_registers_stand_in_numbers_and_open_where_one_may_read_them(cast, browse):
    from linli.residents import actions as residents

    wang = cast.residents["王芳"]
    with active(cast.here.id), clock.at(clock.now() - timedelta(days=8)):
        residents.request_correction(cast.actor("李娜"), wang, "name", "王方", "对照身份证")
    board = board_of(cast.accounts[OFFICIAL])
    here = next(line.register for line in board.lines if line.community.id == cast.here.id)
    assert (here.people, here.to_check, here.waiting, here.overdue) == (3, 3, 1, 1)
    assert board.registers["overdue"] == 1 and not here.may_open
    page = text(open_board(browse, cast, OFFICIAL))
    assert "该核实的人" in page and "王" not in page.split("居民档案</h2>")[1].split("</section>")[0]
    assert "/desk/residents/corrections/" not in page, "an official reads numbers, not people"
    assert "居民档案</h2>" not in text(open_board(browse, cast, ADMINISTRATOR))
