"""Vaccination, doctors, women's health, family planning."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    area,
    birth,
    flag,
    identity,
    lives,
    means,
    name,
    other,
    phone,
    population,
    registered,
    serial,
    sex,
    signature,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, Person, aged, flagged, some

FILLED = (f"填报单位：{COMMUNITY}", "填报日期：9月30日")


def fertile(p: Person) -> bool:
    return p.sex == "女" and 18 <= p.age <= 49


def books() -> Iterator[Book]:
    yield from health()
    yield from family_planning()


def health() -> Iterator[Book]:
    yield Book(
        "60岁以上未接种人员跟踪表",
        "xlsx",
        "vaccination",
        [
            Roster(
                [
                    serial(),
                    area("社区", "community"),
                    name(),
                    sex(),
                    age(),
                    identity("身份证号"),
                    phone("电话"),
                    lives("住址", "48幢2单元301"),
                    *under(
                        "接种情况",
                        *(
                            c
                            for n in (1, 2, 3)
                            for c in under(
                                f"第{'一二三'[n - 1]}针",
                                other("日期", d.day("1938/5/6", 30, 900, gaps=0.2 * n)),
                                other("疫苗", d.one_of("科兴", "国药", gaps=0.2 * n)),
                            )
                        ),
                    ),
                    other("未接种原因", d.one_of("禁忌症", "外地接种", "拒绝", gaps=0.4)),
                    other("包干人", d.grid_name),
                    other("包干人电话", d.grid_phone),
                    other("下次随访日期", d.day("1938/5/6", -30, -1)),
                ],
                some(100, aged(60), "name"),
                hide_share=0.1,
                page=30,
                title=["60岁以上人群疫苗接种跟踪表", FILLED],
            )
        ],
    )
    yield Book(
        "流感疫苗摸底",
        "csv-gbk",
        "vaccination",
        [
            Roster(
                [
                    serial(),
                    name(),
                    identity("身份证号码", "shown as 9.90105E+17"),
                    age(),
                    phone("手机号", "number"),
                    other("是否愿意接种", d.one_of("是", "否")),
                    other("预约日期", d.day("slash", -30, -1)),
                ],
                some(96, aged(65)),
            )
        ],
    )
    yield Book(
        "家庭医生签约名单",
        "xls",
        "health",
        [
            Roster(
                [
                    serial(),
                    name("签约居民"),
                    sex("性别", "1/2 text"),
                    birth("出生日期", "iso"),
                    identity("身份证号", "some old"),
                    phone("联系电话"),
                    lives("家庭住址", "estate"),
                    means(
                        "groups_text",
                        other("人群分类", d.one_of("老年人", "高血压", "糖尿病", "孕产妇", "儿童")),
                        "other",
                    ),
                    other("签约医生", d.grid_name),
                    other("医生电话", d.grid_phone),
                    other("签约日期", d.day("iso", 10, 360)),
                    other("到期日期", d.day("iso", -360, -10)),
                    flag("low_income", "低保", "1/0"),
                    flag("disabled", "残疾", "1/0"),
                ],
                some(110, aged(0)),
                title=["家庭医生签约名单"],
                page=50,
            )
        ],
    )
    yield Book(
        "高血压糖尿病随访",
        "xlsx-wps",
        "health",
        [
            Roster(
                [
                    serial(),
                    name("患者姓名"),
                    sex(),
                    age(),
                    phone("患者电话"),
                    *under(
                        "血压", other("收缩压", d.whole(110, 170), "mmHg"), other("舒张压", d.whole(60, 100), "mmHg")
                    ),
                    other("空腹血糖", d.money(5.2, 6.8, 9.1), "mmol/L"),
                    other("随访日期", d.day("slash", 1, 90)),
                    other("随访医生", d.grid_name),
                    lives("住址", "48号楼2单元301"),
                ],
                some(39, aged(45)),
                title=["慢病随访登记"],
                units=True,
            )
        ],
    )
    yield Book(
        "两癌筛查报名",
        "xlsx",
        "health",
        [
            Roster(
                [
                    serial(),
                    name("*姓　名"),
                    identity("*身份证号\n（18位）"),
                    age("年龄"),
                    phone("*手机号码"),
                    means("marital", other("婚姻状况", d.married)),
                    registered("*户籍地址"),
                    lives("居住地址"),
                    other("紧急联系人电话", d.someone_phone),
                    other("预约时段", d.one_of("上午", "下午")),
                ],
                some(37, lambda p: p.sex == "女" and 35 <= p.age <= 64),
                title=["“两癌”筛查报名表", "请于10月10日前报社区"],
                example=True,
                numbered_rest=20,
            )
        ],
    )


def family_planning() -> Iterator[Book]:
    yield Book(
        "育龄妇女基本信息台账",
        "xlsx",
        "women of child-bearing age",
        [
            Roster(
                [
                    serial(),
                    *under(
                        "妻方",
                        name(),
                        birth("出生年月", "1938.5.6"),
                        identity("身份证号"),
                        phone("联系电话"),
                        registered("户籍地址"),
                        means("other", other("职业", d.work), "employment"),
                    ),
                    *under(
                        "夫方",
                        other("姓名", d.kin_name),
                        other("出生年月", d.elsewhere_birth("1938.5.6")),
                        other("身份证号", d.someone_id),
                        other("联系电话", d.someone_phone),
                    ),
                    other("结婚日期", d.day("1938.5.6", 300, 7000)),
                    other("子女数", d.whole(0, 2), "个"),
                    other("末次生育日期", d.day("1938.5.6", 300, 6000)),
                    other("避孕措施", d.nothing),
                    lives("现居住地", "48幢2单元301"),
                    population("人口性质", {"户籍人口": "常住", "流动人口": "流入"}),
                ],
                some(85, fertile, "door"),
                ghost_rows=300,
                title=["育龄妇女基本信息台账", FILLED],
                units=True,
            )
        ],
    )
    yield Book(
        "计生特殊家庭（失独）联系表",
        "xls",
        "family planning",
        [
            Roster(
                [
                    serial(),
                    name("对象姓名"),
                    sex(),
                    birth("出生年月", "193805"),
                    identity("身份证号码", "lower"),
                    other("特扶证号", d.digits(12, "TF")),
                    flag("lost_only_child", "是否失独", "是/否"),
                    flag("living_alone", "是否独居", "是/否"),
                    lives("家庭住址", "estate"),
                    phone("联系电话", "number"),
                    *under("双岗联系人", other("姓名", d.grid_name), other("电话", d.grid_phone_number)),
                ],
                some(30, flagged("lost_only_child")),
                title=["计划生育特殊家庭“双岗”联系人制度落实表"],
                codes=True,
            )
        ],
    )
    yield Book(
        "奖扶对象年审",
        "csv-gb18030",
        "family planning",
        [
            Roster(
                [
                    serial(),
                    name("奖扶对象"),
                    sex(),
                    identity("身份证号码"),
                    registered("户籍所在地"),
                    other("配偶姓名", d.kin_name),
                    other("配偶身份证号", d.someone_id),
                    other("独生子女姓名", d.kin_name),
                    other("独生子女出生日期", d.elsewhere_birth("1938-05-06")),
                    other("奖扶金额", d.money(960, 1800)),
                    signature("本人签名"),
                ],
                some(41, aged(60)),
                title=["计划生育家庭奖励扶助对象年审花名册", FILLED],
                merge=False,
            )
        ],
    )
