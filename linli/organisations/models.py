"""Who works together here: the party tree from the community committee down to the stairwell."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.places.models import SubArea
from linli.residents.models import Resident


class PartyBranch(TenantModel):
    """党组织: one node of the tree 社区党委 → 小区党总支 → 党支部 → 楼道党小组."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", "社区党委"
        GENERAL_BRANCH = "general_branch", "小区党总支"
        BRANCH = "branch", "党支部"
        STAIRWELL_GROUP = "stairwell_group", "楼道党小组"

    # What may stand directly under what.
    UNDER: ClassVar[dict[str, frozenset[str]]] = {
        Kind.COMMITTEE: frozenset(),
        Kind.GENERAL_BRANCH: frozenset({Kind.COMMITTEE}),
        Kind.BRANCH: frozenset({Kind.COMMITTEE, Kind.GENERAL_BRANCH}),
        Kind.STAIRWELL_GROUP: frozenset({Kind.BRANCH}),
    }

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "sub_area": Held.PLAIN,
        "parent": Held.PLAIN,
        "name": Held.PLAIN,
        "kind": Held.PLAIN,
        "secretary": Held.PLAIN,
        "secretary_from": Held.PLAIN,
        "order": Held.PLAIN,
    }

    sub_area = TenantForeignKey(SubArea, models.PROTECT, related_name="party_branches", null=True, verbose_name="片区")
    parent = TenantForeignKey("self", models.PROTECT, related_name="children", null=True, verbose_name="上级组织")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("层级", max_length=16, choices=Kind.choices)
    secretary = TenantForeignKey(Resident, models.PROTECT, related_name="+", null=True, verbose_name="书记")
    secretary_from = models.DateField("书记任职日期", null=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta(TenantModel.Meta):
        verbose_name = "党组织"
        constraints = (models.UniqueConstraint(fields=["community", "name"], name="party_branch_name"),)

    def __str__(self) -> str:
        return self.name
