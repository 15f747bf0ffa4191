"""Request text to typed values; nothing here saves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings

from linli.core.access import ROLE_NAMES, Role
from linli.core.errors import Problem
from linli.core.identifiers import normalise_name, normalise_phone
from linli.core.inputs import DayInput

from . import rules
from .models import Scope


@contextmanager
def at_its_field() -> Iterator[None]:
    """What the core cannot read becomes a line at the field being cleaned."""
    try:
        yield
    except Problem as problem:
        raise forms.ValidationError(problem.message, code=problem.code) from problem


class PhoneForm(forms.Form):
    """Step one of a resident's sign-in."""

    next = forms.CharField(required=False, widget=forms.HiddenInput)
    phone = forms.CharField(
        label="手机号",
        max_length=40,
        help_text="没有手机？请社工帮您办。",
        error_messages={"required": "请填手机号，我们把验证码发过去。"},
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}),
    )

    def clean_phone(self) -> str:
        with at_its_field():
            phone = normalise_phone(self.cleaned_data["phone"])
        if not rules.is_mobile(phone):
            raise forms.ValidationError("验证码只能发到手机，请填 11 位手机号。")
        return phone


class CodeForm(forms.Form):
    """Step two: the digits, typed or pasted."""

    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填短信里的 6 位数字。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class StaffForm(forms.Form):
    """Username and password."""

    next = forms.CharField(required=False, widget=forms.HiddenInput)
    username = forms.CharField(
        label="用户名",
        max_length=40,
        error_messages={"required": "请填用户名。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class LinkForm(forms.Form):
    """Who I am in the register, as I would say it."""

    name = forms.CharField(
        label="姓名",
        max_length=80,
        help_text="和身份证上的一样。",
        error_messages={"required": "请填姓名，社工好核对。"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    door = forms.CharField(
        label="住在哪一户",
        max_length=80,
        help_text="例如 48幢2单元301，写 48-2-301 也行。",
        error_messages={"required": "请写上门牌，例如 48幢2单元301。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        with at_its_field():
            return normalise_name(self.cleaned_data["name"])


class TokenForm(forms.Form):
    """A token's purpose and reach."""

    name = forms.CharField(
        label="给谁用", max_length=60, error_messages={"required": "请写一下给谁用，例如：街道数据看板。"}
    )
    scopes = forms.MultipleChoiceField(
        label="可以做什么",
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一项。"},
    )


class SecondForm(forms.Form):
    """The second step: the app's digits, or a recovery code."""

    code = forms.CharField(
        label="验证器上的 6 位数字",
        max_length=20,
        help_text="手机不在身边，填一个备用码也行。",
        error_messages={"required": "请填验证器现在显示的 6 位数字，或一个备用码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "autofocus": True}
        ),
    )


class AppForm(forms.Form):
    """The first digits of an authenticator app that was just shown its secret."""

    code = forms.CharField(
        label="手机上现在显示的 6 位数字",
        max_length=20,
        error_messages={"required": "请填手机上现在显示的 6 位数字。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class ConfirmForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """A new password; one's own."""

    old = forms.CharField(
        label="现在的密码",
        strip=False,
        error_messages={"required": "请填现在用的密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        max_length=128,
        error_messages={"required": "请填新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].help_text = settings.LINLI_PROTECTION.password_words


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label="原因",
        max_length=200,
        help_text="申请人会看到。",
        error_messages={"required": "请写一句原因，例如：姓名和门牌对不上，请带身份证到服务大厅。"},
    )


class PostForm(forms.Form):
    """A colleague, a role here, and for a specialist a patch. `roles` are those the actor may grant."""

    username = forms.CharField(
        label="同事的用户名", max_length=40, error_messages={"required": "请填同事登录用的用户名。"}
    )
    role = forms.ChoiceField(label="岗位", widget=forms.RadioSelect, error_messages={"required": "请选一个岗位。"})
    sub_area = forms.TypedChoiceField(label="片区（小区专员要选）", required=False, coerce=UUID, empty_value=None)
    from_on = forms.DateField(
        label="从哪天起",
        required=False,
        help_text="不填就是今天。",
        widget=DayInput(),
        error_messages={"invalid": "日期请写成 2026-11-20 这样。"},
    )

    def __init__(self, *args: Any, roles: list[Role], sub_areas: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, ROLE_NAMES[role]) for role in roles]  # type: ignore[attr-defined]
        self.fields["sub_area"].choices = [("", "不分片区"), *((str(k), v) for k, v in sub_areas.items())]  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """A new colleague's account."""

    name = forms.CharField(label="姓名", max_length=80, error_messages={"required": "请填同事的姓名。"})
    username = forms.CharField(
        label="用户名",
        max_length=40,
        help_text="小写字母、数字、点或短横，例如姓名拼音。",
        error_messages={"required": "请填登录用的用户名，例如姓名拼音。"},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class ResetForm(forms.Form):
    reason = forms.CharField(
        label="为什么要重设",
        max_length=200,
        help_text="写明怎样确认是本人，例如：手机丢失，本人到场。",
        error_messages={"required": "请写一句理由，例如：手机丢失，本人到场确认。"},
    )


class EmergencyForm(forms.Form):
    reason = forms.CharField(
        label="发生了什么，要看谁",
        max_length=200,
        help_text="书记和审计管理员会看到，例如：48幢2单元漏水，要找楼上住户。",
        error_messages={"required": "请写清楚发生了什么，例如：48幢2单元漏水，要找楼上住户。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReviewForm(forms.Form):
    review = forms.CharField(
        label="复核意见",
        max_length=200,
        error_messages={"required": "请写一句您看下来的意见，例如：情况属实，看的都是楼上住户。"},
    )
