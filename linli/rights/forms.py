"""What is typed on these pages."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django import forms

from linli.core.inputs import DayInput
from linli.residents.forms_record import value_field

from .models import Outcome


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
    on = forms.DateField(
        label="哪天",
        required=False,
        widget=DayInput({"class": "input"}),
    )
    resident = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, staff: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["who"]
        who.choices = [("", "所有人"), *((str(key), name) for key, name in staff)]

    def wanted(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or ""


class RequestForm(forms.Form):
    resident = forms.ChoiceField(label="关于谁", widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label="要办什么",
        choices=(("correct", "有不对的，请更正"), ("explain", "请说明怎么用的、谁看过"), ("delete", "请删除我的信息")),
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项：更正、说明，还是删除。"},
    )
    words = forms.CharField(
        label="写一两句",
        max_length=500,
        help_text="例如：电话换成尾号 0012 的了。不用写身份证号。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写一两句：哪里不对、应该是什么，或想删掉哪些。"},
    )

    def __init__(self, *args: Any, people: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom: Any = self.fields["resident"]
        whom.choices = [(str(key), name) for key, name in people]
        if len(people) == 1:
            whom.widget, whom.initial, whom.required = forms.HiddenInput(), str(people[0][0]), False


class CorrectForm(forms.Form):
    """One field as it should be, and why; who looks at it sees both."""

    because = forms.CharField(
        label="为什么要改",
        max_length=200,
        help_text="例如：换号码了；身份证上不是这个字。",
        error_messages={"required": "请写一句为什么要改，例如：换号码了。"},
    )

    def __init__(self, *args: Any, field: str, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(field, label)
        self.order_fields(["value", "because"])


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label="结果",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选结果：照办了、办了一部分，还是没有办。"},
    )
    answer = forms.CharField(
        label="给居民的答复",
        max_length=500,
        help_text="说清办了什么；没有办的，依据哪条规定、到什么时候。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写几句答复：办了什么；没有办的，依据哪条规定、到什么时候。"},
    )


class PaperForm(forms.Form):
    """What was signed or said in front of staff, for one purpose."""

    purpose = forms.SlugField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    way = forms.ChoiceField(choices=(("paper", "签了字"), ("spoken", "当面说的")), widget=forms.RadioSelect)
    note = forms.CharField(max_length=120, required=False)
    guardian = forms.UUIDField(required=False)


class GuardianForm(forms.Form):
    guardian = forms.ChoiceField(
        label="监护人", widget=forms.RadioSelect, error_messages={"required": "请选是哪一位监护人。"}
    )

    def __init__(self, *args: Any, adults: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["guardian"]
        who.choices = [(str(key), name) for key, name in adults]
