"""What the aged are offered: meals, assessments, alarms, gifts; and the retired."""

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
    hide,
    identity,
    lives,
    name,
    other,
    phone,
    registered,
    room,
    serial,
    sex,
    signature,
    since,
    under,
)
from ..layouts import Roster
from ..people import AS_OF, COMMUNITY, STREET, Row, aged, flagged, some

FILLED = (f"填报单位：{STREET}{COMMUNITY}", "填报日期：2025.9.30")
SIGNED = ("填表人：方晓燕", "审核人：严建军", "负责人：")


def by_estate(row: Row) -> str:
    return row.household.estate


def books() -> Iterator[Book]:
    yield from services()
    yield from retired()


def services() -> Iterator[Book]:
    yield Book(
        "老年食堂就餐补贴名单9月",
        "xlsx",
        "canteen subsidy",
        [
            Roster(
                [
                    serial(),
                    name("就餐人员姓名"),
                    age("年龄"),
                    identity("身份证号码", "trailing"),
                    phone("手机号"),
                    other("补贴类别", d.age_band),
                    other("就餐卡号", d.digits(8)),
                    other("就餐次数", d.whole(1, 30), "次", adds_up=True),
                    other("单次补贴", d.money(3, 5, 8), "元"),
                    other("补贴金额", d.money(45, 60, 120.5, look="0.00"), "元", adds_up=True),
                    signature("领取人签字"),
                ],
                some(110, aged(60), "name"),
                title=["湖墅街道老年食堂助餐补贴名单", ("补贴月份：2025年9月", "单位：元")],
                units=True,
                total="end",
                page=40,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "送餐上门老人",
        "csv-utf8",
        "canteen subsidy",
        [
            Roster(
                [
                    name("老人"),
                    lives("送餐地址", "estate"),
                    phone("电话", "dash"),
                    other("备用联系人", d.kin_both),
                    other("忌口", d.one_of("少盐", "无糖", "不吃辣", gaps=0.5)),
                    flag("living_alone", "独居", "Y/N"),
                ],
                some(25, aged(75)),
            )
        ],
    )
    yield Book(
        "老年人能力评估结果",
        "xlsx",
        "assessment",
        [
            Roster(
                [
                    serial(),
                    name("被评估人"),
                    sex("性别", "男性/女性"),
                    birth("出生年月日", "1938年05月06日"),
                    identity("身份证件号码"),
                    registered("户籍地址"),
                    lives("常住地址", "province"),
                    phone("本人联系电话"),
                    *under(
                        "代理人",
                        other("姓名", d.kin_name),
                        other("与被评估人关系", d.kin_relation),
                        other("联系电话", d.someone_phone),
                        other("身份证号", d.someone_id),
                    ),
                    *under(
                        "评估结果",
                        *under(
                            "得分",
                            other("自理", d.whole(5, 30)),
                            other("运动", d.whole(2, 20)),
                            other("精神", d.whole(5, 30)),
                        ),
                        other("等级", d.care_level),
                        other("评估日期", d.day("iso")),
                    ),
                    other("评估机构", d.always("某某护理站")),
                ],
                some(34, aged(70)),
                title=["老年人能力评估结果一览表"],
            )
        ],
    )
    yield Book(
        "安居守护三件套安装清单",
        "xlsx",
        "alarms",
        [
            Roster(
                [
                    serial(),
                    name("户主（老人）"),
                    lives("安装地址", "48幢301"),
                    phone("老人电话"),
                    *under("第一联系人", other("姓名", d.kin_name), other("电话", d.someone_phone)),
                    *under("第二联系人", other("姓名", d.kin_name), other("电话", d.someone_phone)),
                    other("设备编号", d.digits(12, "MC")),
                    other("安装日期", d.day("cn", 5, 200)),
                    hide(other("SIM卡号", d.digits(13, "1064"))),
                ],
                some(40, flagged("living_alone"), "door"),
                title=["安居守护“三件套”安装清单"],
                gap=1,
                total="top",
            )
        ],
    )
    yield Book(
        "适老化改造意向登记",
        "xls",
        "home adaptation",
        [
            Roster(
                [
                    serial(),
                    name("申请人"),
                    age(),
                    *under("住址", building("幢"), entrance("单元"), room("室")),
                    phone(),
                    other("改造内容", d.one_of("扶手", "坐便器", "防滑垫")),
                    other("自付金额", d.money(300, 500), "元", adds_up=True),
                    flag("extreme_hardship", "特困", "√"),
                    flag("low_income", "低保", "√"),
                    flag("low_margin", "低边", "√"),
                    other("拟改造日期", d.day("1938.5", -90, -5)),
                ],
                some(30, aged(65)),
                title=["适老化改造意向登记表"],
                units=True,
                total="end",
            )
        ],
    )


def retired() -> Iterator[Book]:
    yield Book(
        "企业退休人员社会化管理花名册",
        "xls",
        "retired",
        [
            Roster(
                [
                    serial(),
                    name(),
                    sex(),
                    identity("身份证号码", "some old"),
                    birth("出生年月", "193805"),
                    other("参加工作时间", d.day("193805", 15000, 22000)),
                    other("退休时间", d.day("193805", 300, 9000)),
                    other("原工作单位", d.employer),
                    other("养老金", d.money(3120.5, 4250.8, 5180), "元/月"),
                    lives("家庭住址", "estate"),
                    phone("联系电话", "number"),
                    other("社保编号", d.social_card),
                    d.politics("政治面貌"),
                    flag("party", "是否党员", "是"),
                    other("健康状况", d.health),
                    other("档案号", d.digits(6)),
                ],
                some(160, aged(60), "name"),
                title=["企业退休人员社会化管理服务花名册", FILLED],
                page=50,
                page_title=True,
                foot=[SIGNED],
            )
        ],
    )
    yield Book(
        "退休人员生存认证未完成名单",
        "csv-bom",
        "retired",
        [
            Roster(
                [
                    identity("公民身份号码", "shown as 9.90105E+17"),
                    name("姓名"),
                    phone("手机号码", "number"),
                    other("参保地", d.always("杭州市拱墅区")),
                    other("上次认证日期", d.day("slash", 300, 500)),
                    area("所属社区", "short"),
                ],
                some(71, aged(60)),
            )
        ],
    )
    yield Book(
        "重阳节慰问名单",
        "xlsx",
        "gifts",
        [
            Roster(
                [
                    serial(),
                    name(),
                    age(),
                    area("小区", "estate"),
                    lives("楼栋门牌", "48-2-301"),
                    other("慰问金", d.money(200, 300, 500), "元", adds_up=True),
                    signature("签收"),
                    other("代签人", d.nothing),
                ],
                some(88, aged(75), "door"),
                title=["2025年重阳节慰问名单", f"制表日期：{AS_OF.year}年9月30日"],
                sections=by_estate,
                section_names=False,
                subtotals=True,
                total="end",
                units=True,
            )
        ],
    )
    yield Book(
        "老年活动中心会员",
        "txt-utf16",
        "members of a club",
        [
            Roster(
                [
                    serial("会员序号"),
                    name("会员姓名"),
                    sex(),
                    birth("生日", "1938-05"),
                    phone("手机"),
                    since("居住本社区起始年月", "1938-05"),
                    other("入会时间", d.day("1938-05")),
                    other("特长", d.one_of("书法", "合唱", "太极", gaps=0.3)),
                ],
                some(55, aged(55)),
            )
        ],
    )
