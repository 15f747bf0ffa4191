"""Tenants, the floating population, who moved in or out and who died."""

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
    hide,
    household_no,
    identity,
    lives,
    means,
    name,
    other,
    perhaps,
    phone,
    population,
    registered,
    relation,
    room,
    serial,
    sex,
    since,
    under,
)
from ..layouts import Plain, Roster
from ..people import COMMUNITY, aged, some

FILLED = (f"填报单位（盖章）：{COMMUNITY}居委会", "填报日期：2025年9月30日")
SIGNED = ("填表人：", "审核人：", "联系电话：")


def everyone(p) -> bool:  # type: ignore[no-untyped-def]
    return True


def books() -> Iterator[Book]:
    yield from tenants()
    yield from comings_and_goings()


def tenants() -> Iterator[Book]:
    rented = [
        serial(),
        lives("出租房屋地址", "estate"),
        other("房东姓名", d.kin_name),
        other("房东电话", d.someone_phone),
    ]
    yield Book(
        "出租房屋及承租人登记表",
        "xlsx",
        "tenants",
        [
            Roster(
                [
                    *under("房屋信息", *rented[1:2]),
                    *under(
                        "出租人（房东）信息",
                        other("姓名", d.kin_name),
                        other("身份证号", d.someone_id),
                        other("联系电话", d.someone_phone),
                    ),
                    *under(
                        "承租人信息", name(), sex(), identity("身份证号"), phone("联系电话"), registered("户籍所在地")
                    ),
                    means("from_date", since("起租日期", "slash"), "other"),
                    other("租期至", d.day("slash", -600, -10)),
                    other("月租金", d.money(1800, 2500, 3200, 4500), "元"),
                ],
                some(60, lambda p: p.household.population_class == "流动人口", "door"),
                at=(0, 1),
                numbered_rest=12,
                title=["出租房屋及承租人登记表", FILLED],
                units=True,
            )
        ],
    )
    yield Book(
        "租客台账8月更新",
        "xls",
        "tenants",
        [
            Roster(
                [
                    *rented,
                    name("租客姓名"),
                    identity("租客身份证号码", "some damaged"),
                    phone("租客电话", "number"),
                    registered("租客户籍"),
                    since("入住时间", "1938.5.6"),
                    other("人数", d.whole(1, 5), adds_up=True),
                ],
                some(40, lambda p: p.household.population_class == "流动人口"),
                title=["租客台账"],
                total="end",
                blank_every=10,
            )
        ],
    )
    yield Book(
        "流动人口登记簿",
        "csv-gbk",
        "floating population",
        [
            Roster(
                [
                    serial(),
                    name(),
                    sex(),
                    identity("身份证号码", "quote"),
                    means("ethnicity", other("民族", d.ethnicity)),
                    registered("户籍地址"),
                    lives("暂住地址", "full"),
                    since("来杭日期", "1938-5-6"),
                    other("居住证号", d.digits(15, "ZJ")),
                    other("居住证有效期至", d.day("1938-5-6", -700, -1)),
                    means("other", other("从业类型", d.work), "employment"),
                    phone("联系电话"),
                ],
                some(130, lambda p: p.household.population_class == "流动人口"),
                title=["流动人口登记簿"],
                merge=False,
            )
        ],
    )
    yield Book(
        "新居民信息（7-9月）",
        "xls",
        "floating population, one sheet a month",
        [
            *(
                Roster(
                    [
                        serial(),
                        name(),
                        sex("性别", "1/2"),
                        birth("出生日期", "serial"),
                        identity("身份证号码"),
                        registered("户籍地址"),
                        lives("居住地址", "48幢301"),
                        means("from_date", since("登记居住日期", "serial"), "other"),
                        population("人员类别", {"流动人口": "新居民"}),
                        phone("联系电话", "number"),
                    ],
                    some(n, lambda p: p.household.population_class == "流动人口"),
                    name=f"{m}月",
                    title=[f"{m}月新居民信息登记表"],
                )
                for m, n in ((9, 25), (8, 31), (7, 18))
            ),
            Plain("字典", [["性别"], ["1 男"], ["2 女"], ["类别"], ["新居民"]], hidden=True),
        ],
    )
    yield Book(
        "境外及流动人口核查",
        "xlsx",
        "floating population",
        [
            Roster(
                [
                    serial(style="formula"),
                    name("姓名（中文）"),
                    other("英文名", d.nothing),
                    identity("证件号码"),
                    other("证件有效期", d.day("iso", -900, -1)),
                    means("from_date", since("首次来杭时间", "iso"), "other"),
                    lives("在杭住所", "spaced"),
                    phone(),
                    other("核查人", d.grid_name),
                    other("核查人电话", d.grid_phone),
                    other("核查结果", d.one_of("在住", "已离开", "敲门无人")),
                ],
                some(40, lambda p: p.household.population_class == "流动人口"),
                title=["境外及流动人口核查表"],
                gap=1,
                hide_share=0.2,
            )
        ],
    )


def comings_and_goings() -> Iterator[Book]:
    yield Book(
        "9月份死亡人员名单",
        "xlsx",
        "deaths",
        [
            Roster(
                [
                    serial(),
                    name("死者姓名"),
                    sex(),
                    birth("出生年月", "1938.05.06"),
                    age("享年"),
                    identity("身份证号"),
                    lives("生前住址", "estate"),
                    died("死亡日期", "1938.05.06"),
                    other("死亡原因", d.one_of("疾病", "自然死亡", "意外")),
                    other("家属姓名", d.kin_name),
                    other("家属电话", d.someone_phone),
                    other("户口注销日期", d.day("1938.05.06", 1, 60, gaps=0.4)),
                ],
                some(12, aged(70)),
                title=["死亡人员名单（9月）"],
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "迁入迁出登记",
        "txt-utf8",
        "moves",
        [
            Roster(
                [
                    serial("序"),
                    name(),
                    identity("身份证号码"),
                    household_no("户号"),
                    other("变动类型", d.one_of("迁入", "迁出", "市内移居")),
                    since("迁入日期", "1938/5/6"),
                    registered("迁入后户籍地址"),
                    other("原户籍地", d.one_of("上城区", "西湖区", "省外")),
                    other("经办人", d.grid_name),
                ],
                some(44, everyone),
            )
        ],
    )
    yield Book(
        "空挂户清查表",
        "xls",
        "registered but gone",
        [
            Roster(
                [
                    serial(),
                    other("户主", d.head_name),
                    name("人员姓名"),
                    identity("身份证号码"),
                    registered("户籍挂靠地址"),
                    means("other", lives("原住址", "48号楼2单元301"), "address_lived"),
                    population("户口性质"),
                    means("address_lived", other("现实际居住地", d.one_of("不详", "外省", "余杭区")), "other"),
                    phone("联系电话"),
                    hide(other("系统ID", d.digits(8))),
                ],
                some(22, lambda p: p.household.population_class == "空挂户"),
                title=["空挂户清查表", FILLED],
                codes=True,
            )
        ],
    )
    yield Book(
        "仓桥社区人口大表40列",
        "xlsx",
        "all residents",
        [
            Roster(
                [
                    serial(),
                    area("街道", "street"),
                    area("社区", "community"),
                    area("网格", "grid"),
                    area("小区", "estate"),
                    building("幢", "{}幢"),
                    entrance("单元", "{}单元"),
                    room("室", "{}室"),
                    household_no(),
                    population("人口性质"),
                    *under(
                        "本人基本情况",
                        name(),
                        sex(),
                        birth("出生日期", "iso"),
                        age("年龄", "formula"),
                        identity("身份证号"),
                        means("ethnicity", other("民族", d.ethnicity)),
                        means("education", other("文化程度", d.education)),
                        means("marital", other("婚姻状况", d.married)),
                        d.politics("政治面貌"),
                        means("other", other("职业", d.work), "employment"),
                        means("employer", other("工作单位", d.employer)),
                        phone("手机号"),
                        registered("户籍地址"),
                    ),
                    *under("户主情况", relation(), other("户主姓名", d.head_name), other("户主电话", d.head_phone)),
                    *under(
                        "特殊人群标识",
                        flag("low_income", "是否低保"),
                        flag("extreme_hardship", "是否特困"),
                        flag("low_margin", "是否低边"),
                        flag("disabled", "是否残疾"),
                        flag("living_alone", "是否独居"),
                        flag("empty_nest", "是否空巢"),
                        flag("lost_only_child", "是否失独"),
                        flag("veteran", "是否退役军人"),
                        flag("unemployed", "是否失业"),
                    ),
                    *under("网格员", other("姓名", d.grid_name), other("电话", d.grid_phone_number)),
                    since("入住时间", "iso"),
                    groups("其他标签", "volunteer", "party"),
                    other("备注", d.remark),
                ],
                some(260, everyone, "door"),
                title=[f"{COMMUNITY}人口基础信息大表", FILLED],
            )
        ],
    )
    yield Book(
        "死亡及迁出核减名单",
        "csv-gb18030",
        "deaths",
        [
            Roster(
                [
                    name(),
                    identity("身份证号码"),
                    perhaps(0.3, died("去世时间", "1938年5月6日")),
                    lives("住址", "48幢2单元301"),
                    other("核减原因", d.one_of("死亡", "户籍迁出", "失联")),
                ],
                some(17, aged(60)),
            )
        ],
    )
