"""Neighbours who do something together: stair heads, owners, voters, pupils of a course."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    area,
    birth,
    building,
    entrance,
    flag,
    hide,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    registered,
    room,
    serial,
    sex,
    signature,
    since,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, STREET, aged, some

FILLED = (f"填报单位：{COMMUNITY}党委", "2025年9月")


def books() -> Iterator[Book]:
    yield Book(
        "楼道长微网格长名册",
        "xlsx",
        "stair heads",
        [
            Roster(
                [
                    serial(),
                    area("所在网格", "grid"),
                    area("小区", "estate"),
                    *under(
                        "负责楼栋",
                        means("other", building("幢", "{}幢"), "building"),
                        means("other", entrance("单元", "{}单元"), "entrance"),
                    ),
                    name("微网格长姓名"),
                    sex(),
                    birth("出生年月", "1938.5"),
                    phone("手机号码"),
                    lives("家庭住址", "48幢2单元301室"),
                    d.politics("政治面貌"),
                    *under("网格长", other("姓名", d.grid_name), other("电话", d.grid_phone)),
                ],
                some(50, aged(40, 75), "grid"),
                at=(2, 1),
                title=["楼道长、微网格长名册", FILLED],
            )
        ],
    )
    yield Book(
        "业主委员会候选人报名",
        "xls",
        "owners",
        [
            Roster(
                [
                    serial(),
                    name("业主姓名"),
                    sex(),
                    age(),
                    other("产权证号", d.digits(11, "HZ")),
                    *under("房屋坐落", building("幢"), entrance("单元"), room("室")),
                    other("建筑面积", d.money(56.2, 78.9, 103.4), "平方米", adds_up=True),
                    phone("联系电话", "number"),
                    flag("party", "是否党员", "是/否"),
                    means("education", other("学历", d.education)),
                    other("推荐人", d.kin_name),
                    other("推荐人电话", d.someone_phone),
                ],
                some(16, aged(30, 70), "door"),
                title=["业主委员会候选人报名汇总表"],
                units=True,
            )
        ],
    )
    yield Book(
        "加装电梯意见征询",
        "xlsx",
        "owners",
        [
            Roster(
                [
                    serial(),
                    *under("住址", building("幢"), entrance("单元"), room("室")),
                    name("业主"),
                    phone("电话", "some two"),
                    other("产权面积", d.money(48.2, 66.5), "㎡", adds_up=True),
                    other("同意", d.one_of("√", gaps=0.2)),
                    other("反对", d.one_of("√", gaps=0.9)),
                    other("分摊金额", d.money(18000, 26000, 32000), "元", adds_up=True),
                    signature("业主签字"),
                    other("委托代理人", d.nothing),
                ],
                some(56, lambda p: p.age >= 30 and p.household.estate == "桥西苑" and p.household.building < 5, "door"),
                title=["加装电梯意见征询汇总表"],
                sections=lambda row: f"{row.household.estate}{row.household.building}幢{row.household.entrance}单元",
                section_names=False,
                subtotals=True,
                total="end",
                units=True,
            )
        ],
    )
    yield Book(
        "选民登记",
        "xlsx",
        "voters",
        [
            Roster(
                [
                    serial(),
                    name("选民姓名"),
                    sex(),
                    birth("出生年月", "slash", wrong=0.05),
                    age("年龄(周岁)"),
                    means("ethnicity", other("民族", d.ethnicity)),
                    registered("户籍所在地"),
                    lives("现居住地", "full"),
                    means("from_date", since("居住满一年起始日期", "slash"), "other"),
                    signature("本人签名"),
                    other("代填人", d.nothing),
                    other("选民证号", d.digits(6)),
                ],
                some(200, aged(18), "door", doubles=6),
                title=["居民委员会换届选举选民登记册"],
                page=60,
            )
        ],
    )
    yield Book(
        "社区老年大学秋季班学员",
        "xlsx",
        "pupils",
        [
            *(
                Roster(
                    [
                        serial(),
                        name("学员姓名", "blank inside"),
                        sex(),
                        age(style="岁"),
                        phone("联系电话", "mixed"),
                        lives("家庭地址", "estate"),
                        other("紧急联系人", d.kin_both),
                        other("学费", d.money(60, 80), "元", adds_up=True),
                        signature("签到"),
                    ],
                    some(n, aged(55)),
                    name=course,
                    title=[f"{course}学员名册"],
                )
                for course, n in (("书法班", 18), ("声乐班", 26), ("太极班", 22))
            ),
            Plain("课程表", [["班级", "时间", "教室"], ["书法班", "周一上午", "301"], ["声乐班", "周三上午", "201"]]),
        ],
    )
    yield Book(
        "议事会成员通讯录",
        "xlsx-wps",
        "contacts",
        [
            Roster(
                [
                    perhaps(0.1, area("所属小区", "estate")),
                    name("姓    名"),
                    sex("性    别"),
                    other("职    务", d.one_of("会长", "委员", "秘书")),
                    phone("手    机", "dash"),
                    other("座    机", d.nothing),
                    other("微信号", d.nothing),
                    hide(identity("身份证号")),
                ],
                some(19, aged(35, 75)),
                title=[f"{STREET}{COMMUNITY}议事协商委员会通讯录"],
            )
        ],
    )
