"""A small cast everybody knows, made through the actions.

仓基新村 has an eastern and a western patch. 王芳 lives at 48-2-301 in the east, 李娜 is her specialist, 陈建国 works in the back office,
赵敏 is the secretary, 周国平 the street's official. 卖鱼桥 is next door in the same street; 小天竺 lies in another street.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from linli.accounts import actions as account_actions
from linli.accounts.models import Account
from linli.accounts.queries import actor_for, operator
from linli.core.access import Actor, Role
from linli.core.tenancy import active
from linli.matters import actions as matters
from linli.places import actions as places
from linli.places.models import Building, Community, Dwelling, SubArea
from linli.residents import actions as residents
from linli.residents.models import Resident

PASSWORD = "stairwell-lamp-380"
CODES = {1: ("仓基新村社区", "330105002053"), 2: ("卖鱼桥社区", "330105002051"), 3: ("小天竺社区", "330105015003")}


@dataclass
class Place:
    """One community of the cast."""

    community: Community
    code: str
    sub_areas: list[SubArea]
    buildings: dict[int, Building]

    @property
    def id(self) -> int:
        return self.community.id

    def door(self, door: str) -> Dwelling:
        return Dwelling.objects.get(door=door)


@dataclass
class Cast:
    """Accounts by name, residents by name, the three communities."""

    here: Place
    sibling: Place
    elsewhere: Place
    accounts: dict[str, Account] = field(default_factory=dict)
    residents: dict[str, Resident] = field(default_factory=dict)
    register: dict[str, str] = field(default_factory=dict)  # other ids of the register, where a test made some

    def actor(self, name: str, place: Place | None = None) -> Actor:
        """`name` as an Actor in `place` (仓基新村)."""
        where = place or self.here
        return actor_for(self.accounts[name], where.community, code=where.code)


def make_place(community_id: int, numbers: dict[int, int], patches: int) -> Place:
    """A community with `patches` sub-areas; `numbers` maps a building's number to its patch (0-based)."""
    name, code = CODES[community_id]
    community = places.set_up_community(operator(), id=community_id, name=name, code=code, valid_from=date(2023, 1, 1))
    keeper = operator(community_id)
    with active(community_id):
        sub_areas = [
            places.add_sub_area(keeper, code=str(i + 1), name=f"{word}片区", order=i)
            for i, word in enumerate("东西南北"[:patches])
        ]
        grids = [
            places.add_grid(keeper, sub_area=area, code=f"{i + 1}1", name=f"{area.name}一格")
            for i, area in enumerate(sub_areas)
        ]
        estate = places.add_estate(keeper, name=name.removesuffix("社区"), built_year=1985)
        plans = [
            places.BuildingPlan(
                estate=estate, grid=grids[patch], number=number, entrances=2, floors=3, rooms_per_floor=2
            )
            for number, patch in numbers.items()
        ]
        buildings = {building.number: building for building in places.add_buildings(keeper, plans)}
        matters.set_up_kinds(keeper)
    return Place(community, code, sub_areas, buildings)


def make_cast() -> Cast:
    """The whole cast, in the current transaction (or committed, where there is none)."""
    here = make_place(1, {9: 1, 48: 0, 49: 0}, 2)
    cast = Cast(here, make_place(2, {3: 0}, 1), make_place(3, {7: 0}, 1))
    _staff(cast)
    _residents(cast)
    return cast


def _staff(cast: Cast) -> None:
    posts: list[tuple[str, str, Role, dict[str, Any]]] = [
        ("李娜", "lina", Role.SPECIALIST, {"community": cast.here.community, "sub_area_id": cast.here.sub_areas[0].id}),
        (
            "孙伟",
            "sunwei",
            Role.SPECIALIST,
            {"community": cast.here.community, "sub_area_id": cast.here.sub_areas[1].id},
        ),
        ("陈建国", "chenjianguo", Role.BACK_OFFICE, {"community": cast.here.community}),
        ("赵敏", "zhaomin", Role.SECRETARY, {"community": cast.here.community}),
        ("周国平", "zhouguoping", Role.STREET_OFFICIAL, {"street_code": "330105002"}),
        ("管理员", "admin", Role.ADMINISTRATOR, {}),
        ("安全员", "security", Role.SECURITY_ADMINISTRATOR, {}),
        ("审计员", "audit", Role.AUDIT_ADMINISTRATOR, {}),
        (
            "吴静",
            "wujing",
            Role.SPECIALIST,
            {"community": cast.sibling.community, "sub_area_id": cast.sibling.sub_areas[0].id},
        ),
        ("郑涛", "zhengtao", Role.SECRETARY, {"community": cast.sibling.community}),
        ("冯丽", "fengli", Role.SECRETARY, {"community": cast.elsewhere.community}),
        ("韩雪", "hanxue", Role.STREET_OFFICIAL, {"street_code": "330105015"}),
    ]
    for name, username, role, scope in posts:
        account = account_actions.add_account(operator(), username=username, password=PASSWORD, display_name=name)
        account_actions.grant_post(operator(), account=account, role=role, from_on=date(2024, 1, 1), **scope)
        cast.accounts[name] = account


def _residents(cast: Cast) -> None:
    people = [
        ("王芳", cast.here, "48-2-301", "10012340001", date(1978, 5, 4)),
        ("王桂英", cast.here, "48-1-102", "10012340002", date(1939, 3, 1)),
        ("老马", cast.here, "9-1-101", "10012340003", date(1950, 8, 9)),
        ("邻居丁", cast.sibling, "3-1-101", "10012340004", date(1966, 1, 2)),
    ]
    for name, place, door, phone, birth_on in people:
        with active(place.id):
            keeper = cast.actor("赵敏" if place is cast.here else "郑涛", place)
            plan = residents.ResidentPlan(
                name=name, phone=phone, birth_on=birth_on, dwelling=place.door(door), from_on=date(2020, 1, 1)
            )
            (resident,) = residents.register_many(keeper, [plan])
        cast.residents[name] = resident
        account = account_actions.add_account(operator(), phone=phone, display_name=name)
        cast.accounts[name] = account
        with active(place.id):
            link = account_actions.request_link(actor_for(account, place.community), name=name, door=door)
            clerk = "李娜" if place is cast.here else "郑涛"
            account_actions.confirm_link(cast.actor(clerk, place), link=link, resident=resident)
    cast.accounts["路人"] = account_actions.add_account(operator(), phone="10012340009", display_name="路人")
