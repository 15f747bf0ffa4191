"""Wide forms that a street draws once and every community fills in: three and more heading rows."""

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
    groups,
    identity,
    lives,
    name,
    other,
    phone,
    population,
    registered,
    room,
    serial,
    sex,
    signature,
    since,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, aged, flagged, some

FILLED = (f"填报单位：{COMMUNITY}", "填报日期：9月30日")


def books() -> Iterator[Book]:
    yield Book(
        "附件3 重点关爱人员“一人一档”汇总表（街道汇总口径）",
        "xlsx",
        "living alone",
        [
            Roster(
                [
                    serial("序\n号"),
                    *under(
                        "基础信息（必填）",
                        name("姓名*"),
                        sex("性别*"),
                        identity("身份证号*", "some wide"),
                        birth("出生日期*", "mixed"),
                        *under(
                            "联系方式",
                            phone("本人*", "mixed"),
                            other("亲属姓名", d.kin_name),
                            other("亲属电话", d.someone_phone),
                        ),
                    ),
                    *under(
                        "居住信息",
                        *under(
                            "现居住地*",
                            area("小区", "estate"),
                            building("幢", "{}幢"),
                            entrance("单元", "{}单元"),
                            room("室", "{}室"),
                        ),
                        registered("户籍地"),
                        since("何时入住", "1938年5月"),
                    ),
                    *under(
                        "人员类别（是填1，否填0）",
                        flag("living_alone", "独居", "1/0"),
                        flag("empty_nest", "空巢", "1/0"),
                        flag("lost_only_child", "失独", "1/0"),
                        flag("disabled", "残疾", "1/0"),
                        *under(
                            "救助",
                            flag("low_income", "低保", "1/0"),
                            flag("extreme_hardship", "特困", "1/0"),
                            flag("low_margin", "低边", "1/0"),
                        ),
                    ),
                    *under(
                        "包联干部",
                        other("姓名", d.grid_name),
                        other("职务", d.always("网格长")),
                        other("手机", d.grid_phone_number),
                    ),
                    other("备注", d.remark),
                ],
                some(72, lambda p: p.age >= 60 and bool(p.flags), "door"),
                title=["附件3", "重点关爱人员“一人一档”汇总表", FILLED],
                codes=True,
                example=True,
                total="end",
                foot=["注：1.标*的必须填写。2.亲属指常联系的一人。", ("填报人：", "联系电话：", "社区书记签字：")],
            )
        ],
    )
    yield Book(
        "老龄人口报表底表(勿改格式)",
        "xls",
        "elders 60+",
        [
            Roster(
                [
                    *under("　", serial("行次", "001")),
                    *under(
                        "甲、人员",
                        name("姓　　名"),
                        *under(
                            "自然情况",
                            sex("性　别", "spaced"),
                            age("周　岁", unit="岁"),
                            birth("出　生　年　月", "1938 年 5 月"),
                        ),
                    ),
                    *under(
                        "乙、住址",
                        *under("门牌", building("楼　号"), entrance("单　元"), room("室　号")),
                        population("户　籍　类　型"),
                    ),
                    *under(
                        "丙、联系",
                        phone("本　人　电　话", "number"),
                        *under("子　女", other("姓　名", d.kin_name), other("电　话", d.someone_phone_number)),
                    ),
                    *under(
                        "丁、照护",
                        other("能　力　等　级", d.care_level),
                        groups("类　别", "living_alone", "empty_nest", "low_income", between="\n"),
                    ),
                ],
                some(95, aged(60), "grid"),
                title=["老龄人口基本情况底表", ("填报单位：", "表    号：社老02表", "计量单位：人")],
                units=True,
                sections=lambda row: f"【{row.household.estate}】",
                subtotals=True,
                total="top",
                foot=["说明：本表由社区填报，月报。"],
            )
        ],
    )
    yield Book(
        "社区空巢老人帮扶结对表",
        "xlsx-wps",
        "empty nest",
        [
            Roster(
                [
                    serial(),
                    *under("帮扶对象", name(), age(), lives("住址", "48#2-301"), phone("电话")),
                    *under(
                        "结对人",
                        other("姓名", d.grid_name),
                        other("年龄", d.whole(28, 60)),
                        other("住址", d.one_of("仓基新村", "桥西苑")),
                        other("电话", d.grid_phone),
                    ),
                    *under(
                        "帮扶情况",
                        *under("7月", other("次数", d.whole(1, 5)), other("内容", d.one_of("探望", "打扫"))),
                        *under("8月", other("次数", d.whole(1, 5)), other("内容", d.one_of("探望", "陪诊"))),
                    ),
                    signature("对象签字"),
                ],
                some(38, flagged("empty_nest"), "grid"),
                title=["空巢老人帮扶结对表"],
                sections=lambda row: row.household.estate,
                total="end",
                hide_share=0.08,
            )
        ],
    )
