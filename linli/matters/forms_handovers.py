"""Handing on, and what desk and organisations say to each other about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from linli.core import clock
from linli.core.access import Actor
from linli.core.inputs import DayInput

from . import queries
from .forms import PhotosField, PhotosForm, WordsForm
from .models import Handover, Matter
from .queries import HandoverLine, Party, promised_until

OTHER = "other"
USUAL_WORDS = "请到现场处理，办好后拍照反馈。"


class HandOnForm(forms.Form):
    """To whom, what they are asked, by when, and what goes along. The likeliest are one tap; the others are one list."""

    first = forms.ChoiceField(
        label="转给谁", widget=forms.RadioSelect, required=False, error_messages={"required": "请选一个单位。"}
    )
    other = forms.ChoiceField(label="别的单位", required=False)
    asked = forms.CharField(
        label="请对方做什么",
        max_length=1000,
        initial=USUAL_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="对方会看到这句话、地点和居民写的情况。",
        error_messages={"required": "请写一句要对方做什么。"},
    )
    answer_by = forms.DateField(
        label="最晚哪天反馈",
        widget=DayInput(),
        error_messages={"required": "请选一个日期。", "invalid": "日期请写成 2026-11-20 这样。"},
    )
    shares_photos = forms.BooleanField(label="把居民拍的照片也给对方看", required=False, initial=True)
    shares_contact = forms.BooleanField(label="告诉对方联系人和电话，对方可以直接约时间", required=False)

    def __init__(
        self, matter: Matter, near: list[Party], others: dict[str, list[Party]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.parties = {str(p.organisation.pk): p for p in [*near, *(p for group in others.values() for p in group)]}
        first, other = self.fields["first"], self.fields["other"]
        assert isinstance(first, forms.ChoiceField) and isinstance(other, forms.ChoiceField)
        first.choices = [*((str(p.organisation.pk), p.words) for p in near), (OTHER, "别的单位")]
        other.choices = [
            ("", "请选"),
            *((group, [(str(p.organisation.pk), _named(p)) for p in there]) for group, there in others.items()),
        ]
        self.initial.setdefault("first", str(near[0].organisation.pk) if near else OTHER)
        self.initial.setdefault("answer_by", _usual_day(matter))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("first") or OTHER
        party = self.parties.get(data.get("other", "") if chosen == OTHER else chosen)
        if party is None:
            self.add_error("other" if chosen == OTHER else "first", "请选一个单位。")
        else:
            data["organisation"] = party.organisation
        return data


def _named(party: Party) -> str:
    return party.words if party.is_reached else f"{party.words}，没有手机，社区代记"


def _usual_day(matter: Matter) -> date:
    """The day before the resident's own promise, so that there is time to check; today at the earliest."""
    return max(clock.today(), promised_until(matter).date() - timedelta(days=1))


class AnswerForm(PhotosForm, WordsForm):
    """What the organisation did, with photos."""

    photos = PhotosField(label="办好后的照片", help_text="可不拍，拍了社区核查更快。")


class AgainForm(WordsForm):
    """What is still wrong, and by when it is to be right."""

    answer_by = forms.DateField(
        label="新的反馈期限",
        required=False,
        help_text="不填就还按原来的期限。",
        widget=DayInput(),
        error_messages={"invalid": "日期请写成 2026-11-20 这样。"},
    )


@dataclass
class DeskHandover:
    """One handover on the matter's page at the desk, with a form for each thing that may be done about it."""

    line: HandoverLine
    again: AgainForm
    withdraw: WordsForm
    record: AnswerForm
    give_back: WordsForm
    opened: str = ""


def desk_handovers(
    lines: Iterable[HandoverLine], posted: tuple[Handover, str, forms.Form] | None = None
) -> list[DeskHandover]:
    """`posted` is the form that came back with an error: which handover's, and its name."""
    found = [
        DeskHandover(
            line,
            AgainForm(prefix=prefix_of("again", line.handover)),
            WordsForm(prefix=prefix_of("withdraw", line.handover)),
            AnswerForm(prefix=prefix_of("record", line.handover)),
            WordsForm(prefix=prefix_of("give_back", line.handover)),
        )
        for line in lines
    ]
    for each in found if posted else ():
        if posted and each.line.handover.pk == posted[0].pk:
            setattr(each, posted[1], posted[2])
            each.opened = posted[1]
    return found


def prefix_of(name: str, handover: Handover) -> str:
    """Ids of inputs must differ where several handovers stand on one page."""
    return f"{name}-{handover.pk.hex[-8:]}"


def hand_on_form(actor: Actor, matter: Matter, *args: Any) -> HandOnForm:
    """The form with everybody it may go to."""
    near, others = queries.parties_for(actor, matter)
    return HandOnForm(matter, near, others, *args)


class SuperviseForm(WordsForm):
    """Why a matter is asked after, and by when an answer is wanted."""

    answer_by = forms.DateField(
        label="最晚哪天回复",
        initial=clock.today,
        widget=DayInput(),
        error_messages={"required": "请选一个日期。", "invalid": "日期请写成 2026-11-20 这样。"},
    )


class CallForm(forms.Form):
    """Which units are called, which of them leads, by when they are to be there, and what for."""

    words = forms.CharField(
        label="要各单位来做什么",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写一句要各单位来做什么。"},
    )
    units = forms.MultipleChoiceField(
        label="叫哪些单位",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个单位。"},
    )
    lead = forms.ChoiceField(label="谁牵头", error_messages={"required": "请选一个牵头的单位。"})
    respond_by = forms.DateTimeField(
        label="几点前到",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "请选几点前要到。", "invalid": "时间请写成 2026-11-20 14:00 这样。"},
    )

    def __init__(self, parties: list[Party], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parties = {str(party.organisation.pk): party.organisation for party in parties}
        units, lead = self.fields["units"], self.fields["lead"]
        assert isinstance(units, forms.MultipleChoiceField) and isinstance(lead, forms.ChoiceField)
        units.choices = [(str(party.organisation.pk), party.organisation.name) for party in parties]
        lead.choices = [("", "请选"), *units.choices]
        self.initial.setdefault("respond_by", clock.now().astimezone(clock.SHANGHAI) + timedelta(hours=2))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [self.parties[key] for key in data.get("units", [])]
        leading = self.parties.get(data.get("lead", ""))
        if leading is not None and leading not in chosen and "units" not in self.errors:
            chosen = [leading, *chosen]
        data["chosen"], data["leading"] = chosen, leading
        return data
