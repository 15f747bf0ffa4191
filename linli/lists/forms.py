"""Request text to typed values for groups and exports."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.core.inputs import DayInput


class SaveForm(forms.Form):
    """A list's name, and who may use it."""

    name = forms.CharField(
        label="分组叫什么",
        max_length=24,
        help_text="例如“80岁以上独居”。里面的人每天按条件重新算，不用维护。",
        error_messages={
            "required": "请给这个分组起个名字，例如“80岁以上独居”。",
            "max_length": "名字最多 24 个字，请写短一些。",
        },
    )
    is_shared = forms.BooleanField(label="全社区的同事都能用", required=False)


class ExportForm(forms.Form):
    """Why a list is taken out, and whether its numbers are needed whole."""

    reason = forms.CharField(
        label="用途",
        min_length=4,
        max_length=200,
        help_text="会写进文件的每一页，也记进操作留痕。例如：报送街道高龄津贴核对。",
        error_messages={
            "required": "请写明导出的用途（至少 4 个字），例如“报送街道高龄津贴核对”。",
            "min_length": "请把用途写清楚一些（至少 4 个字），例如“报送街道高龄津贴核对”。",
            "max_length": "用途最多 200 个字，请写短一些。",
        },
    )
    is_unmasked = forms.BooleanField(label="要完整的姓名和号码（对方确实需要时才选）", required=False)


class DecideForm(forms.Form):
    """What is said to who asked."""

    answer = forms.CharField(label="说明", max_length=200, required=False, help_text="不同意时请写一句为什么。")


class ChangeForm(forms.Form):
    """What everybody of a list is to become, for one kind of change at a time, and what it rests on."""

    code = forms.ChoiceField(
        label="", error_messages={"required": "请选一项。", "invalid_choice": "请从列表里选一项。"}
    )
    on = forms.DateField(
        label="从哪一天起",
        widget=DayInput({"class": "input"}),
        error_messages={"required": "请选日期。", "invalid": "请选一个日历上有的日期。"},
    )
    reason = forms.CharField(
        label="依据",
        min_length=4,
        max_length=200,
        help_text="会记在每个人的操作留痕里。例如：7月入户走访核对。",
        error_messages={
            "required": "请写明依据（至少 4 个字），例如“7月入户走访核对”。",
            "min_length": "请把依据写清楚一些（至少 4 个字），例如“7月入户走访核对”。",
            "max_length": "依据最多 200 个字，请写短一些。",
        },
    )

    def __init__(self, *args: Any, label: str, choices: list[tuple[str, str]], day: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.choices = label, [("", "请选"), *choices]
        if day:
            self.fields["on"].label = day
        else:
            del self.fields["on"]
