"""吹哨报到: the secretary calls several units at once to one matter; who came in time, what came of it, and how it was."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class WhistleCall(TenantModel):
    """吹哨: where several units are wanted, by when, and why; one of them leads."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "words": Held.MASKED,
        **dict.fromkeys(("matter", "respond_by", "made_by", "made_at", "ended_at"), Held.PLAIN),
    }

    matter = TenantForeignKey("matters.Matter", models.PROTECT, related_name="calls", verbose_name="事项")
    words = models.TextField("为什么吹哨", max_length=1000)
    respond_by = models.DateTimeField("几点前到")
    made_by = models.UUIDField("谁吹的", null=True)
    made_at = models.DateTimeField("吹哨时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "吹哨"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "matter"], condition=Q(ended_at__isnull=True), name="whistle_call_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"whistle call {self.pk}"


class CalledUnit(TenantModel):
    """报到: one of the units that were called: whether it leads, when it came, what it did, and the rating by who called."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "result": Held.MASKED,
        **dict.fromkeys(
            ("call", "organisation", "is_lead", "arrived_at", "arrived_said_by", "rating", "rated_by"), Held.PLAIN
        ),
    }

    call = TenantForeignKey(WhistleCall, models.PROTECT, related_name="units", verbose_name="吹哨")
    organisation = TenantForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="calls", verbose_name="单位"
    )
    is_lead = models.BooleanField("牵头", default=False)
    arrived_at = models.DateTimeField("报到时间", null=True)
    arrived_said_by = models.UUIDField("谁记的报到", null=True)
    result = models.TextField("办了什么", max_length=1000, blank=True)
    rating = models.PositiveSmallIntegerField("评分", null=True)
    rated_by = models.UUIDField("谁评的", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "报到"
        constraints = (
            models.UniqueConstraint(fields=["community", "call", "organisation"], name="called_unit_once"),
            models.UniqueConstraint(
                fields=["community", "call"], condition=Q(is_lead=True), name="called_unit_one_leads"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="called_unit_rating"
            ),
        )
        indexes = (models.Index(fields=["community", "organisation"], name="called_unit_of"),)

    def __str__(self) -> str:
        return f"called unit {self.pk}"

    def came_in_time(self, respond_by: datetime) -> bool:
        return self.arrived_at is not None and self.arrived_at <= respond_by
