"""Another day, another moment's knowledge, and how old what is known is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from linli.core import clock
from linli.core.tenancy import active
from linli.residents import actions, freshness, history
from linli.residents.models import Resident

DESK = "/c/330105002053/desk/residents/"


@pytest.fixture
def wang(cast):
    return cast.residents["王桂英"]


def text(response) -> str:
    return response.content.decode()


def long_ago():
    return clock.at(datetime(2024, 1, 5, 4, tzinfo=UTC))


def test_who_lived_in_an_entrance_on_a_day_has_an_answer_and_so_has_what_was_known_then(cast, here, as_back_office):
    with clock.at(datetime(2026, 1, 5, 4, tzinfo=UTC)):
        plan = actions.ResidentPlan(name="沈阿根", dwelling=here.door("48-2-101"), from_on=date(2020, 1, 1))
        (shen,) = actions.register_many(as_back_office, [plan])
    with clock.at(datetime(2026, 3, 22, 4, tzinfo=UTC)):
        actions.record_death(as_back_office, resident=shen, died_on=date(2026, 3, 1))
    places = Q(dwelling__entrance__building=here.buildings[48], dwelling__entrance__number=2)
    on = date(2026, 3, 10)
    assert shen.pk not in {each.resident_id for each in history.lived_then(places, on=on)}
    known_at = datetime(2026, 3, 15, tzinfo=UTC)
    (then,) = [e for e in history.lived_then(places, on=on, known_at=known_at) if e.resident_id == shen.pk]
    assert (then.door, then.is_now) == ("48-2-101", False)


def test_the_house_of_another_day_is_a_page_and_a_person_too(cast, browse, as_back_office, wang):
    actions.change_phone(as_back_office, resident=wang, phone="10012348888")
    client = browse(cast.accounts["李娜"])
    house = f"{DESK}lived/{cast.here.buildings[48].pk}/"
    assert "住着 2 人" in text(client.get(house, {"on": "2021-03-01"}))
    assert "住着 0 人" in text(client.get(house, {"on": "2019-03-01"}))
    assert "1单元住着 1 人" in text(client.get(house, {"on": "2021-03-01", "entrance": "1"}))
    page = text(client.get(f"{DESK}{wang.pk}/history/", {"on": "2021-03-01", "known_on": "2021-03-01"}))
    assert "1 项和今天不同" in page and "当时不知道" in page
    assert "100****0002" in page and "100****8888" in page
    assert "10012348888" not in page
    assert client.get(f"{DESK}{wang.pk}/history/", {"on": "昨天"}).status_code == 200


def test_a_specialist_asks_only_about_houses_of_her_own(cast, browse):
    client = browse(cast.accounts["孙伟"])
    for page in ("lived", "freshness"):
        assert client.get(f"{DESK}{page}/{cast.here.buildings[48].pk}/").status_code == 404
        assert client.get(f"{DESK}{page}/{cast.here.buildings[9].pk}/").status_code == 200


def test_the_oldest_needed_fact_says_how_fresh_a_person_is(cast, here, as_back_office, wang):
    house = here.buildings[48]

    def buckets():
        (entrance,) = [each for each in freshness.of_building(house) if each.number == 1]
        return entrance.buckets

    assert (buckets().never, buckets().people) == (1, 1)
    with long_ago():
        actions.confirm_record(as_back_office, resident=wang, how="visit")
    assert buckets().old == 1
    for field in ("name", "birth_on", "phone"):
        actions.confirm_field(as_back_office, resident=Resident.objects.get(pk=wang.pk), field=field, how="self")
    assert buckets().old == 1  # where she lives is as old as before
    actions.confirm_record(as_back_office, resident=wang, how="self")
    assert buckets().fresh == 1
    assert {each.sub_area.name: each.buckets.people for each in freshness.by_sub_area(as_back_office)} == {
        "东片区": 2,
        "西片区": 1,
    }


def test_one_tap_takes_a_person_off_the_list_and_stays_with_the_house(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    page = f"{DESK}freshness/{cast.here.buildings[48].pk}/"
    assert "有 2 人该核实了" in text(client.get(page))
    done = client.post(f"{DESK}{wang.pk}/confirm/", {"how": "visit", "back": str(cast.here.buildings[48].pk)})
    assert done.status_code == 302 and done["Location"] == page
    assert "有 1 人该核实了" in text(client.get(page))
    assert "人的档案超过一年没核实" in text(client.get(DESK + "freshness/"))


def test_a_house_costs_the_same_queries_however_many_live_in_it(cast, here, as_back_office):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            freshness.of_building(here.buildings[48])
        return len(caught)

    before = cost()
    plans = [
        actions.ResidentPlan(name=f"居民{n}", dwelling=here.door("48-2-101"), from_on=date(2020, 1, 1))
        for n in range(20)
    ]
    actions.register_many(as_back_office, plans)
    assert cost() == before == 1


def test_next_door_sees_nothing_of_it(cast, browse, wang):
    with active(cast.here.id):
        house = cast.here.buildings[48]
    client = browse(cast.accounts["郑涛"])
    theirs = DESK.replace("330105002053", "330105002051")
    for path in (f"{wang.pk}/history/", f"lived/{house.pk}/", f"freshness/{house.pk}/"):
        assert client.get(DESK + path).status_code == 404
        assert client.get(theirs + path).status_code == 404
