"""What is kept of the ways in: printed codes, and which hotline order became which matter."""

from __future__ import annotations

from django.db import models

from linli.core.tenancy import TenantForeignKey, TenantModel


class Sticker(TenantModel):
    """贴码: a code printed and stuck on a place or a device. Scanned, it opens a report that knows where it is."""

    token = models.CharField("码", max_length=12)
    label = models.CharField("贴在哪里", max_length=60)
    building = TenantForeignKey("places.Building", models.PROTECT, null=True, related_name="+", verbose_name="楼栋")
    entrance = TenantForeignKey("places.Entrance", models.PROTECT, null=True, related_name="+", verbose_name="单元")
    kind = TenantForeignKey(
        "matters.MatterKind", models.PROTECT, null=True, related_name="+", verbose_name="多半报什么"
    )
    made_by = models.UUIDField("谁做的", null=True)
    made_at = models.DateTimeField("做好时间")
    taken_down_at = models.DateTimeField("停用时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "贴码"
        constraints = (models.UniqueConstraint(fields=["community", "token"], name="sticker_token"),)

    def __str__(self) -> str:
        return self.label


class HotlineSheet(TenantModel):
    """12345 工单表: one sheet of orders as it was taken in. The rows themselves are kept nowhere but in their matters."""

    name = models.CharField("文件名", max_length=120)
    made_by = models.UUIDField("谁收的", null=True)
    made_at = models.DateTimeField("收件时间")
    known = models.PositiveIntegerField("早已收下", default=0)
    wrong = models.JSONField("没读懂的行", default=list)  # pairs: the row as the spreadsheet counts, and why

    class Meta(TenantModel.Meta):
        verbose_name = "12345 工单表"
        indexes = (models.Index(fields=["community", "made_at"], name="hotline_sheet_made"),)

    def __str__(self) -> str:
        return self.name


class HotlineOrder(TenantModel):
    """12345 工单: an order by the hotline's own number, and the matter it became. A number becomes one matter."""

    number = models.CharField("工单编号", max_length=40)
    matter = TenantForeignKey("matters.Matter", models.PROTECT, related_name="+", verbose_name="事项")
    sheet = TenantForeignKey(HotlineSheet, models.PROTECT, related_name="orders", verbose_name="哪张表")
    due_at = models.DateTimeField("热线要求办结", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "12345 工单"
        constraints = (
            models.UniqueConstraint(fields=["community", "number"], name="hotline_order_once"),
            models.UniqueConstraint(fields=["community", "matter"], name="hotline_order_of_one_matter"),
        )

    def __str__(self) -> str:
        return self.number
