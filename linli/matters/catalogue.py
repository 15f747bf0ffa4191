"""What matters know; see linli/core/catalogue.py for what an element says.

A report is kept because somebody asked the residents' committee for something (PIPL article 13 (2), (3)); whom to call back is
kept for as long as the matter is.
"""

from functools import partial
from typing import Any

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

ASKED = "个人信息保护法第十三条第二项、第三项；城市居民委员会组织法第三条"
matter = partial(Element, time_basis=TimeBasis.POINT)
personal = partial(matter, sensitivity=Sensitivity.PERSONAL, legal_basis=ASKED)


def _field(make: partial[Element], name: str, words: str, *aliases: str, **more: Any) -> Element:
    return make(f"matter.{name}", words, aliases, model_field=f"matters.Matter.{name}", **more)


ELEMENTS = (
    _field(matter, "number", "事项编号", "编号", "工单编号"),
    _field(matter, "kind", "事项类别", "类别", "事件类型", type=Type.REFERENCE),
    _field(matter, "state", "办理状态", "状态", type=Type.CODE, code_list="matters.State"),
    _field(matter, "queue", "由谁办", type=Type.CODE, code_list="matters.Queue"),
    _field(matter, "source", "事项来源", "来源", type=Type.CODE, code_list="matters.Source"),
    _field(personal, "words", "事项情况", "事件简述", "问题描述"),
    _field(personal, "answers", "问到的情况", "附加问题"),
    _field(matter, "grade", "事项层级", "事件等级", type=Type.CODE, code_list="matters.Grade"),
    _field(matter, "routed_by", "分派规则", type=Type.REFERENCE),
    _field(matter, "routed_because", "分派原因"),
    _field(matter, "sub_area", "所属片区", type=Type.REFERENCE),
    _field(matter, "building", "发生楼栋", type=Type.REFERENCE),
    _field(matter, "entrance", "发生单元", type=Type.REFERENCE),
    _field(matter, "dwelling", "发生房屋", type=Type.REFERENCE),
    _field(personal, "place_note", "位置补充", "发生地点"),
    _field(matter, "reporter", "上报账号", type=Type.REFERENCE),
    _field(matter, "for_resident", "为谁上报", "诉求人", type=Type.REFERENCE),
    _field(matter, "consent", "代办同意方式", type=Type.CODE, code_list="matters.Consent"),
    _field(personal, "contact_name", "联系人", "联系人姓名"),
    _field(personal, "contact_phone", "联系电话"),
    _field(matter, "handler", "经办人", "处理人", type=Type.REFERENCE),
    _field(matter, "reported_at", "上报时间", "发生时间", "受理时间（来件）", type=Type.MOMENT),
    _field(matter, "accepted_at", "受理时间", type=Type.MOMENT),
    _field(matter, "fed_back_at", "答复时间", "反馈时间", type=Type.MOMENT),
    _field(matter, "closed_at", "办结时间", "结案时间", type=Type.MOMENT),
    _field(matter, "due_at", "承诺办结时间", "处理期限", type=Type.MOMENT),
    _field(matter, "ending", "办理结果", "结果", type=Type.CODE, code_list="matters.Ending"),
    _field(matter, "rating", "满意度", "评价", type=Type.NUMBER, unit="1–5"),
    _field(personal, "find_keys", "事项检索"),
    _field(personal, "rating_words", "评价内容"),
    _field(matter, "reopened_count", "重开次数", type=Type.NUMBER, unit="次"),
    _field(matter, "merged_into", "并到哪件", type=Type.REFERENCE),
    _field(matter, "look_at", "期限再看时间", type=Type.MOMENT),
    _field(matter, "paused_until", "暂停计时到", type=Type.MOMENT),
    _field(matter, "extended_count", "延期次数", type=Type.NUMBER, unit="次"),
    _field(matter, "raised_to", "超时报到哪一级"),
    _field(matter, "made_by", "提交账号", type=Type.REFERENCE),
    _field(matter, "made_hash", "提交内容摘要"),
    matter("matter.outcome", "事项结局", type=Type.CODE, code_list="matters.Outcome"),
    matter("matter.is_late", "是否超时", type=Type.TRUTH),
    *(
        make(f"handover.{name}", words, aliases, model_field=f"matters.Handover.{name}", **more)
        for make, name, words, aliases, more in (
            (matter, "matter", "转办所属事项", (), {"type": Type.REFERENCE}),
            (matter, "organisation", "接办单位", ("承办单位", "协办单位"), {"type": Type.REFERENCE}),
            (matter, "state", "转办状态", (), {"type": Type.CODE, "code_list": "matters.HandoverState"}),
            (personal, "asked", "转办要求", (), {}),
            (matter, "shares_contact", "是否告诉联系人", (), {"type": Type.TRUTH}),
            (matter, "due_at", "反馈期限", (), {"type": Type.MOMENT}),
            (matter, "offered_by", "转办人", (), {"type": Type.REFERENCE}),
            (matter, "offered_at", "转办时间", ("派单时间",), {"type": Type.MOMENT}),
            (matter, "taken_at", "接收时间", ("接单时间",), {"type": Type.MOMENT}),
            (matter, "answered_at", "单位反馈时间", (), {"type": Type.MOMENT}),
            (matter, "ended_at", "转办结束时间", (), {"type": Type.MOMENT}),
            (personal, "answer", "单位反馈", (), {}),
            (personal, "reason", "退单或重办原因", ("退单原因",), {}),
            (matter, "again_count", "重办次数", (), {"type": Type.NUMBER, "unit": "次"}),
        )
    ),
    *(
        make(f"supervision.{name}", words, model_field=f"matters.Supervision.{name}", **more)
        for make, name, words, more in (
            (matter, "matter", "督办所属事项", {"type": Type.REFERENCE}),
            (matter, "state", "督办状态", {"type": Type.CODE, "code_list": "matters.SupervisionState"}),
            (personal, "why", "督办要求", {}),
            (matter, "due_at", "督办回复期限", {"type": Type.MOMENT}),
            (matter, "opened_by", "督办人", {"type": Type.REFERENCE}),
            (matter, "opened_at", "督办时间", {"type": Type.MOMENT}),
            (personal, "answer", "督办回复", {}),
            (matter, "answered_by", "督办回复人", {"type": Type.REFERENCE}),
            (matter, "answered_at", "督办回复时间", {"type": Type.MOMENT}),
            (matter, "ended_at", "督办结束时间", {"type": Type.MOMENT}),
        )
    ),
    *(
        make(f"whistle.{name}", words, model_field=f"matters.{field}", **more)
        for make, name, field, words, more in (
            (matter, "matter", "WhistleCall.matter", "吹哨所属事项", {"type": Type.REFERENCE}),
            (personal, "words", "WhistleCall.words", "吹哨要求", {}),
            (matter, "respond_by", "WhistleCall.respond_by", "吹哨到场时限", {"type": Type.MOMENT}),
            (matter, "made_by", "WhistleCall.made_by", "吹哨人", {"type": Type.REFERENCE}),
            (matter, "made_at", "WhistleCall.made_at", "吹哨时间", {"type": Type.MOMENT}),
            (matter, "ended_at", "WhistleCall.ended_at", "吹哨结束时间", {"type": Type.MOMENT}),
            (matter, "call", "CalledUnit.call", "报到所属吹哨", {"type": Type.REFERENCE}),
            (matter, "organisation", "CalledUnit.organisation", "报到单位", {"type": Type.REFERENCE}),
            (matter, "is_lead", "CalledUnit.is_lead", "是否牵头", {"type": Type.TRUTH}),
            (matter, "arrived_at", "CalledUnit.arrived_at", "报到时间", {"type": Type.MOMENT}),
            (matter, "arrived_said_by", "CalledUnit.arrived_said_by", "报到记录人", {"type": Type.REFERENCE}),
            (personal, "result", "CalledUnit.result", "报到办理结果", {}),
            (matter, "rating", "CalledUnit.rating", "报到评分", {"type": Type.NUMBER, "unit": "1–5"}),
            (matter, "rated_by", "CalledUnit.rated_by", "报到评分人", {"type": Type.REFERENCE}),
        )
    ),
    personal("look_up_try.number_index", "查询编号摘要", model_field="matters.LookUpTry.number_index"),
    personal("look_up_try.address_index", "查询网络地址摘要", model_field="matters.LookUpTry.address_index"),
    personal("look_up_try.made_at", "没有查到的时间", type=Type.MOMENT, model_field="matters.LookUpTry.made_at"),
    matter("note.matter", "记录所属事项", type=Type.REFERENCE, model_field="matters.Note.matter"),
    matter("note.verb", "记录步骤", model_field="matters.Note.verb"),
    personal("note.words", "处置记录", ("处置情况", "办理情况"), model_field="matters.Note.words"),
    matter("note.made_by", "记录人", type=Type.REFERENCE, model_field="matters.Note.made_by"),
    matter("note.made_at", "记录时间", type=Type.MOMENT, model_field="matters.Note.made_at"),
)
