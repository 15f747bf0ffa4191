"""走访: whom the community calls on and how often, what is due, and what was found at the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from linli.core.db import ClientMade
from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.matters.models import Matter
from linli.places.models import Dwelling
from linli.residents.models import Resident


class Risk(models.TextChoices):
    HIGH = "high", "高风险"
    KEY = "key", "重点"
    GENERAL = "general", "一般"


class Every(models.TextChoices):
    WEEK = "week", "每周"
    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"


class Channel(models.TextChoices):
    """How one was in touch."""

    DOOR = "door", "上门"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"
    PAIRING = "pairing", "结对探访"
    NEIGHBOUR = "neighbour", "问邻居"


class Cause(models.TextChoices):
    """Why somebody is to be called on."""

    ROUTINE = "routine", "按期走访"
    FOLLOW_UP = "follow_up", "没见到，当天再访"
    CHANGE = "change", "家里有变化"
    EXTRA = "extra", "加访"
    AGREED = "agreed", "约好的"


class Found(models.TextChoices):
    """How it went."""

    MET = "met", "见到了"
    ABSENT = "absent", "没见到"
    DECLINED = "declined", "不愿见"


class ExtraKind(models.TextChoices):
    WEATHER = "weather", "天气"
    FESTIVAL = "festival", "节日"
    OTHER = "other", "其他"


class VisitPolicy(TenantModel):
    """走访规则: who is called on (categories, and a group's conditions), how often, by what ways, and what is asked.

    It holds no people: who is on its roll is asked anew each day. A rule that was ended stays for what it once asked.
    """

    name = models.CharField("名称", max_length=24)
    risk = models.CharField("风险等级", max_length=8, choices=Risk.choices)
    every = models.CharField("多久一次", max_length=8, choices=Every.choices)
    categories = models.JSONField("居民类别", default=list)  # any of them
    conditions = models.JSONField("条件", default=list)  # triples, as a group keeps them; all of them
    channels = models.JSONField("算数的方式", default=list)
    questions = models.JSONField("问什么", default=list)
    wants_photo = models.BooleanField("要拍门口", default=False)
    is_light = models.BooleanField("志愿者可以代走", default=False)
    is_extra_on_change = models.BooleanField("家里有变化加一次", default=True)
    made_by = models.UUIDField("谁定的")
    made_at = models.DateTimeField("定下时间")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "走访规则"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "name"], condition=Q(ended_at__isnull=True), name="visit_policy_named_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ExtraRound(TenantModel):
    """加访: in bad weather or before a festival everybody on the roll is called on once more, until a day."""

    kind = models.CharField("因为", max_length=12, choices=ExtraKind.choices)
    reason = models.CharField("原因", max_length=100)
    risks = models.JSONField("哪些人", default=list)  # of `Risk`; empty: everybody
    from_on = models.DateField("开始")
    due_on = models.DateField("走完")
    made_by = models.UUIDField("谁开的")
    made_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "加访"
        constraints = (models.CheckConstraint(condition=Q(due_on__gte=F("from_on")), name="extra_round_has_days"),)

    def __str__(self) -> str:
        return self.reason


class VisitSession(ClientMade, TenantModel):
    """入户: one pass at one door (or on the telephone with it), by one colleague. The phone makes its id."""

    dwelling = TenantForeignKey(Dwelling, models.PROTECT, related_name="+", verbose_name="房屋")
    channel = models.CharField("方式", max_length=12, choices=Channel.choices)
    at = models.DateTimeField("时间")

    class Meta(TenantModel.Meta):
        verbose_name = "入户"
        indexes = (
            models.Index(fields=["community", "made_by", "at"], name="visit_session_by_maker"),
            models.Index(fields=["community", "dwelling", "at"], name="visit_session_by_door"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Visit(TenantModel):
    """走访: how one person was found. `counts` says whether it is a visit in the sense of her rule (met, by a way it accepts)."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "answers": Held.ENCRYPTED,
        "words": Held.ENCRYPTED,
        **dict.fromkeys(
            ("session", "resident", "at", "found", "counts", "is_worrying", "is_confirmed", "matter"), Held.PLAIN
        ),
    }

    session = TenantForeignKey(VisitSession, models.PROTECT, related_name="visits", verbose_name="入户")
    resident = TenantForeignKey(Resident, models.PROTECT, related_name="visits", verbose_name="居民")
    at = models.DateTimeField("时间")
    found = models.CharField("结果", max_length=12, choices=Found.choices)
    counts = models.BooleanField("算一次走访", default=False)
    answers = EncryptedTextField("回答", null=True)  # JSON: question to answer, codes
    words = EncryptedTextField("补充", null=True)
    is_worrying = models.BooleanField("要留意", default=False)
    is_confirmed = models.BooleanField("核实了档案", default=False)
    matter = TenantForeignKey(Matter, models.PROTECT, related_name="+", null=True, verbose_name="转成的事项")

    class Meta(TenantModel.Meta):
        verbose_name = "走访"
        constraints = (
            models.UniqueConstraint(fields=["community", "session", "resident"], name="visit_once_a_session"),
            models.CheckConstraint(condition=Q(counts=False) | Q(found="met"), name="visit_counts_when_met"),
        )
        indexes = (
            models.Index(fields=["community", "resident", "at"], name="visit_by_resident"),
            models.Index(fields=["community", "at"], name="visit_by_time"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class PlanState(models.TextChoices):
    OPEN = "open", "要走"
    DONE = "done", "走过了"
    DROPPED = "dropped", "不用走了"


class VisitPlan(TenantModel):
    """该走的一次: somebody is to be called on from one day to another. One for each person, cause and first day: the database says so."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        (
            "resident", "policy", "extra", "cause", "from_on", "due_on", "state", "assignee", "reason", "visit", "made_at",
            "closed_at",
        ),
        Held.PLAIN,
    )  # fmt: skip
    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        PlanState.OPEN: frozenset({PlanState.DONE, PlanState.DROPPED}),
        PlanState.DONE: frozenset(),
        PlanState.DROPPED: frozenset(),
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="visit_plans", verbose_name="居民")
    policy = TenantForeignKey(VisitPolicy, models.PROTECT, related_name="plans", null=True, verbose_name="走访规则")
    extra = TenantForeignKey(ExtraRound, models.PROTECT, related_name="plans", null=True, verbose_name="加访")
    cause = models.CharField("为什么", max_length=12, choices=Cause.choices)
    from_on = models.DateField("开始")
    due_on = models.DateField("走完")
    state = models.CharField("状态", max_length=8, choices=PlanState.choices, default=PlanState.OPEN)
    assignee = models.UUIDField("交给谁", null=True)
    reason = models.CharField("说明", max_length=40, blank=True)
    visit = TenantForeignKey(Visit, models.PROTECT, related_name="plans", null=True, verbose_name="哪次走的")
    made_at = models.DateTimeField("列入时间")
    closed_at = models.DateTimeField("了结时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "走访计划"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "resident", "cause", "from_on"], name="visit_plan_once_a_period"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("from_on")), name="visit_plan_has_days"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(visit__isnull=False), name="visit_plan_done_by_a_visit"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(closed_at__isnull=False), name="visit_plan_closed_has_time"
            ),
        )
        indexes = (
            models.Index(fields=["community", "state", "due_on"], name="visit_plan_by_due"),
            models.Index(fields=["community", "assignee", "state"], name="visit_plan_by_assignee"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class VisitErrand(TenantModel):
    """代走: a volunteer walks one light plan until a day, and sees for it a name, a door and what to ask: nothing else."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        ("plan", "volunteer", "until", "given_by", "given_at", "ended_at"), Held.PLAIN
    )

    plan = TenantForeignKey(VisitPlan, models.PROTECT, related_name="errands", verbose_name="走访计划")
    volunteer = models.UUIDField("志愿者账号")
    until = models.DateField("到哪天")
    given_by = models.UUIDField("谁交的")
    given_at = models.DateTimeField("交出时间")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "代走"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "plan"], condition=Q(ended_at__isnull=True), name="visit_errand_given_once"
            ),
        )
        indexes = (models.Index(fields=["community", "volunteer", "until"], name="visit_errand_by_volunteer"),)

    def __str__(self) -> str:
        return str(self.pk)
