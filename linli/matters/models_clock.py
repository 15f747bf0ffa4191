"""The clock of a matter: pauses and extensions that are asked for and decided by another, and what was said when a deadline came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from linli.core.tenancy import TenantForeignKey, TenantModel

from .models import Matter, Note


class AskState(models.TextChoices):
    ASKED = "asked", "等待审批"
    GRANTED = "granted", "已同意"
    DECLINED = "declined", "没有同意"
    WITHDRAWN = "withdrawn", "已撤回"
    ENDED = "ended", "已恢复计时"


A = AskState


class PauseReason(TenantModel):
    """暂停原因: why a clock may stand still; each community's own list."""

    code = models.CharField("代码", max_length=24)
    name = models.CharField("名称", max_length=20)
    for_reporter = models.CharField("告诉居民的话", max_length=60)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_offered = models.BooleanField("可选", default=True)

    class Meta(TenantModel.Meta):
        verbose_name = "暂停原因"
        ordering = ("order", "code")
        constraints = (models.UniqueConstraint(fields=["community", "code"], name="pause_reason_code"),)

    def __str__(self) -> str:
        return self.name


class Ask(TenantModel):
    """What the handler asks for a deadline; somebody else decides, and the database holds that it was somebody else."""

    note = TenantForeignKey(Note, models.PROTECT, null=True, related_name="+", verbose_name="为什么")
    asked_by = models.UUIDField("谁提出")
    asked_at = models.DateTimeField("提出时间")
    decided_by = models.UUIDField("谁审批", null=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    due_before = models.DateTimeField("原期限", null=True)

    class Meta(TenantModel.Meta):
        abstract = True


def _decided_by_another(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name=name)


class Pause(Ask):
    """挂起（暂停计时）: the clock stands still from when it was asked for, until a day or until the handler goes on."""

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        A.ASKED: frozenset({A.GRANTED, A.DECLINED, A.WITHDRAWN}),
        A.GRANTED: frozenset({A.ENDED}),
        A.DECLINED: frozenset(),
        A.WITHDRAWN: frozenset(),
        A.ENDED: frozenset(),
    }

    matter = TenantForeignKey(Matter, models.PROTECT, related_name="pauses", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=AskState.choices, default=A.ASKED)
    reason = TenantForeignKey(PauseReason, models.PROTECT, related_name="+", verbose_name="原因")
    until_at = models.DateTimeField("最晚恢复")
    ended_at = models.DateTimeField("恢复时间", null=True)

    class Meta(Ask.Meta):
        verbose_name = "暂停计时"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "matter"], condition=Q(state__in=["asked", "granted"]), name="pause_one_open"
            ),
            _decided_by_another("pause_decided_by_another"),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "ended"]) | Q(decided_at__isnull=False, due_before__isnull=False),
                name="pause_granted_whole",
            ),
        )


class Extension(Ask):
    """延期: a later day asked for before the old one is over; granted extensions are counted (延期率)."""

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        A.ASKED: frozenset({A.GRANTED, A.DECLINED, A.WITHDRAWN}),
        A.GRANTED: frozenset(),
        A.DECLINED: frozenset(),
        A.WITHDRAWN: frozenset(),
    }

    matter = TenantForeignKey(Matter, models.PROTECT, related_name="extensions", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=AskState.choices, default=A.ASKED)
    wanted_at = models.DateTimeField("延到")

    class Meta(Ask.Meta):
        verbose_name = "延期"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "matter"], condition=Q(state="asked"), name="extension_one_open"
            ),
            _decided_by_another("extension_decided_by_another"),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(decided_at__isnull=False, due_before__lt=F("wanted_at")),
                name="extension_granted_later",
            ),
        )


class Mark(models.TextChoices):
    """What the clock says on its way, mildest first; of several that have come at once only the last is told."""

    SOON = "soon", "期限快到了"
    LAST = "last", "这就到期"
    UNTAKEN = "untaken", "过了受理时限"
    SLOW = "slow", "过了处置时限"
    OVERDUE = "overdue", "超时，催办"
    SECRETARY = "secretary", "超时，报社区书记"
    STREET = "street", "超时，报街道"


class ClockMark(TenantModel):
    """到点记录: what the clock said of a matter, once for each deadline, in the transaction that tells it."""

    append_only = True

    matter = TenantForeignKey(Matter, models.PROTECT, related_name="marks", verbose_name="事项")
    mark = models.CharField("到了哪一步", max_length=12, choices=Mark.choices)
    due_at = models.DateTimeField("针对的期限")
    made_at = models.DateTimeField("记录时间")
    told = models.PositiveSmallIntegerField("告诉了几人", default=0)

    class Meta(TenantModel.Meta):
        verbose_name = "到点记录"
        constraints = (
            models.UniqueConstraint(fields=["community", "matter", "mark", "due_at"], name="clock_mark_once"),
        )
