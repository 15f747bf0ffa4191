"""A roster on its way into the register: the file as it came, what its columns hold, each row with its verdict, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linli.core.fields import EncryptedTextField
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel


class State(models.TextChoices):
    """What happens to an import, in this order."""

    READ = "read", "等您确认各列"
    CHECKING = "checking", "正在核对"
    CHECKED = "checked", "核对好了，等您决定"
    RUNNING = "running", "正在导入"
    DONE = "done", "已导入"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    DROPPED = "dropped", "没有导入"


class Import(TenantModel):
    """导入: one sheet of one file. Nothing reaches the register before `RUNNING`; within UNDO_DAYS it can be taken back."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "columns": Held.ENCRYPTED,
        **dict.fromkeys(
            (
                "name", "sender", "sheet", "layout", "heading", "mapping", "state", "counts", "rows_total", "rows_done",
                "made_by", "made_at", "began_at", "finished_at", "step_at", "trouble", "let_go_at",
            ),
            Held.PLAIN,
        ),
    }  # fmt: skip
    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        State.READ: frozenset({State.CHECKING, State.DROPPED}),
        State.CHECKING: frozenset({State.CHECKED, State.READ, State.DROPPED}),
        State.CHECKED: frozenset({State.CHECKING, State.RUNNING, State.DROPPED}),
        State.RUNNING: frozenset({State.DONE, State.UNDOING}),
        State.DONE: frozenset({State.UNDOING}),
        State.UNDOING: frozenset({State.UNDONE}),
        State.UNDONE: frozenset(),
        State.DROPPED: frozenset(),
    }

    name = models.CharField("文件名", max_length=120)
    sender = models.CharField("谁给的表", max_length=60, blank=True)
    sheet = models.CharField("工作表", max_length=80)
    layout = models.CharField("表样", max_length=32)
    heading = models.JSONField("表头位置", default=dict)
    columns = EncryptedTextField("各列的建议")  # with three samples each: people's data
    mapping = models.JSONField("各列是什么", default=dict)
    state = models.CharField("进度", max_length=12, choices=State.choices, default=State.READ)
    counts = models.JSONField("核对结果", default=dict)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    rows_done = models.PositiveIntegerField("已处理行数", default=0)
    made_by = models.UUIDField("谁导入", null=True)
    made_at = models.DateTimeField("上传时间")
    began_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    step_at = models.DateTimeField("这一步何时开始", null=True)  # judging, writing or taking back: for rows a second
    trouble = models.CharField("没做成的原因", max_length=200, blank=True)
    let_go_at = models.DateTimeField("内容何时删除", null=True)  # file, rows and samples are gone; the numbers stay

    class Meta(TenantModel.Meta):
        verbose_name = "导入"
        indexes = (models.Index(fields=["community", "made_at"], name="import_by_time"),)

    def __str__(self) -> str:
        return str(self.pk)


class Verdict(models.TextChoices):
    """What a row would do to the register."""

    NEW = "new", "新增"
    CHANGED = "changed", "有变化"
    SAME = "same", "不变"
    DOUBTFUL = "doubtful", "拿不准"
    WRONG = "wrong", "有问题"


class Decision(models.TextChoices):
    """What a person said about a doubtful row."""

    NONE = "", "还没定"
    SAME_PERSON = "same", "是同一个人"
    NEW_PERSON = "new", "是另一个人"
    SKIP = "skip", "这行不导"


class ImportRow(TenantModel):
    """导入行: one row of the sheet as it was read, what it would do, and once it is in the register what stood there before."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "facts": Held.ENCRYPTED,
        "before": Held.ENCRYPTED,
        **dict.fromkeys(
            (
                "batch",
                "number",
                "verdict",
                "reasons",
                "resident",
                "candidates",
                "key",
                "decision",
                "is_applied",
                "is_made_here",
            ),
            Held.PLAIN,
        ),
    }

    batch = TenantForeignKey(Import, models.CASCADE, related_name="rows", verbose_name="导入")
    number = models.PositiveIntegerField("行号")  # as the spreadsheet counts, from 1
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices)
    facts = EncryptedTextField("内容")
    reasons = models.JSONField("原因", default=list)  # [[code of the column, sentence], …], never what was written
    resident = models.UUIDField("居民", null=True)  # no key: whom a row made may leave the register again
    candidates = ArrayField(models.UUIDField(), verbose_name="可能是谁", default=list)  # the likeliest first
    key = models.BinaryField("同一个人的摘要", max_length=16, null=True)  # keyed; the same in rows about one person
    decision = models.CharField("处理", max_length=8, choices=Decision.choices, blank=True, default=Decision.NONE)
    is_applied = models.BooleanField("已写入", default=False)
    is_made_here = models.BooleanField("由这次导入新建", default=False)
    before = EncryptedTextField("写入前", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "导入行"
        constraints = (
            models.UniqueConstraint(fields=["community", "batch", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(is_applied=False) | Q(resident__isnull=False), name="import_row_applied_to_somebody"
            ),
        )
        indexes = (models.Index(fields=["community", "batch", "verdict", "number"], name="import_row_by_verdict"),)

    def __str__(self) -> str:
        return f"row {self.number}"


class Layout(TenantModel):
    """表样: what the columns of a sender's sheet were confirmed to hold, so that the next one of its kind asks nothing."""

    sender = models.CharField("谁给的表", max_length=60, blank=True)
    layout = models.CharField("表样", max_length=32)
    mapping = models.JSONField("各列是什么", default=dict)  # heading → code, "" for a column that is not imported
    confirmed_at = models.DateTimeField("确认时间")

    class Meta(TenantModel.Meta):
        verbose_name = "表样"
        constraints = (models.UniqueConstraint(fields=["community", "sender", "layout"], name="layout_of_sender"),)

    def __str__(self) -> str:
        return self.layout
