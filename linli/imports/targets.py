"""What a roster of residents may hold: the catalogue's elements with every heading we have seen over them, and how their cells look.

Headings come from the catalogue (`Element.name`, `aliases`) and from the list here; whoever meets another one adds a word, not a rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from linli.core.catalogue import elements
from linli.places.rules import parse_door
from linli.residents.codes import CATEGORY_KINDS, CategoryKind

from .rules.columns import Target
from .rules.facts import CLASS_OF, OF_HOUSEHOLD, RELATION_OF
from .rules.headings import plain_words
from .words import code_written, level_written

Looks = Callable[[Sequence[str]], float]


def _share(is_one: Callable[[str], bool]) -> Looks:
    def looks(texts: Sequence[str]) -> float:
        plain = [unicodedata.normalize("NFKC", text).strip() for text in texts]
        return sum(map(is_one, plain)) / len(plain)

    return looks


def _like(pattern: str) -> Looks:
    compiled = re.compile(pattern)
    return _share(lambda text: compiled.fullmatch(text) is not None)


def _among(*words: str) -> Looks:
    known = frozenset(words)
    return _share(lambda text: text in known)


_DIGITS = re.compile(r"[\s'’-]")
ID_NUMBER = _share(lambda text: re.fullmatch(r"[0-9]{17}[0-9Xx]|[0-9]{15}", _DIGITS.sub("", text)) is not None)
SOLID_DATE = re.compile(r"(19|20)[0-9]{2}[01][0-9][0-3][0-9]")
PHONE = _share(
    lambda text: (
        not SOLID_DATE.fullmatch(_DIGITS.sub("", text))
        and all(
            re.fullmatch(r"1[0-9]{10}|0[0-9]{2,3}[0-9]{7,8}|[0-9]{7,8}", _DIGITS.sub("", part)) is not None
            for part in re.split(r"[,，/、;； ]+", text)
            if part
        )
    )
)
HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
NAME = _like(rf"[{HAN}]{{2,4}}|[{HAN}]+[·•‧．・][{HAN}·•‧．・]+|[A-Za-z][A-Za-z .'-]{{2,40}}")
SEX = _among("男", "女", "男性", "女性", "1", "2", "M", "F", "未知", "未说明")
DATE = _like(
    r"(1[89]|20)[0-9]{2}\s*[-./年]\s*[0-9]{1,2}\s*([-./月]\s*[0-9]{0,2}\s*日?)?( 00:00(:00)?)?|(1[89]|20)[0-9]{2}[01][0-9]([0-3][0-9])?"
)
DOOR = _share(
    lambda text: (
        not re.fullmatch(r"1[0-9]{10}", _DIGITS.sub("", text))  # 100 1054 9452 is a phone
        and (door := parse_door(_last_part(text))) is not None
        and door.room is not None
    )
)
ADDRESS = _share(lambda text: len(text) >= 4 and bool(re.search(r"[路街巷弄村里苑园幢栋号室区]", text)))
SMALL = _like(r"[0-9]{1,3}(\.0)?")
AGE = _like(r"[0-9]{1,3}(\.0)?岁?")
RELATION = _among(*RELATION_OF)
CLASS = _among(*CLASS_OF)
CERTIFICATE = _like(r"\S{0,8}[0-9A-Za-z]{5,30}\S{0,4}")
KINDS = _share(lambda text: any(kind.name in text for kind in CATEGORY_KINDS.values()))
MARK = _among("是", "否", "有", "无", "√", "✓", "✔", "对", "Y", "N", "y", "n", "1", "0", "×", "/", "-", "—", "○", "●")


def _coded(field: str) -> Looks:
    return _share(lambda text: code_written(field, text) is not None)


def _last_part(text: str) -> str:
    """An address without what stands before the estate: 浙江省杭州市拱墅区湖墅街道."""
    return re.sub(r"^.*?(省|自治区)?[^省]*?市[^市]*?区[^区]*?街道|^.*?社区", "", text)


MORE_NAMES: dict[str, str] = {
    "resident.name": """
        名字 成员姓名 户成员 人员 服务对象 服务对象姓名 本人姓名 党员姓名 残疾人姓名 申请人 申请人姓名 老人 被评估人 救助对象 慰问对象 帮扶对象
        奖扶对象 签约居民 业主 业主姓名 住户 住户姓名 队员姓名 队员 学生姓名 儿童姓名 被访人 对象姓名 真实姓名 探访对象 巡防员""",
    "resident.sex": "男/女",
    "resident.birth_on": "出生 出生时间 出生年份",
    "resident.id_number": """
        公民身份证号码 居民身份证号码 居民身份证号 身份证件号码 身份证明号码 证件号 身份号码 本人身份证号 身份证号（18位） ID""",
    "resident.phone": """
        手机 移动电话 联系号码 电话号码 本人电话 联系电话1 联系手机 固定电话 家庭电话 座机 手机/电话 联系电话（手机） tel TEL""",
    "residence.dwelling": """
        门牌号 门牌 房屋地址 详细地址 现居住地址 实际居住地址 居住地 现住地址 现住地 住所 地址 实际住址 楼栋房号 房号 室号 楼室号 幢室 家庭地址
        居住详细地址 住房地址 常住地址 现在住址""",
    "residence.relation_to_head": "关系 与户主 同户主关系 户主关系 和户主关系 称谓 家庭成员关系",
    "residence.population_class": "人口性质 居住类型 户口性质类别 户口性质 人口属性 人员性质 户籍情况 人户情况 人员类型 人口类型 户籍状态 居住状态",
    "household.number": "户编号 户口编号 户口本号 户籍号",
    "category.kind": """
        人群类别 重点人群 重点人群类别 人员类型 标签 类别 对象类型 特殊群体 特殊人群类型 困难类别 困难情况 救助类型 身份类别""",
    "registered.dwelling": "户籍地址 户口所在地 户籍所在地 户籍地 户口地址 户籍住址 户口所在地址 户籍详细地址",
    "door.building": "楼幢号 幢 幢号 楼栋 楼号 栋号 楼幢 楼栋号 栋 几幢 所在楼栋",
    "door.entrance": "单元号 单元 几单元",
    "door.room": "室号 室 房间号 房间 房室号 几室",
    "residence.from_on": "入住日期 入住时间 何时入住 来杭时间 来杭日期 迁入日期 迁入时间 居住起始时间 来本社区时间 开始居住时间",
    "resident.died_on": "去世时间 死亡时间 死亡日期 离世日期 身故日期 殁亡日期",
    "resident.former_name": "曾用名字 原名 别名",
    "resident.education": "文化 学历情况 学历层次",
    "resident.marital_status": "婚姻状态 婚育情况",
    "resident.employment": "就业状态 从业情况 从业状态",
    "resident.employer": "现工作单位 就业单位名称 工作单位名称",
    "-number": "序号 户序 户序号 编号 行号 No NO. No. 次序 排序",
    "-age": "年龄 周岁 实足年龄 岁数 年纪 虚岁",
    "-area": """
        社区 所属社区 村社 村（社区） 所在社区 街道 镇街 乡镇街道 所属街道 区县 县区 所属网格 网格 网格名称 所属片区 片区 小区 小区名称 所属小区""",
    "-signed": "签名 签字 本人签字 确认签字 盖章",
}

OTHERS = (
    "户主", "紧急", "家属", "监护", "配偶", "父亲", "母亲", "子女", "亲属", "代办", "代理", "填表", "填报", "网格",
    "联系人", "单位", "经办", "结对", "民警", "主任", "干部", "包联", "包户", "帮扶人", "帮扶责任", "责任人", "采集",
    "走访", "核查", "登记人", "护理员", "送餐员", "医生", "楼道长", "楼栋长", "房东", "出租人", "介绍人", "担保",
    "犬", "宠物", "车主", "车牌", "车辆", "家庭成员1", "家庭成员2", "家庭成员3", "家庭成员一", "家庭成员二",
    "家庭成员三", "开户", "户名", "领取人", "代领", "收件", "班主任", "老师",
)  # fmt: skip
"""Words that make a name, number or phone somebody else's."""


NOT_MINE = tuple(word for word in OTHERS if word != "单位")
"""The same, for a place of work."""


def _words(code: str, *more: str) -> frozenset[str]:
    return frozenset(plain_words(word) for word in (*MORE_NAMES.get(code, "").split(), *more))


def _of(code: str, **more: Any) -> Target:
    """An element of the catalogue."""
    element = elements()[code]
    return Target(code, element.name, _words(code, element.name, *element.aliases), **more)


def _own(code: str, name: str, **more: Any) -> Target:
    """Something that is read here and becomes part of an element: a building's number, an address to be understood."""
    return Target(code, name, _words(code, name), **more)


def _mark(kind: CategoryKind) -> Target:
    """A column that says 是 or √ for one category."""
    heads = (kind.name, f"是否{kind.name}", f"{kind.name}人员", f"{kind.name}户", f"是否为{kind.name}")
    return Target(
        f"category:{kind.code}",
        f"是不是{kind.name}",
        frozenset(map(plain_words, (*heads, *KIND_NAMES.get(kind.code, ())))),
        never_at_end=("证号", "等级", "类别", "日期", "时间", "标准", "实发", "状态", "有效期", "金额", "编号"),
        looks=MARK,
        kind=kind.code,
    )


def _details(kind: CategoryKind) -> list[Target]:
    """Columns that say more of one category: its level, its certificate's number, the day it was decided on."""
    names = (kind.name, *MORE_KIND_WORDS.get(kind.code, ()))

    def of(detail: str, words: str, *ends: str, **more: Any) -> Target:
        heads = frozenset(plain_words(name + end) for name in names for end in ends)
        bare = frozenset(map(plain_words, ends)) - AMBIGUOUS
        heads |= frozenset(map(plain_words, LEVEL_HEADS.get(kind.code, ()))) if detail == "level" else frozenset()
        return Target(f"{detail}:{kind.code}", f"{kind.name}的{words}", heads, kind=kind.code, bare=bare, **more)

    told = [of("decided_on", "认定日期", *DECIDED_ENDS, looks=DATE)]
    if kind.has_certificate:
        is_of_household = kind.code in OF_HOUSEHOLD
        told.append(of("certificate_number", "证号", *CARD_ENDS, looks=CERTIFICATE, is_of_household=is_of_household))
    if kind.levels:
        ends = ("等级", "级别") if kind.level_name.endswith("等级") else (kind.level_name[-2:],)
        told.append(of("level", kind.level_name, *ends, looks=_leveled(kind.code)))
    return told


def _leveled(kind: str) -> Looks:
    return _share(lambda text: level_written(kind, text) is not None)


DECIDED_ENDS = ("认定日期", "认定时间", "批准日期", "审批日期")
CARD_ENDS = ("证号", "证编号", "证号码", "证书编号")
AMBIGUOUS = frozenset({"类别", "方式", "证号码"})
"""Ends that alone say nothing of a category, whatever the sheet is about."""
LEVEL_HEADS = {
    "care_dependent": ("失能等级", "失能程度", "失能级别"),
    "extreme_hardship": ("供养方式", "供养类型", "供养形式", "特困供养方式"),
    "entitled_veteran": ("优抚类别", "优抚对象类别", "优抚类型", "优抚对象类型"),
    "orphan": ("养育方式", "孤儿养育方式"),
}
"""Whole headings over levels, beside a category's name with 等级 and the like behind it."""


@cache
def roster_targets() -> tuple[Target, ...]:
    """Everything a roster's column may hold, in the order a list to choose from shows it."""
    return (
        _of(
            "resident.name",
            looks=NAME,
            parts=("姓名",),
            never=OTHERS,
            else_asked=("姓名", "主", "人", "名"),
            else_never=("联系", "监护", "紧急", "家长"),
        ),
        _of("resident.sex", looks=SEX, parts=("性别",), never=OTHERS),
        _of("resident.birth_on", looks=DATE, parts=("出生",), never=(*OTHERS, "地", "证")),
        _of(
            "resident.id_number",
            looks=ID_NUMBER,
            parts=("身份证", "身份号码", "证件号"),
            never=(*OTHERS, "类型", "种类", "有效期", "残疾", "低保", "发证"),
            is_plain_by_looks=True,
        ),
        _of("resident.phone", looks=PHONE, parts=("电话", "手机", "联系方式"), never=OTHERS, is_plain_by_looks=True),
        _of(
            "residence.dwelling",
            looks=DOOR,
            parts=(
                "住址",
                "居住地",
                "现住",
                "现居住",
                "门牌",
                "暂住地址",
                "房屋坐落",
                "住所",
                "送餐地址",
                "安装地址",
                "悬挂地址",
                "出租房屋地址",
            ),
            never=("户籍", "户口", "单位", "类型", "时间", "日期", "有效期", "证"),
            is_plain_by_looks=True,
        ),
        _own(
            "registered.dwelling",
            "户籍地址",
            parts=("户籍", "户口所在", "户口地"),
            never=("性质", "类型", "类别", "状态", "编号", "是否", "派出所", "时间", "日期", "原"),
            looks=ADDRESS,
        ),
        _own("door.building", "楼幢号", looks=_like(r"[0-9]{1,4}(\.0)?\s*(幢|栋|号楼|号)?")),
        _own("door.entrance", "单元号", looks=_like(r"[0-9]{1,2}(\.0)?\s*(单元)?")),
        _own("door.room", "室号", looks=_like(r"[0-9]{2,4}(\.0)?[A-Za-z]?\s*室?")),
        _of("household.number", never=("民政",)),
        _of(
            "residence.relation_to_head",
            looks=RELATION,
            parts=("与户主关系", "户主关系"),
            never=("子女", "监护", "联系人", "代理", "紧急", "结对"),
        ),
        _of("residence.population_class", looks=CLASS),
        _own(
            "residence.from_on", "入住日期", parts=("入住", "迁入", "来杭", "居住本社区"), never=("迁出",), looks=DATE
        ),
        _of("resident.died_on", looks=DATE),
        _of("category.kind", is_many=True, never=("户", "房", "证件", "残疾"), looks=KINDS),
        *map(_mark, CATEGORY_KINDS.values()),
        *(target for kind in CATEGORY_KINDS.values() for target in _details(kind)),
        _of("resident.former_name", looks=NAME, never=OTHERS),
        _of("resident.ethnicity", looks=_coded("ethnicity"), parts=("民族",), never=(*OTHERS, "乡", "干部")),
        _of("resident.education", looks=_coded("education"), parts=("文化程度", "学历"), never=(*OTHERS, "证", "时间")),
        _of("resident.marital_status", looks=_coded("marital_status"), parts=("婚姻状况",), never=(*OTHERS, "日期")),
        _of("resident.political_status", looks=_coded("political_status"), parts=("政治面貌",), never=OTHERS),
        _of("resident.employment", looks=_coded("employment"), never=(*OTHERS, "意向", "时间", "证")),
        _of("resident.employer", parts=("工作单位",), never=(*NOT_MINE, "原", "职务", "电话", "地址", "性质", "组织")),
        _own("-number", "序号", looks=_like(r"[0-9]{1,7}(\.0)?|[A-Za-z]{0,4}[0-9]{1,6}"), is_passed=True),
        _own("-age", "年龄", looks=AGE, is_passed=True),
        _own("-area", "社区、街道、网格", is_passed=True, is_many=True),
        _own("-signed", "签名", is_passed=True, is_many=True),
    )


KIND_NAMES: dict[str, tuple[str, ...]] = {
    "living_alone": ("独居老人", "是否独居老人", "独居情况"),
    "empty_nest": ("空巢老人", "是否空巢老人"),
    "subsistence_allowance": ("低保对象", "低保情况", "是否低保户", "最低生活保障"),
    "extreme_hardship": ("特困人员", "特困供养", "五保"),
    "near_subsistence": ("低边", "是否低边", "低保边缘户", "低边户", "低收入"),
    "disabled": ("残疾人", "是否残疾人", "是否残疾", "残疾情况"),
    "bereaved_of_only_child": ("失独家庭", "失独老人", "计生特殊家庭"),
    "entitled_veteran": ("优抚对象", "是否优抚对象"),
    "veteran": ("退役军人", "退伍军人", "是否退役军人", "是否退伍军人"),
    "child_in_difficulty": ("困境儿童情况", "纳入困境保障"),
    "unemployed": ("失业", "是否失业", "是否登记失业", "登记失业", "失业人员"),
    "party_member": ("中共党员", "是否中共党员", "是否党员"),
    "volunteer": ("志愿者身份", "是否注册志愿者"),
}
MORE_KIND_WORDS = {"disabled": ("残疾人",)}
