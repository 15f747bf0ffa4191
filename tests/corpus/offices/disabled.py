"""The disabled, veterans and the jobless."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    area,
    birth,
    flag,
    groups,
    hide,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    population,
    registered,
    serial,
    sex,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, flagged, some

FILLED = (f"填报单位（公章）：{COMMUNITY}居民委员会", "填报时间：2025年9月28日")
SIGNED = "填表人：余立新          审核人：孔静          分管领导："
POOR = ("low_income", "low_margin", "extreme_hardship")


def books() -> Iterator[Book]:
    yield from disabled()
    yield from veterans_and_jobless()


def disabled() -> Iterator[Book]:
    yield Book(
        "残疾人基本情况登记表",
        "xlsx",
        "disabled",
        [
            Roster(
                [
                    serial(),
                    name(),
                    sex(),
                    birth("出生日期", "1938-05-06"),
                    identity("身份证号"),
                    means("card:disabled", other("残疾证号", d.disability_number)),
                    other("残疾类别", d.disability_kind),
                    means("level:disabled", other("残疾等级", d.disability_level)),
                    other("发证日期", d.day("1938-05-06")),
                    other("有效期至", d.day("1938-05-06", -3000, -10)),
                    registered("户籍地址"),
                    lives("现住址", "48幢2单元301"),
                    phone("联系电话"),
                    other("监护人姓名", d.kin_name),
                    other("监护人电话", d.someone_phone),
                    flag("low_income", "是否低保", "是/否"),
                ],
                some(80, flagged("disabled"), "name"),
                hide_share=0.1,
                title=["持证残疾人基本情况登记表", FILLED],
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "残疾人两项补贴发放名册",
        "xls",
        "disabled",
        [
            Roster(
                [
                    serial(),
                    means("card:disabled", other("残疾人证号", d.disability_number)),
                    name("残疾人姓名"),
                    other("类别", d.disability_kind),
                    means("level:disabled", other("级别", d.disability_level_number)),
                    *under(
                        "困难残疾人生活补贴",
                        other("标准", d.always(390.3), "元"),
                        other("实发", d.money(390.3, 0), "元", adds_up=True),
                    ),
                    *under(
                        "重度残疾人护理补贴",
                        other("标准", d.money(125, 250, 500), "元"),
                        other("实发", d.money(125, 250, 500), "元", adds_up=True),
                    ),
                    *under("发放账户", other("户名", d.head_name), other("账号", d.bank_card)),
                    phone("联系电话", "some two"),
                ],
                some(62, flagged("disabled")),
                title=["残疾人两项补贴发放名册", ("2025年9月", "单位：元")],
                units=True,
                total="end",
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "残疾人名单-残联下发",
        "csv-gb18030",
        "disabled",
        [
            Roster(
                [
                    area("县区", "district"),
                    area("乡镇街道", "street"),
                    area("村社区", "community"),
                    name("姓名"),
                    sex("性别"),
                    means("card:disabled", other("残疾人证号", d.disability_number)),
                    other("残疾类别", d.disability_kind),
                    means("level:disabled", other("残疾等级", d.disability_level)),
                    means("phone", perhaps(0.3, phone("联系人电话")), "other"),
                    lives("现居住地", "province"),
                ],
                some(90, flagged("disabled")),
            )
        ],
    )
    yield Book(
        "残疾人辅具需求 两列名单",
        "xlsx",
        "disabled",
        [
            Roster(
                [
                    serial(),
                    name(),
                    phone("电话"),
                    other("辅具", d.one_of("轮椅", "助听器", "拐杖")),
                    # The right half of the sheet of paper holds twenty more people.
                    means("other", other("序号", lambda row, pen: pen.number + 20), "serial"),
                    means("other", other("姓名", d.kin_name), "name"),
                    means("other", other("电话", d.someone_phone), "phone"),
                    other("辅具", d.one_of("轮椅", "助听器")),
                ],
                some(20, flagged("disabled")),
                title=["残疾人辅具需求"],
            )
        ],
    )
    yield Book(
        "精神残疾、智力残疾人监护情况（保密）",
        "xlsx",
        "disabled",
        [
            Roster(
                [
                    serial(),
                    name("患者姓名"),
                    sex(),
                    age(),
                    identity("患者身份证"),
                    lives("患者住址", "estate"),
                    other("诊断", d.one_of("精神分裂症", "双相", "智力障碍")),
                    other("监护人", d.kin_name),
                    other("监护人身份证", d.someone_id),
                    other("监护人电话", d.someone_phone),
                    other("服药情况", d.one_of("规律", "间断")),
                    hide(groups("救助类型", *POOR)),
                    other("责任医生", d.grid_name),
                    other("民警电话", d.grid_phone),
                ],
                some(18, flagged("disabled")),
                title=["监护情况表"],
                at=(1, 0),
            )
        ],
    )


def veterans_and_jobless() -> Iterator[Book]:
    yield Book(
        "退役军人和其他优抚对象信息采集",
        "xlsx",
        "veterans",
        [
            Roster(
                [
                    serial(),
                    name("姓名"),
                    sex(),
                    birth("出生年月", "cn_month"),
                    identity("身份证号"),
                    means(
                        "other",
                        other("人员类别", d.one_of("退役士兵", "转业干部", "复员军人", "现役家属")),
                        "groups_text",
                    ),
                    *under(
                        "服役情况",
                        other("入伍时间", d.day("cn_month", 9000, 18000)),
                        other("退役时间", d.day("cn_month", 4000, 8900)),
                        other("部队番号", d.digits(5)),
                    ),
                    other("优待证号", d.digits(13, "YD")),
                    registered("户籍所在地"),
                    lives("现居住地址", "full"),
                    phone(),
                    flag("party", "中共党员", "是/否"),
                    means("employment", other("就业状态", d.work)),
                ],
                some(60, flagged("veteran")),
                gap=1,
                total="top",
                title=["退役军人和其他优抚对象信息采集表", FILLED],
            )
        ],
    )
    yield Book(
        "悬挂光荣牌家庭",
        "xls",
        "veterans",
        [
            Roster(
                [
                    serial(),
                    name("姓名"),
                    lives("悬挂地址", "48幢2单元301室"),
                    phone("手机", "number"),
                    flag("veteran", "退役军人", "√"),
                    other("光荣牌编号", d.digits(7)),
                    other("悬挂日期", d.day("iso")),
                ],
                some(45, flagged("veteran"), "door"),
                blank_every=15,
            )
        ],
    )
    yield Book(
        "失业人员登记台账",
        "xlsx",
        "unemployed",
        [
            Roster(
                [
                    serial(),
                    name(),
                    sex(),
                    identity("身份证号码"),
                    means("education", other("文化程度", d.education)),
                    phone("联系电话"),
                    registered("户籍地址"),
                    other("失业时间", d.day("1938.5.6", 30, 900)),
                    flag("unemployed", "是否登记失业", "是/否"),
                    other("原单位", d.employer),
                    other("就业意向", d.one_of("保洁", "保安", "收银", gaps=0.2)),
                    flag("low_income", "是否低保", "是/否"),
                    flag("veteran", "是否退役军人", "是/否"),
                    flag("disabled", "是否残疾", "是/否"),
                    other("《就业创业证》编号", d.digits(16, "3301")),
                ],
                some(42, flagged("unemployed")),
                title=["失业人员登记台账"],
                hide_share=0.1,
            )
        ],
    )
    yield Book(
        "就业困难人员",
        "txt-gbk",
        "unemployed",
        [
            Roster(
                [
                    name("姓名"),
                    identity("身份证号"),
                    means(
                        "population_class", population("户口类型", {"户籍人口": "本地", "流动人口": "外地"}), "other"
                    ),
                    groups("困难类别", "unemployed", "low_income", "disabled", between="；"),
                    phone("联系方式"),
                    other("认定日期", d.day("19380506")),
                ],
                some(30, flagged("unemployed")),
            )
        ],
    )
