"""What is made of lists of people: groups that are always current, exports that two people answer for, changes of many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.residents.models import Resident

from .rules import TWO_PERSONS_ABOVE


class Group(TenantModel):
    """分组: a list's conditions under a name. Who is in it is asked anew each time: it holds no people."""

    name = models.CharField("名称", max_length=24)
    conditions = models.JSONField("条件", default=list)  # triples: element, operator, value
    columns = models.JSONField("栏目", default=list)
    sort = models.CharField("顺序", max_length=12, default="name")
    is_shared = models.BooleanField("全社区可用", default=False)
    made_by = models.UUIDField("谁存的")
    made_at = models.DateTimeField("存下时间")

    class Meta(TenantModel.Meta):
        verbose_name = "分组"
        constraints = (models.UniqueConstraint(fields=["community", "made_by", "name"], name="group_named_once"),)

    def __str__(self) -> str:
        return self.name


class ExportState(models.TextChoices):
    WAITING = "waiting", "等第二个人同意"
    MAKING = "making", "正在生成"
    READY = "ready", "可以下载"
    REFUSED = "refused", "没有同意"
    EXPIRED = "expired", "已过期"


class Export(TenantModel):
    """导出: a list taken out as a file, and why; a longer one only when a second person agreed.

    The file is locked; its password is shown once to who asked, and kept until then.
    """

    about_people: ClassVar[bool] = True
    privacy: ClassVar[dict[str, Held]] = {
        "password": Held.ENCRYPTED,
        **dict.fromkeys(
            (
                "name", "conditions", "door", "columns", "sort", "is_unmasked", "reason", "count", "state", "made_by",
                "made_at", "decided_by", "decided_at", "answer", "expires_at", "password_shown_at",
            ),
            Held.PLAIN,
        ),
    }  # fmt: skip
    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        ExportState.WAITING: frozenset({ExportState.MAKING, ExportState.REFUSED, ExportState.EXPIRED}),
        ExportState.MAKING: frozenset({ExportState.READY, ExportState.WAITING}),  # back: it has grown past the limit
        ExportState.READY: frozenset({ExportState.EXPIRED}),
        ExportState.REFUSED: frozenset(),
        ExportState.EXPIRED: frozenset(),
    }

    name = models.CharField("名单", max_length=60)
    conditions = models.JSONField("条件", default=list)
    door = models.CharField("门牌", max_length=24, blank=True)
    columns = models.JSONField("栏目", default=list)
    sort = models.CharField("顺序", max_length=12, default="name")
    is_unmasked = models.BooleanField("不遮盖", default=False)
    reason = models.CharField("用途", max_length=200)
    count = models.PositiveIntegerField("人数")
    state = models.CharField("进度", max_length=12, choices=ExportState.choices)
    made_by = models.UUIDField("谁导出")
    made_at = models.DateTimeField("申请时间")
    decided_by = models.UUIDField("谁同意", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    answer = models.CharField("说明", max_length=200, blank=True)
    expires_at = models.DateTimeField("过期时间", null=True)
    password = EncryptedTextField("打开密码", null=True)
    password_shown_at = models.DateTimeField("看过密码", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "导出"
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("made_by")), name="export_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(count__lte=TWO_PERSONS_ABOVE)
                | Q(decided_by__isnull=False)
                | Q(state__in=["waiting", "expired"]),
                name="export_many_were_agreed",
            ),
        )
        indexes = (models.Index(fields=["community", "made_at"], name="export_by_time"),)

    def __str__(self) -> str:
        return str(self.pk)


class ChangeKind(models.TextChoices):
    CONFIRM = "confirm", "标记为已核实"
    GRANT = "grant", "登记类别"
    END = "end", "终止类别"
    FIELD = "field", "填写一项"


class Change(TenantModel):
    """批量修改: one change to everybody of a list, by the same verbs as one by one; taken back as one."""

    kind = models.CharField("改什么", max_length=10, choices=ChangeKind.choices)
    facts = models.JSONField("改成什么", default=dict)
    conditions = models.JSONField("条件", default=list)
    reason = models.CharField("依据", max_length=200)
    count = models.PositiveIntegerField("人数")
    made_by = models.UUIDField("谁改的")
    made_at = models.DateTimeField("修改时间")
    undone_by = models.UUIDField("谁撤销", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "批量修改"
        indexes = (models.Index(fields=["community", "made_at"], name="change_by_time"),)

    def __str__(self) -> str:
        return str(self.pk)


class ChangedRow(TenantModel):
    """改动: what one person's record said before and after; coded values and days, nothing that is kept encrypted."""

    about_people: ClassVar[bool] = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        ("change", "resident", "before", "after", "was_kept"), Held.PLAIN
    )

    change = TenantForeignKey(Change, models.CASCADE, related_name="rows", verbose_name="批量修改")
    resident = TenantForeignKey(Resident, models.PROTECT, related_name="+", verbose_name="居民")
    before = models.JSONField("改前", default=dict)
    after = models.JSONField("改后", default=dict)
    was_kept = models.BooleanField("撤销时留着", default=False)

    class Meta(TenantModel.Meta):
        verbose_name = "改动"
        constraints = (models.UniqueConstraint(fields=["community", "change", "resident"], name="changed_once"),)

    def __str__(self) -> str:
        return str(self.pk)
