"""Addresses that want to be told, and each telling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from linli.core.fields import EncryptedTextField
from linli.core.tenancy import TenantForeignKey, TenantModel


class Hook(TenantModel):
    """推送地址: where to tell of which verbs. The secret signs; it is shown once."""

    about_people: ClassVar[bool] = False

    name = models.CharField("给谁用", max_length=60)
    url = models.URLField("地址", max_length=300)
    verbs = models.JSONField("哪些事", default=list)
    secret = EncryptedTextField("密钥")
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("设立时间")
    stopped_at = models.DateTimeField("停用时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "推送地址"
        constraints = (models.UniqueConstraint(fields=["community", "url", "name"], name="hook_once"),)

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "等待推送"
    SENDING = "sending", "正在推送"
    TAKEN = "taken", "对方已收"
    FAILED = "failed", "没有推送成功"


class Delivery(TenantModel):
    """推送记录: one entry of the trail for one address. SENDING holds a lease until `next_at`; a crash ends with it."""

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        DeliveryState.WAITING: frozenset({DeliveryState.SENDING}),
        DeliveryState.SENDING: frozenset(
            {DeliveryState.TAKEN, DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.SENDING}
        ),
        DeliveryState.TAKEN: frozenset({DeliveryState.WAITING}),  # asked for again
        DeliveryState.FAILED: frozenset({DeliveryState.WAITING}),
    }

    hook = TenantForeignKey(Hook, models.PROTECT, related_name="deliveries", verbose_name="推送地址")
    entry = models.UUIDField("留痕")
    verb = models.CharField("什么事", max_length=64)
    body = models.TextField("内容")
    state = models.CharField("状态", max_length=12, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_at = models.DateTimeField("下次时间")
    made_at = models.DateTimeField("生成时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    answer = models.CharField("对方答复", max_length=80, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "推送记录"
        constraints = (models.UniqueConstraint(fields=["community", "hook", "entry"], name="delivery_once"),)
        indexes = (
            models.Index(
                fields=["community", "next_at"],
                name="delivery_due",
                condition=models.Q(state__in=(DeliveryState.WAITING, DeliveryState.SENDING)),
            ),
            models.Index(fields=["community", "hook", "-made_at"], name="delivery_of_hook"),
        )

    @property
    def chip(self) -> str:
        """How its state is coloured."""
        return {DeliveryState.TAKEN: "done", DeliveryState.FAILED: "late"}.get(DeliveryState(self.state), "wait")

    @property
    def may_again(self) -> bool:
        return self.state in (DeliveryState.TAKEN, DeliveryState.FAILED)
