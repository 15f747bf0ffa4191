"""事项: what somebody asks of the community, from the report to the rating."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from linli.core import clock
from linli.core.db import ClientMade
from linli.core.fields import EncryptedTextField
from linli.core.keys import KeysField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.worktime.rules import Unit as UnitOfTime
from linli.worktime.rules import amount_words

from . import rules, rules_kinds
from .models_routing import RoutingRule
from .rules import Outcome


class State(models.TextChoices):
    REPORTED = "reported", "待受理"
    ACCEPTED = "accepted", "办理中"
    HANDED_ON = "handed_on", "已转办"
    MERGED = "merged", "已并案"
    FED_BACK = "fed_back", "待确认"
    CLOSED = "closed", "已办结"
    REFUSED = "refused", "不予受理"


class Queue(models.TextChoices):
    """前后台: the front desk is the specialist of the sub-area; the back office takes what is passed to it."""

    FRONT = "front", "片区专员"
    BACK = "back", "后台社工"


class Source(models.TextChoices):
    RESIDENT = "resident", "居民自报"
    NEIGHBOUR = "neighbour", "替邻居报"
    DESK = "desk", "社工代报"
    PHONE = "phone", "电话"
    COUNTER = "counter", "来访"
    FOUND = "found", "社工发现"
    HOTLINE = "hotline", "12345 热线"
    DEVICE = "device", "设备报警"
    OPEN311 = "open311", "别的程序"
    STICKER = "sticker", "扫贴码"


NOT_THE_REPORTERS = frozenset({Source.DESK, Source.PHONE, Source.COUNTER, Source.FOUND, Source.HOTLINE, Source.DEVICE})
"""Whose account stands as the reporter is not who asked: staff took it down, or a device rang. Needs MATTERS_REPORT_FOR_OTHERS."""


class Consent(models.TextChoices):
    """How a resident agreed that a colleague reports for her: kept with the report and on the trail."""

    IN_PERSON = "in_person", "本人当面同意"
    PHONE = "phone", "本人电话同意"
    FAMILY = "family", "家属代为同意"


class Unit(models.TextChoices):
    """What a kind's promise is counted in; the limits of single states are in working hours."""

    WORKING_HOURS = UnitOfTime.WORKING_HOURS.value, "工作小时"
    WORKING_DAYS = UnitOfTime.WORKING_DAYS.value, "工作日"
    CALENDAR_DAYS = UnitOfTime.CALENDAR_DAYS.value, "自然日"


class Ending(models.TextChoices):
    """Three endings kept apart; a matter answered has exactly one."""

    SOLVED = Outcome.SOLVED.value, "已解决"
    EXPLAINED = Outcome.EXPLAINED.value, "已解释"
    IMPOSSIBLE = Outcome.IMPOSSIBLE.value, "无法办理"


class Grade(models.TextChoices):
    """层级: whose strength a matter usually takes."""

    GRID = "L1", "网格能办"
    COMMUNITY = "L2", "社区能办"
    STREET = "L3", "要街道部门"
    DISTRICT = "L4", "要区级部门"
    URGENT = "urgent", "紧急"


class Evidence(models.TextChoices):
    """Whether an answer “solved” shows a photo of how it is now."""

    NONE = "none", "不用照片"
    WANTED = "wanted", "最好有办好后的照片"
    NEEDED = "needed", "必须有办好后的照片"


class MatterKind(TenantModel):
    """类别: a tree of at most five levels, each community's own data; `actions.set_up_kinds` lays out a usual one.

    What a kind leaves empty it has from the kind above it: `held` answers.
    """

    parent = TenantForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name="上级类别")
    path = ArrayField(models.CharField(max_length=24), default=list, verbose_name="从顶层到这一类的代码")
    level = models.PositiveSmallIntegerField("第几层", default=1)
    code = models.CharField("代码", max_length=24)
    name = models.CharField("名称", max_length=20)
    icon = models.CharField("图标", max_length=24, blank=True)
    hint = models.CharField("举例", max_length=60, blank=True)
    promise_days = models.PositiveSmallIntegerField(
        "承诺办结", default=7
    )  # counted in `promise_unit`: days unless it says hours
    promise_unit = models.CharField("承诺按什么算", max_length=16, choices=Unit.choices, default=Unit.CALENDAR_DAYS)
    accept_hours = models.PositiveSmallIntegerField("受理时限（工作小时）", null=True)
    handle_hours = models.PositiveSmallIntegerField("处置时限（工作小时）", null=True)
    party_hours = models.PositiveSmallIntegerField("承办单位答复时限（工作小时）", null=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_offered = models.BooleanField("可上报", default=True)
    questions = models.JSONField("要问的", default=list)
    side = models.CharField("责任方", max_length=8, choices=Queue.choices, blank=True)
    grade = models.CharField("层级", max_length=8, choices=Grade.choices, blank=True)
    duplicate_metres = models.PositiveSmallIntegerField("多近算同一处", null=True)
    duplicate_days = models.PositiveSmallIntegerField("几天内算同一件", null=True)
    evidence = models.CharField("办好后的照片", max_length=8, choices=Evidence.choices, blank=True)
    templates = models.JSONField("常用答复", default=dict)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["community", "code"], name="matter_kind_code"),
            models.CheckConstraint(condition=Q(level__range=(1, rules_kinds.DEEPEST)), name="matter_kind_level"),
            models.CheckConstraint(condition=Q(path__len=F("level")), name="matter_kind_path"),
            models.CheckConstraint(
                condition=Q(level=1, parent__isnull=True) | Q(level__gt=1, parent__isnull=False),
                name="matter_kind_top",
            ),
        )
        ordering = ("level", "order", "code")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new kind's place in the tree follows from the kind above it."""
        self.stand_under(self.parent)
        super().save(*args, **kwargs)

    def stand_under(self, parent: MatterKind | None) -> None:
        self.parent = parent
        self.path = [*(parent.path if parent else ()), self.code]
        self.level = len(self.path)

    def held(self, name: str) -> Any:
        """What the kind says of `name`, or the nearest kind above it that says anything."""
        kind: MatterKind | None = self
        while kind is not None:
            if (said := getattr(kind, name)) not in (None, "", [], {}):
                return said
            kind = kind.parent
        return getattr(self, name)

    @property
    def asks(self) -> tuple[rules_kinds.Question, ...]:
        return rules_kinds.questions_of(self.held("questions"))

    @property
    def promise_words(self) -> str:
        """3 个工作日."""
        return amount_words(self.promise_days, self.promise_unit)


class DayCount(TenantModel):
    """How many matters a community has numbered on a day; one row a day, moved by a conditional upsert."""

    day = models.DateField("日期")
    last = models.PositiveIntegerField("已编到")

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["community", "day"], name="matter_day_count"),)


class Matter(ClientMade, TenantModel):
    """事项. `id` is made by the reporter's phone; `number` is what people say on the telephone."""

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        State.REPORTED: frozenset(
            {State.ACCEPTED, State.REPORTED, State.REFUSED, State.MERGED}
        ),  # to itself: passed to the back office
        State.ACCEPTED: frozenset({State.FED_BACK, State.REPORTED, State.HANDED_ON, State.MERGED}),
        State.HANDED_ON: frozenset(
            {State.ACCEPTED}
        ),  # when the last organisation's answer is checked, or it gave it back
        State.MERGED: frozenset({State.REPORTED, State.ACCEPTED}),  # parted again, to where it was
        State.FED_BACK: frozenset({State.CLOSED, State.ACCEPTED}),  # back: the reporter says it is not settled
        State.CLOSED: frozenset({State.ACCEPTED}),
        State.REFUSED: frozenset(),
    }
    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "contact_phone": Held.ENCRYPTED,
        "contact_name": Held.MASKED,
        "words": Held.MASKED,
        "answers": Held.MASKED,
        "place_note": Held.MASKED,
        "rating_words": Held.MASKED,
        **dict.fromkeys(
            (
                "number", "kind", "state", "queue", "source", "sub_area", "building", "entrance", "dwelling", "reporter",
                "for_resident", "handler", "reported_at", "accepted_at", "fed_back_at", "closed_at", "due_at", "ending", "rating",
                "reopened_count", "look_at", "paused_until", "extended_count", "raised_to", "consent", "merged_into", "made_by",
                "made_hash", "grade", "routed_by", "routed_because",
            ),
            Held.PLAIN,
        ),
        "find_keys": Held.MASKED,
    }  # fmt: skip

    number = models.CharField("编号", max_length=16)
    kind = TenantForeignKey(MatterKind, models.PROTECT, related_name="matters", verbose_name="类别")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.REPORTED)
    queue = models.CharField("由谁办", max_length=8, choices=Queue.choices, default=Queue.FRONT)
    source = models.CharField("来源", max_length=12, choices=Source.choices)
    words = models.TextField("情况", max_length=1000)
    answers = models.JSONField("问到的", default=list)
    grade = models.CharField("层级", max_length=8, choices=Grade.choices, default=Grade.GRID)
    sub_area = TenantForeignKey("places.SubArea", models.PROTECT, null=True, related_name="+", verbose_name="片区")
    building = TenantForeignKey("places.Building", models.PROTECT, null=True, related_name="+", verbose_name="楼栋")
    entrance = TenantForeignKey("places.Entrance", models.PROTECT, null=True, related_name="+", verbose_name="单元")
    dwelling = TenantForeignKey("places.Dwelling", models.PROTECT, null=True, related_name="+", verbose_name="房屋")
    routed_by = TenantForeignKey(
        RoutingRule, models.PROTECT, null=True, related_name="matters", verbose_name="按哪条规则分派"
    )
    routed_because = models.CharField("为什么到这里", max_length=120, blank=True)
    find_keys = KeysField("检索", of=rules.find_words_of)
    place_note = models.CharField("位置补充", max_length=120, blank=True)
    reporter = models.UUIDField("上报账号")
    for_resident = TenantForeignKey(
        "residents.Resident", models.PROTECT, null=True, related_name="+", verbose_name="为谁上报"
    )
    consent = models.CharField("怎样同意代办", max_length=12, choices=Consent.choices, blank=True)
    contact_name = models.CharField("联系人", max_length=80, blank=True)
    contact_phone = EncryptedTextField("联系电话", null=True)
    handler = models.UUIDField("经办账号", null=True)
    reported_at = models.DateTimeField("上报时间")
    accepted_at = models.DateTimeField("受理时间", null=True)
    fed_back_at = models.DateTimeField("反馈时间", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    due_at = models.DateTimeField("承诺办结")
    ending = models.CharField("结果", max_length=12, choices=Ending.choices, blank=True)
    rating = models.PositiveSmallIntegerField("满意度", null=True)
    rating_words = models.CharField("评价", max_length=300, blank=True)
    reopened_count = models.PositiveSmallIntegerField("重开次数", default=0)
    merged_into = TenantForeignKey("self", models.PROTECT, null=True, related_name="joined", verbose_name="并到哪件")
    look_at = models.DateTimeField(
        "几时再看", null=True, default=clock.now
    )  # None: nothing more to be said of its deadline
    paused_until = models.DateTimeField("暂停到", null=True)
    extended_count = models.PositiveSmallIntegerField("延期次数", default=0)
    raised_to = models.CharField("超时报到", max_length=12, blank=True)  # secretary, then street

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["community", "number"], name="matter_number"),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="matter_rating"),
            models.CheckConstraint(
                condition=~Q(state__in=["fed_back", "closed"]) | ~Q(ending=""), name="matter_answered_has_ending"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["fed_back", "closed"]) | Q(fed_back_at__isnull=False),
                name="matter_answered_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="matter_merged_says_where",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False), name="matter_closed_has_time"
            ),
        )
        indexes = (
            models.Index(fields=["community", "state", "due_at"], name="matter_open"),
            models.Index(fields=["community", "sub_area", "state", "due_at"], name="matter_patch"),
            models.Index(fields=["community", "reported_at"], name="matter_reported"),
            models.Index(fields=["community", "kind", "state", "reported_at"], name="matter_alike"),
            models.Index(fields=["community", "kind", "reported_at"], name="matter_like_it"),
            models.Index(fields=["community", "reporter", "reported_at"], name="matter_reporter"),
            models.Index(fields=["community", "look_at"], name="matter_look", condition=Q(look_at__isnull=False)),
            GinIndex(fields=["find_keys"], name="matter_by_keys"),
        )

    is_supervised = False  # said by the queries that read supervisions
    is_to_check = False  # said by the queries that read handovers: an organisation's answer waits for the desk

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late_at(self, moment: datetime) -> bool:
        """Answered after its promise, or not answered by `moment` although due."""
        return self.state not in (State.REFUSED, State.MERGED) and (self.fed_back_at or moment) >= self.due_at


OPEN = (State.REPORTED, State.ACCEPTED, State.HANDED_ON)
IN_HAND = (State.ACCEPTED, State.HANDED_ON)
OUTCOME_OF_STATE = {State.REFUSED: Outcome.REFUSED, State.MERGED: Outcome.MERGED, **dict.fromkeys(OPEN, Outcome.OPEN)}


def late_at(moment: datetime) -> Q:
    """Matters late as seen at `moment`; the query's form of `Matter.is_late_at`."""
    return Q(state__in=OPEN, due_at__lte=moment) | Q(
        state__in=[State.FED_BACK, State.CLOSED], fed_back_at__gte=F("due_at")
    )


def outcome_of(matter: Matter) -> Outcome:
    """The one outcome the month's table counts `matter` under."""
    return OUTCOME_OF_STATE.get(State(matter.state)) or Outcome(matter.ending)


class Note(TenantModel):
    """What somebody wrote at a step; the trail holds the step itself and this row's id, never the words."""

    append_only = True
    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "words": Held.MASKED,
        **dict.fromkeys(("matter", "verb", "made_by", "made_at"), Held.PLAIN),
    }

    matter = TenantForeignKey(Matter, models.PROTECT, related_name="notes", verbose_name="事项")
    verb = models.CharField("步骤", max_length=64)
    words = models.TextField("内容", max_length=1000)
    made_by = models.UUIDField("谁", null=True)
    made_at = models.DateTimeField("时间")


class MonthTable(TenantModel):
    """月表: asked for at the desk, made by a job, kept as the file it was. Its rows are frozen beside the file."""

    class Making(models.TextChoices):
        WAITING = "waiting", "正在生成"
        READY = "ready", "已生成"

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        Making.WAITING: frozenset({Making.READY}),
        Making.READY: frozenset(),
    }

    month = models.DateField("月份")
    state = models.CharField("状态", max_length=12, choices=Making.choices, default=Making.WAITING)
    asked_by = models.UUIDField("谁要的", null=True)
    asked_at = models.DateTimeField("何时要的")
    made_at = models.DateTimeField("生成时间", null=True)
    rows = models.JSONField("各行", default=list)

    class Meta(TenantModel.Meta):
        indexes = (models.Index(fields=["community", "month"], name="month_table_month"),)


from .models_calls import CalledUnit, WhistleCall  # noqa: E402
from .models_clock import AskState, ClockMark, Extension, Mark, Pause, PauseReason  # noqa: E402
from .models_handovers import HANDED, Handover, HandoverState  # noqa: E402  (these stand on the tables above)
from .models_lookup import LookUpTry  # noqa: E402
from .models_supervision import Supervision, SupervisionState  # noqa: E402

__all__ = [
    "HANDED",
    "IN_HAND",
    "OPEN",
    "OUTCOME_OF_STATE",
    "AskState",
    "CalledUnit",
    "ClockMark",
    "Consent",
    "DayCount",
    "Ending",
    "Evidence",
    "Extension",
    "Grade",
    "Handover",
    "HandoverState",
    "LookUpTry",
    "Mark",
    "Matter",
    "MatterKind",
    "MonthTable",
    "Note",
    "Pause",
    "PauseReason",
    "Queue",
    "Source",
    "State",
    "Supervision",
    "SupervisionState",
    "Unit",
    "WhistleCall",
    "late_at",
    "outcome_of",
]
