"""分派规则: where a matter goes, each community's own rows in their order."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.core.tenancy import TenantForeignKey, TenantModel

from .rules_routing import BACK, FRONT, PERSON, WITHIN_NAMES, Pattern, Within

PATTERNS = [(Pattern.ANY.value, "不看次数"), (Pattern.LIKE.value, "同类反复"), (Pattern.NEW.value, "好久没有过")]
WITHINS = [(within.value, name) for within, name in WITHIN_NAMES.items()]


class RoutingRule(TenantModel):
    """分派规则: what must be so, and where the matter goes then. Switched off, never deleted: matters name the rule that sent them."""

    class Target(models.TextChoices):
        FRONT = FRONT, "片区专员"
        BACK = BACK, "后台社工"
        PERSON = PERSON, "指定一位同事"

    order = models.PositiveSmallIntegerField("顺序", default=0)
    name = models.CharField("名称", max_length=40)
    is_on = models.BooleanField("启用", default=True)
    kind = TenantForeignKey("matters.MatterKind", models.PROTECT, null=True, related_name="+", verbose_name="类别")
    sub_area = TenantForeignKey("places.SubArea", models.PROTECT, null=True, related_name="+", verbose_name="片区")
    source = models.CharField("来源", max_length=12, blank=True)
    grade = models.CharField("层级", max_length=8, blank=True)
    pattern = models.CharField(
        "看次数",
        max_length=8,
        blank=True,
        choices=PATTERNS,
    )
    at_least = models.PositiveSmallIntegerField("至少几件", default=0)
    days = models.PositiveSmallIntegerField("近几天", default=0)
    within = models.CharField(
        "在哪里数",
        max_length=12,
        default=Within.COMMUNITY.value,
        choices=WITHINS,
    )
    target = models.CharField("交给", max_length=8, choices=Target.choices)
    person = models.UUIDField("交给谁", null=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["community", "name"], name="routing_rule_name"),
            models.CheckConstraint(
                condition=Q(target=PERSON, person__isnull=False) | (~Q(target=PERSON) & Q(person__isnull=True)),
                name="routing_rule_person",
            ),
            models.CheckConstraint(
                condition=Q(pattern="", days=0, at_least=0)
                | Q(pattern="like", days__range=(1, 366), at_least__range=(2, 500))
                | Q(pattern="new", days__range=(1, 1000), at_least=0),
                name="routing_rule_pattern",
            ),
        )
        ordering = ("order", "id")

    def __str__(self) -> str:
        return self.name
