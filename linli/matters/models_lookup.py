"""Looking a matter up without signing in: the tries that found nothing, so that guessing is slowed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from linli.core.privacy import Held
from linli.core.tenancy import TenantModel


class LookUpTry(TenantModel):
    """查询失败: a number and a phone's last digits that did not belong together; forgotten after a day."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "number_index": Held.PLAIN,
        "address_index": Held.PLAIN,
        "made_at": Held.PLAIN,
    }

    number_index = models.BinaryField("编号摘要", max_length=16)
    address_index = models.BinaryField("网络地址摘要", max_length=16)
    made_at = models.DateTimeField("时间")

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["community", "number_index", "made_at"], name="look_up_number"),
            models.Index(fields=["community", "address_index", "made_at"], name="look_up_address"),
        )
