"""Party members and volunteers."""

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
    identity,
    lives,
    means,
    name,
    other,
    phone,
    serial,
    sex,
    signature,
    under,
)
from ..layouts import Roster
from ..people import COMMUNITY, Row, flagged, some

FILLED = (f"填报单位：{COMMUNITY}党委", "2025年9月")
SIGNED = ("制表：孔静", "复核：方晓燕")
branch = d.one_of("仓基新村第一党支部", "仓基新村第二党支部", "双荡党支部", "桥西苑党支部")


def by_estate(row: Row) -> str:
    return f"{row.household.estate}党支部"


def books() -> Iterator[Book]:
    yield from party()
    yield from volunteers()


def party() -> Iterator[Book]:
    yield Book(
        "党员花名册",
        "xlsx",
        "party members",
        [
            Roster(
                [
                    serial(),
                    name("姓名"),
                    sex(),
                    means("ethnicity", other("民族", d.ethnicity)),
                    birth("出生年月", "1938.05"),
                    means("education", other("学历", d.education)),
                    other("入党时间", d.day("1938.05", 400, 20000)),
                    other("转正时间", d.day("1938.05", 30, 19000)),
                    identity("身份证号码"),
                    phone("联系方式"),
                    lives("家庭住址", "48幢2单元301"),
                    other("所在党支部", branch),
                    other("党内职务", d.one_of("书记", "委员", gaps=0.9)),
                    other("备注", d.remark),
                ],
                some(120, flagged("party"), "door"),
                title=["中共仓桥社区委员会党员花名册", FILLED],
                sections=by_estate,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "在册党员信息表(党建系统导出)",
        "xls",
        "party members",
        [
            Roster(
                [
                    name("姓名"),
                    identity("公民身份证号码"),
                    sex("性别", "code"),
                    birth("出生日期", "19380506"),
                    means("education", other("学历情况", d.education)),
                    means("other", other("人员类别", d.one_of("正式党员", "正式党员", "预备党员")), "groups_text"),
                    other("所在党支部", branch),
                    other("加入党组织日期", d.day("19380506", 900, 20000)),
                    other("转为正式党员日期", d.day("19380506", 300, 19000)),
                    other("工作岗位", d.work),
                    phone("手机号码"),
                    other("固定电话", d.nothing),
                    lives("家庭住址", "full"),
                    other("党员状态", d.always("正常")),
                    other("是否流动党员", d.one_of("否", "否", "是")),
                ],
                some(140, flagged("party"), "name"),
            )
        ],
    )
    yield Book(
        "在职党员到社区报到登记",
        "xlsx-wps",
        "party members",
        [
            Roster(
                [
                    serial(),
                    name("党员姓名"),
                    sex(),
                    age(),
                    other("单位及职务", d.employer),
                    other("所在单位党组织", branch),
                    phone("手机号"),
                    lives("居住小区楼栋", "estate 48-2-301"),
                    other("特长", d.one_of("法律", "医疗", "水电维修", gaps=0.3)),
                    other("认领岗位", d.one_of("政策宣传", "文明劝导", "平安巡防")),
                    other("报到时间", d.day("iso", 5, 90)),
                ],
                some(44, flagged("party")),
                title=["在职党员到社区报到登记表"],
                at=(0, 1),
                ghost_rows=200,
            )
        ],
    )
    yield Book(
        "党费收缴三季度",
        "xlsx",
        "party members",
        [
            Roster(
                [
                    serial(),
                    name("姓 名"),
                    *under(
                        "月缴纳金额",
                        *(other(f"{m}月", d.money(2, 5, 12.5, look="0.00"), "元", adds_up=True) for m in (7, 8, 9)),
                    ),
                    other("合计", d.money(6, 15, 37.5, look="0.00"), "元", adds_up=True),
                    signature("签 名"),
                ],
                some(65, flagged("party"), "name"),
                ghost_rows=50,
                title=["党费收缴登记表（2025年第三季度）", ("支部：仓基新村第一党支部", "单位：元")],
                total="end",
                page=30,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "七一走访慰问老党员",
        "csv-gb18030",
        "party members",
        [
            Roster(
                [
                    serial(),
                    name("老党员姓名"),
                    birth("出生年月", "1938年5月"),
                    other("入党年月", d.day("1938年5月", 18300, 24000)),
                    other("党龄", d.whole(50, 68)),
                    lives("住址", "48—2—301"),
                    phone("电话", "some two"),
                    groups("困难情况", "low_income", "disabled", "living_alone"),
                ],
                some(21, lambda p: p.has("party") and p.age >= 70),
                title=["七一走访慰问老党员名单"],
                merge=False,
            )
        ],
    )


def volunteers() -> Iterator[Book]:
    yield Book(
        "志愿者注册信息",
        "csv-bom",
        "volunteers",
        [
            Roster(
                [
                    other("志愿者编号", d.digits(15, "3301")),
                    name("真实姓名"),
                    sex(),
                    other("证件类型", d.always("内地居民身份证")),
                    identity("证件号码", "tab"),
                    birth("出生年月", "1938-05-06"),
                    phone("联系电话", "tab"),
                    d.politics("政治面貌"),
                    means("area_words", area("居住区域", "all"), "other"),
                    lives("详细地址", "full"),
                    other("服务类别", d.one_of("为老服务", "平安巡防", "环保")),
                    other("注册时间", d.day("1938-05-06 00:00:00", 30, 2500)),
                    other("服务时长(小时)", d.money(12, 36.5, 208)),
                ],
                some(130, flagged("volunteer")),
            )
        ],
    )
    yield Book(
        "武林大妈队员名册",
        "xlsx",
        "volunteers",
        [
            Roster(
                [
                    serial(),
                    name("队员姓名"),
                    sex(),
                    age(),
                    phone("联系号码", "spaced"),
                    area("责任网格", "grid number"),
                    lives("家庭地址", "48-2-301"),
                    flag("party", "党员", "√"),
                    flag("volunteer", "已注册志愿者", "√"),
                    other("队内分工", d.one_of("巡防", "调解", "宣传", "互助")),
                    other("马甲尺码", d.one_of("M", "L", "XL")),
                ],
                some(58, lambda p: p.age >= 50 and p.sex == "女", "grid"),
                title=["“武林大妈”志愿队队员名册"],
                sections=lambda row: f"第{row.household.grid}网格小队",
                subtotals=True,
            )
        ],
    )
    yield Book(
        "志愿服务时长公示",
        "txt-gbk",
        "volunteers",
        [
            Roster(
                [
                    means("serial", serial("排名"), "other"),
                    name("姓名"),
                    area("小区", "estate"),
                    other("服务次数", d.whole(1, 60)),
                    other("服务时长", d.money(4, 10.5, 88)),
                    other("积分", d.whole(10, 900)),
                ],
                some(40, flagged("volunteer")),
                title=["2025年上半年志愿服务时长公示"],
                merge=False,
                foot=["如有异议请与社区联系。"],
            )
        ],
    )
    yield Book(
        "值班巡防签到9.15-9.30",
        "xlsx",
        "volunteers",
        [
            Roster(
                [
                    serial(),
                    name("巡防员"),
                    phone("电话"),
                    *under("签到", *(other(f"{m}日", d.one_of("√", "√", "○", gaps=0.3)) for m in range(15, 31))),
                    other("次数", d.whole(4, 16), "次", adds_up=True),
                    signature("领取补贴签名"),
                ],
                some(27, flagged("volunteer")),
                title=["平安巡防签到表", ("月份：9月", "地点：桥西苑岗亭")],
                total="end",
            )
        ],
    )
