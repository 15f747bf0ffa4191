"""Communities and places for tests, made through the actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from linli.core.access import Actor, Duty, Role
from linli.core.ids import uuid7
from linli.core.tenancy import active
from linli.places import actions
from linli.places.models import Building, Community, Dwelling, Estate, Grid, SubArea

HOME_CODE, SIBLING_CODE = "330105002053", "330105002051"


def staff(role: Role, *, sub_area: SubArea | None = None, speaks_for: frozenset[UUID] = frozenset()) -> Actor:
    """Somebody with one duty in the active community."""
    duty = Duty(role, sub_area.pk if sub_area else None)
    return Actor(role.value, account_id=uuid7(), duties=frozenset({duty}), speaks_for=speaks_for)


def resident_actor(*ids: UUID) -> Actor:
    """Somebody signed in without any duty, who is (or speaks for) the given residents."""
    return Actor("resident", account_id=uuid7(), speaks_for=frozenset(ids))


OPERATOR = Actor("operator", duties=frozenset({Duty(Role.ADMINISTRATOR)}), via="command")
VISITOR = Actor("visitor")


def make_community(id: int = 7001, code: str = HOME_CODE, name: str = "仓基新村社区") -> Community:
    return actions.set_up_community(OPERATOR, id=id, name=name, code=code, valid_from=date(2020, 1, 1))


@dataclass(frozen=True)
class Neighbourhood:
    """East and west sub-area, a grid in each; 47 and 48 stand in the east, 9 in the west."""

    community: Community
    east: SubArea
    west: SubArea
    estate: Estate
    east_grid: Grid
    west_grid: Grid
    buildings: dict[int, Building]

    def door(self, text: str) -> Dwelling:
        return Dwelling.objects.select_related("entrance__building__grid").get(door=text)


def make_neighbourhood(community: Community) -> Neighbourhood:
    """Needs the community active."""
    east = actions.add_sub_area(OPERATOR, code="E", name="东片", order=1)
    west = actions.add_sub_area(OPERATOR, code="W", name="西片", order=2)
    east_grid = actions.add_grid(OPERATOR, sub_area=east, code="E01", name="东一网格")
    west_grid = actions.add_grid(OPERATOR, sub_area=west, code="W01", name="西一网格")
    estate = actions.add_estate(OPERATOR, name="仓基新村", built_year=1986)
    plans = [
        actions.BuildingPlan(estate=estate, grid=grid, number=number, entrances=2, floors=3, rooms_per_floor=2)
        for number, grid in ((47, east_grid), (48, east_grid), (9, west_grid))
    ]
    buildings = {building.number: building for building in actions.add_buildings(OPERATOR, plans)}
    return Neighbourhood(community, east, west, estate, east_grid, west_grid, buildings)


@contextmanager
def neighbourhood(id: int = 7001, code: str = HOME_CODE) -> Iterator[Neighbourhood]:
    """A community with places, active inside the block."""
    community = make_community(id, code)
    with active(community.id):
        yield make_neighbourhood(community)
