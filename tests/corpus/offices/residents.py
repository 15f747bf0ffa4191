"""All residents of the community or of one building, by door."""

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
    household_no,
    identity,
    lives,
    means,
    name,
    other,
    phone,
    population,
    registered,
    relation,
    room,
    serial,
    sex,
    signature,
    since,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, ESTATES, STREET, Row, some

FILLED = (f"填报单位（盖章）：{COMMUNITY}居委会", "填报日期：2025年9月30日")
SIGNED = ("填表人：", "审核人：", "联系电话：")


def everyone(p) -> bool:  # type: ignore[no-untyped-def]
    return True


def by_building(row: Row) -> str:
    return f"{row.household.estate}{row.household.building}幢"


def books() -> Iterator[Book]:
    yield Book(
        "仓桥社区居民信息汇总表",
        "xlsx",
        "all residents",
        [
            Roster(
                [
                    serial(),
                    area("小区名称", "estate"),
                    building("幢号"),
                    entrance("单元号"),
                    room("室号"),
                    name(),
                    sex(),
                    identity("身份证号码"),
                    phone("手机号码"),
                    relation(),
                    population("人户情况"),
                    other("备注", d.remark),
                ],
                some(400, everyone, "door"),
                title=[f"{STREET}{COMMUNITY}居民信息汇总表", FILLED],
                total="end",
            )
        ],
    )
    yield Book(
        "2025居民底册（全）",
        "xls",
        "all residents",
        [
            Roster(
                [
                    serial(),
                    lives("门牌", "48-2-301"),
                    name("姓 名", "spaced"),
                    sex("性 别"),
                    birth("出生年月", "1938.5"),
                    identity("身份证号", "some damaged"),
                    phone("联系方式", "number"),
                    registered("户口所在地"),
                    other("备 注", d.remark),
                ],
                some(210, everyone, "door"),
                title=["仓桥社区居民底册"],
                page=42,
                page_title=True,
            )
        ],
    )
    yield Book(
        "人口信息导出_20250930083000",
        "csv-gb18030",
        "all residents",
        [
            Roster(
                [
                    household_no("户编号"),
                    name("人员姓名"),
                    other("证件类型", d.always("居民身份证")),
                    identity("证件号码", "tab"),
                    sex("性别", "code"),
                    birth("出生日期", "1938-05-06 00:00:00"),
                    means("ethnicity", other("民族", d.ethnicity)),
                    phone("联系电话", "tab"),
                    relation("与户主关系", "formal"),
                    population("人员类型"),
                    lives("居住地址", "full"),
                    registered("户籍地址"),
                    area("所属网格", "grid"),
                    other("采集人", d.grid_name),
                    other("采集时间", d.day("1938-05-06 00:00:00", 1, 700)),
                ],
                some(320, everyone),
            )
        ],
    )
    yield Book(
        "实有人口登记(系统导出)",
        "xls-html",
        "all residents",
        [
            Roster(
                [
                    serial(style="text"),
                    name(),
                    sex(),
                    identity("公民身份号码"),
                    birth("出生日期", "19380506"),
                    means("education", other("文化程度", d.education)),
                    means("marital", other("婚姻状况", d.married)),
                    lives("实际居住地址", "province"),
                    registered("户籍地址"),
                    population("实有人口类别"),
                    phone("联系方式"),
                ],
                some(60, everyone),
                title=["实有人口登记表"],
            )
        ],
    )
    yield Book(
        "各幢楼道花名册",
        "xlsx-wps",
        "all residents",
        [
            Roster(
                [
                    room("房号", number=True),
                    name("住户姓名", "blank inside"),
                    sex(),
                    age("年龄", "岁"),
                    phone("电话", "some two"),
                    other("紧急联系人及电话", d.kin_both),
                    means("employer", other("工作单位", d.employer)),
                    other("", d.one_of("√", gaps=0.7)),
                ],
                some(36, lambda p: p.household.estate == "仓基新村" and 47 <= p.household.building <= 50, "door"),
                title=["楼道居民花名册"],
                at=(1, 1),
                sections=by_building,
            )
        ],
    )
    yield Book(
        "居民信息采集表（空白项请补齐）",
        "xlsx",
        "all residents",
        [
            Roster(
                [
                    serial(),
                    name("*姓名"),
                    identity("*身份证\n号码", "some spaced"),
                    sex("性别\n（男/女）"),
                    birth("出生年月\n(公历)", "mixed"),
                    phone("*联系电话\n（手机）", "mixed"),
                    lives("*现居住\n详细地址", "mixed"),
                    registered("户籍地址\n(与身份证一致)"),
                    relation("与户主\n关系"),
                    d.politics("政治\n面貌"),
                    other("宗教\n信仰", d.nothing),
                    signature("本人\n签字"),
                ],
                some(45, everyone),
                title=["附件1", "居民信息采集表", FILLED],
                example=True,
                numbered_rest=15,
                foot=["注：带*为必填项；身份证号请设为文本格式。", SIGNED],
            )
        ],
    )
    yield Book(
        "各小区居民名单",
        "xlsx",
        "all residents, one sheet a 小区",
        [
            Plain("说明", [["各网格请按小区分表填写"], ["1. 一人一行，不得合并单元格"], ["2. 每月25日前报社区"]]),
            *(
                Roster(
                    [
                        serial(),
                        building("楼栋", "{}幢"),
                        entrance("单元", "{}单元"),
                        room("室", "{}室"),
                        name(),
                        sex(),
                        birth("出生日期", "slash"),
                        identity(),
                        phone(),
                        other("备注", d.remark),
                    ],
                    some(30, lambda p, e=e: p.household.estate == e, "door"),
                    name=e,
                    title=[f"{e}居民名单"],
                )
                for e in ESTATES
            ),
        ],
        use=1,
    )
    yield Book(
        "residents",
        "csv-utf8",
        "all residents",
        [
            Roster(
                [
                    serial("编号", "001"),
                    name(),
                    sex("性别", "1/2 text"),
                    identity("身份证"),
                    phone("手机"),
                    lives("地址", "estate"),
                ],
                some(150, everyone),
            )
        ],
    )
    yield Book(
        "人户分离人员台账",
        "xlsx",
        "registered elsewhere",
        [
            Roster(
                [
                    serial(),
                    name(),
                    identity("公民身份号码"),
                    *under(
                        "户籍所在地",
                        means("other", area("街道", "street"), "area_words"),
                        means("other", area("社区", "community"), "area_words"),
                    ),
                    registered("户籍详细地址"),
                    *under("实际居住地", area("小区", "estate"), building("幢"), entrance("单元"), room("室")),
                    phone(),
                    other("分离原因", d.one_of("出租", "随子女", "工作", "就学")),
                    since("居住起始时间", "1938.5"),
                ],
                some(50, lambda p: p.household.population_class == "人户分离", "door"),
                title=["人户分离人员台账", FILLED],
            )
        ],
    )
