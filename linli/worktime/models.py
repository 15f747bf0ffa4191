"""A community's own working time: the spans of its weekdays, and single days it works or does not."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from linli.core.tenancy import TenantModel

MINUTES = Func(F("opens_minute"), F("closes_minute"), function="int4range")


class Shift(TenantModel):
    """班次: one span of a weekday (1 is Monday), in minutes since midnight; the closing minute is not worked."""

    weekday = models.PositiveSmallIntegerField("星期")
    opens_minute = models.PositiveSmallIntegerField("开始")
    closes_minute = models.PositiveSmallIntegerField("结束")

    class Meta(TenantModel.Meta):
        verbose_name = "班次"
        ordering = ("weekday", "opens_minute")
        constraints = (
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="shift_weekday"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=24 * 60), name="shift_opens_first"
            ),
            ExclusionConstraint(
                name="shift_no_overlap",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (MINUTES, RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_minute}-{self.closes_minute}"


class SpecialDay(TenantModel):
    """特定日: this community works that day, or does not, whatever the calendar says."""

    day = models.DateField("日期")
    is_working = models.BooleanField("上班")
    reason = models.CharField("原因", max_length=60)

    class Meta(TenantModel.Meta):
        verbose_name = "特定日"
        constraints = (models.UniqueConstraint(fields=["community", "day"], name="special_day_once"),)

    def __str__(self) -> str:
        return str(self.day)
