"""The only rows of the front pages: what was put aside on a community's first day."""

from __future__ import annotations

from django.db import models

from linli.core.tenancy import TenantModel


class FirstDayStep(models.TextChoices):
    """The first day, in the order it is done. Whether a step is done is read from the records, never noted."""

    AREAS = "areas", "划片区和网格"
    BUILDINGS = "buildings", "登记楼栋房屋"
    PEOPLE = "people", "登记居民"
    STAFF = "staff", "安排岗位"
    MATTER = "matter", "记下第一件事"


CARD = "card"
"""In place of a step: the card on today's page."""


class FirstDayChoice(TenantModel):
    """首日选择: a step of the first day (or its card on today's page) that somebody put aside, or took up again."""

    step = models.CharField("步骤", max_length=12, choices=[*FirstDayStep.choices, (CARD, "首日卡片")])
    is_aside = models.BooleanField("先放着", default=True)
    chosen_by = models.UUIDField("谁", null=True)
    chosen_at = models.DateTimeField("时间")

    class Meta(TenantModel.Meta):
        verbose_name = "首日选择"
        constraints = (models.UniqueConstraint(fields=["community", "step"], name="first_day_choice_step"),)

    def __str__(self) -> str:
        return self.step
