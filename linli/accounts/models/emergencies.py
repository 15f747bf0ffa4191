"""紧急查看 (break-glass): wider reading for an hour, for a written reason, looked over afterwards by somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from linli.core.privacy import Held
from linli.core.tenancy import TenantModel

LONGEST = timedelta(minutes=60)


class Emergency(TenantModel):
    """紧急查看: who opened it, why, till when; who looked it over and what she found."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "account_id": Held.PLAIN,
        "reason": Held.PLAIN,
        "opened_at": Held.PLAIN,
        "until": Held.PLAIN,
        "closed_at": Held.PLAIN,
        "reviewed_by": Held.PLAIN,
        "reviewed_at": Held.PLAIN,
        "review": Held.PLAIN,
    }

    account_id = models.UUIDField("账号")  # accounts are global: no key joins a tenant's row to them
    reason = models.CharField("理由", max_length=200)
    opened_at = models.DateTimeField("打开时间")
    until = models.DateTimeField("到期时间")
    closed_at = models.DateTimeField("结束时间", null=True)
    reviewed_by = models.UUIDField("复核账号", null=True)
    reviewed_at = models.DateTimeField("复核时间", null=True)
    review = models.CharField("复核意见", max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "紧急查看"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "account_id"], name="emergency_open_once", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="emergency_is_brief", condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + LONGEST)
            ),
            models.CheckConstraint(
                name="emergency_reviewed_by_another",
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("account_id")),
            ),
        )
        indexes = (models.Index(fields=["community", "reviewed_at", "opened_at"], name="emergency_unreviewed"),)
