"""Request text to typed values, for the desk's pages of residents."""

from __future__ import annotations

from typing import Any

from django import forms

from .actions import REVEALED
from .models import Resident


class SearchForm(forms.Form):
    """What is typed into the one box. It is sent by POST: names and numbers do not belong into addresses and logs."""

    q = forms.CharField(label="找居民", max_length=60, required=False, strip=True)


class NarrowForm(forms.Form):
    """The door a list is narrowed to, in the address. What cannot be read narrows nothing."""

    door = forms.CharField(max_length=24, required=False, strip=True)

    def wanted(self, name: str) -> str:
        """The value for `name`; "" when nothing fit to use was given."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class RevealForm(forms.Form):
    """Which masked field, and what for."""

    field = forms.ChoiceField(
        label="要看哪一项", widget=forms.RadioSelect, error_messages={"required": "请选要查看的一项。"}
    )
    reason = forms.CharField(
        label="用途",
        min_length=4,
        max_length=200,
        help_text="会和您的账号、时间一起记下。例如：核对低保材料。",
        error_messages={
            "required": "请写明查看的用途，例如“核对低保材料”。",
            "min_length": "请把用途写清楚一些（至少 4 个字），例如“核对低保材料”。",
            "max_length": "用途最多 200 个字，请写短一些。",
        },
    )

    def __init__(self, *args: Any, resident: Resident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [(name, words) for name, words in REVEALED.items() if getattr(resident, name)]
        field = self.fields["field"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = held
