"""REST: messages and what became of them. What they say stays with their recipients."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from linli.core.access import Permission
from linli.core.api import CHANGES, Id, In, Out, Page, PageIn, answers, page, text, words
from linli.core.masking import mask_name
from linli.core.web import Request

from . import actions, queries
from .models import Channel, Message, MessageState
from .receipts import is_signed

router = Router(tags=["通知"])


class MessageOut(Out):
    """一条通知走一个渠道；前一个渠道没送到，下一个渠道另有一条"""

    id: UUID
    channel: Channel = Field(description="wechat 微信、sms 短信、phone_task 电话告知")
    state: MessageState = Field(
        description="queued 等待发送、sending 正在发送、sent 已发出、delivered 已送达、"
        "failed 这个渠道没送到、undeliverable 无法送达"
    )
    state_name: str
    template: str
    recipient: str = Field(description="收件居民的姓名，已遮盖；发给账号的为空")
    recipient_id: UUID | None
    attempts: int = Field(description="试过几次")
    made_at: datetime
    ended_at: datetime | None
    error_code: str = Field(description="没有送到的原因代码；没有时为空")
    about_kind: str = Field(description="关于哪类记录，例如 matters.matter")
    about_id: UUID | None
    after_id: UUID | None = Field(description="接在哪一条后面")


class MessageList(Page[MessageOut]):
    """通知，新的在前"""


class MessagesIn(PageIn):
    state: Annotated[MessageState | None, Field(description="只看这个状态")] = None
    about_id: Annotated[Id | None, Field(description="只看关于这条记录的")] = None


@router.get(
    "/messages",
    response=answers(MessageList, problems=(403,)),
    summary="通知",
    description="需要“查看通知发送情况”的权限。",
)
def list_messages(request: Request, asked: Query[MessagesIn]):
    request.actor.require(Permission.MESSAGES_SEE)
    wanted = {"state": asked.state, "about_id": asked.about_id}
    rows = queries.messages_visible_to(request.actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    return page(rows, asked, _told)


class SignedByProvider:
    """The callback's own signature stands for a sign-in."""

    openapi_security_schema: ClassVar = {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "服务商回执的签名（Standard Webhooks：id.timestamp.body，HMAC-SHA256）",
    }

    def __call__(self, request: HttpRequest) -> Any:
        return is_signed(request.headers, request.body) or None


class ReceiptIn(In):
    ref: words(80) = Field(description="服务商接收时给的编号")  # type: ignore[valid-type]
    has_arrived: bool = Field(description="送到了没有")
    code: text(60) = Field(default="", description="没有送到的原因代码")  # type: ignore[valid-type]


class ReceiptOut(Out):
    """这条通知现在的状态"""

    state: MessageState


@router.post(
    "/messages/receipts",
    response=answers(ReceiptOut, problems=CHANGES),
    auth=SignedByProvider(),
    summary="服务商回执",
    description="短信服务商告诉结果。同一个回执再发一次不会改变什么。",
)
def record_receipt(request: Request, data: ReceiptIn):
    message = actions.record_receipt(provider_ref=data.ref, has_arrived=data.has_arrived, code=data.code)
    return ReceiptOut(state=MessageState(message.state))


def _told(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id,
        channel=Channel(message.channel),
        state=MessageState(message.state),
        state_name=message.get_state_display(),
        template=message.template,
        recipient=mask_name(message.recipient.name) if message.recipient else "",
        recipient_id=message.recipient_id,
        attempts=message.attempts,
        made_at=message.made_at,
        ended_at=message.ended_at,
        error_code=message.error_code,
        about_kind=message.about_kind,
        about_id=message.about_id,
        after_id=message.after_id,
    )
