"""Who is away, from and to, and who stands in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from linli.core.privacy import Held
from linli.core.tenancy import TenantModel


class Absence(TenantModel):
    """不在岗: a colleague is away from `from_on` up to, not including, `until_on`; `posts` are those her cover got for it."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        ("account_id", "cover_id", "from_on", "until_on", "posts", "noted_at"), Held.PLAIN
    )

    account_id = models.UUIDField("谁不在岗")
    cover_id = models.UUIDField("谁顶岗", null=True)
    from_on = models.DateField("从哪天起")
    until_on = models.DateField("哪天回来")
    posts = ArrayField(models.UUIDField(), default=list, verbose_name="顶岗的岗位")
    noted_at = models.DateTimeField("登记时间")

    class Meta(TenantModel.Meta):
        constraints = (
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(cover_id__isnull=True) | ~Q(cover_id=F("account_id")), name="absence_cover_is_another"
            ),
            ExclusionConstraint(
                name="absence_once",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("account_id", RangeOperators.EQUAL),
                    (Func("from_on", "until_on", function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        )
