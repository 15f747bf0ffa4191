"""Dogs, cars, and files made in a hurry."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    birth,
    building,
    entrance,
    flag,
    groups,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    room,
    serial,
    sex,
    since,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, aged, flagged, some

FILLED = (f"填报单位：{COMMUNITY}", "填报日期：9月30日")


def books() -> Iterator[Book]:
    yield from dogs_and_cars()
    yield from in_a_hurry()


def dogs_and_cars() -> Iterator[Book]:
    yield Book(
        "犬只登记台账",
        "xlsx",
        "dogs",
        [
            Roster(
                [
                    serial(),
                    name("犬主姓名"),
                    identity("身份证号码"),
                    phone("联系电话"),
                    lives("饲养地址", "estate"),
                    *under(
                        "犬只信息",
                        other("犬名", d.one_of("旺财", "豆豆", "小白")),
                        other("品种", d.one_of("泰迪", "柯基", "田园犬")),
                        other("性别", d.one_of("公", "母")),
                        other("出生日期", d.day("1938.5", 100, 3000)),
                        other("毛色", d.one_of("白", "黄", "黑")),
                    ),
                    other("犬牌号", d.digits(8)),
                    other("免疫日期", d.day("iso", 10, 350)),
                    other("免疫证有效期", d.day("iso", -350, -10)),
                ],
                some(53, aged(20), "door"),
                title=["小区犬只登记台账", FILLED],
                foot=["一户一犬，请勿重复登记。"],
            )
        ],
    )
    yield Book(
        "车辆登记 桥西苑",
        "xls",
        "cars",
        [
            Roster(
                [
                    serial(),
                    other("车牌号码", d.plate),
                    other("车辆品牌", d.one_of("大众", "吉利", "比亚迪")),
                    other("颜色", d.one_of("白", "黑", "灰")),
                    name("车主姓名"),
                    phone("车主电话", "number"),
                    building("幢"),
                    entrance("单元"),
                    room("室"),
                    other("车位号", d.digits(3, "A")),
                    other("登记日期", d.day("slash", 10, 900)),
                    means("other", other("与业主关系", d.one_of("本人", "配偶", "租户")), "relation_to_head"),
                ],
                some(67, lambda p: p.age >= 22 and p.household.estate == "桥西苑", "door"),
                title=["桥西苑车辆登记表"],
            )
        ],
    )
    yield Book(
        "电动车充电棚申请",
        "txt-utf8",
        "cars",
        [
            Roster(
                [
                    name("申请人"),
                    lives("房号", "48-2-301"),
                    phone("电话"),
                    other("车牌", d.digits(7)),
                    other("品牌", d.one_of("雅迪", "爱玛", "台铃")),
                    other("申请日期", d.day("1938/5/6", 1, 100)),
                    other("审批", d.nothing),
                ],
                some(29, aged(18)),
            )
        ],
    )
    yield Book(
        "宠物及车辆合表",
        "xlsx",
        "dogs and cars",
        [
            Roster(
                [
                    serial(),
                    lives("房屋", "48幢301"),
                    name("业主"),
                    phone("电话"),
                    other("汽车车牌", d.plate),
                    other("电动车", d.whole(0, 2), "辆", adds_up=True),
                    other("犬只", d.whole(0, 1), "只", adds_up=True),
                    other("犬主", d.kin_name),
                    other("犬主电话", d.someone_phone),
                ],
                some(33, aged(25), "door"),
                units=True,
                total="end",
                at=(1, 0),
            )
        ],
    )


def in_a_hurry() -> Iterator[Book]:
    yield Book(
        "新建 XLS 工作表 (2)",
        "xls",
        "all residents",
        [Roster([name("姓名"), phone("电话", "number")], some(24, aged(18)))],
    )
    yield Book(
        "三人",
        "xlsx",
        "elders 80+",
        [Roster([serial(), name(), lives("地址", "48-2-301")], some(3, aged(80)), title=["名单"])],
    )
    yield Book(
        "接龙导出",
        "csv-utf8",
        "all residents",
        [
            Roster(
                [
                    serial("序号"),
                    other("填写时间", d.day("1938-05-06 00:00:00", 1, 20)),
                    other("微信昵称", d.one_of("阳光", "平安是福", "A修锁")),
                    name("姓名"),
                    lives("楼栋门牌", "mixed"),
                    other("人数", d.whole(1, 5)),
                ],
                some(62, aged(20)),
            )
        ],
    )
    yield Book(
        "停水通知联系户",
        "xlsx",
        "all residents",
        [
            Roster(
                [
                    *(
                        means(c.means, c, "address_lived", "other")
                        for c in (building("住址"), entrance("住址"), room("住址"))
                    ),
                    name("姓名"),
                    perhaps(0.3, phone("电话", "mixed")),
                    other("", d.one_of("已通知", gaps=0.5)),
                ],
                some(42, aged(18), "door"),
                title=["停水通知联系户"],
            )
        ],
    )
    yield Book(
        "重复两次的重点人员表",
        "xlsx",
        "duplicates",
        [
            Roster(
                [
                    serial(),
                    name(style="dots"),
                    sex(wrong=0.1),
                    birth("出生年月", "1938年5月6日", wrong=0.1),
                    identity("身份证", "some wrong"),
                    age(),
                    phone(style="number"),
                    groups("人员类型", between="+"),
                    lives("住址", "mixed"),
                    since("来本社区时间", "number 1938.5"),
                ],
                some(70, aged(18), doubles=8),
                blank_every=20,
            )
        ],
    )
    yield Book(
        "多级表头统计名册",
        "xlsx",
        "elders 60+",
        [
            Roster(
                [
                    serial(),
                    *under(
                        "基本情况",
                        *under("身份信息", *under("公安登记", name(), sex(), identity("公民身份号码"))),
                        *under(
                            "联系信息",
                            *under("本人", phone("手机")),
                            *under("亲属", other("姓名", d.kin_name), other("手机", d.someone_phone)),
                        ),
                    ),
                    *under(
                        "居住情况",
                        *under("地址", building("幢"), entrance("单元"), room("室")),
                        *under("类型", flag("living_alone", "独居", "●"), flag("empty_nest", "空巢", "●")),
                    ),
                    *under(
                        "保障情况",
                        *under("民政", flag("low_income", "低保", "●"), flag("extreme_hardship", "特困", "●")),
                        *under(
                            "残联",
                            flag("disabled", "残疾人", "●"),
                            means("level:disabled", other("等级", d.disability_level)),
                        ),
                    ),
                ],
                some(48, aged(60), "door"),
                title=["60周岁以上老年人综合情况名册", FILLED],
                codes=True,
                page=24,
            )
        ],
    )
    yield Book(
        "高龄独居（分网格三张表，旧表已隐藏）",
        "xlsx-wps",
        "living alone, old sheets hidden",
        [
            *(
                Roster(
                    [
                        serial(),
                        name(),
                        age(),
                        lives("住址", "estate"),
                        phone(),
                        flag("living_alone", "独居", "✔"),
                        other("网格员", d.grid_name),
                        other("网格员电话", d.grid_phone),
                    ],
                    some(n, flagged("living_alone")),
                    name=label,
                    title=["高龄独居老人名单"],
                )
                for label, n in (("2024旧", 20), ("2025旧", 22), ("2025新", 25))
            ),
            Plain("码表", [["是", 1], ["否", 0]], hidden=True),
        ],
        use=2,
        hidden_sheets=(0, 1),
    )
