"""The trail and its seals, stored files, and drafts. Everything else of the core is behaviour."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import Func
from django.db.models.functions import Cast

from .fields import EncryptedTextField
from .privacy import Held
from .tenancy import TenantModel

TRANSACTION_ID = Cast(Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField())


class TrailEntry(TenantModel):
    """操作留痕: who did what to which record, when, from where. Written in the deed's own transaction; never changed.

    It is at once audit, timeline, outbox, live feed and the trigger of what follows. It holds ids and plain facts, never names or numbers
    of persons. `xact` is the writing transaction's id, by which the relay finds what has been committed since it last looked.
    """

    append_only = True
    is_vouched_for = True  # by the row it is about, in the same transaction
    about_people: ClassVar[bool] = False

    at = models.DateTimeField("时间")
    verb = models.CharField("动作", max_length=64)
    subject_kind = models.CharField("对象类型", max_length=48)
    subject_id = models.UUIDField("对象")
    account_id = models.UUIDField("账号", null=True)
    role = models.CharField("身份", max_length=24, blank=True)
    on_behalf_of = models.UUIDField("代谁", null=True)
    via = models.CharField("途径", max_length=12)
    request_id = models.UUIDField("请求", null=True)
    facts = models.JSONField("内容", default=dict)
    touches = ArrayField(models.UUIDField(), verbose_name="相关", default=list)
    xact = models.BigIntegerField(db_default=TRANSACTION_ID, editable=False)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["community", "subject_id", "at"], name="trail_subject"),
            models.Index(fields=["xact"], name="trail_xact"),
            models.Index(
                fields=["community", "at"],
                name="trail_reading",
                condition=models.Q(verb__in=["resident.listed", "resident.opened"]),
            ),
        )


class TrailSeal(TenantModel):
    """封签: the n-th link of a community's hash chain over its trail. Insert-only, by the audit role alone."""

    append_only = True
    is_vouched_for = True  # by the entry it seals

    n = models.BigIntegerField("序号")
    entry_id = models.UUIDField("留痕")
    hash = models.BinaryField("摘要", max_length=32)
    sealed_at = models.DateTimeField("封签时间")

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["community", "n"], name="trail_seal_n"),
            models.UniqueConstraint(fields=["community", "entry_id"], name="trail_seal_entry"),
        )


class StoredFile(TenantModel):
    """附件: what a row keeps in the file store. Reading it is re-authorised each time through the row it belongs to."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "owner_kind": Held.PLAIN,
        "owner_id": Held.PLAIN,
        "purpose": Held.PLAIN,
        "path": Held.PLAIN,
        "name": Held.MASKED,
        "media_type": Held.PLAIN,
        "size_bytes": Held.PLAIN,
        "sha256": Held.PLAIN,
        "made_by": Held.PLAIN,
        "made_at": Held.PLAIN,
    }

    owner_kind = models.CharField("所属类型", max_length=48)
    owner_id = models.UUIDField("所属记录")
    purpose = models.CharField("用途", max_length=24)
    path = models.CharField("存放位置", max_length=200)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=100)
    size_bytes = models.PositiveIntegerField("大小")
    sha256 = models.BinaryField("摘要", max_length=32)
    made_by = models.UUIDField("上传账号", null=True)
    made_at = models.DateTimeField("上传时间")

    class Meta(TenantModel.Meta):
        indexes = (models.Index(fields=["community", "owner_id"], name="file_owner"),)


class Draft(TenantModel):
    """草稿: what an account is writing in one form, until it is sent. Its writer's alone; see `core.drafts`.

    `sent_page` is the page (one rendering in one tab) whose form was sent last: what that page, or one the same browser had shown
    before it, saves too late is not taken.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "values": Held.ENCRYPTED,
        **dict.fromkeys(("account", "form", "saved_at", "sent_page"), Held.PLAIN),
    }

    account = models.UUIDField("账号")
    form = models.CharField("表单", max_length=80)
    values = EncryptedTextField("内容", null=True)
    saved_at = models.DateTimeField("保存时间")
    sent_page = models.UUIDField("送出的页面", null=True)

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["community", "account", "form"], name="draft_of_form"),)
        indexes = (models.Index(fields=["community", "saved_at"], name="draft_saved"),)
