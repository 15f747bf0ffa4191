"""What people agreed to, what they asked about their own data, and how much one account reads of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel
from linli.residents.models import Resident

from . import rules


class ReadingHour(TenantModel):
    """查看计数: how many people one account saw in one hour. Counted by the database (one upsert), so that no two pages lose one.

    Whom it saw is on the trail (`resident.listed`, `resident.opened`, `resident.revealed`); here stand numbers alone.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = dict.fromkeys(
        ("account_id", "hour", "listed", "opened", "revealed", "outside", "allowed", "told_at"), Held.PLAIN
    )

    account_id = models.UUIDField("账号")
    hour = models.DateTimeField("钟点")  # its beginning
    listed = models.PositiveIntegerField("清单上看到", default=0)
    opened = models.PositiveIntegerField("打开档案", default=0)
    revealed = models.PositiveIntegerField("查看完整号码", default=0)
    outside = models.PositiveIntegerField("片区以外", default=0)
    allowed = models.PositiveSmallIntegerField("说明理由次数", default=0)
    told_at = models.DateTimeField("提醒时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "查看计数"
        constraints = (
            models.UniqueConstraint(fields=["community", "account_id", "hour"], name="reading_hour_of_account"),
        )
        indexes = (models.Index(fields=["community", "hour"], name="reading_hour_by_hour"),)

    @property
    def tally(self) -> rules.Tally:
        return rules.Tally(self.listed, self.opened, self.revealed, self.outside, self.allowed)


class Way(models.TextChoices):
    """How somebody agreed or took it back."""

    PAGE = "page", "本人在网页上"
    PAPER = "paper", "书面，社工登记"
    SPOKEN = "spoken", "当面口头，社工登记"


class Consent(TenantModel):
    """同意: a person agreed to one purpose, in one version of its text (`consents`). Withdrawn ones stay as proof for a time."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "note": Held.MASKED,
        **dict.fromkeys(
            (
                *("resident", "purpose", "version", "guardian", "given_at", "given_by", "way"),
                *("withdrawn_at", "withdrawn_by", "withdrawn_way"),
            ),
            Held.PLAIN,
        ),
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="consents", verbose_name="居民")
    purpose = models.CharField("用途", max_length=24)
    version = models.PositiveSmallIntegerField("文字版本")
    guardian = TenantForeignKey(Resident, models.PROTECT, related_name="+", null=True, verbose_name="代为同意的监护人")
    given_at = models.DateTimeField("同意时间")
    given_by = models.UUIDField("登记账号", null=True)
    way = models.CharField("怎样同意", max_length=8, choices=Way.choices)
    note = models.CharField("书面材料", max_length=120, blank=True)  # where the signed paper lies
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.UUIDField("撤回登记账号", null=True)
    withdrawn_way = models.CharField("怎样撤回", max_length=8, choices=Way.choices, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "同意"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "resident", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
                name="consent_once_at_a_time",
            ),
        )


class RequestState(models.TextChoices):
    ASKED = "asked", "等待答复"
    ANSWERED = "answered", "已答复"
    WITHDRAWN = "withdrawn", "已撤回"


class RequestKind(models.TextChoices):
    CORRECT = "correct", "更正"
    DELETE = "delete", "删除"
    EXPLAIN = "explain", "解释说明"


class Outcome(models.TextChoices):
    DONE = "done", "照办了"
    PARTLY = "partly", "办了一部分"
    REFUSED = "refused", "没有办，有法定理由"


class RightsRequest(TenantModel):
    """个人信息请求: somebody asks the community to correct, delete or explain what it holds of her; answered by a day."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "words": Held.ENCRYPTED,
        "answer": Held.ENCRYPTED,
        **dict.fromkeys(
            ("resident", "kind", "state", "asked_at", "asked_by", "due_on", "answered_at", "answered_by", "outcome"),
            Held.PLAIN,
        ),
    }
    State = RequestState
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        RequestState.ASKED: frozenset({RequestState.ANSWERED, RequestState.WITHDRAWN}),
        RequestState.ANSWERED: frozenset(),
        RequestState.WITHDRAWN: frozenset(),
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="rights_requests", verbose_name="居民")
    kind = models.CharField("请求", max_length=8, choices=RequestKind.choices)
    words = EncryptedTextField("怎么说的")
    state = models.CharField("状态", max_length=12, choices=RequestState.choices, default=RequestState.ASKED)
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.UUIDField("提出账号")
    due_on = models.DateField("答复期限")
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.UUIDField("答复账号", null=True)
    outcome = models.CharField("结果", max_length=8, choices=Outcome.choices, blank=True)
    answer = EncryptedTextField("答复", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "个人信息请求"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "resident", "kind"],
                condition=Q(state=RequestState.ASKED),
                name="rights_request_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.ANSWERED) | (~Q(outcome="") & Q(answer__isnull=False)),
                name="rights_request_answer_is_whole",
            ),
        )
        indexes = (models.Index(fields=["community", "state", "due_on"], name="rights_request_due"),)


class LegalHold(TenantModel):
    """法律保全: nothing of the person is deleted while it stands, whatever the time limits say."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "because": Held.ENCRYPTED,
        **dict.fromkeys(("resident", "held_at", "held_by", "lifted_at"), Held.PLAIN),
    }

    resident = TenantForeignKey(Resident, models.PROTECT, related_name="legal_holds", verbose_name="居民")
    because = EncryptedTextField("为什么保全")
    held_at = models.DateTimeField("保全时间")
    held_by = models.UUIDField("保全账号", null=True)
    lifted_at = models.DateTimeField("解除时间", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "法律保全"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "resident"], condition=Q(lifted_at__isnull=True), name="legal_hold_once"
            ),
        )
