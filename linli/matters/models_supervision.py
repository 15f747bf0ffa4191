"""督办: whoever answers for the community asks after a matter and wants a word by a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class SupervisionState(models.TextChoices):
    OPEN = "open", "督办中"
    ANSWERED = "answered", "已回复"
    ENDED = "ended", "已结束"


class Supervision(TenantModel):
    """督办: why, an answer wanted by when, what the handler answered, and when it ended. One at a time on a matter."""

    State = SupervisionState
    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        SupervisionState.OPEN: frozenset({SupervisionState.ANSWERED, SupervisionState.ENDED}),
        SupervisionState.ANSWERED: frozenset({SupervisionState.ENDED, SupervisionState.OPEN}),
        SupervisionState.ENDED: frozenset(),
    }
    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "why": Held.MASKED,
        "answer": Held.MASKED,
        **dict.fromkeys(
            ("matter", "state", "due_at", "opened_by", "opened_at", "answered_by", "answered_at", "ended_at"),
            Held.PLAIN,
        ),
    }

    matter = TenantForeignKey("matters.Matter", models.PROTECT, related_name="supervisions", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=SupervisionState.choices, default=SupervisionState.OPEN)
    why = models.TextField("为什么督办", max_length=1000)
    due_at = models.DateTimeField("回复期限")
    opened_by = models.UUIDField("督办账号", null=True)
    opened_at = models.DateTimeField("督办时间")
    answer = models.TextField("回复", max_length=1000, blank=True)
    answered_by = models.UUIDField("回复账号", null=True)
    answered_at = models.DateTimeField("回复时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "督办"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "matter"],
                condition=Q(state__in=["open", "answered"]),
                name="supervision_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | ~Q(answer=""), name="supervision_answered_has_words"
            ),
        )
        indexes = (models.Index(fields=["community", "state", "due_at"], name="supervision_open"),)

    def __str__(self) -> str:
        return f"supervision {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != SupervisionState.ENDED

    def is_late_at(self, moment: datetime) -> bool:
        """No answer by its day, or a later one."""
        return (self.answered_at or self.ended_at or moment) >= self.due_at
