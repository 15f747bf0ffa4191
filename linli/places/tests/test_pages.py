from __future__ import annotations

import re

import pytest

PLACES = "/c/330105002053/desk/places/"


def names(response) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', response.content.decode())


def test_a_specialist_meets_her_own_sub_area_first(cast, browse) -> None:
    assert names(browse(cast.accounts["李娜"]).get(PLACES)) == ["48幢", "49幢"]
    assert names(browse(cast.accounts["孙伟"]).get(PLACES)) == ["9幢"]
    assert names(browse(cast.accounts["孙伟"]).get(PLACES, {"sub_area": "1"})) == ["48幢", "49幢"]
    assert names(browse(cast.accounts["赵敏"]).get(PLACES, {"sub_area": "nothing"})) == ["48幢", "49幢"]


def test_a_search_leads_to_the_building(cast, browse) -> None:
    client = browse(cast.accounts["李娜"])
    page = client.get(PLACES, {"q": "48幢2单元301"}).content.decode()
    assert "48幢2单元301室" in page
    assert f"{PLACES}buildings/{cast.here.buildings[48].pk}/" in page
    assert "没有找到这个地方" in client.get(PLACES, {"q": "不知道<b>"}).content.decode()


def test_a_building_is_shown_door_by_door(cast, browse) -> None:
    path = f"{PLACES}buildings/{cast.here.buildings[48].pk}/"
    page = browse(cast.accounts["李娜"]).get(path).content.decode()
    assert "48幢有 2 个单元" in page
    assert page.index(">302<") < page.index(">101<")
    assert "/desk/residents/dwellings/" in page
    official = browse(cast.accounts["周国平"]).get(path).content.decode()
    assert ">302<" in official
    assert "/desk/residents/dwellings/" not in official


def test_the_next_communitys_building_is_not_found(cast, browse) -> None:
    path = f"{PLACES}buildings/{cast.sibling.buildings[3].pk}/"
    assert browse(cast.accounts["赵敏"]).get(path).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("王芳", 404), ("路人", 404), ("郑涛", 404), ("管理员", 403)])
def test_the_desks_houses_are_the_desks(cast, browse, who: str, status: int) -> None:
    client = browse(cast.accounts[who])
    assert client.get(PLACES).status_code == status
    assert client.get(f"{PLACES}buildings/{cast.here.buildings[48].pk}/").status_code == status


def test_a_visitor_is_asked_to_sign_in(cast, browse) -> None:
    assert browse().get(PLACES).status_code == 302
