"""What messages know of people; see linli/core/catalogue.py for what an element says."""

from __future__ import annotations

from linli.core.catalogue import Element, Sensitivity, TimeBasis, Type

BASIS = "《居民委员会组织法》：把办理情况告诉本人"


def _message(code: str, name: str, type: Type = Type.TEXT, **more: object) -> Element:
    return Element(
        f"message.{code}",
        name,
        type=type,
        sensitivity=Sensitivity.PERSONAL,
        legal_basis=BASIS,
        model_field=f"notices.Message.{code}",
        **more,  # type: ignore[arg-type]
    )


ELEMENTS = [
    _message("recipient_account", "收件账号", Type.REFERENCE),
    _message("recipient", "收件居民", Type.REFERENCE),
    _message("channel", "通知方式", Type.CODE, code_list="notices.Channel"),
    _message("template", "通知模板", Type.CODE, code_list="notices.wording"),
    _message("body", "通知内容"),
    _message("state", "通知状态", Type.CODE, code_list="notices.MessageState"),
    _message("attempts", "发送次数", Type.NUMBER, unit="次"),
    _message("next_attempt_at", "下次发送时间", Type.MOMENT),
    _message("made_at", "通知生成时间", Type.MOMENT, time_basis=TimeBasis.POINT),
    _message("ended_at", "通知结束时间", Type.MOMENT, time_basis=TimeBasis.POINT),
    _message("provider", "服务商"),
    _message("provider_ref", "服务商编号"),
    _message("error_code", "没有送到的原因"),
    _message("about_kind", "关于哪类记录"),
    _message("about_id", "关于哪条记录", Type.REFERENCE),
    _message("once_key", "去重键"),
    _message("after", "接续哪条通知", Type.REFERENCE),
]
