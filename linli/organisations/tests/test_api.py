"""Organisations over the API: the same rights as on the pages."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.access import Role
from linli.core.tenancy import active
from linli.organisations import actions
from linli.places.tests.factories import staff

BASE = "/api/c/330105002053/"


@pytest.fixture
def unit(cast):
    with active(cast.here.id):
        zhao, since = staff(Role.SECRETARY), date(2024, 1, 1)
        row = actions.add_organisation(
            zhao, kind="partner_unit", name="清渠诊所", from_on=since, sub_area=cast.here.sub_areas[0], words="义诊"
        )
        actions.give_post(zhao, organisation=row, role="contact", name="陈明亮", phone="10012345678", from_on=since)
    return row


def test_organisations_are_listed_and_told_masked(cast, browse, unit) -> None:
    lina = browse(cast.accounts["李娜"])
    (item,) = lina.get(f"{BASE}organisations?kind=partner_unit").json()["items"]
    assert item["name"] == "清渠诊所" and item["head"] == "陈明亮" and item["places"] == ["东片区"]
    assert lina.get(f"{BASE}organisations?on=2023-12-31").json()["items"] == []
    west = cast.here.sub_areas[1].pk
    assert lina.get(f"{BASE}organisations?sub_area_id={west}").json()["items"] == []
    one = lina.get(f"{BASE}organisations/{unit.pk}").json()
    assert one["posts"][0]["phone"] == "100****5678"
    assert browse(cast.accounts["周国平"]).get(f"{BASE}organisations/{unit.pk}").json()["head"] == "陈*亮"
    assert browse(cast.accounts["王芳"]).get(f"{BASE}organisations").json()["items"] == []
    assert browse(cast.accounts["王芳"]).get(f"{BASE}organisations/{unit.pk}").status_code == 404


def test_an_organisation_is_added_and_ended(cast, browse) -> None:
    area = str(cast.here.sub_areas[0].pk)
    body = {"kind": "interest_team", "name": "太极队", "from_on": "2025-01-01", "sub_area_id": area}
    lina = browse(cast.accounts["李娜"])
    made = lina.post(f"{BASE}organisations", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["places"] == ["东片区"]
    again = lina.post(f"{BASE}organisations", body, content_type="application/json")
    assert again.status_code == 409 and again.json()["code"] == "organisation.named"
    everywhere = {"kind": "interest_team", "name": "合唱团", "from_on": "2025-01-01"}
    assert lina.post(f"{BASE}organisations", everywhere, content_type="application/json").status_code == 403
    end = f"{BASE}organisations/{made.json()['id']}/end"
    assert lina.post(end, {"on": "2025-02-30"}, content_type="application/json").status_code == 422
    assert lina.post(end, {"on": "2025-02-01"}, content_type="application/json").json()["until"] == "2025-02-01"


def test_the_five_lists_say_the_same_as_the_page(cast, browse, unit) -> None:
    area = cast.here.sub_areas[0]
    lina = browse(cast.accounts["李娜"])
    told = lina.get(f"{BASE}sub-areas/{area.pk}/five-lists").json()
    assert [each["code"] for each in told["lists"]] == ["partners", "venues", "projects", "groups", "auxiliary"]
    (line,) = told["lists"][0]["rows"]
    assert line["name"] == "清渠诊所" and line["cells"] == ["共建单位", "陈明亮", "东片区", "义诊"]
    page = lina.get(f"/c/330105002053/desk/organisations/lists/?sub_area={area.code}").content.decode()
    assert "清渠诊所" in page and "义诊" in page
    before = lina.get(f"{BASE}sub-areas/{area.pk}/five-lists?on=2023-06-01").json()
    assert before["lists"][0]["rows"] == []
