"""The street asks all its communities at once: what it is told of people, and what it never is."""

from __future__ import annotations

import re

import pytest

from linli.accounts import actions as accounts
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.desk.queries.street_find import find_in_street, is_enough
from linli.desk.tests.conftest import text, title
from linli.matters import actions, queries
from linli.matters.models import MatterKind
from linli.rights.models import ReadingHour

pytestmark = pytest.mark.django_db
OFFICIAL, ELSEWHERE = "周国平", "韩雪"


def ask(browse, cast, words, who=OFFICIAL):
    return browse(cast.accounts[who]).post("/street/find/", {"q": words})


def found(cast, words, who=OFFICIAL):
    groups, _ = find_in_street(cast.accounts[who], words)
    return {
        group.name: [(each.community, each.found.title, *each.found.more) for each in group.answers] for group in groups
    }


@pytest.mark.parametrize("words", ["王芳", "汪方", "wangfang", "10012340001", "0001"])
def test_the_street_learns_in_which_community_and_patch_somebody_lives_and_who_serves_there(cast, words):
    (line,) = [line for line in found(cast, words)["居民"] if "王*" in line[1]][:1]
    assert line[0] == "仓基新村社区" and line[2:] == ("东片区", "专员 李娜")


def test_people_of_every_community_of_the_street_are_found_and_of_no_other(cast):
    assert {line[0] for line in found(cast, "10012340004")["居民"]} == {"卖鱼桥社区"}
    assert "居民" not in found(cast, "王芳", ELSEWHERE)


def test_neither_door_nor_number_nor_record_is_given(cast, browse):
    page = text(ask(browse, cast, "王芳")).split("<main")[1].split("</main>")[0]
    assert "王*" in page and "48-2-301" not in page and not re.search("[0-9*]{3}0001", page)
    assert str(cast.residents["王芳"].pk) not in page


def test_a_door_finds_the_house_and_nobody_behind_it(cast):
    assert "居民" not in found(cast, "48-2-301") and found(cast, "48-2-301")["楼栋房屋"]
    assert "居民" not in found(cast, "48幢") and "居民" not in found(cast, "48")


def test_matters_and_places_lead_to_their_community(cast, browse):
    with active(cast.sibling.id):
        kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("3-1-101")
        matter = actions.report_matter(cast.actor("邻居丁", cast.sibling), kind=kind, words="厨房顶上滴水", spot=spot)
    assert f'href="/c/{cast.sibling.code}/desk/matters/{matter.pk}/"' in text(ask(browse, cast, "滴水"))


def test_who_was_shown_reads_it_and_the_community_counts_it(cast, browse):
    ask(browse, cast, "王芳")
    with active(cast.here.id):
        entry = TrailEntry.objects.get(verb="resident.listed", account_id=cast.accounts[OFFICIAL].pk)
        assert entry.touches == [cast.residents["王芳"].pk]
        assert (entry.role, entry.facts["page"]) == ("street_official", "street:find")
        assert ReadingHour.objects.get(account_id=cast.accounts[OFFICIAL].pk).listed == 1
    with active(cast.sibling.id):
        assert not TrailEntry.objects.filter(verb="resident.listed").exists()
    looks = browse(cast.accounts["王芳"]).get(f"/c/{cast.here.code}/me/looks/")
    assert "街道查找" in text(looks) and "街道干部" in text(looks)


def test_who_asks_too_much_says_why_before_going_on(cast, browse, settings):
    settings.LINLI_READING = settings.LINLI_READING | {
        "people_told": 1,
        "people_asked": 1,
        "rows_told": 1,
        "rows_asked": 1,
    }
    ask(browse, cast, "王芳")
    ask(browse, cast, "王芳")
    answer = ask(browse, cast, "王芳")
    assert answer.status_code == 302 and answer["Location"].startswith(f"/c/{cast.here.code}/desk/")


@pytest.mark.parametrize(
    ("words", "enough"), [("王", False), ("wf", False), ("12", True), ("王芳", True), ("wds", True), ("48-2", True)]
)
def test_one_character_is_not_asked_of_a_whole_street(words, enough):
    assert is_enough(words) == enough


def test_the_page_says_what_to_write_and_keeps_nothing_in_its_address(cast, browse):
    assert "找人、找事、找门牌" in title(browse(cast.accounts[OFFICIAL]).get("/street/find/"))
    assert title(ask(browse, cast, "王")) == "请多写一两个字"
    assert title(ask(browse, cast, "没有这个人")) == "没有找到“没有这个人”"
    assert not re.search(r'href="[^"]*(王|%E7%8E%8B)', text(ask(browse, cast, "王芳")))


def test_an_open_emergency_leads_to_the_record(cast, browse):
    with active(cast.here.id):
        accounts.open_emergency(cast.actor(OFFICIAL), reason="老人电话里说胸口疼，家人联系不上")
    page = text(ask(browse, cast, "王芳"))
    assert f'href="/c/{cast.here.code}/desk/residents/{cast.residents["王芳"].pk}/"' in page


@pytest.mark.parametrize("who", ["王芳", "李娜", "赵敏", "管理员", "路人"])
def test_who_leads_no_street_is_told_nothing(cast, browse, who):
    assert browse(cast.accounts[who]).get("/street/find/").status_code == 404
    assert ask(browse, cast, "王芳", who).status_code == 404
