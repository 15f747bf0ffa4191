"""Who lives here: people, households, who lived where from when to when, and what people counted as for a time.

Everything here has two times (`linli.core.versions`): when it was true, and when the register believed it. Households,
residences, categories and documents are versioned rows. What a person *is* (name, sex, phone, schooling …) stands on
`Resident` as believed now; `Fact` rows are written only once such a field changes, and then cover it wholly.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from linli.core.fields import BlindIndexField, EncryptedTextField
from linli.core.identifiers import NAME_MAX
from linli.core.keys import KeysField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantManager, TenantModel
from linli.core.versions import IS_CURRENT, CurrentManager, Versioned
from linli.places.models import Dwelling

from . import rules
from .codes import HouseholdKind, PopulationClass, Relation, ResidenceKind, Sex


class LivingRecordManager(TenantManager):
    """Every record but those that were merged into another one of the same person."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(merged_into=None)


class Resident(TenantModel):
    """居民: a person the register knows, with or without documents. Age is computed when it is asked, never stored.

    `source`, `confirmed_on` and `check_by` hold for the whole record; a field that was confirmed on another day, or came
    from elsewhere, has a line of its own in `marks`: {"phone": {"source": …, "confirmed_on": "2026-03-01", …}}.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "name": Held.MASKED,
        "pinyin": Held.MASKED,
        "initials": Held.MASKED,
        "sex": Held.PLAIN,
        "birth_on": Held.MASKED,
        "id_number": Held.ENCRYPTED,
        "id_number_index": Held.INDEX,
        "id_tail_index": Held.INDEX,
        "find_keys": Held.MASKED,
        "former_name": Held.MASKED,
        "ethnicity": Held.PLAIN,
        "education": Held.PLAIN,
        "marital_status": Held.PLAIN,
        "political_status": Held.PLAIN,
        "employment": Held.PLAIN,
        "employer": Held.PLAIN,
        "phone": Held.ENCRYPTED,
        "phone_index": Held.INDEX,
        "phone_tail_index": Held.INDEX,
        "died_on": Held.PLAIN,
        "noted_at": Held.PLAIN,
        "source": Held.PLAIN,
        "confirmed_on": Held.PLAIN,
        "check_by": Held.PLAIN,
        "marks": Held.PLAIN,
        "merged_into": Held.PLAIN,
    }

    name = models.CharField("姓名", max_length=NAME_MAX)
    pinyin = models.CharField("拼音", max_length=7 * NAME_MAX, blank=True)  # "zhuang " is the longest syllable
    initials = models.CharField("拼音首字母", max_length=NAME_MAX, blank=True)
    find_keys = KeysField("姓名检索", of=rules.find_words_of)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_on = models.DateField("出生日期", null=True)
    id_number = EncryptedTextField("身份证号", null=True)
    id_number_index = BlindIndexField("身份证号摘要", of="id_number", normalise=rules.plain_id_number, null=True)
    id_tail_index = BlindIndexField(
        "身份证号末四位摘要", of="id_number", normalise=rules.id_tail, purpose="id_tail", null=True
    )
    former_name = models.CharField("曾用名", max_length=NAME_MAX, blank=True)
    ethnicity = models.CharField("民族", max_length=2, blank=True)
    education = models.CharField("学历", max_length=2, blank=True)
    marital_status = models.CharField("婚姻状况", max_length=2, blank=True)
    political_status = models.CharField("政治面貌", max_length=2, blank=True)
    employment = models.CharField("从业状况", max_length=2, blank=True)
    employer = models.CharField("工作单位", max_length=60, blank=True)
    phone = EncryptedTextField("电话", null=True)
    phone_index = BlindIndexField("电话摘要", of="phone", normalise=rules.plain_phone, null=True)
    phone_tail_index = BlindIndexField(
        "电话末四位摘要", of="phone", normalise=rules.phone_tail, purpose="phone_tail", null=True
    )
    died_on = models.DateField("去世日期", null=True)
    noted_at = models.DateTimeField("登记时间")
    source = models.CharField("来源", max_length=40, blank=True)
    confirmed_on = models.DateField("最近核实", null=True)
    check_by = models.DateField("下次核实", null=True)
    marks = models.JSONField("逐项核实", default=dict)
    merged_into = TenantForeignKey("self", models.PROTECT, related_name="+", null=True, verbose_name="已并入")

    objects: ClassVar[TenantManager] = LivingRecordManager()
    with_merged = TenantManager()
    across_communities: ClassVar[models.Manager] = models.Manager()

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
            models.Index(fields=["community", "id_tail_index"], name="resident_by_id_tail"),
            GinIndex(fields=["find_keys"], name="resident_by_keys"),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        written = kwargs.get("update_fields")
        if written is not None and {"name", "former_name"} & set(written):
            kwargs["update_fields"] = [*written, "find_keys"]
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return str(self.pk)  # ids, not names: this ends in logs


class Fact(TenantModel):
    """事实: a field of a person over time, as believed over time. `value` is text (ISO for dates), NULL for "nothing".

    For a field that never changed there are none: the record says it, and always did. Once there are, the current ones
    cover all days without a gap or an overlap. `actions.facts` writes them, `history` reads them.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "field": Held.PLAIN,
        "value": Held.ENCRYPTED,
        "span": Held.PLAIN,
        "known_from": Held.PLAIN,
        "known_to": Held.PLAIN,
        "source": Held.PLAIN,
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="facts", verbose_name="居民")
    field = models.CharField("项目", max_length=32)
    value = EncryptedTextField("内容", null=True)
    span = DateRangeField("真实起止")
    known_from = models.DateTimeField("知悉起")
    known_to = models.DateTimeField("知悉止", null=True)
    source = models.CharField("来源", max_length=40, blank=True)

    objects: ClassVar[TenantManager] = CurrentManager()
    of_all_times = TenantManager()
    across_communities: ClassVar[models.Manager] = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "事实"
        constraints = (
            ExclusionConstraint(
                name="fact_one_at_once",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("resident", RangeOperators.EQUAL),
                    ("field", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
                condition=IS_CURRENT,
            ),
            models.CheckConstraint(condition=Q(span__isempty=False), name="fact_span_is_sound"),
        )

    def __str__(self) -> str:
        return self.field


class Document(Versioned):
    """证件: a document of a person other than the citizen's ID number; kinds are those of the list `document_kind`.

    A row of the kind `none_yet` has no number and says in `note` why there is none.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "kind": Held.PLAIN,
        "number": Held.ENCRYPTED,
        "number_index": Held.INDEX,
        "span": Held.PLAIN,
        "issued_in": Held.PLAIN,
        "note": Held.PLAIN,
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="documents", verbose_name="居民")
    kind = models.CharField("证件类型", max_length=24)
    number = EncryptedTextField("证件号码", null=True)
    number_index = BlindIndexField("证件号码摘要", of="number", normalise=rules.plain_document_number, null=True)
    span = DateRangeField("有效期", default=rules.always)
    issued_in = models.CharField("签发国家或地区", max_length=3, blank=True)  # ISO 3166-1 alpha-3
    note = models.CharField("证件说明", max_length=100, blank=True)

    class Meta(Versioned.Meta):
        verbose_name = "证件"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "kind", "number_index"], condition=IS_CURRENT, name="document_held_once"
            ),
            models.CheckConstraint(condition=Q(span__isempty=False), name="document_span_is_sound"),
            models.CheckConstraint(
                condition=Q(kind="none_yet", number__isnull=True) | (~Q(kind="none_yet") & Q(number__isnull=False)),
                name="document_has_number",
            ),
        )
        indexes = (models.Index(fields=["community", "resident"], name="document_by_resident"),)

    def __str__(self) -> str:
        return self.kind


class Household(Versioned):
    """户: people who live together behind one door and are counted together.

    Who headed it on a day is in the residences (`relation_to_head`); `head` is who does now.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "dwelling": Held.PLAIN,
        "number": Held.MASKED,
        "head": Held.PLAIN,
        "kind": Held.PLAIN,
        "dissolved_on": Held.PLAIN,
    }

    dwelling = TenantForeignKey(Dwelling, models.PROTECT, related_name="households", verbose_name="房屋")
    number = models.CharField("户号", max_length=24, null=True)
    head = TenantForeignKey(Resident, models.PROTECT, related_name="+", null=True, verbose_name="户主")
    kind = models.CharField("户类型", max_length=10, choices=HouseholdKind.choices, default=HouseholdKind.FAMILY)
    dissolved_on = models.DateField("撤户日期", null=True)  # the first day it is no longer one

    class Meta(Versioned.Meta):
        verbose_name = "户"
        constraints = (
            models.UniqueConstraint(fields=["community", "number"], condition=IS_CURRENT, name="household_number"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Residence(Versioned):
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
        "reason": Held.PLAIN,
        "whereabouts": Held.PLAIN,
        "permit_number": Held.ENCRYPTED,
        "permit_until": Held.PLAIN,
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
    reason = models.CharField("居住事由", max_length=40, blank=True)  # why here, why away, why registered in name only
    whereabouts = models.CharField("外出去向", max_length=60, blank=True)
    permit_number = EncryptedTextField("居住证号", null=True)
    permit_until = models.DateField("居住证到期", null=True)

    class Meta(Versioned.Meta):
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
                condition=IS_CURRENT,
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False), name="residence_span_is_sound"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Category(Versioned):
    """类别: what a resident counts as for a time (低保, 残疾, 党员 …); kinds and levels are data, `codes.CATEGORY_KINDS`."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "resident": Held.PLAIN,
        "kind": Held.PLAIN,
        "span": Held.PLAIN,
        "level": Held.PLAIN,
        "certificate_number": Held.ENCRYPTED,
        "decision": Held.PLAIN,
        "decided_on": Held.PLAIN,
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="categories", verbose_name="居民")
    kind = models.CharField("类别", max_length=32)
    span = DateRangeField("起止日期")
    certificate_number = EncryptedTextField("证件编号", null=True)
    level = models.CharField("级别", max_length=24, blank=True)
    decision = models.CharField("认定文号", max_length=60, blank=True)
    decided_on = models.DateField("认定日期", null=True)

    class Meta(Versioned.Meta):
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
                condition=IS_CURRENT,
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False), name="category_span_is_sound"
            ),
        )
        indexes = (models.Index(fields=["community", "kind"], name="category_by_kind"),)

    def __str__(self) -> str:
        return self.kind


from .models_requests import CorrectionRequest  # noqa: E402  # these bind what stands above
from .models_ties import LikenessVerdict, Merge, Tie  # noqa: E402

__all__ = [
    "Category",
    "CorrectionRequest",
    "Document",
    "Fact",
    "Household",
    "LikenessVerdict",
    "Merge",
    "Residence",
    "Resident",
    "Tie",
]
