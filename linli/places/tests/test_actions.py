from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from linli.core import clock
from linli.core.access import Role
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.places import actions, queries
from linli.places.models import Building, CommunityCode, Dwelling, Entrance
from linli.places.tests.factories import (
    HOME_CODE,
    OPERATOR,
    SIBLING_CODE,
    Neighbourhood,
    make_community,
    resident_actor,
    staff,
)
from tests.helpers import race

DAY = date(2020, 1, 1)


def test_buildings_come_with_entrances_doors_and_a_trail_entry_each(here: Neighbourhood) -> None:
    assert (Building.objects.count(), Entrance.objects.count(), Dwelling.objects.count()) == (3, 6, 36)
    door = Dwelling.objects.get(door="48-2-301")
    assert (door.floor, door.room, door.entrance.number, door.entrance.building.name) == (3, "301", 2, "48幢")
    assert TrailEntry.objects.filter(verb="building.added").count() == 3


def test_a_taken_number_adds_nothing_at_all(here: Neighbourhood) -> None:
    plans = [actions.BuildingPlan(estate=here.estate, grid=here.west_grid, number=number) for number in (50, 48)]
    with pytest.raises(actions.BuildingExists):
        actions.add_buildings(OPERATOR, plans)
    assert Building.objects.count() == 3


def test_two_estates_may_both_have_a_48(here: Neighbourhood) -> None:
    other = actions.add_estate(OPERATOR, name="长乐苑")
    actions.add_buildings(OPERATOR, [actions.BuildingPlan(estate=other, grid=here.west_grid, number=48)])
    assert Building.objects.filter(number=48).count() == 2


@pytest.mark.parametrize("wrong", [{"floors": 0}, {"entrances": 0}, {"number": 0}, {"rooms_per_floor": 100}])
def test_a_building_without_floors_doors_or_number_is_refused(here: Neighbourhood, wrong: dict[str, int]) -> None:
    plan = {"number": 60, **wrong}
    with pytest.raises(actions.PlanUnfit):
        actions.add_buildings(OPERATOR, [actions.BuildingPlan(estate=here.estate, grid=here.east_grid, **plan)])


def test_names_and_codes_are_given_once(here: Neighbourhood) -> None:
    with pytest.raises(actions.NameTaken):
        actions.add_sub_area(OPERATOR, code="E", name="又一片")
    with pytest.raises(actions.NameTaken):
        actions.add_grid(OPERATOR, sub_area=here.east, code="E01", name="又一格")
    with pytest.raises(actions.NameTaken):
        actions.add_estate(OPERATOR, name="仓基新村")


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.BACK_OFFICE, Role.STREET_OFFICIAL])
def test_places_are_laid_out_by_secretary_and_administrator_alone(here: Neighbourhood, role: Role) -> None:
    for actor in (staff(role), resident_actor()):
        with pytest.raises(NotAllowed):
            actions.add_estate(actor, name="新小区")
        with pytest.raises(NotAllowed):
            actions.add_buildings(actor, [])
        with pytest.raises(NotAllowed):
            actions.set_up_community(actor, id=7009, name="别处", code=SIBLING_CODE)
    assert actions.add_estate(staff(Role.SECRETARY), name="新小区").name == "新小区"


def test_the_database_refuses_a_building_in_another_communitys_grid(here: Neighbourhood) -> None:
    sibling = make_community(7002, SIBLING_CODE, "卖鱼桥社区")
    with pytest.raises(IntegrityError), transaction.atomic(), active(sibling.id):
        estate = actions.add_estate(OPERATOR, name="他处小区")
        actions.add_buildings(OPERATOR, [actions.BuildingPlan(estate=estate, grid=here.east_grid, number=1)])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_setting_up_again_changes_nothing_and_another_name_is_refused(db: None) -> None:
    first = make_community()
    assert make_community() == first
    with active(first.id):
        assert TrailEntry.objects.filter(verb="community.set_up").count() == 1
    with pytest.raises(actions.CommunityExists):
        make_community(name="别的名字")


def test_a_code_belongs_to_one_community_at_a_time(db: None) -> None:
    make_community()
    with pytest.raises(actions.CodeTaken):
        make_community(7002)
    for wrong in ("33010500205", "33010500205X", "３３０１０５００２０５３"):
        with pytest.raises(actions.CodeWrong):
            actions.set_up_community(OPERATOR, id=7003, name="某社区", code=wrong)


def test_an_old_code_still_finds_the_community_until_another_has_it(db: None) -> None:
    home = make_community()
    actions.change_code(OPERATOR, community=home, code="330105002153", valid_from=date(2024, 1, 1))

    assert queries.community_by_code(HOME_CODE) == (home, "330105002153")
    assert queries.community_by_code("330105002153") == (home, "330105002153")
    assert queries.community_by_code(HOME_CODE, on=date(2022, 6, 1)) == (home, HOME_CODE)
    assert queries.community_by_code("330105002153", on=date(2022, 6, 1)) is None
    assert queries.code_of(home.id) == "330105002153"

    newcomer = actions.set_up_community(OPERATOR, id=7002, name="新社区", code=HOME_CODE, valid_from=date(2025, 1, 1))
    assert queries.community_by_code(HOME_CODE) == (newcomer, HOME_CODE)


def test_changing_the_code_again_or_backwards(db: None) -> None:
    home = make_community()
    row = actions.change_code(OPERATOR, community=home, code="330105002153", valid_from=date(2024, 1, 1))
    assert actions.change_code(OPERATOR, community=home, code="330105002153", valid_from=date(2024, 5, 1)) == row
    with pytest.raises(actions.CodeWrong):
        actions.change_code(OPERATOR, community=home, code="330105002154", valid_from=date(2023, 1, 1))
    with active(home.id):
        assert TrailEntry.objects.filter(verb="community.recoded").count() == 1


def test_unknown_inactive_and_platform_are_found_by_no_code(db: None) -> None:
    home = make_community()
    CommunityCode.objects.create(community_id=0, code="000000000000", valid_from=DAY)
    assert queries.community_by_code("330105002999") is None
    assert queries.community_by_code("000000000000") is None
    home.is_active = False
    home.save()
    assert queries.community_by_code(HOME_CODE) is None


def test_a_street_knows_its_communities_of_the_day(db: None) -> None:
    home, sibling = make_community(), make_community(7002, SIBLING_CODE, "卖鱼桥社区")
    make_community(7003, "330105003053", "长征桥社区")
    assert queries.communities_of_street("330105002") == [(sibling, SIBLING_CODE), (home, HOME_CODE)]
    assert queries.communities_of_street("") == []
    assert [known.code for known in queries.communities()] == [SIBLING_CODE, HOME_CODE, "330105003053"]
    actions.change_code(OPERATOR, community=home, code="330105003153", valid_from=clock.today())
    assert queries.communities_of_street("330105002") == [(sibling, SIBLING_CODE)]


def test_of_many_who_take_one_code_at_once_one_gets_it(committed_db: None) -> None:
    for n in range(4):
        code = f"33010500210{n}"

        def take(i: int, code: str = code, n: int = n) -> object:
            return actions.set_up_community(OPERATOR, id=7100 + 10 * n + i, name=f"社区{i}", code=code, valid_from=DAY)

        results = race(8, take)
        assert sum(isinstance(result, actions.CodeTaken) for result in results) == 7
        assert CommunityCode.objects.filter(code=code).count() == 1
