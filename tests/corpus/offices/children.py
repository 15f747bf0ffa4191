"""Children and babies, whose rows are full of parents."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    birth,
    flag,
    household_no,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    relation,
    serial,
    sex,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, aged, flagged, some

FILLED = (f"填报单位（公章）：{COMMUNITY}居民委员会", "填报时间：2025年9月28日")


def books() -> Iterator[Book]:
    yield Book(
        "0-14岁儿童花名册",
        "xlsx",
        "children",
        [
            Roster(
                [
                    serial(),
                    name("儿童姓名"),
                    sex(),
                    birth("出生年月日", "1938-5-6"),
                    identity("儿童身份证号"),
                    lives("家庭住址", "estate"),
                    *under(
                        "父亲",
                        other("姓名", d.kin_name),
                        other("身份证号", d.someone_id),
                        other("联系电话", d.someone_phone),
                    ),
                    *under(
                        "母亲",
                        other("姓名", d.kin_name),
                        other("身份证号", d.someone_id),
                        other("联系电话", d.someone_phone),
                    ),
                    other("就读学校（幼儿园）", d.one_of("某某小学", "某某幼儿园", gaps=0.1)),
                    other("班级", d.one_of("一(2)班", "三(1)班", "大班")),
                ],
                some(120, aged(0, 14), "age"),
                title=["0-14周岁儿童花名册", FILLED],
            )
        ],
    )
    yield Book(
        "困境儿童关爱台账",
        "xlsx",
        "children in difficulty",
        [
            Roster(
                [
                    serial(),
                    name("儿童姓名"),
                    sex("性别"),
                    birth("出生年月", "mixed", wrong=0.1),
                    identity("身份证号", "some wrong"),
                    means("groups_text", other("困境类型", d.one_of("低保家庭", "单亲", "重病", "父母服刑")), "other"),
                    flag("child_in_difficulty", "纳入困境保障", "是/否"),
                    *under(
                        "监护人",
                        other("姓名", d.kin_name),
                        other("关系", d.one_of("父亲", "母亲", "祖母")),
                        other("电话", d.someone_phone),
                    ),
                    other("儿童主任", d.grid_name),
                    other("主任电话", d.grid_phone),
                    other("走访日期", d.day("1938.5.6", 1, 60)),
                ],
                some(30, flagged("child_in_difficulty")),
                title=["困境儿童关爱台账"],
                example=True,
            )
        ],
    )
    yield Book(
        "假期班报名表",
        "csv-utf8",
        "children",
        [
            Roster(
                [
                    serial(),
                    other("提交时间", d.day("1938-05-06 00:00:00", 30, 60)),
                    name("1.学生姓名（必填）"),
                    sex("2.性别（必填）"),
                    age("3.年龄（必填）"),
                    other("4.家长姓名（必填）", d.kin_name),
                    other("5.家长手机（必填）", d.someone_phone),
                    lives("6.居住小区及门牌（必填）", "mixed"),
                    means("other", phone("7.学生电话手表（选填）"), "phone"),
                ],
                some(52, aged(6, 14)),
            )
        ],
    )
    yield Book(
        "新生儿与产后访视",
        "xlsx",
        "babies",
        [
            Roster(
                [
                    serial(),
                    name("新生儿姓名"),
                    sex("新生儿\n性别"),
                    birth("出生时间", "iso"),
                    perhaps(0.5, identity("新生儿身份证号")),
                    other("母亲姓名", d.kin_name),
                    other("母亲身份证号", d.someone_id),
                    other("母亲电话", d.someone_phone),
                    other("父亲姓名", d.kin_name),
                    other("父亲电话", d.someone_phone),
                    lives("产妇居住地址", "estate"),
                    other("落户日期", d.day("iso", 5, 60)),
                    other("访视日期", d.day("iso", 1, 90)),
                ],
                some(8, aged(0, 3)),
                title=["新生儿及产后访视登记"],
            )
        ],
    )
    yield Book(
        "学生户信息（户主为家长）",
        "xls",
        "children",
        [
            Roster(
                [
                    household_no("户号"),
                    other("户主姓名", d.head_name),
                    name("学生姓名"),
                    relation("与户主关系"),
                    birth("出生日期", "number 19380506"),
                    identity("学生身份证", "damaged"),
                    other("学校", d.one_of("某某小学", "某某中学")),
                ],
                some(47, aged(6, 17), "door"),
                page=25,
            )
        ],
    )
