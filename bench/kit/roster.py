"""A whole town's roster as one office would send it, and the empty town it is about. Everybody is invented.

It knows nothing of the importer: names, numbers and doors are made here, from fixed seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from linli.accounts import actions as account_actions
from linli.accounts.models import Account
from linli.accounts.queries import actor_for, operator
from linli.core import clock
from linli.core.access import Actor, Role
from linli.core.tenancy import active
from linli.places import actions as places
from linli.places.models import Community

HEADS = (
    "序号",
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "联系电话",
    "现住址",
    "与户主关系",
    "人口类别",
    "是否独居",
    "备注",
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆"
    "郝孔白崔康毛邱秦江史顾侯邵孟龙万段章钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文海波春生荣凤珍琴云龙鹏飞宇轩浩然子涵梓萱雨欣思佳怡诗琪嘉"
    "懿煜城炫立博超立辉伟宸铭晨曦鑫磊淼"
)
FLOORS, ROOMS, ENTRANCES = 10, 4, 5
DOORS_A_BUILDING = FLOORS * ROOMS * ENTRANCES
PEOPLE_A_DOOR = 2.5
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Town:
    """The community, and who imports there."""

    id: int
    account: Account

    @property
    def actor(self) -> Actor:
        with active(self.id):
            return actor_for(self.account, Community.objects.get(pk=self.id), via="cli")


def found_town(id: int, *, people: int) -> Town:
    """A community with doors enough for `people`, nobody registered yet."""
    keeper = operator()
    community = places.set_up_community(
        keeper, id=id, name=f"测速{id}社区", code=f"3301050029{id:02d}", valid_from=date(2023, 6, 30)
    )
    buildings = int(people / PEOPLE_A_DOOR / DOORS_A_BUILDING) + 1
    with active(id):
        keeper = operator(id)
        area = places.add_sub_area(keeper, code="A", name="全片")
        grid = places.add_grid(keeper, sub_area=area, code="A-1", name="第一网格")
        estate = places.add_estate(keeper, name="测速新村")
        plans = [
            places.BuildingPlan(
                estate=estate, grid=grid, number=n, entrances=ENTRANCES, floors=FLOORS, rooms_per_floor=ROOMS
            )
            for n in range(1, buildings + 1)
        ]
        for start in range(0, len(plans), 100):
            places.add_buildings(keeper, plans[start : start + 100])
    account = account_actions.add_account(operator(), username=f"bench-import-{id}", display_name="内勤测速")
    account_actions.grant_post(
        operator(), account=account, role=Role.BACK_OFFICE, community=community, from_on=clock.today()
    )
    return Town(id, account)


def write_roster(path: Path, *, people: int, seed: int = 0, first: int = 0) -> None:
    """`people` rows in an .xlsx file under a title and a heading; names repeat characters as names do, numbers are unlike each other.

    A town too large for one file is written in several: `first` is how many stand in those before.
    """
    options = {"constant_memory": True, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, ["测速社区居民花名册"])
        sheet.write_row(1, 0, HEADS)
        for n, row in enumerate(roster_rows(people, seed, first), 2):
            sheet.write_row(n, 0, row)


def roster_rows(people: int, seed: int = 0, first: int = 0) -> Iterator[list[object]]:
    dice = Random(f"roster {seed} {first}" if first else f"roster {seed}")
    for n in range(first, first + people):
        home, place = divmod(n * 2, 5)  # five people behind two doors
        building, door = divmod(home, DOORS_A_BUILDING)
        entrance, room = divmod(door, FLOORS * ROOMS)
        floor, index = divmod(room, ROOMS)
        born = date(1932, 1, 1) + timedelta(days=n * 7919 % 32000)
        sex = n % 2
        body = f"990105{born:%Y%m%d}{n // 32000 * 2 % 1000 + sex:03d}"
        name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=1 + (n % 5 > 0)))
        yield [
            n + 1,
            name,
            "女男"[sex],
            born.isoformat(),
            body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11],
            f"100{n:08d}",
            f"测速新村{building + 1}幢{entrance + 1}单元{floor + 1}{index + 1:02d}室",
            "户主" if place < 2 else "配偶" if n % 3 else "子",
            "户籍" if n % 7 else "流动人口",
            "是" if n % 40 == 0 else "",
            "",
        ]
