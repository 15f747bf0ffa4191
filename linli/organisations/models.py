"""Who works together here: organisations, who holds which post in them, where they work; venues and projects.

Everything begins and ends on a day: `span` is from the first day up to, not including, the last. Nothing is deleted.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import LessThanOrEqual

from linli.core.fields import EncryptedTextField
from linli.core.identifiers import NAME_MAX
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.places.models import Building, Dwelling, Entrance, Estate, SubArea
from linli.residents.models import Resident

from .kinds import SINGLE, Kind, Role, kinds, venue_kinds

IS_SOUND = Q(span__isempty=False, span__lower_inf=False)


def _once(name: str, *fields: str, condition: Q | None = None) -> ExclusionConstraint:
    """No two rows with the same `fields` at the same time."""
    alike = [(field, RangeOperators.EQUAL) for field in ("community", *fields)]
    return ExclusionConstraint(name=name, expressions=[*alike, ("span", RangeOperators.OVERLAPS)], condition=condition)


class Dated(TenantModel):
    """What is so for a time."""

    span = DateRangeField("起止日期")

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def from_on(self) -> date:
        day: date = self.span.lower
        return day

    @property
    def until(self) -> date | None:
        """The first day it is no longer so; None while nobody knows of an end."""
        day: date | None = self.span.upper
        return day

    def holds_on(self, day: date) -> bool:
        return day in self.span


class Confirmed(Dated):
    """What somebody vouches for: where it is known from, when it was last looked at, when it is to be again."""

    source = models.CharField("来源", max_length=40, blank=True)
    confirmed_on = models.DateField("最近核实", null=True)
    check_by = models.DateField("下次核实", null=True)

    class Meta(Dated.Meta):
        abstract = True

    def is_due_on(self, day: date) -> bool:
        return self.check_by is None or self.check_by <= day


class Organisation(Confirmed):
    """组织: from the community's party committee down to a stairwell's group; teams, companies, partner units.

    What kinds there are, and what each of them has, is data: `kinds.kinds()`.
    """

    parent = TenantForeignKey("self", models.PROTECT, related_name="children", null=True, verbose_name="上级组织")
    kind = models.CharField("类型", max_length=24)
    name = models.CharField("名称", max_length=60)
    pinyin = models.CharField("拼音", max_length=420, blank=True, editable=False)
    initials = models.CharField("拼音首字母", max_length=60, blank=True, editable=False)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True)
    words = models.CharField("做什么", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta(Confirmed.Meta):
        verbose_name = "组织"
        constraints = (
            _once("organisation_name", "name"),
            models.UniqueConstraint(fields=["community", "credit_code"], name="organisation_credit_code"),
            models.CheckConstraint(condition=IS_SOUND, name="organisation_span_is_sound"),
        )
        indexes = (models.Index(fields=["community", "kind", "order", "name"], name="organisation_by_kind"),)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pinyin, self.initials = pinyin_of(self.name), initials_of(self.name)
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = [*kwargs["update_fields"], "pinyin", "initials"]
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name

    @property
    def of_kind(self) -> Kind:
        return kinds()[self.kind]

    def get_kind_display(self) -> str:
        return self.of_kind.name


class OrganisationTerm(Dated):
    """届期: a period that is renewed: a committee's term of office, a property company's contract."""

    organisation = TenantForeignKey(Organisation, models.PROTECT, related_name="terms", verbose_name="组织")
    label = models.CharField("届次或合同号", max_length=40)

    class Meta(Dated.Meta):
        verbose_name = "届期"
        constraints = (
            _once("organisation_one_term", "organisation"),
            models.CheckConstraint(condition=IS_SOUND, name="organisation_term_span_is_sound"),
        )

    def __str__(self) -> str:
        return self.label


class OrganisationPost(Dated):
    """任职: what somebody is in an organisation, from and to: a resident of the register, or a contact known by name.

    One head of an organisation at a time, one 红管家 of a building at a time: the database refuses a second.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "organisation": Held.PLAIN,
        "role": Held.PLAIN,
        "resident": Held.PLAIN,
        "name": Held.MASKED,
        "phone": Held.ENCRYPTED,
        "building": Held.PLAIN,
        "span": Held.PLAIN,
    }

    organisation = TenantForeignKey(Organisation, models.PROTECT, related_name="posts", verbose_name="组织")
    role = models.CharField("职务", max_length=20, choices=Role.choices)
    resident = TenantForeignKey(
        Resident, models.PROTECT, related_name="organisation_posts", null=True, verbose_name="居民"
    )
    name = models.CharField("姓名", max_length=NAME_MAX, blank=True)
    phone = EncryptedTextField("联系电话", null=True)
    building = TenantForeignKey(Building, models.PROTECT, related_name="stewards", null=True, verbose_name="楼栋")

    class Meta(Dated.Meta):
        verbose_name = "任职"
        constraints = (
            _once(
                "organisation_post_one_head",
                "organisation",
                "role",
                condition=Q(role__in=[role.value for role in SINGLE]),
            ),
            _once("organisation_post_one_steward", "building", condition=Q(role=Role.STEWARD.value)),
            _once(
                "organisation_post_held_once", "organisation", "role", "resident", condition=~Q(role=Role.STEWARD.value)
            ),
            models.CheckConstraint(condition=IS_SOUND, name="organisation_post_span_is_sound"),
            models.CheckConstraint(
                condition=Q(resident__isnull=False, name="") | (Q(resident__isnull=True) & ~Q(name="")),
                name="organisation_post_names_one",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.STEWARD.value, building__isnull=False)
                | (~Q(role=Role.STEWARD.value) & Q(building__isnull=True)),
                name="organisation_post_has_building",
            ),
        )

    def __str__(self) -> str:
        return self.role


class OrganisationPlace(Dated):
    """服务范围: what an organisation serves, or where it stands; the whole community where no place is named."""

    TARGETS: ClassVar[tuple[str, ...]] = ("sub_area", "estate", "building", "entrance", "dwelling")

    class Bond(models.TextChoices):
        SERVES = "serves", "服务"
        STANDS = "stands", "驻在"

    organisation = TenantForeignKey(Organisation, models.PROTECT, related_name="places", verbose_name="组织")
    bond = models.CharField("关系", max_length=8, choices=Bond.choices, default=Bond.SERVES)
    sub_area = TenantForeignKey(SubArea, models.PROTECT, related_name="+", null=True, verbose_name="片区")
    estate = TenantForeignKey(Estate, models.PROTECT, related_name="+", null=True, verbose_name="小区")
    building = TenantForeignKey(Building, models.PROTECT, related_name="+", null=True, verbose_name="楼栋")
    entrance = TenantForeignKey(Entrance, models.PROTECT, related_name="+", null=True, verbose_name="单元")
    dwelling = TenantForeignKey(Dwelling, models.PROTECT, related_name="+", null=True, verbose_name="房屋")

    class Meta(Dated.Meta):
        verbose_name = "服务范围"
        constraints = (
            models.CheckConstraint(condition=IS_SOUND, name="organisation_place_span_is_sound"),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Func(
                        F("sub_area"), F("estate"), F("building"), F("entrance"), F("dwelling"),
                        function="num_nonnulls", output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="organisation_place_is_one",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.bond


class Venue(Confirmed):
    """活动阵地: a place where people meet; of the whole community where no sub-area is named."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "keeper": Held.MASKED,
        **dict.fromkeys(
            (
                *("name", "kind", "sub_area", "building", "where", "area_dm2", "capacity", "opening", "organisation"),
                *("span", "source", "confirmed_on", "check_by"),
            ),
            Held.PLAIN,
        ),
    }

    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=24)
    sub_area = TenantForeignKey(SubArea, models.PROTECT, related_name="+", null=True, verbose_name="片区")
    building = TenantForeignKey(Building, models.PROTECT, related_name="+", null=True, verbose_name="楼栋")
    where = models.CharField("位置", max_length=60, blank=True)
    area_dm2 = models.PositiveIntegerField("面积（平方分米）", null=True)
    capacity = models.PositiveSmallIntegerField("可容纳人数", null=True)
    opening = models.CharField("开放时间", max_length=60, blank=True)
    organisation = TenantForeignKey(
        Organisation, models.PROTECT, related_name="venues", null=True, verbose_name="管理单位"
    )
    keeper = models.CharField("管理人", max_length=NAME_MAX, blank=True)

    class Meta(Confirmed.Meta):
        verbose_name = "活动阵地"
        constraints = (
            _once("venue_name", "name"),
            models.CheckConstraint(condition=IS_SOUND, name="venue_span_is_sound"),
        )

    def __str__(self) -> str:
        return self.name

    def get_kind_display(self) -> str:
        return venue_kinds().get(self.kind, self.kind)

    @property
    def area_m2(self) -> int | None:
        return None if self.area_dm2 is None else round(self.area_dm2 / 100)


class Project(Confirmed):
    """品牌项目: what is done again and again under one name, for whom, and who leads it."""

    name = models.CharField("名称", max_length=60)
    sub_area = TenantForeignKey(SubArea, models.PROTECT, related_name="+", null=True, verbose_name="片区")
    organisation = TenantForeignKey(
        Organisation, models.PROTECT, related_name="projects", null=True, verbose_name="牵头组织"
    )
    for_whom = models.CharField("服务对象", max_length=60)
    words = models.CharField("做什么", max_length=200)

    class Meta(Confirmed.Meta):
        verbose_name = "品牌项目"
        constraints = (
            _once("project_name", "name"),
            models.CheckConstraint(condition=IS_SOUND, name="project_span_is_sound"),
        )

    def __str__(self) -> str:
        return self.name
