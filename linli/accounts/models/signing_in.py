"""How one signs in and stays signed in: sessions, the second step, passkeys, recovery codes, earlier passwords."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from linli.core import clock
from linli.core.fields import EncryptedTextField
from linli.core.ids import uuid7
from linli.core.privacy import Held

from .accounts import Account


class Session(AbstractBaseSession):
    """会话: one browser, signed in or not. Deleting the row signs it out at its next request.

    Pages name a session by its `handle`: the key itself is what opens it and never stands on a page.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "session_key": Held.PLAIN,
        "session_data": Held.PLAIN,
        "expire_date": Held.PLAIN,
        "handle": Held.PLAIN,
        "account": Held.PLAIN,
        "how": Held.PLAIN,
        "device": Held.PLAIN,
        "network": Held.PLAIN,
        "since": Held.PLAIN,
        "seen_at": Held.PLAIN,
    }

    handle = models.UUIDField("编号", db_index=True, default=uuid7, editable=False)  # kept when the key rotates
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions", verbose_name="账号")
    how = models.CharField("登录方式", max_length=24, blank=True)
    device = models.CharField("设备", max_length=60, blank=True)
    network = models.CharField("网络（只留一部分）", max_length=40, blank=True)
    since = models.DateTimeField("登录时间", default=clock.now)
    seen_at = models.DateTimeField("最近活动", default=clock.now)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "会话"
        indexes = (models.Index(fields=["account", "-seen_at"], name="session_account"),)

    @classmethod
    def get_session_store_class(cls) -> type:
        from linli.accounts.sessions import SessionStore

        return SessionStore


class SecondStep(models.Model):
    """第二步验证: what an account shows beside its password, and how often it was wrong lately.

    `secret` is the authenticator app's; `new_secret` one that was shown and not yet proven. `last_step` is the last half
    minute whose digits were used: none is taken twice.
    """

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "account": Held.PLAIN,
        "secret": Held.ENCRYPTED,
        "new_secret": Held.ENCRYPTED,
        "secret_since": Held.PLAIN,
        "last_step": Held.PLAIN,
        "wrong": Held.PLAIN,
        "wrong_since": Held.PLAIN,
    }

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="second_step", verbose_name="账号"
    )
    secret = EncryptedTextField("验证器密钥", null=True)
    new_secret = EncryptedTextField("待确认的密钥", null=True)
    secret_since = models.DateTimeField("绑定时间", null=True)
    last_step = models.BigIntegerField("用过的时间步", default=0)
    wrong = models.PositiveSmallIntegerField("连续错误", default=0)
    wrong_since = models.DateTimeField("错误起始", null=True)

    class Meta:
        verbose_name = "第二步验证"
        constraints = (
            models.CheckConstraint(
                name="second_step_dates_its_secret",
                condition=Q(secret__isnull=True, secret_since__isnull=True)
                | Q(secret__isnull=False, secret_since__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"second step of {self.pk}"


class Passkey(models.Model):
    """通行密钥: a key kept in a device; here is its public half."""

    about_people = True
    privacy: ClassVar[dict[str, Held]] = {
        "account": Held.PLAIN,
        "credential_id": Held.PLAIN,
        "credential": Held.PLAIN,
        "sign_count": Held.PLAIN,
        "name": Held.PLAIN,
        "made_at": Held.PLAIN,
        "used_at": Held.PLAIN,
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="passkeys", verbose_name="账号")
    credential_id = models.BinaryField("凭据编号", max_length=1023, unique=True)
    credential = models.BinaryField("凭据公钥", max_length=4096)  # WebAuthn's attested credential data
    sign_count = models.BigIntegerField("签名计数", default=0)
    name = models.CharField("名称", max_length=60)
    made_at = models.DateTimeField("登记时间", default=clock.now)
    used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        verbose_name = "通行密钥"
        indexes = (models.Index(fields=["account", "made_at"], name="passkey_account"),)

    def __str__(self) -> str:
        return f"passkey {self.pk}"


class RecoveryCode(models.Model):
    """备用码: printed once, used once; here is its keyed digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes", verbose_name="账号")
    code_hash = models.BinaryField("摘要", max_length=32)
    made_at = models.DateTimeField("生成时间", default=clock.now)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "备用码"
        constraints = (models.UniqueConstraint(fields=["account", "code_hash"], name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class PastPassword(models.Model):
    """用过的密码: the hashes of an account's last passwords, where the profile forbids going back to them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="past_passwords", verbose_name="账号")
    password = models.CharField("密码摘要", max_length=128)
    set_at = models.DateTimeField("设置时间", default=clock.now)

    class Meta:
        verbose_name = "用过的密码"
        indexes = (models.Index(fields=["account", "-set_at"], name="past_password_account"),)

    def __str__(self) -> str:
        return f"past password {self.pk}"


class SecondReset(models.Model):
    """重设第二步: asked for by one administrator, done by another; neither is whose it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="second_resets", verbose_name="账号")
    reason = models.CharField("理由", max_length=200)
    asked_by = models.UUIDField("申请人")
    asked_at = models.DateTimeField("申请时间", default=clock.now)
    done_by = models.UUIDField("同意人", null=True)
    done_at = models.DateTimeField("同意时间", null=True)

    class Meta:
        verbose_name = "重设第二步"
        constraints = (
            models.UniqueConstraint(
                fields=["account"], name="second_reset_open_once", condition=Q(done_at__isnull=True)
            ),
            models.CheckConstraint(
                name="second_reset_takes_two",
                condition=~Q(asked_by=F("account"))
                & (Q(done_by__isnull=True) | (~Q(done_by=F("asked_by")) & ~Q(done_by=F("account")))),
            ),
        )

    def __str__(self) -> str:
        return f"second reset {self.pk}"
