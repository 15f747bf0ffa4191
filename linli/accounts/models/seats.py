"""Who answers for an organisation of the register when something is handed to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class PartySeat(TenantModel):
    """接办席位: whoever holds this post of an organisation opens its inbox by the link with `code` and a one-time code.

    It counts as long as the post is held: a contact who leaves the organisation sees nothing from that day. The link
    alone opens nothing; it says which phone the code is sent to.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(("post", "account_id", "code", "made_by", "made_at"), Held.PLAIN)

    post = TenantForeignKey("organisations.OrganisationPost", models.PROTECT, related_name="seats", verbose_name="任职")
    account_id = models.UUIDField("账号")  # accounts are global: no key joins a tenant's row to them
    code = models.CharField("链接代码", max_length=12)
    made_by = models.UUIDField("谁开的", null=True)
    made_at = models.DateTimeField("开通时间")

    class Meta(TenantModel.Meta):
        verbose_name = "接办席位"
        constraints = (
            models.UniqueConstraint(fields=["community", "post"], name="party_seat_of_post"),
            models.UniqueConstraint(fields=["community", "code"], name="party_seat_code"),
        )
        indexes = (models.Index(fields=["community", "account_id"], name="party_seat_account"),)

    def __str__(self) -> str:
        return f"party seat {self.pk}"
