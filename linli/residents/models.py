"""Who lives here: people, households, who lived where from when to when, and what people counted as for a time."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from linli.core.fields import BlindIndexField, EncryptedTextField
from linli.core.identifiers import NAME_MAX
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.places.models import Dwelling

from . import rules
from .codes import PopulationClass, Relation, ResidenceKind, Sex


class Resident(TenantModel):
    """居民: a person the register knows, with or without documents. Age is computed when it is asked, never stored."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "name": Held.MASKED,
        "pinyin": Held.MASKED,
        "initials": Held.MASKED,
        "sex": Held.PLAIN,
        "birth_on": Held.MASKED,
        "id_number": Held.ENCRYPTED,
        "id_number_index": Held.INDEX,
        "phone": Held.ENCRYPTED,
        "phone_index": Held.INDEX,
        "phone_tail_index": Held.INDEX,
        "died_on": Held.PLAIN,
        "noted_at": Held.PLAIN,
    }

    name = models.CharField("姓名", max_length=NAME_MAX)
    pinyin = models.CharField("拼音", max_length=7 * NAME_MAX, blank=True)  # "zhuang " is the longest syllable
    initials = models.CharField("拼音首字母", max_length=NAME_MAX, blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_on = models.DateField("出生日期", null=True)
    id_number = EncryptedTextField("身份证号", null=True)
    id_number_index = BlindIndexField("身份证号摘要", of="id_number", normalise=rules.plain_id_number, null=True)
    phone = EncryptedTextField("电话", null=True)
    phone_index = BlindIndexField("电话摘要", of="phone", normalise=rules.plain_phone, null=True)
    phone_tail_index = BlindIndexField(
        "电话末四位摘要", of="phone", normalise=rules.phone_tail, purpose="phone_tail", null=True
    )
    died_on = models.DateField("去世日期", null=True)
    noted_at = models.DateTimeField("登记时间")

    class Meta(TenantModel.Meta):
        verbose_name = "居民"
        constraints = (
            models.UniqueConstraint(fields=["community", "id_number_index"], name="resident_one_id_number"),
            models.CheckConstraint(condition=~Q(name=""), name="resident_has_name"),
        )
        indexes = (
            models.Index(fields=["community", "pinyin", "id"], name="resident_by_pinyin"),
            models.Index(fields=["community", "phone_index"], name="resident_by_phone"),
            models.Index(fields=["community", "phone_tail_index"], name="resident_by_phone_tail"),
        )

    def __str__(self) -> str:
        return str(self.pk)  # ids, not names: this ends in logs


class Household(TenantModel):
    """户: people who live together behind one door and are counted together."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {"dwelling": Held.PLAIN, "number": Held.MASKED, "head": Held.PLAIN}

    dwelling = TenantForeignKey(Dwelling, models.PROTECT, related_name="households", verbose_name="房屋")
    number = models.CharField("户号", max_length=24, null=True)
    head = TenantForeignKey(Resident, models.PROTECT, related_name="+", null=True, verbose_name="户主")

    class Meta(TenantModel.Meta):
        verbose_name = "户"
        constraints = (models.UniqueConstraint(fields=["community", "number"], name="household_number"),)

    def __str__(self) -> str:
        return str(self.pk)


class Residence(TenantModel):
    """居住: a resident behind a door, from the first day up to, not including, the last; open where there is none.

    One lived and one registered residence at a time: the database refuses an overlap.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "dwelling": Held.PLAIN,
        "household": Held.PLAIN,
        "kind": Held.PLAIN,
        "population_class": Held.PLAIN,
        "relation_to_head": Held.PLAIN,
        "span": Held.PLAIN,
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="residences", verbose_name="居民")
    dwelling = TenantForeignKey(Dwelling, models.PROTECT, related_name="residences", verbose_name="房屋")
    household = TenantForeignKey(Household, models.PROTECT, related_name="residences", null=True, verbose_name="户")
    kind = models.CharField("居住性质", max_length=10, choices=ResidenceKind.choices, default=ResidenceKind.LIVED)
    population_class = models.CharField(
        "人口类别", max_length=10, choices=PopulationClass.choices, default=PopulationClass.REGISTERED
    )
    relation_to_head = models.CharField("与户主关系", max_length=1, choices=Relation.choices, blank=True)
    span = DateRangeField("起止日期")

    class Meta(TenantModel.Meta):
        verbose_name = "居住"
        constraints = (
            ExclusionConstraint(
                name="residence_one_at_once",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("resident", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False), name="residence_span_is_sound"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Category(TenantModel):
    """类别: what a resident counts as for a time (低保, 残疾, 党员 …); kinds are listed in `codes.CATEGORY_KINDS`."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "kind": Held.PLAIN,
        "span": Held.PLAIN,
        "certificate_number": Held.ENCRYPTED,
        "decided_on": Held.PLAIN,
        "source": Held.PLAIN,
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="categories", verbose_name="居民")
    kind = models.CharField("类别", max_length=32)
    span = DateRangeField("起止日期")
    certificate_number = EncryptedTextField("证件编号", null=True)
    decided_on = models.DateField("认定日期", null=True)
    source = models.CharField("来源", max_length=40, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "居民类别"
        constraints = (
            ExclusionConstraint(
                name="category_one_of_a_kind",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("resident", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False), name="category_span_is_sound"
            ),
        )
        indexes = (models.Index(fields=["community", "kind"], name="category_by_kind"),)

    def __str__(self) -> str:
        return self.kind
