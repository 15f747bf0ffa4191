"""What is typed on these pages."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django import forms


def day_of(text: str) -> date | None:
    """`2026-11-25` as a date; None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


class BecauseForm(forms.Form):
    because = forms.CharField(
        label="为什么要看这么多居民",
        max_length=200,
        help_text="一句话就行，例如：台风转移，逐户核对独居老人。写完马上可以接着看。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写一句原因，例如：台风转移，逐户核对独居老人。"},
    )


INPUT = partial(forms.Select, attrs={"class": "input"})


class ReadingsForm(forms.Form):
    """What of the readings is wanted; whatever cannot be read narrows nothing."""

    KINDS = (
        ("", "全部"),
        ("resident.revealed", "看完整号码"),
        ("resident.opened", "打开档案"),
        ("resident.listed", "清单上看到"),
    )
    kind = forms.ChoiceField(label="怎样看的", choices=KINDS, required=False, widget=INPUT())
    who = forms.ChoiceField(label="谁", required=False, widget=INPUT())
    on = forms.DateField(label="哪天", required=False, widget=forms.DateInput(attrs={"type": "date", "class": "input"}))
    resident = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, staff: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["who"]
        who.choices = [("", "所有人"), *((str(key), name) for key, name in staff)]

    def wanted(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or ""
