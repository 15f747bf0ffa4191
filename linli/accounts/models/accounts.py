"""Accounts, the posts they hold, how they sign in, and which register entries they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from linli.core import clock
from linli.core.access import HELD_WITHOUT_POST, KEEPERS, ROLE_NAMES, Role
from linli.core.fields import BlindIndexField, EncryptedTextField
from linli.core.identifiers import normalise_phone
from linli.core.ids import uuid7
from linli.core.privacy import Held
from linli.core.tenancy import TenantForeignKey, TenantModel

NOBODY = UUID(int=0)
"""The subject of a trail entry about a sign-in that no account answers to."""


class AccountManager(BaseUserManager["Account"]):
    use_in_migrations = False


class Account(AbstractBaseUser):
    """账号: one person (or one system), who may live in one community and work in another.

    Staff have a username and a password; residents a phone, proven with a one-time code. There is no superuser.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "password": Held.PLAIN,
        "last_login": Held.PLAIN,
        "username": Held.PLAIN,
        "phone": Held.ENCRYPTED,
        "phone_index": Held.INDEX,
        "display_name": Held.MASKED,
        "is_active": Held.PLAIN,
        "joined_at": Held.PLAIN,
        "session_epoch": Held.PLAIN,
        "lives_in": Held.PLAIN,
        "password_set_at": Held.PLAIN,
        "must_change_password": Held.PLAIN,
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField("用户名", max_length=40, unique=True, null=True)
    phone = EncryptedTextField("手机号", null=True)
    phone_index = BlindIndexField(of="phone", normalise=normalise_phone, null=True, unique=True)
    display_name = models.CharField("称呼", max_length=80, blank=True)
    is_active = models.BooleanField("启用", default=True)
    joined_at = models.DateTimeField("开通时间", default=clock.now)
    session_epoch = models.PositiveIntegerField("登录批次", default=0)  # one more ends every session at once

    # Where the account has asked to be known as a resident: links are tenants' rows, and the first page must not ask
    # every tenant.
    lives_in = ArrayField(models.BigIntegerField(), verbose_name="居住社区", default=list)

    password_set_at = models.DateTimeField("密码设置时间", null=True)
    must_change_password = models.BooleanField("下次登录换密码", default=False)  # somebody else chose it

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    class Meta:
        verbose_name = "账号"
        constraints = (
            models.CheckConstraint(
                condition=Q(username__isnull=False) | Q(phone_index__isnull=False), name="account_can_sign_in"
            ),
        )

    def __str__(self) -> str:
        return f"account {self.pk}"

    @property
    def is_staff_account(self) -> bool:
        """Whether it signs in with a username: only these have a second step."""
        return self.username is not None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        text = f"{self.password}:{self.session_epoch}"
        return salted_hmac("linli.accounts.session", text, secret=secret, algorithm="sha256").hexdigest()


class Post(models.Model):
    """岗位: a role in an area, from `valid_from` up to, not including, `valid_to`.

    A global table: it decides which communities an account may open, before any is active. So a specialist's patch is a
    bare id.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "account": Held.PLAIN,
        "role": Held.PLAIN,
        "sub_area_id": Held.PLAIN,
        "street_code": Held.PLAIN,
        "valid_from": Held.PLAIN,
        "valid_to": Held.PLAIN,
    }
    ROLES: ClassVar[tuple[Role, ...]] = tuple(role for role in Role if role not in HELD_WITHOUT_POST)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="posts", verbose_name="账号")
    role = models.CharField("岗位", max_length=24, choices=[(role.value, ROLE_NAMES[role]) for role in ROLES])
    community = models.ForeignKey(
        "places.Community", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="社区"
    )
    sub_area_id = models.UUIDField("片区", null=True, blank=True)
    street_code = models.CharField("街道代码", max_length=9, null=True, blank=True)
    valid_from = models.DateField("任职日期", default=clock.today)
    valid_to = models.DateField("卸任日期", null=True, blank=True)

    class Meta:
        verbose_name = "岗位"
        constraints = (
            models.CheckConstraint(
                name="post_scope_fits_role",
                condition=(
                    Q(
                        role=Role.SPECIALIST,
                        community__isnull=False,
                        sub_area_id__isnull=False,
                        street_code__isnull=True,
                    )
                    | Q(
                        role__in=(Role.BACK_OFFICE, Role.SECRETARY),
                        community__isnull=False,
                        sub_area_id__isnull=True,
                        street_code__isnull=True,
                    )
                    | Q(
                        role=Role.STREET_OFFICIAL,
                        community__isnull=True,
                        sub_area_id__isnull=True,
                        street_code__regex=r"^[0-9]{9}$",
                    )
                    | Q(
                        role__in=KEEPERS,
                        community__isnull=True,
                        sub_area_id__isnull=True,
                        street_code__isnull=True,
                    )
                ),
            ),
            models.CheckConstraint(
                name="post_ends_after_it_begins", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
            ExclusionConstraint(
                name="post_held_once",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("community", Value(-1)), RangeOperators.EQUAL),
                    (Coalesce("sub_area_id", Value(NOBODY)), RangeOperators.EQUAL),
                    (Coalesce("street_code", Value("")), RangeOperators.EQUAL),
                    (Func("valid_from", "valid_to", function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
            # 三权分立: who keeps accounts keeps neither security nor the audit, on no day.
            ExclusionConstraint(
                name="post_keepers_apart",
                condition=Q(role__in=KEEPERS),
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.NOT_EQUAL),
                    (Func("valid_from", "valid_to", function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["community", "role"], name="post_community"),)

    def __str__(self) -> str:
        return f"{self.role} post {self.pk}"

    def counts_on(self, day: date) -> bool:
        """Whether the post is held on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class SignInCode(models.Model):
    """验证码: six digits sent to a phone, for one browser, one use, ten minutes and five tries."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "phone": Held.ENCRYPTED,
        "phone_index": Held.INDEX,
        "address_index": Held.PLAIN,
        "code_hash": Held.PLAIN,
        "made_at": Held.PLAIN,
        "expires_at": Held.PLAIN,
        "tries_left": Held.PLAIN,
        "used_at": Held.PLAIN,
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone = EncryptedTextField("手机号")
    phone_index = BlindIndexField(of="phone", normalise=normalise_phone)
    address_index = models.BinaryField("网络地址索引", max_length=16)
    code_hash = models.BinaryField("验证码摘要", max_length=32)
    made_at = models.DateTimeField("生成时间")
    expires_at = models.DateTimeField("失效时间")
    tries_left = models.PositiveSmallIntegerField("剩余次数")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "验证码"
        constraints = (models.CheckConstraint(name="sign_in_code_is_brief", condition=Q(expires_at__gt=F("made_at"))),)
        indexes = (
            models.Index(fields=["phone_index", "made_at"], name="sign_in_code_phone"),
            models.Index(fields=["address_index", "made_at"], name="sign_in_code_address"),
            models.Index(fields=["made_at"], name="sign_in_code_made"),
        )

    def __str__(self) -> str:
        return f"sign-in code {self.pk}"


class LinkState(models.TextChoices):
    REQUESTED = "requested", "等待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "没有确认"
    ENDED = "ended", "已解除"


class ResidentLink(TenantModel):
    """关联: an account asks to be known as a register entry; staff decide which, if any."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "account_id": Held.PLAIN,
        "resident": Held.PLAIN,
        "state": Held.PLAIN,
        "stated_name": Held.MASKED,
        "stated_door": Held.MASKED,
        "requested_at": Held.PLAIN,
        "decided_at": Held.PLAIN,
        "decided_by": Held.PLAIN,
        "ended_at": Held.PLAIN,
        "reason": Held.PLAIN,
    }
    State = LinkState
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        LinkState.REQUESTED: frozenset({LinkState.CONFIRMED, LinkState.REFUSED, LinkState.ENDED}),
        LinkState.CONFIRMED: frozenset({LinkState.ENDED}),
        LinkState.REFUSED: frozenset(),
        LinkState.ENDED: frozenset(),
    }

    account_id = models.UUIDField("账号")  # accounts are global: no key joins a tenant's row to them
    resident = TenantForeignKey(
        "residents.Resident", models.PROTECT, null=True, blank=True, related_name="links", verbose_name="居民"
    )
    state = models.CharField("状态", max_length=12, choices=LinkState.choices, default=LinkState.REQUESTED)
    stated_name = models.CharField("自述姓名", max_length=80)
    stated_door = models.CharField("自述门牌", max_length=80)
    requested_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("处理时间", null=True)
    decided_by = models.UUIDField("处理账号", null=True)
    ended_at = models.DateTimeField("解除时间", null=True)
    reason = models.CharField("说明", max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "档案关联"
        constraints = (
            models.UniqueConstraint(
                fields=["community", "account_id", "resident"],
                name="link_live_once",
                condition=Q(state=LinkState.CONFIRMED),
            ),
            models.UniqueConstraint(
                fields=["community", "account_id"], name="link_asked_once", condition=Q(state=LinkState.REQUESTED)
            ),
            models.CheckConstraint(
                name="link_confirmed_names_resident",
                condition=~Q(state=LinkState.CONFIRMED) | Q(resident__isnull=False),
            ),
        )
        indexes = (models.Index(fields=["community", "state", "requested_at"], name="link_open"),)


class Scope(models.TextChoices):
    READ = "read", "查看"
    WRITE = "write", "办理"


class Token(models.Model):
    """接口口令: opens the API as its account, with no more than its scopes and, where one is named, in one community.

    Only the SHA-256 of the 256 random bits is kept; `prefix` is what its owner recognises it by.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="tokens", verbose_name="账号")
    name = models.CharField("用途", max_length=60)
    prefix = models.CharField("开头", max_length=12)
    hash = models.BinaryField("摘要", max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices), verbose_name="范围", default=list)
    community = models.ForeignKey("places.Community", models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField("生成时间", default=clock.now)
    expires_at = models.DateTimeField("到期时间")
    last_used_on = models.DateField("最近使用", null=True)
    revoked_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "接口口令"
        indexes = (models.Index(fields=["account", "made_at"], name="token_account"),)

    def __str__(self) -> str:
        return f"token {self.prefix}…"

    def is_live_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and moment < self.expires_at
