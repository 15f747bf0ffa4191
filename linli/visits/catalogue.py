"""What visits know; see linli/core/catalogue.py for what an element says.

How somebody eats, sleeps and walks is sensitive (PIPL article 28): it is asked to keep people safe who live alone or need care, on the
duty of the residents' committee and the visits the Ministry of Civil Affairs asks for, and kept encrypted.
"""

from functools import partial
from typing import Any

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

DUTY = "老年人权益保障法；民政部等《关于开展特殊困难老年人探访关爱服务的指导意见》（2022）；个人信息保护法第二十八条"
point = partial(Element, time_basis=TimeBasis.POINT)
personal = partial(point, sensitivity=Sensitivity.PERSONAL, legal_basis=DUTY)
sensitive = partial(point, sensitivity=Sensitivity.SENSITIVE, legal_basis=DUTY)


def _visit(make: partial[Element], name: str, words: str, *aliases: str, **more: Any) -> Element:
    return make(f"visit.{name}", words, aliases, model_field=f"visits.Visit.{name}", **more)


def _plan(name: str, words: str, *aliases: str, **more: Any) -> Element:
    return personal(f"visit_plan.{name}", words, aliases, model_field=f"visits.VisitPlan.{name}", **more)


_ERRAND = tuple(
    personal(f"visit_errand.{name}", words, (), type=type, model_field=f"visits.VisitErrand.{name}")
    for name, words, type in (
        ("plan", "代走哪次", Type.REFERENCE),
        ("volunteer", "代走的志愿者", Type.REFERENCE),
        ("until", "代走到哪天", Type.DATE),
        ("given_by", "谁交代走的", Type.REFERENCE),
        ("given_at", "交代走时间", Type.MOMENT),
        ("ended_at", "代走结束时间", Type.MOMENT),
    )
)

ELEMENTS = (
    _visit(point, "session", "所属入户", type=Type.REFERENCE),
    _visit(personal, "resident", "走访对象", "探访对象", "被访人", type=Type.REFERENCE),
    _visit(personal, "at", "走访时间", "探访时间", "走访日期", type=Type.MOMENT),
    _visit(personal, "found", "走访结果", "是否见到", type=Type.CODE, code_list="visits.Found"),
    _visit(personal, "counts", "是否算一次走访", "有效走访", type=Type.TRUTH),
    _visit(sensitive, "answers", "走访回答", "身体状况", "生活状况"),
    _visit(sensitive, "words", "走访补充", "走访情况", "走访内容"),
    _visit(sensitive, "is_worrying", "是否要留意", type=Type.TRUTH),
    _visit(personal, "is_confirmed", "走访时核实了档案", type=Type.TRUTH),
    _visit(personal, "matter", "走访转成的事项", "需求转介", type=Type.REFERENCE),
    point(
        "visit.channel",
        "走访方式",
        ("探访方式",),
        type=Type.CODE,
        code_list="visits.Channel",
        model_field="visits.VisitSession.channel",
    ),
    _plan("resident", "计划走访对象", type=Type.REFERENCE),
    _plan("policy", "按哪条规则", type=Type.REFERENCE),
    _plan("extra", "属于哪次加访", type=Type.REFERENCE),
    _plan("cause", "为什么走访", type=Type.CODE, code_list="visits.Cause"),
    _plan("from_on", "走访期开始", type=Type.DATE),
    _plan("due_on", "最晚走访日期", "应走访日期", type=Type.DATE),
    _plan("state", "走访计划状态", type=Type.CODE, code_list="visits.PlanState"),
    _plan("assignee", "走访人", "探访人", type=Type.REFERENCE),
    _plan("reason", "走访说明"),
    _plan("visit", "哪次走的", type=Type.REFERENCE),
    _plan("made_at", "列入计划时间", type=Type.MOMENT),
    _plan("closed_at", "计划了结时间", type=Type.MOMENT),
    *_ERRAND,
    Element(
        "visit.month_rate",
        "月度走访率",
        ("月探访率", "探访率"),
        type=Type.NUMBER,
        unit="%",
        time_basis=TimeBasis.PERIOD,
    ),
)
