from __future__ import annotations

import re
from datetime import date

import pytest

from linli.core.access import Role
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.places.tests.factories import staff
from linli.residents import actions
from linli.residents.tests.factories import id_number

PEOPLE = "/c/330105002053/desk/residents/"


@pytest.fixture
def wang(cast):
    """王芳 of the cast, with an ID number and a category."""
    with active(cast.here.id):
        resident = cast.residents["王芳"]
        resident.id_number = id_number(date(1978, 5, 4), sequence=102)
        resident.save()
        actions.grant_category(
            staff(Role.BACK_OFFICE), resident=resident, kind="volunteer", from_on=date(2020, 1, 1), source="街道名册"
        )
    return resident


@pytest.fixture
def secrets(wang) -> list[str]:
    return [wang.id_number, wang.phone, "王芳", "1978"]


def lists(response) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', response.content.decode())


def test_the_list_shows_masked_people_by_pinyin(cast, browse, wang, secrets) -> None:
    response = browse(cast.accounts["陈建国"]).get(PEOPLE)
    assert response.status_code == 200
    assert lists(response) == ["老*", "王*", "王*英"]
    page = response.content.decode()
    assert [secret for secret in secrets if secret in page] == []
    assert "志愿者" in page
    assert "80岁以上" in page


def test_the_list_is_narrowed_by_category_age_and_door(cast, browse, wang) -> None:
    client = browse(cast.accounts["赵敏"])
    assert lists(client.get(PEOPLE, {"what": "category.kind", "op": "is", "value": "volunteer"})) == ["王*"]
    assert lists(client.get(PEOPLE, {"what": "resident.age", "op": "ge", "value": "80"})) == ["王*英"]
    assert lists(client.get(PEOPLE, {"door": "48-1-102"})) == ["王*英"]
    assert lists(client.get(PEOPLE, {"what": "no_such", "op": "is", "value": "x", "after": "x"})) == [
        "老*",
        "王*",
        "王*英",
    ]


def test_a_condition_is_added_without_a_script_and_taken_away_by_a_link(cast, browse, wang) -> None:
    client = browse(cast.accounts["赵敏"])
    page = client.get(PEOPLE, {"add": "resident.age"}).content.decode()
    assert '<details class="lists__tools" open>' in page and 'name="what" value="resident.age"' in page
    page = client.get(
        PEOPLE, {"what": ["resident.age", "category.kind"], "op": ["lt", "is"], "value": ["80", "volunteer"]}
    )
    assert lists(page) == ["王*"] and "合条件的有 1 位" in page.content.decode()
    rest = re.findall(r'href="([^"]*)" aria-label="去掉', page.content.decode())
    assert [lists(client.get(url.replace("&amp;", "&"))) for url in rest] == [["王*"], ["老*", "王*"]]


def test_the_columns_and_the_order_are_chosen(cast, browse, wang, secrets) -> None:
    client = browse(cast.accounts["赵敏"])
    page = client.get(PEOPLE, {"col": ["id_number", "birth_on", "relation", "confirmed_on"], "sort": "oldest"})
    assert lists(page) == ["王*英", "王*", "老*"] or lists(page)[0] == "王*英"
    html = page.content.decode()
    assert '<th scope="col">身份证号</th>' in html and '<th scope="col">电话</th>' not in html
    assert [secret for secret in secrets[:3] if secret in html] == []


def test_a_specialist_finds_only_her_patch(cast, browse, wang) -> None:
    client = browse(cast.accounts["李娜"])
    assert lists(client.get(PEOPLE)) == ["王*", "王*英"]
    assert lists(client.post(f"{PEOPLE}search/", {"q": "老马"})) == []
    assert lists(client.post(f"{PEOPLE}search/", {"q": "wf"})) == ["王*"]
    other = cast.residents["老马"]
    assert client.get(f"{PEOPLE}{other.pk}/").status_code == 404
    answer = client.post(f"{PEOPLE}{other.pk}/reveal/", {"field": "phone", "reason": "电话回访"})
    assert answer.status_code == 404


def test_a_name_or_number_searched_for_stands_in_no_address(cast, browse, wang) -> None:
    client = browse(cast.accounts["陈建国"])
    for words in ("王芳", wang.phone, wang.id_number, "48-2-301", wang.phone[-4:]):
        response = client.post(f"{PEOPLE}search/", {"q": words})
        assert lists(response) == ["王*"]
        assert words not in "".join(re.findall(r'(?:href|action)="([^"]*)"', response.content.decode()))
    assert client.get(f"{PEOPLE}search/", {"q": "王芳"}).status_code == 405
    assert lists(client.post(f"{PEOPLE}search/", {"q": ""})) == []


def test_the_page_of_one_person_is_masked(cast, browse, wang, secrets) -> None:
    response = browse(cast.accounts["李娜"]).get(f"{PEOPLE}{wang.pk}/")
    page = response.content.decode()
    assert response.status_code == 200
    assert [secret for secret in secrets if secret in page] == []
    for shown in ("王*", "48幢2单元301室", "志愿者", "街道名册", "2020年1月1日", "登记居民", "990***********"):
        assert shown in page
    assert response["Cache-Control"] == "no-store"


def test_a_number_is_revealed_on_one_answer_and_the_reason_kept(cast, browse, wang) -> None:
    client = browse(cast.accounts["李娜"])
    response = client.post(f"{PEOPLE}{wang.pk}/reveal/", {"field": "id_number", "reason": "核对低保材料"})
    assert response.status_code == 200
    assert wang.id_number in response.content.decode()
    assert wang.phone not in response.content.decode()
    again = client.get(f"{PEOPLE}{wang.pk}/").content.decode()
    assert wang.id_number not in again
    assert "核对低保材料" in again
    with active(cast.here.id):
        entry = TrailEntry.objects.get(verb="resident.revealed")
    assert (entry.account_id, entry.via, entry.role) == (cast.accounts["李娜"].pk, "page", "specialist")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"field": "id_number", "reason": "看"}, "至少 4 个字"),
        ({"field": "id_number"}, "请写明查看的用途"),
        ({"reason": "核对低保材料"}, "请选要查看的一项"),
        ({"field": "id_number_index", "reason": "核对低保材料"}, "请从列出的里面再选一个"),
        ({"field": "id_number", "reason": "      看      "}, "至少 4 个字"),
    ],
)
def test_without_reason_or_field_nothing_is_shown_or_kept(cast, browse, wang, sent, words) -> None:
    response = browse(cast.accounts["李娜"]).post(f"{PEOPLE}{wang.pk}/reveal/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert wang.id_number not in page
    with active(cast.here.id):
        assert not TrailEntry.objects.filter(verb="resident.revealed").exists()


def test_htmx_swaps_the_part_alone(cast, browse, wang) -> None:
    client = browse(cast.accounts["李娜"])
    sent = {"field": "phone", "reason": "电话回访"}
    response = client.post(f"{PEOPLE}{wang.pk}/reveal/", sent, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.lstrip().startswith('<div id="resident"')
    assert wang.phone in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("王芳", 404), ("路人", 404), ("周国平", 403), ("管理员", 403), ("郑涛", 404), ("冯丽", 404), ("韩雪", 404)],
)
def test_who_has_no_business_with_residents_sees_nobody(cast, browse, wang, who: str, status: int) -> None:
    client = browse(cast.accounts[who])
    for path in (PEOPLE, f"{PEOPLE}{wang.pk}/"):
        response = client.get(path)
        assert response.status_code == status
        assert "王*" not in response.content.decode()
    assert client.post(f"{PEOPLE}search/", {"q": "王"}).status_code == status
    sent = {"field": "phone", "reason": "电话回访"}
    assert client.post(f"{PEOPLE}{wang.pk}/reveal/", sent).status_code == status


def test_a_visitor_is_asked_to_sign_in(cast, browse) -> None:
    response = browse().get(PEOPLE)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")
    assert browse().post(f"{PEOPLE}search/", {"q": "王"}).status_code == 302
    swapped = browse().get(PEOPLE, headers={"HX-Request": "true"})
    assert swapped.status_code == 401
    assert swapped["HX-Redirect"].startswith("/sign-in/")
