"""The one box: what it finds for whom, and what it never tells."""

from __future__ import annotations

import re

import pytest

from linli.core.tenancy import active
from linli.desk.queries.find import find
from linli.matters import actions, queries
from linli.matters.models import MatterKind

from .conftest import text, title

pytestmark = pytest.mark.django_db
SPECIALIST, OTHER_SPECIALIST, SECRETARY, OFFICIAL, ADMINISTRATOR = "李娜", "孙伟", "赵敏", "周国平", "管理员"


@pytest.fixture
def leak(cast):
    """王芳's leak at 48-2-301."""
    with active(cast.here.id):
        kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
        return actions.report_matter(cast.actor("王芳"), kind=kind, words="厨房顶上滴水", spot=spot)


def found(cast, name, words, **more):
    with active(cast.here.id):
        return {group.name: [each.title for each in group.found] for group in find(cast.actor(name), words, **more)}


@pytest.mark.parametrize(
    "words", ["王芳", "wangfang", "wf", "WF", "0001", "10012340001", "48-2-301", "４８幢２单元３０１"]
)
def test_a_resident_is_found_as_people_say_it(cast, words):
    assert any(name.startswith("王*") for name in found(cast, SPECIALIST, words)["居民"])


def test_a_door_brings_the_house_who_lives_there_and_what_is_under_way(cast, leak):
    answers = found(cast, SPECIALIST, "48-2-301")
    assert list(answers) == ["楼栋房屋", "居民", "事项"]
    assert answers["楼栋房屋"] == ["48幢2单元301室"] and answers["事项"] == ["厨房顶上滴水"]


@pytest.mark.parametrize("words", ["滴水", "0001"])
def test_a_matter_is_found_by_its_words_and_by_its_number(cast, leak, words):
    assert leak.number.endswith("0001")
    assert found(cast, SPECIALIST, words)["事项"] == ["厨房顶上滴水"]


def test_a_patch_is_a_place_too(cast):
    assert found(cast, SPECIALIST, "东片")["楼栋房屋"] == ["东片区"]


def test_a_specialist_finds_nobody_of_another_patch(cast, leak):
    assert found(cast, OTHER_SPECIALIST, "wf") == {}
    assert found(cast, OTHER_SPECIALIST, "滴水") == {}
    assert "居民" in found(cast, SECRETARY, "wf")


def test_who_may_not_see_residents_is_not_told_of_them(cast, leak):
    assert set(found(cast, OFFICIAL, "48-2-301")) == {"楼栋房屋", "事项"}
    assert found(cast, ADMINISTRATOR, "48-2-301") == {}
    assert found(cast, "王芳", "48-2-301") == {}


def test_more_than_are_shown_is_said(cast):
    with active(cast.here.id):
        (group,) = find(cast.actor(SPECIALIST), "w", limit=1)
    assert len(group.found) == 1 and group.has_more


def test_the_page_works_without_a_script_and_names_its_scope(house, leak):
    assert title(house.get(SPECIALIST, "/desk/find/")) == "找人、找事、找门牌"
    page = house.post(SPECIALIST, "/desk/find/", {"q": "48-2-301"})
    assert title(page) == "“48-2-301”找到 3 个"
    assert f'href="{house.root}/desk/matters/{leak.id}/"' in text(page)
    assert "在仓基新村社区里找，居民和事项只看您的片区" in re.sub(r"\s", "", text(page))
    assert title(house.post(SPECIALIST, "/desk/find/", {"q": "没有这个"})) == "没有找到“没有这个”"


def test_under_the_box_hang_the_answers_alone(house, leak):
    part = house.post(SPECIALIST, "/desk/find/", {"q": "wf"}, headers={"HX-Request": "true"})
    assert text(part).lstrip().startswith('<div class="found">') and "<html" not in text(part)


def test_neither_names_nor_numbers_are_shown_in_full_or_stand_in_an_address(house, leak):
    page = text(house.post(SPECIALIST, "/desk/find/", {"q": "wf"})).split("<main")[1].split("</main>")[0]
    assert "王芳" not in page and "10012340001" not in page and "100****0001" in page
    assert not re.search(r'href="[^"]*(wf|%E7%8E%8B)', page)


def test_every_desk_page_has_the_box_and_no_residents_page_has(house):
    assert "data-find" in text(house.get(SPECIALIST, "/desk/")) and "data-find" in text(
        house.get(SECRETARY, "/desk/month/")
    )
    assert "data-find" not in text(house.get("王芳", "/"))


def test_the_box_asks_a_fixed_number_of_questions(cast, leak, django_assert_max_num_queries):
    with active(cast.here.id):
        actor = cast.actor(SPECIALIST)
        with django_assert_max_num_queries(12):
            find(actor, "48-2-301")
