"""What binds two records: people to one another (marriage, parents, a guardian), and two records of one person."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from linli.core import clock
from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.core.versions import IS_CURRENT, Versioned

from .models import Resident


class Tie(Versioned):
    """亲属与监护: `other` is the resident's spouse, mother, father or guardian, from a day on.

    A marriage is two rows, one each way, so that the database can refuse a second one to either. Children are found
    from the other end.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "other": Held.PLAIN,
        "kind": Held.PLAIN,
        "span": Held.PLAIN,
    }

    class Kind(models.TextChoices):
        SPOUSE = "spouse", "配偶"
        MOTHER = "mother", "母亲"
        FATHER = "father", "父亲"
        GUARDIAN = "guardian", "监护人"

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="ties", verbose_name="居民")
    other = TenantForeignKey(Resident, models.PROTECT, related_name="ties_from", verbose_name="对方")
    kind = models.CharField("关系", max_length=10, choices=Kind.choices)
    span = DateRangeField("起止日期")

    class Meta(Versioned.Meta):
        verbose_name = "亲属与监护"
        constraints = (
            ExclusionConstraint(
                name="tie_one_at_once",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("resident", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
                condition=IS_CURRENT,
            ),
            models.CheckConstraint(condition=~Q(resident=F("other")), name="tie_is_between_two"),
            models.CheckConstraint(condition=Q(span__isempty=False, span__lower_inf=False), name="tie_span_is_sound"),
        )
        indexes = (models.Index(fields=["community", "other"], name="tie_by_other"),)

    def __str__(self) -> str:
        return self.kind


class Merge(TenantModel):
    """合并: two records of one person (or one household) became one. `undo` holds what taking it back needs."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "kind": Held.PLAIN,
        "kept": Held.PLAIN,
        "dropped": Held.PLAIN,
        "merged_at": Held.PLAIN,
        "merged_by": Held.PLAIN,
        "because": Held.PLAIN,
        "undo": Held.ENCRYPTED,
        "undone_at": Held.PLAIN,
    }

    class Kind(models.TextChoices):
        RESIDENT = "resident", "居民"
        HOUSEHOLD = "household", "户"

    kind = models.CharField("合并的是", max_length=10, choices=Kind.choices)
    kept = models.UUIDField("保留的档案")
    dropped = models.UUIDField("并入的档案")
    merged_at = models.DateTimeField("合并时间", default=clock.now)
    merged_by = models.UUIDField("合并人", null=True)
    because = models.CharField("合并理由", max_length=200, blank=True)
    undo = EncryptedTextField("撤销所需")
    undone_at = models.DateTimeField("撤销时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "合并"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "dropped"], condition=Q(undone_at__isnull=True), name="merge_dropped_once"
            ),
        )
        indexes = (models.Index(fields=["community", "kept"], name="merge_by_kept"),)

    def __str__(self) -> str:
        return self.kind


class LikenessVerdict(TenantModel):
    """疑似重复的判定: somebody looked at two like records and said that they are two people, or that it can wait."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "first": Held.PLAIN,
        "second": Held.PLAIN,
        "says": Held.PLAIN,
        "given_at": Held.PLAIN,
        "given_by": Held.PLAIN,
    }

    class Says(models.TextChoices):
        APART = "apart", "不是同一人"
        LATER = "later", "以后再看"

    first = TenantForeignKey(Resident, models.PROTECT, related_name="+", verbose_name="其一")
    second = TenantForeignKey(Resident, models.PROTECT, related_name="+", verbose_name="其二")
    says = models.CharField("判定", max_length=10, choices=Says.choices)
    given_at = models.DateTimeField("判定时间", default=clock.now)
    given_by = models.UUIDField("判定人", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "疑似重复的判定"
        constraints = (
            models.UniqueConstraint(fields=["community", "first", "second"], name="verdict_once_a_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="verdict_in_order"),
        )

    def __str__(self) -> str:
        return self.says
