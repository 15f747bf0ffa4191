from __future__ import annotations

from linli.core.access import Role
from linli.places import actions, queries
from linli.places.models import Building, Dwelling, Entrance
from linli.places.tests.factories import (
    OPERATOR,
    SIBLING_CODE,
    VISITOR,
    Neighbourhood,
    neighbourhood,
    resident_actor,
    staff,
)


def test_a_place_is_called_as_far_as_it_is_given(here: Neighbourhood, django_assert_num_queries) -> None:
    dwelling = Dwelling.objects.select_related("entrance__building").get(door="48-2-301")
    entrance, building = dwelling.entrance, dwelling.entrance.building
    with django_assert_num_queries(0):
        assert queries.place_label(building=building, entrance=entrance, dwelling=dwelling) == "48幢2单元301室"
        assert queries.place_label(dwelling=dwelling) == "48幢2单元301室"
        assert queries.place_label(entrance=entrance) == "48幢2单元"
        assert queries.place_label(building=building) == "48幢"
        assert queries.place_label() == ""


def test_the_sub_area_of_a_building_needs_no_query_when_loaded(here: Neighbourhood, django_assert_num_queries) -> None:
    building = queries.buildings_visible_to(resident_actor()).get(number=48)
    with django_assert_num_queries(0):
        assert queries.sub_area_of(building) == here.east


def labels(actor, text: str) -> list[str]:
    return [place.label for place in queries.search_places(actor, text)]


def test_staff_find_doors_entrances_and_buildings(here: Neighbourhood) -> None:
    anna = staff(Role.SPECIALIST, sub_area=here.east)
    assert labels(anna, "48-2-301") == ["48幢2单元301室"]
    assert labels(anna, "48幢301") == ["48幢1单元301室", "48幢2单元301室"]
    assert labels(anna, "仓基新村４８幢２单元") == ["48幢2单元"]
    assert labels(anna, "48幢") == ["48幢"]
    assert labels(anna, "48-2-999") == ["48幢2单元"]
    assert labels(anna, "48-7-101") == ["48幢"]
    assert labels(anna, "不知道的小区48幢") == ["48幢"]
    assert labels(anna, "333幢") == labels(anna, "王芳") == []


def test_residents_find_entrances_but_not_whose_door_is_where(here: Neighbourhood) -> None:
    assert labels(resident_actor(), "48-2-301") == ["48幢2单元"]
    assert queries.dwellings_visible_to(resident_actor()).count() == 0
    assert labels(VISITOR, "48-2-301") == []
    assert queries.sub_areas_visible_to(VISITOR).count() == 0


def test_an_estate_in_front_of_the_number_narrows_the_search(here: Neighbourhood) -> None:
    other = actions.add_estate(OPERATOR, name="长乐苑")
    actions.add_buildings(OPERATOR, [actions.BuildingPlan(estate=other, grid=here.west_grid, number=48)])
    wang = resident_actor()
    assert {place.estate for place in queries.search_places(wang, "48幢")} == {"仓基新村", "长乐苑"}
    assert {place.estate for place in queries.search_places(wang, "长乐苑48幢")} == {"长乐苑"}


def test_the_next_communitys_places_are_not_found(here: Neighbourhood) -> None:
    mine = set(Building.objects.values_list("pk", flat=True))
    with neighbourhood(7002, SIBLING_CODE):
        found = queries.search_places(staff(Role.SECRETARY), "48-2-301")
        assert [place.building_id in mine for place in found] == [False]
        assert Entrance.objects.count() == 6
    assert Building.objects.count() == 3


def test_a_house_is_shown_floor_by_floor_from_the_top(here: Neighbourhood, django_assert_num_queries) -> None:
    building = here.buildings[48]
    with django_assert_num_queries(2):
        wells = queries.stairwells_of(staff(Role.BACK_OFFICE), building)
    assert [well.entrance.number for well in wells] == [1, 2]
    assert [(floor, [d.room for d in row]) for floor, row in wells[0].floors] == [
        (3, ["301", "302"]),
        (2, ["201", "202"]),
        (1, ["101", "102"]),
    ]
    assert [well.floors for well in queries.stairwells_of(resident_actor(), building)] == [(), ()]


def test_sub_areas_count_their_buildings(here: Neighbourhood) -> None:
    figures = queries.sub_areas_with_figures(staff(Role.SECRETARY))
    assert [(row.sub_area.name, row.buildings) for row in figures] == [("东片", 2), ("西片", 1)]
