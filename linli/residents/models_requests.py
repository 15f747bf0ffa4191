"""Corrections that wait for a second person. The model stands here because `models.py` is long enough; import it from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class Asked(models.TextChoices):
    """Where a request stands."""

    REQUESTED = "requested", "等核准"
    CONFIRMED = "confirmed", "已核准"
    REFUSED = "refused", "没有核准"
    WITHDRAWN = "withdrawn", "已撤回"


class Deed(models.TextChoices):
    """What is asked for. A correction was always so; a change holds from a day on."""

    CORRECT = "correct", "更正"
    CHANGE = "change", "变更"
    GRANT = "grant", "登记类别"
    END = "end", "终止类别"
    AMEND = "amend", "更正类别"
    ALTER = "alter", "变更类别"


OF_CATEGORY = frozenset({Deed.GRANT, Deed.END, Deed.AMEND, Deed.ALTER})


class CorrectionRequest(TenantModel):
    """更正申请: what somebody says should stand in the register; a second person reads both sides and decides.

    `field` is a field of Resident, or a category's kind for the deeds OF_CATEGORY. `value` is what should stand (text
    as facts keep it; JSON for a category), `held` what stood there when it was asked. Whoever asks cannot confirm.
    """

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        Asked.REQUESTED: frozenset({Asked.CONFIRMED, Asked.REFUSED, Asked.WITHDRAWN}),
        Asked.CONFIRMED: frozenset(),
        Asked.REFUSED: frozenset(),
        Asked.WITHDRAWN: frozenset(),
    }
    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "deed": Held.PLAIN,
        "field": Held.PLAIN,
        "value": Held.ENCRYPTED,
        "held": Held.ENCRYPTED,
        "since": Held.PLAIN,
        "because": Held.MASKED,
        "evidence": Held.MASKED,
        "is_own": Held.PLAIN,
        "state": Held.PLAIN,
        "requested_by": Held.PLAIN,
        "requested_at": Held.PLAIN,
        "decided_by": Held.PLAIN,
        "decided_at": Held.PLAIN,
        "answer": Held.MASKED,
    }

    resident = TenantForeignKey("residents.Resident", models.PROTECT, related_name="+", verbose_name="居民")
    deed = models.CharField("申请", max_length=8, choices=Deed.choices, default=Deed.CORRECT)
    field = models.CharField("项目", max_length=32)
    value = EncryptedTextField("应为", null=True)
    held = EncryptedTextField("原为", null=True)
    since = models.DateField("从哪天起", null=True)
    because = models.CharField("理由", max_length=200)
    evidence = models.CharField("依据", max_length=200, blank=True)
    is_own = models.BooleanField("本人申请", default=False)
    state = models.CharField("状态", max_length=12, choices=Asked.choices, default=Asked.REQUESTED)
    requested_by = models.UUIDField("谁申请")
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.UUIDField("谁决定", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    answer = models.CharField("答复", max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "更正申请"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "resident", "field"],
                condition=Q(state=Asked.REQUESTED),
                name="correction_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(state=Asked.CONFIRMED) | ~Q(decided_by=F("requested_by")),
                name="correction_by_a_second",
            ),
            models.CheckConstraint(
                condition=~Q(state=Asked.CONFIRMED) | Q(decided_by__isnull=False), name="correction_has_decider"
            ),
        )
        indexes = (models.Index(fields=["community", "state", "requested_at"], name="correction_by_state"),)

    def __str__(self) -> str:
        return str(self.pk)
