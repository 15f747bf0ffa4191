"""Messages to people: one row is one message by one channel, and every row ends in a known state."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class Channel(models.TextChoices):
    """The ladder, top first: when one fails for good, the next is tried."""

    WECHAT = "wechat", "微信"
    SMS = "sms", "短信"
    PHONE_TASK = "phone_task", "电话告知"


class MessageState(models.TextChoices):
    QUEUED = "queued", "等待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已发出"
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "没有送到"  # this channel gave up; the next one has its own row
    UNDELIVERABLE = "undeliverable", "无法送达"  # no channel is left


S = MessageState


class Message(TenantModel):
    """通知. A `phone_task` is a call that a person makes: it waits as QUEUED until somebody says how it went.

    `attempts` counts every time a provider was called (or a number rung), so that duplicates after a crash are counted.
    SENDING holds a lease until `next_attempt_at`; a crash between the call and its mark ends with the lease.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "recipient_account": Held.PLAIN,
        "recipient": Held.PLAIN,
        "channel": Held.PLAIN,
        "template": Held.PLAIN,
        "body": Held.ENCRYPTED,
        "state": Held.PLAIN,
        "attempts": Held.PLAIN,
        "next_attempt_at": Held.PLAIN,
        "made_at": Held.PLAIN,
        "ended_at": Held.PLAIN,
        "provider": Held.PLAIN,
        "provider_ref": Held.PLAIN,
        "error_code": Held.PLAIN,
        "about_kind": Held.PLAIN,
        "about_id": Held.PLAIN,
        "once_key": Held.PLAIN,
        "after": Held.PLAIN,
    }
    State = MessageState
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        S.QUEUED: frozenset({S.SENDING, S.DELIVERED, S.UNDELIVERABLE}),
        S.SENDING: frozenset({S.QUEUED, S.SENT, S.DELIVERED, S.FAILED, S.UNDELIVERABLE}),
        S.SENT: frozenset({S.DELIVERED, S.FAILED}),
        S.DELIVERED: frozenset(),
        S.FAILED: frozenset(),
        S.UNDELIVERABLE: frozenset(),
    }

    recipient_account = models.UUIDField("收件账号", null=True)
    recipient = TenantForeignKey(
        "residents.Resident", models.PROTECT, null=True, related_name="messages", verbose_name="收件居民"
    )
    channel = models.CharField("方式", max_length=12, choices=Channel.choices)
    template = models.CharField("模板", max_length=40)
    body = EncryptedTextField("内容")
    state = models.CharField("状态", max_length=16, choices=MessageState.choices, default=S.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_attempt_at = models.DateTimeField("下次时间")
    made_at = models.DateTimeField("生成时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    provider = models.CharField("服务商", max_length=40, blank=True)
    provider_ref = models.CharField("服务商编号", max_length=80, blank=True)
    error_code = models.CharField("原因", max_length=60, blank=True)
    about_kind = models.CharField("关于类型", max_length=48, blank=True)
    about_id = models.UUIDField("关于", null=True)
    once_key = models.CharField("去重键", max_length=160)
    after = TenantForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="接续")

    class Meta(TenantModel.Meta):
        verbose_name = "通知"
        constraints = (
            models.UniqueConstraint(fields=["community", "once_key"], name="message_once"),
            models.CheckConstraint(
                name="message_has_one_recipient",
                condition=Q(recipient_account__isnull=True, recipient__isnull=False)
                | Q(recipient_account__isnull=False, recipient__isnull=True),
            ),
        )
        indexes = (
            models.Index(
                fields=["community", "next_attempt_at"],
                name="message_due",
                condition=Q(state__in=(S.QUEUED, S.SENDING, S.SENT)),
            ),
            models.Index(fields=["community", "state", "id"], name="message_state"),
            models.Index(fields=["community", "about_id"], name="message_about"),
        )

    @property
    def is_over(self) -> bool:
        return not self.NEXT[self.state]
