"""转办: a matter, or a part of it, in the hands of an organisation of the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class HandoverState(models.TextChoices):
    OFFERED = "offered", "待接收"
    TAKEN = "taken", "处理中"
    ANSWERED = "answered", "待核查"
    AGAIN = "again", "重办"
    ACCEPTED = "accepted", "核查通过"
    RETURNED = "returned", "已退单"
    WITHDRAWN = "withdrawn", "已收回"


HANDED = (HandoverState.OFFERED, HandoverState.TAKEN, HandoverState.ANSWERED, HandoverState.AGAIN)
"""Those that are not over: while a matter has one, it is handed on and cannot be answered."""


class Handover(TenantModel):
    """转办: what an organisation is asked to do about a matter, by when, what it answered and what the check said.

    The organisation sees this row and the photos kept with it, never the matter itself.
    """

    State = HandoverState
    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        HandoverState.OFFERED: frozenset(
            {HandoverState.TAKEN, HandoverState.ANSWERED, HandoverState.RETURNED, HandoverState.WITHDRAWN}
        ),
        HandoverState.TAKEN: frozenset({HandoverState.ANSWERED, HandoverState.RETURNED, HandoverState.WITHDRAWN}),
        HandoverState.ANSWERED: frozenset({HandoverState.ACCEPTED, HandoverState.AGAIN}),
        HandoverState.AGAIN: frozenset({HandoverState.ANSWERED, HandoverState.RETURNED, HandoverState.WITHDRAWN}),
        HandoverState.ACCEPTED: frozenset(),
        HandoverState.RETURNED: frozenset(),
        HandoverState.WITHDRAWN: frozenset(),
    }
    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "asked": Held.MASKED,
        "answer": Held.MASKED,
        "reason": Held.MASKED,
        **dict.fromkeys(
            (
                "matter", "organisation", "state", "shares_contact", "due_at", "offered_by", "offered_at",
                "taken_at", "answered_at", "ended_at", "again_count",
            ),
            Held.PLAIN,
        ),
    }  # fmt: skip

    matter = TenantForeignKey("matters.Matter", models.PROTECT, related_name="handovers", verbose_name="事项")
    organisation = TenantForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="handovers", verbose_name="接办单位"
    )
    state = models.CharField("状态", max_length=12, choices=HandoverState.choices, default=HandoverState.OFFERED)
    asked = models.TextField("请对方做什么", max_length=1000)
    shares_contact = models.BooleanField("告诉对方联系人", default=False)
    due_at = models.DateTimeField("反馈期限")
    offered_by = models.UUIDField("转办账号", null=True)
    offered_at = models.DateTimeField("转办时间")
    taken_at = models.DateTimeField("接收时间", null=True)
    answered_at = models.DateTimeField("反馈时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    answer = models.TextField("反馈", max_length=1000, blank=True)
    reason = models.CharField("退单、重办或收回的原因", max_length=1000, blank=True)
    again_count = models.PositiveSmallIntegerField("重办次数", default=0)

    class Meta(TenantModel.Meta):
        verbose_name = "转办"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "matter", "organisation"],
                condition=Q(state__in=["offered", "taken", "answered", "again"]),
                name="handover_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "accepted"]) | ~Q(answer=""), name="handover_answered_has_words"
            ),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="handover_returned_has_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "returned", "withdrawn"], ended_at__isnull=False)
                | Q(state__in=["offered", "taken", "answered", "again"], ended_at__isnull=True),
                name="handover_ended_has_time",
            ),
        )
        indexes = (
            models.Index(fields=["community", "organisation", "state", "due_at"], name="handover_inbox"),
            models.Index(fields=["community", "state", "due_at"], name="handover_open"),
        )

    def __str__(self) -> str:
        return f"handover {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in HANDED

    @property
    def is_with_them(self) -> bool:
        """Whether the organisation is to do something now."""
        return self.is_open and self.state != HandoverState.ANSWERED

    def is_late_at(self, moment: datetime) -> bool:
        """Not answered by its day, although still with them, or answered after it."""
        return self.is_open and (self.answered_at or moment) >= self.due_at
