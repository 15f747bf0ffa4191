"""Every message's words, in one place. Plain sentences, no names or numbers of persons: others read a phone on a table.

A test holds each, with its longest facts and a long signature, to one text message (70 characters).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """`text` with {facts}; `longest` is the longest each fact may get; `title` is how the desk lists it."""

    title: str
    text: str
    longest: Mapping[str, str]


_NUMBER = "20261231-0001"

_KIND = "楼道堆物、占用消防通道"
_DAY = "12月31日"
_HOUR = "12月31日 16:30"

WORDINGS: dict[str, Wording] = {
    "sign_in_code": Wording(
        "登录验证码",
        "验证码 {code}，{minutes} 分钟内用来登录邻里。工作人员不会向您要它。",
        {"code": "000000", "minutes": "10"},
    ),
    "link_confirmed": Wording("关联已确认", "您的居民身份已确认，上报时不用再填住址了。", {}),
    "link_refused": Wording("关联没有确认", "居民身份还没能确认。请登录看原因，或带身份证到服务大厅办。", {}),
    "correction_confirmed": Wording("更正已核准", "您申请更正的一项已经改好，登录“我的”可以看到。", {}),
    "correction_refused": Wording("更正没有核准", "您申请更正的一项这次没有改，请登录看原因，或到服务大厅问。", {}),
    "matter_reported": Wording(
        "事项已收到",
        "您上报的“{kind}”已收到，编号 {number}，{due}前答复。",
        {"kind": _KIND, "number": _NUMBER, "due": _DAY},
    ),
    "matter_accepted": Wording("事项已受理", "事项 {number} 已有人受理，正在处理。登录可看进度。", {"number": _NUMBER}),
    "matter_fed_back": Wording(
        "事项已答复", "事项 {number} 已答复，请登录看看结果并评价；没解决可以退回重办。", {"number": _NUMBER}
    ),
    "matter_refused": Wording(
        "事项不归社区办", "事项 {number} 不归社区办，该找谁、为什么，登录可以看到。", {"number": _NUMBER}
    ),
    "matter_merged": Wording(
        "事项已并案", "事项 {number} 和别人报的同一件事一起办，办好了用这个编号告诉您。", {"number": _NUMBER}
    ),
    "matter_closed": Wording("事项已办结", "事项 {number} 已办结，谢谢您。再出现可以重新上报。", {"number": _NUMBER}),
    "handover_offered": Wording(
        "转给单位的事",
        "社区转来一件事（{number}），请点开社区发您的链接查看，{due}前反馈。",
        {"number": _NUMBER, "due": _DAY},
    ),
    "handover_again": Wording(
        "请单位重办", "{number} 还没办好，请点开社区发您的链接看原因，{due}前再反馈。", {"number": _NUMBER, "due": _DAY}
    ),
    "whistle_blown": Wording(
        "吹哨请到场",
        "社区吹哨（{number}），请在{by}前到场，点开社区发您的链接看地点。",
        {"number": _NUMBER, "by": "12月31日 12:00"},
    ),
    "rights_answered": Wording("个人信息请求已答复", "您关于自己信息的请求已答复，请登录“我的”看答复。", {}),
    "reading_unusual": Wording(
        "查看居民异常多", "有账号在一小时里查看了特别多的居民，请登录工作台，在“查看记录”里核对。", {}
    ),
    "emergency_opened": Wording(
        "打开了紧急查看",
        "有同事打开了紧急查看，一小时内能看全社区的居民。请登录工作台，在“紧急查看”里看原因、复核。",
        {},
    ),
    "import_done": Wording(
        "花名册已写完",
        "您导入的花名册已写完，{count} 行写进了档案。请登录工作台，在“导入花名册”里看结果。",
        {"count": "1000000"},
    ),
    "matter_paused": Wording(
        "事项暂停计时",
        "事项 {number} 要等一等，先暂停计时，新期限 {due}。原因登录可以看到。",
        {"number": _NUMBER, "due": _DAY},
    ),
    "matter_resumed": Wording(
        "事项接着办", "事项 {number} 已接着办，{due}前答复您。", {"number": _NUMBER, "due": _DAY}
    ),
    "matter_extended": Wording(
        "事项延期", "事项 {number} 要多花些时间，改到{due}前答复。原因登录可以看到。", {"number": _NUMBER, "due": _DAY}
    ),
    "matter_due_soon": Wording(
        "事项快到期", "事项 {number} 要在 {due}前答复，请抓紧，办不完可申请延期。", {"number": _NUMBER, "due": _HOUR}
    ),
    "matter_untaken": Wording(
        "事项没人接", "事项 {number} 过了受理时限还没有人接，请登录工作台看看。", {"number": _NUMBER}
    ),
    "matter_slow": Wording("事项处置超时", "事项 {number} 过了处置时限，请尽快处理，记一笔处置。", {"number": _NUMBER}),
    "matter_assigned": Wording(
        "事项派给您",
        "事项 {number}（{kind}）派给您办，请登录工作台接单。",
        {"kind": _KIND, "number": _NUMBER},
    ),
    "matter_overdue": Wording("事项超时", "事项 {number} 已过办理时限，请尽快处理或说明原因。", {"number": _NUMBER}),
    "matter_raised": Wording(
        "超时事项上报", "事项 {number} 超过期限 {due}还没有答复，请登录看看并督促。", {"number": _NUMBER, "due": _HOUR}
    ),
}


def words(template: str, facts: Mapping[str, object]) -> str:
    """The text of `template` with its facts. Raises KeyError for an unknown template or a missing fact: a bug."""
    return WORDINGS[template].text.format_map({key: str(value) for key, value in facts.items()})


def title_of(template: str) -> str:
    known = WORDINGS.get(template)
    return known.title if known else template
