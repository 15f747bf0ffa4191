"""What one account read in one hour: the counter that unusual reading is found by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from linli.core.privacy import Held
from linli.core.tenancy import TenantModel

from . import rules


class ReadingHour(TenantModel):
    """查看计数: how many people one account saw in one hour. Counted by the database (one upsert), so that no two pages lose one.

    Whom it saw is on the trail (`resident.listed`, `resident.opened`, `resident.revealed`); here stand numbers alone.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        ("account_id", "hour", "listed", "opened", "revealed", "outside", "allowed", "told_at"), Held.PLAIN
    )

    account_id = models.UUIDField("账号")
    hour = models.DateTimeField("钟点")  # its beginning
    listed = models.PositiveIntegerField("清单上看到", default=0)
    opened = models.PositiveIntegerField("打开档案", default=0)
    revealed = models.PositiveIntegerField("查看完整号码", default=0)
    outside = models.PositiveIntegerField("片区以外", default=0)
    allowed = models.PositiveSmallIntegerField("说明理由次数", default=0)
    told_at = models.DateTimeField("提醒时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "查看计数"
        constraints = (
            models.UniqueConstraint(fields=["community", "account_id", "hour"], name="reading_hour_of_account"),
        )
        indexes = (models.Index(fields=["community", "hour"], name="reading_hour_by_hour"),)

    @property
    def tally(self) -> rules.Tally:
        return rules.Tally(self.listed, self.opened, self.revealed, self.outside, self.allowed)
