"""The aged: allowances, those who live alone, visits to them."""

from __future__ import annotations

from collections.abc import Iterator

from .. import details as d
from ..books import Book
from ..columns import (
    age,
    area,
    birth,
    building,
    died,
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
    registered,
    room,
    serial,
    sex,
    signature,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, STREET, Row, aged, flagged, some

FILLED = (f"填报单位：{STREET}{COMMUNITY}", "填报日期：2025.9.30")
SIGNED = ("填表人：方晓燕", "审核人：严建军", "负责人：")


def by_grid(row: Row) -> str:
    return f"第{'一二三四'[row.household.grid - 1]}网格"


def books() -> Iterator[Book]:
    yield from allowances()
    yield from alone()


def allowances() -> Iterator[Book]:
    yield Book(
        "湖墅街道仓桥社区高龄老人花名册",
        "xlsx",
        "elders 80+",
        [
            Roster(
                [
                    serial(),
                    name("姓  名", "spaced"),
                    sex("性  别"),
                    birth("出生年月", "1938年5月"),
                    age("年龄", unit="周岁"),
                    identity("身份证号码"),
                    lives("现住址", "estate"),
                    phone("联系电话"),
                    other("紧急联系人", d.kin_name),
                    other("与本人\n关系", d.kin_relation),
                    other("联系电话", d.someone_phone),
                    other("备  注", d.remark),
                ],
                some(90, aged(80), "door"),
                title=[f"{STREET}{COMMUNITY}高龄老人花名册", FILLED],
                units=True,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "2025年高龄津贴发放表",
        "xlsx",
        "old-age allowance, one sheet a month",
        [
            *(
                Roster(
                    [
                        serial(),
                        name(),
                        sex(),
                        identity("身份证号码"),
                        birth("出生日期", "19380506"),
                        age("周岁"),
                        other("年龄段", d.age_band),
                        registered("户籍地址"),
                        other("开户银行", d.always("杭州联合银行")),
                        other("银行账号/社保卡号", d.bank_card),
                        other("发放标准", d.allowance, "元/月"),
                        other("起发年月", d.day("193805")),
                        other("本月金额", d.allowance, "元", adds_up=True),
                        other("变动类型", d.one_of("新增", "升档", "停发", gaps=0.85)),
                        other("变动日期", d.day("1938-05", 1, 60, gaps=0.8)),
                        other("备注", d.remark),
                    ],
                    some(n, aged(80), "age"),
                    name=f"{m}月",
                    title=[f"2025年{m}月高龄津贴发放花名册", (f"单位：{COMMUNITY}", "金额单位：元")],
                    total="end",
                    foot=[SIGNED],
                )
                for m, n in ((7, 66), (8, 67), (9, 69))
            ),
            Plain(
                "汇总",
                [
                    ["年龄段", "人数", "金额"],
                    ["80-89", 50, 3000],
                    ["90-99", 17, 1700],
                    ["100+", 2, 1600],
                    ["合计", 69, 6300],
                ],
            ),
        ],
        use=2,
    )
    yield Book(
        "高龄补贴年审（街道下发模板）",
        "xls",
        "elders 80+",
        [
            Roster(
                [
                    serial(),
                    area("镇街", "street"),
                    area("村社", "community"),
                    name("老人姓名"),
                    sex("性别"),
                    identity("公民身份证号码", "damaged"),
                    birth("出生\n年月日", "1938.5.6"),
                    means("phone", phone("本人或\n家属电话", "number"), "other"),
                    other("是否健在", d.one_of("是", "是", "是", "否")),
                    died("死亡时间", "1938.5.6", 0.08),
                    other("代领人姓名", d.kin_name),
                    other("代领人身份证号", d.someone_id),
                    signature("老人签名（按手印）"),
                ],
                some(64, aged(80), "name"),
                title=["附件2", "高龄补贴年审登记表", FILLED],
                codes=True,
                total="end",
                foot=["注：1.健在情况由社区上门核实。2.本表一式两份。", SIGNED],
            )
        ],
    )
    yield Book(
        "90岁以上老人",
        "csv-gbk",
        "elders 90+",
        [
            Roster(
                [name("姓名"), age("年龄", "text"), lives("住址", "48-2-301"), phone("电话", "two")],
                some(28, aged(90), "age"),
                title=["90岁以上老人名单"],
                merge=False,
            )
        ],
    )
    yield Book(
        "百岁老人及9月新增80周岁",
        "xlsx-wps",
        "elders 80+",
        [
            Roster(
                [
                    serial("NO."),
                    name(),
                    identity("身份证号"),
                    birth("生日", "cn"),
                    other("满80周岁日期", d.old_age_on(80, "cn")),
                    lives("居住地", "full"),
                    perhaps(0.2, phone("联系方式", "text")),
                    other("户籍是否浙江", d.one_of("是", "是", "否")),
                ],
                some(24, lambda p: p.age >= 98 or 79 <= p.age <= 80, "age"),
            )
        ],
    )


def alone() -> Iterator[Book]:
    yield Book(
        "独居空巢老人摸底（网格员填）",
        "xlsx",
        "living alone",
        [
            Roster(
                [
                    serial(),
                    area("网格", "grid"),
                    name("老人姓名"),
                    sex(),
                    age(),
                    lives("居住地址", "mixed"),
                    phone("老人电话", "mixed"),
                    *under(
                        "居住状况（打√）",
                        flag("living_alone", "独居", "√"),
                        flag("empty_nest", "空巢", "√"),
                        flag("lost_only_child", "失独", "√"),
                    ),
                    *under(
                        "子女信息",
                        other("姓名", d.kin_name),
                        other("关系", d.kin_relation),
                        other("电话", d.someone_phone),
                    ),
                    *under("结对人员", other("网格员", d.grid_name), other("联系电话", d.grid_phone)),
                    other("备注", d.remark),
                ],
                some(75, lambda p: p.age >= 60 and flagged("living_alone", "empty_nest")(p), "grid"),
                title=["独居、空巢老人摸底登记表", FILLED],
                sections=by_grid,
                subtotals=True,
                total="end",
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "独居老人花名册",
        "xls",
        "living alone",
        [
            Roster(
                [
                    serial("序号"),
                    name("姓　名"),
                    sex("性　别"),
                    birth("出　生\n年　月", "１９３８．５"),
                    identity("身 份 证 号 码", "some wide"),
                    lives("家 庭 住 址", "estate wide"),
                    phone("联 系 电 话", "wide"),
                    other("身体状况", d.health),
                    other("经济来源", d.one_of("退休金", "低保", "子女赡养")),
                ],
                some(52, flagged("living_alone"), "door"),
                title=["独居老人花名册"],
                at=(2, 2),
                page=20,
            )
        ],
    )
    yield Book(
        "特殊困难老年人探访关爱台账",
        "xlsx",
        "visits",
        [
            Roster(
                [
                    serial(),
                    name("探访对象"),
                    sex(),
                    identity("身份证号"),
                    groups("对象类别", "living_alone", "empty_nest", "lost_only_child", "disabled", between="、"),
                    lives("居住地址", "48幢2单元301室"),
                    phone("联系电话"),
                    other("监护人（赡养人）", d.kin_name),
                    other("监护人电话", d.someone_phone_number),
                    other("探访人", d.grid_name),
                    other("探访人电话", d.grid_phone_number),
                    *(c for m in (7, 8, 9) for c in under("探访记录", other(f"{m}月", d.day("1938/5/6", 1, 90)))),
                    other("健康状况", d.health),
                    other("需求", d.one_of("助餐", "陪诊", "助浴", gaps=0.6)),
                ],
                some(58, lambda p: p.age >= 60 and bool(p.flags)),
                title=["特殊困难老年人探访关爱台账（第三季度）", FILLED],
                hide_share=0.15,
            )
        ],
    )
    yield Book(
        "孤寡老人 失能老人名单",
        "txt-gbk",
        "living alone",
        [
            Roster(
                [
                    serial(),
                    name(),
                    sex(),
                    age("年龄", "岁"),
                    groups("人员类别", between=" "),
                    lives("地址", "estate 48-2-301"),
                    phone("电话"),
                ],
                some(33, lambda p: p.age >= 60 and p.has("living_alone")),
                title=["孤寡老人、失能老人名单"],
                merge=False,
            )
        ],
    )
    yield Book(
        "敲门行动 高温走访",
        "xlsx",
        "visits",
        [
            Roster(
                [
                    serial(),
                    building("楼幢", "{}号楼"),
                    entrance("单元", "{}单元"),
                    room("门牌", "{}"),
                    name("住户"),
                    age("岁数"),
                    groups("标签", between="/", empty="无"),
                    other("走访时间", d.day("1938-05-06", 1, 60)),
                    other("是否见到本人", d.one_of("见到", "未见到", "电话未接")),
                    other("走访人签字", d.nothing),
                    other("照片", d.nothing),
                ],
                some(61, lambda p: p.age >= 70, "door"),
                title=["“敲门行动”走访记录表", ("网格：", "走访日期：")],
                numbered_rest=10,
            )
        ],
    )
