"""Households with their members: a row a member, or a row a household."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    birth,
    building,
    down,
    entrance,
    flag,
    household_no,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    registered,
    relation,
    room,
    serial,
    sex,
    signature,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, families

FILLED = (f"填报单位（盖章）：{COMMUNITY}居委会", "填报日期：2025年9月30日")
SIGNED = ("填表人：", "审核人：", "联系电话：")


def books() -> Iterator[Book]:
    yield Book(
        "居民家庭户情况登记表",
        "xlsx",
        "households with members",
        [
            Roster(
                [
                    down(serial("户序")),
                    down(lives("家庭住址", "estate")),
                    down(household_no("户号")),
                    down(other("户主姓名", d.head_name)),
                    down(other("家庭人口数", d.members, "人")),
                    *under(
                        "家庭成员",
                        name(),
                        relation("与户主\n关系"),
                        sex(),
                        birth("出生年月", "1938年5月"),
                        identity("身份证号码"),
                        phone("联系电话"),
                    ),
                    other("备注", d.remark),
                ],
                families(40),
                title=["居民家庭户情况登记表", FILLED],
                units=True,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "户册（仓基新村）",
        "xls",
        "households with members",
        [
            Roster(
                [
                    down(building("幢")),
                    down(entrance("单元")),
                    down(room("室")),
                    name("家庭成员姓名"),
                    relation("称谓", "kin"),
                    sex(),
                    age(),
                    identity("身份证号码", "lower"),
                    phone("联系电话", "number"),
                    means("other", other("职业", d.work), "employment"),
                ],
                families(55, lambda h: h.estate == "仓基新村"),
                title=["仓基新村户册"],
            )
        ],
    )
    yield Book(
        "一户一档（户主表）",
        "xlsx",
        "households, one row each",
        [
            Roster(
                [
                    serial("户序号"),
                    name("户主姓名"),
                    identity("户主身份证号"),
                    phone("户主联系电话"),
                    lives("房屋坐落", "full"),
                    other("房屋面积", d.money(48.5, 56.2, 63, 88.7, 102), "平方米", adds_up=True),
                    other("人口数", d.members, "人", adds_up=True),
                    *(
                        c
                        for n in (1, 2, 3)
                        for c in under(
                            f"家庭成员{n}",
                            other("姓名", d.member(n, "name")),
                            other("与户主关系", d.member(n, "relation")),
                            other("身份证号", d.member(n, "id")),
                            other("联系电话", d.member(n, "phone")),
                        )
                    ),
                    other("备注", d.remark),
                ],
                families(70, heads_only=True),
                title=["一户一档基础信息表"],
                units=True,
                total="end",
            )
        ],
    )
    yield Book(
        "户口册摘录",
        "xlsx-wps",
        "households with members",
        [
            Roster(
                [
                    other("户主", d.head_name),
                    other("户主电话", d.head_phone),
                    household_no("户口编号"),
                    name(),
                    relation("家庭关系", "of"),
                    sex(),
                    birth("出生日期", "cn"),
                    identity("身份证号"),
                    phone("本人电话"),
                    registered("户籍地"),
                ],
                families(48, lambda h: h.population_class == "户籍人口"),
            )
        ],
    )
    yield Book(
        "家庭成员明细",
        "csv-bom",
        "households with members",
        [
            Roster(
                [
                    household_no(),
                    other("户主", d.head_name),
                    other("户主身份证", d.head_id),
                    name("成员姓名"),
                    identity("成员身份证"),
                    relation("与户主关系代码", "codes"),
                    sex("性别代码", "1/2"),
                    lives("住址", "48幢2单元301室"),
                ],
                families(75),
            )
        ],
    )
    yield Book(
        "同住人员登记（门栋长用）",
        "xlsx",
        "households with members",
        [
            Roster(
                [
                    down(lives("门牌号", "48#2-301")),
                    name("姓名"),
                    relation("关系"),
                    perhaps(0.4, age()),
                    perhaps(0.3, phone("电话", "spaced")),
                    *under(
                        "人员属性（打√）",
                        flag("party", "党员", "√"),
                        flag("veteran", "退役军人", "√"),
                        flag("disabled", "残疾人", "√"),
                        flag("low_income", "低保", "√"),
                        flag("volunteer", "志愿者", "√"),
                    ),
                    signature("核对签字"),
                ],
                families(35),
                title=["同住人员登记表", ("楼栋：", "门栋长：", "电话：")],
                foot=["请于每季度末核对一次。"],
            )
        ],
    )
    yield Book(
        "同一住址多人（地址写同上）",
        "txt-gbk",
        "households with members",
        [
            Roster(
                [serial(), name(), lives("居住地址", "ditto"), relation("与户主关系"), phone("联系号码")], families(30)
            )
        ],
    )
