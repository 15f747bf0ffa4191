"""Somebody comes to live behind a door: found in the register, or taken into it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from linli.core import clock
from linli.core.errors import Invalid
from linli.core.identifiers import NAME_MAX, normalise_phone, parse_id_number
from linli.core.ids import uuid7
from linli.core.inputs import DayInput
from linli.core.pinyin import pinyin_of

from . import homes
from .codes import PopulationClass, Sex
from .forms_life import RELATIONS, LifeForm, day, label_of, person_words
from .models import Resident
from .queries import cards_of, residents_visible_to

NONE = "none"
MOST_LIKE = 5


class ArriveForm(LifeForm):
    """Few fields, those of the person last: most who move within the town are in the register already.

    A new person who is like one of the register is shown beside him once: the same number, or the same sound and birthday, or the same phone.
    """

    people_asked: ClassVar[dict[str, str]] = {"who": ""}

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    who_words = person_words("在册的人，先找一找", "姓名、手机尾号或原来的门牌。不在册的不用填，直接写下面。")
    household = forms.ChoiceField(label="算哪一户", widget=forms.RadioSelect, required=False)
    relation_to_head = forms.ChoiceField(label="是户主的", required=False, choices=[("", "还不清楚"), *RELATIONS])
    population_class = forms.ChoiceField(
        label="算哪一类",
        widget=forms.RadioSelect,
        choices=[(code, label) for code, label in PopulationClass.choices if code != PopulationClass.AWAY],
        initial=PopulationClass.REGISTERED,
    )
    on = day("从哪一天起住")
    name = forms.CharField(label="姓名", max_length=NAME_MAX, required=False, help_text="不在册的人写，和证件上一样。")
    id_number = forms.CharField(
        label="身份证号", max_length=24, required=False, help_text="有了它，性别和生日不用再写。一时没有可以不填。"
    )
    sex = forms.ChoiceField(
        label="性别",
        widget=forms.RadioSelect,
        required=False,
        choices=[(Sex.FEMALE, "女"), (Sex.MALE, "男"), (Sex.UNKNOWN, "按证件")],
        initial=Sex.UNKNOWN,
    )
    birth_on = forms.DateField(
        label="出生日期",
        required=False,
        widget=DayInput(),
        error_messages={"invalid": "这个日期读不出来，请写成 1938-05-06。"},
    )
    phone = forms.CharField(
        label="手机号", max_length=24, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("id", uuid7())
        held = homes.behind(self.subject).homes  # type: ignore[arg-type]
        field = self.fields["household"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(home.id), f"{home.head or '没有户主'}一户") for home in held] + [(NONE, "先不算哪一户")]
        self.initial.setdefault("household", str(held[0].id) if len(held) == 1 else NONE)

    def clean_sex(self) -> str:
        return self.cleaned_data["sex"] or Sex.UNKNOWN

    def clean_id_number(self) -> str:
        text: str = self.cleaned_data["id_number"].strip()
        if text:
            try:
                parse_id_number(text, today=clock.today())
            except Invalid as problem:
                raise forms.ValidationError(problem.message) from problem
        return text

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"].strip()
        if text:
            try:
                return normalise_phone(text)
            except Invalid as problem:
                raise forms.ValidationError(problem.message) from problem
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.people.get("who") is not None or self.errors:
            return data
        if not data.get("name"):
            self.add_error("name", "请写姓名；在册的人请在最上面找到他。")
        elif "is_new" not in self.data and (like := self._like(data)):
            self._show(like)
        return data

    def _like(self, data: dict[str, Any]) -> list[Resident]:
        """Whom the new person may be, among those the actor may see."""
        born = data.get("birth_on") or (
            parse_id_number(data["id_number"], today=clock.today()).birth_on if data.get("id_number") else None
        )
        same = Q(pinyin=pinyin_of(data["name"]), birth_on=born) if born else Q(name=data["name"], birth_on__isnull=True)
        rows = residents_visible_to(self.actor)
        if data.get("phone"):
            same |= Q(phone_index=data["phone"])
        if data.get("id_number"):
            same |= Q(id_number_index=data["id_number"])
        return list(rows.filter(same)[:MOST_LIKE])

    def _show(self, like: list[Resident]) -> None:
        """Offer them, and a box that says it is none of them."""
        cards = cards_of(Resident.objects.filter(pk__in=[row.pk for row in like]))
        self.fields["who"] = forms.ChoiceField(
            label="档案里有很像的人，是同一位吗",
            widget=forms.RadioSelect,
            required=False,
            choices=[(str(card.id), label_of(card)) for card in cards],
        )
        self.fields["is_new"] = forms.BooleanField(label="都不是，是新来的人", required=False)
        self.order_fields(["id", "who", "is_new"])
        self.add_error("who", "请点选是哪一位；都不是，就勾上“都不是”再交一次。")
