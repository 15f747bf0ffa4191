"""Civil affairs: minimum allowance, hardship, relief in need."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    area,
    birth,
    down,
    flag,
    groups,
    identity,
    lives,
    means,
    name,
    other,
    phone,
    registered,
    relation,
    serial,
    sex,
    signature,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, STREET, Household, Row, families, flagged, some

FILLED = (f"填报单位（公章）：{COMMUNITY}居民委员会", "填报时间：2025年9月28日")
SIGNED = "填表人：余立新          审核人：孔静          分管领导："
POOR = ("low_income", "low_margin", "extreme_hardship")


def poor_home(h: Household) -> bool:
    return any(m.has("low_income") for m in h.members)


def by_group(row: Row) -> str:
    p = row.person
    return (
        "一、特困人员" if p.has("extreme_hardship") else "二、低保对象" if p.has("low_income") else "三、低保边缘家庭"
    )


def books() -> Iterator[Book]:
    yield Book(
        "低保户花名册（2025年9月）",
        "xlsx",
        "minimum allowance",
        [
            Roster(
                [
                    down(serial()),
                    down(other("户主姓名", d.head_name)),
                    down(means("card:low_income", other("低保证号", d.digits(12, "DB")))),
                    down(lives("家庭住址", "estate")),
                    down(other("户主电话", d.head_phone)),
                    down(other("保障人口", d.members, "人")),
                    down(other("月保障金额", d.money(1301, 2602, 1890, 640), "元", adds_up=True)),
                    *under(
                        "家庭成员情况",
                        name(),
                        relation("与户主关系", "formal"),
                        sex(),
                        age(),
                        identity("身份证号码"),
                        other("劳动能力", d.one_of("有", "部分", "无")),
                        other("健康状况", d.health),
                    ),
                    other("近期动态", d.one_of("无变化", "新增", "停保", gaps=0.3)),
                ],
                families(26, poor_home),
                title=["城乡最低生活保障对象花名册", FILLED],
                units=True,
                total="end",
                foot=["注：月保障金额按户填写。", SIGNED],
            )
        ],
    )
    yield Book(
        "困难群众动态管理",
        "xls",
        "minimum allowance",
        [
            Roster(
                [
                    serial(),
                    groups(
                        "救助类别",
                        *POOR,
                        names={"low_income": "低保", "low_margin": "低保边缘", "extreme_hardship": "特困供养"},
                    ),
                    name("救助对象"),
                    sex("性别", "1/2"),
                    identity("身份证号", "some damaged"),
                    birth("出生年月", "number 1938.5"),
                    lives("现居住地", "48号楼2单元301"),
                    registered("户籍地"),
                    phone("电话", "number"),
                    other("批准日期", d.day("slash")),
                    other("救助金额", d.money(1301, 2255, 650.5), "元", adds_up=True),
                    other("开户名", d.head_name),
                    other("银行卡号", d.bank_card),
                ],
                some(70, flagged(*POOR)),
                title=["困难群众动态管理表", FILLED],
                units=True,
                codes=True,
                total="end",
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "低收入人口分类名单",
        "xlsx",
        "minimum allowance",
        [
            Roster(
                [
                    serial(),
                    name(),
                    identity("证件号码"),
                    *under(
                        "类别",
                        flag("extreme_hardship", "特困", "是"),
                        flag("low_income", "低保", "是"),
                        flag("low_margin", "低边", "是"),
                    ),
                    flag("disabled", "是否残疾人", "是/空/否"),
                    lives("住址", "full"),
                    phone("手机"),
                    other("帮扶责任人", d.grid_name),
                    other("责任人联系方式", d.grid_phone),
                ],
                some(66, flagged(*POOR), "relief"),
                title=["低收入人口分类名单"],
                sections=by_group,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "特困人员供养台账",
        "xlsx",
        "extreme hardship",
        [
            Plain(
                "封面",
                [
                    [None],
                    [None, None, "特困人员供养台账"],
                    [None],
                    [None, None, f"{STREET}{COMMUNITY}"],
                    [None, None, "2025年度"],
                ],
            ),
            Roster(
                [
                    serial(),
                    name("特困人员姓名"),
                    sex(),
                    birth("出生年月", "1938.5"),
                    age(),
                    identity("身份证号码"),
                    means("level:extreme_hardship", other("供养方式", d.one_of("分散", "集中"))),
                    other("自理能力", d.one_of("全自理", "半自理", "全护理")),
                    lives("居住地址", "48幢2单元301室"),
                    phone("联系电话"),
                    *under(
                        "监护（照料）人",
                        other("姓名", d.kin_name),
                        other("身份证号", d.someone_id),
                        other("联系电话", d.someone_phone),
                    ),
                    other("基本生活费", d.always(2255), "元/月", adds_up=True),
                    other("护理费", d.money(125, 250, 500), "元/月", adds_up=True),
                ],
                some(12, flagged("extreme_hardship")),
                name="台账",
                title=["特困人员供养台账"],
                units=True,
                total="end",
            ),
        ],
        use=1,
    )
    yield Book(
        "低边家庭 支出型困难",
        "csv-gbk",
        "low margin",
        [
            Roster(
                [
                    serial(),
                    other("家庭编号（民政）", d.digits(10, "DB")),
                    name("成员姓名"),
                    means("relation_to_head", relation("与申请人关系"), "other"),
                    identity("身份证号码", "tab"),
                    other("申请人", d.head_name),
                    other("申请人电话", d.head_phone),
                    flag("disabled", "残疾", "有/无"),
                    other("年医疗自付", d.money(8000, 12500, 3200), "元"),
                ],
                some(40, flagged("low_margin")),
            )
        ],
    )
    yield Book(
        "春节送温暖慰问发放表",
        "xlsx-wps",
        "gifts",
        [
            Roster(
                [
                    serial(),
                    name("慰问对象"),
                    groups("困难类型", *POOR, "disabled", "lost_only_child", between="，"),
                    lives("家庭地址", "estate"),
                    phone("联系电话"),
                    other("慰问金（元）", d.money(500, 800, 1000), adds_up=True),
                    signature("签收人"),
                    other("备注", d.remark),
                ],
                some(48, flagged(*POOR, "lost_only_child")),
                title=["春节“送温暖”慰问金发放表"],
                total="end",
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "临时救助公示",
        "xlsx",
        "temporary relief",
        [
            Roster(
                [
                    serial("编号"),
                    name("申请人"),
                    area("所在社区", "community"),
                    area("所属小区", "estate"),
                    other("家庭人口", d.members),
                    other("救助原因", d.one_of("重病", "火灾", "意外", "突发支出")),
                    other("救助金额\n（元）", d.money(1500, 3000, 5000)),
                    other("公示起止", d.always("9.20-9.27")),
                ],
                some(9, flagged("low_income", "low_margin")),
                title=["临时救助对象公示", "监督电话：10012345678"],
            )
        ],
    )
