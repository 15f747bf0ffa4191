"""Households, doors and what happens, over the API: the same rights, the same masks."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.tenancy import active
from linli.residents import actions
from linli.residents.models import Household

API = "/api/c/330105002053/"
SINCE = date(2020, 1, 1)


@pytest.fixture
def home(cast) -> Household:
    with active(cast.here.id):
        keeper, door = cast.actor("赵敏"), cast.here.door("48-2-301")
        plan = actions.ResidentPlan(name="王小军", sex="1", birth_on=date(2000, 1, 1), dwelling=door, from_on=SINCE)
        cast.residents["王小军"] = actions.register_resident(keeper, plan)
        members = {cast.residents["王小军"].pk: "2"}
        return actions.form_household(keeper, dwelling=door, head=cast.residents["王芳"], members=members, on=SINCE)


def send(client, path: str, data):
    return client.post(API + path, data, content_type="application/json")


def test_a_household_and_a_door_are_told_masked_to_who_may_see_them(cast, browse, home) -> None:
    lina = browse(cast.accounts["李娜"])
    told = lina.get(f"{API}households/{home.pk}").json()
    assert [(each["name"], each["relation"]) for each in told["members"]] == [("王*", "本人"), ("王*军", "子")]
    assert [row["door"] for row in lina.get(f"{API}households?door=48-2-301").json()["items"]] == ["48-2-301"]
    door = lina.get(f"{API}dwellings?door=48-2-301").json()["items"][0]
    assert len(lina.get(f"{API}dwellings/{door['id']}").json()["living"]) == 2
    for who in ("孙伟", "王芳", "吴静"):
        assert browse(cast.accounts[who]).get(f"{API}households/{home.pk}").status_code == 404, who


def test_what_happens_is_written_from_its_day_on(cast, browse, home) -> None:
    client, son = browse(cast.accounts["李娜"]), str(cast.residents["王小军"].pk)
    told = send(client, f"households/{home.pk}/change-head", {"head_id": son, "on": "2026-03-01"})
    assert told.status_code == 200 and told.json()["head_id"] == son
    away = send(client, f"residents/{son}/leave", {"whereabouts": "上海市", "on": "2026-04-01"}).json()
    assert (away["door"], away["registered_door"], away["population_class"]) == ("", "48-2-301", "外出")


def test_without_the_right_to_keep_the_register_nothing_is_written(cast, browse, home) -> None:
    official = browse(cast.accounts["周国平"])
    wanted = {"head_id": str(cast.residents["王小军"].pk), "on": "2026-03-01"}
    assert send(official, f"households/{home.pk}/change-head", wanted).status_code in {403, 404}
    refused = send(browse(cast.accounts["李娜"]), f"households/{home.pk}/change-head", wanted | {"on": "2026-13-01"})
    assert refused.status_code == 422 and refused["Content-Type"] == "application/problem+json"
