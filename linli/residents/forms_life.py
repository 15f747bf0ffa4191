"""Request text to typed values, for what happens in lives and households: few fields, people chosen and never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from linli.core import clock
from linli.core.access import Actor
from linli.core.identifiers import NAME_MAX
from linli.core.inputs import DayInput
from linli.core.tenancy import parse_uuid
from linli.places.models import Dwelling
from linli.places.queries import search_places

from .codes import PopulationClass, Relation, Sex
from .homes import Member
from .models import Household, Resident
from .queries import ResidentCard, cards_of, residents_visible_to
from .searching import nearest

MOST_FOUND = 8
RELATIONS = [(code, label) for code, label in Relation.choices if code != Relation.HEAD]


def day(label: str, help_text: str = "") -> forms.DateField:
    """A day, today where nothing is said."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        initial=clock.today,
        widget=DayInput(),
        error_messages={"required": "请写日期，例如 2026-11-20。", "invalid": "这个日期读不出来，请写成 2026-11-20。"},
    )


def label_of(card: ResidentCard) -> str:
    """王*芳 女 48岁 48-2-301."""
    age = f"{card.age}岁" if card.age is not None else ""
    return " ".join(filter(None, [card.name, card.sex, age, *card.doors]))


class LifeForm(forms.Form):
    """What all have: who writes, the person or household it is about, and its members."""

    people_asked: ClassVar[dict[str, str]] = {}
    """Fields that ask for a person by name, phone or door; what to say when nobody is named ("" when that is fine)."""

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        subject: Resident | Household | Dwelling,
        members: Iterable[Member] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.subject, self.members = actor, subject, list(members)
        self.people: dict[str, Resident | None] = {}
        for name in self.people_asked:
            self._offer_people(name)
        self.ask_relations([name.removeprefix("relation_") for name in self.data if name.startswith("relation_")])

    # Relations that nobody can work out

    def ask_relations(self, ids: Iterable[str]) -> None:
        """A field for each of these members: how they stand to the new head."""
        by_id = {str(each.card.id): each for each in self.members}
        for key in ids:
            if key in by_id:
                self.fields[f"relation_{key}"] = forms.ChoiceField(
                    label=f"{by_id[key].card.name}是新户主的",
                    choices=[("", "请选"), *RELATIONS],
                    required=False,
                )

    @property
    def relations(self) -> dict[UUID, str]:
        """What was said of relations, by the member's id."""
        said = {name.removeprefix("relation_"): value for name, value in self.cleaned_data.items() if value}
        return {each.card.id: said[str(each.card.id)] for each in self.members if str(each.card.id) in said}

    # Somebody found by what is typed

    def _offer_people(self, name: str) -> None:
        words = str(self.data.get(f"{name}_words", "")).strip()[:60]
        picked = parse_uuid(str(self.data.get(name, "")))
        rows = nearest(residents_visible_to(self.actor), words, MOST_FOUND) if words else []
        if picked is not None and picked not in {row.pk for row in rows}:
            rows += residents_visible_to(self.actor).filter(pk=picked)
        if not rows:
            return
        others = Resident.objects.filter(pk__in=[row.pk for row in rows]).exclude(pk=self.subject.pk)
        cards = cards_of(others)
        if not cards:
            return
        self.fields[name] = forms.ChoiceField(
            label="是哪一位",
            widget=forms.RadioSelect,
            required=False,
            help_text="都不是的话，把上面改得更准一些再找。",
            choices=[(str(card.id), label_of(card)) for card in cards],
        )
        order = list(self.fields)
        order.remove(name)
        order.insert(order.index(f"{name}_words") + 1, name)
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, needed in self.people_asked.items():
            words, picked = data.get(f"{name}_words", ""), parse_uuid(str(data.get(name, "")))
            found = residents_visible_to(self.actor).filter(pk=picked).first() if picked else None
            self.people[name] = found
            if found is not None:
                continue
            if words and name in self.fields and name not in self.errors:
                self.add_error(name, "请点选是哪一位。")
            elif words:
                self.add_error(f"{name}_words", "没有找到这位居民。可以换姓名、手机尾号或门牌再找。")
            elif needed and f"{name}_words" not in self.errors:
                self.add_error(f"{name}_words", needed)
        return data


def person_words(
    label: str, help_text: str = "姓名、手机尾号或门牌，例如 48-2-301。", *, needed: str = ""
) -> forms.CharField:
    """Somebody by a few words; `needed` is what to say when nobody is named, "" when that is fine."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=60,
        required=bool(needed),
        strip=True,
        error_messages={"required": needed},
    )


def door_field(label: str, *, required: bool = True, help_text: str = "写成 48-2-301。") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=24,
        required=required,
        error_messages={"required": "请写门牌，例如 48-2-301。"},
    )


class DoorForm(LifeForm):
    """With a door, read as people write it."""

    def clean_door(self) -> Dwelling | None:
        words = self.cleaned_data["door"]
        if not words:
            return None
        found = [place.dwelling_id for place in search_places(self.actor, words) if place.dwelling_id]
        if len(found) != 1:
            raise forms.ValidationError("没有找到这个门牌。请写成“幢-单元-室”，例如 48-2-301。")
        return Dwelling.objects.select_related("entrance__building__grid").get(pk=found[0])


class DivorceForm(LifeForm):
    on = day("哪一天离婚", "离婚证或判决书上的日期。")


class WidowForm(LifeForm):
    on = day("配偶哪一天去世")


class ReturnForm(LifeForm):
    on = day("哪一天回来")


class MarryForm(LifeForm):
    people_asked: ClassVar[dict[str, str]] = {"spouse": ""}
    on = day("哪一天结婚", "结婚证上的登记日期。")
    spouse_words = person_words("对方", "姓名、手机尾号或门牌。对方不是这里的居民，可不填。")
    mover = forms.ChoiceField(
        label="住到一起吗",
        widget=forms.RadioSelect,
        required=False,
        choices=[("no", "住处不变"), ("resident", "本人搬到对方那一户"), ("spouse", "对方搬到本人这一户")],
        initial="no",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("mover") in {"resident", "spouse"} and self.people.get("spouse") is None and not self.errors:
            self.add_error("spouse_words", "要搬到一起，请先写对方是谁。")
        return data


class ClassForm(LifeForm):
    population_class = forms.ChoiceField(
        label="现在算哪一类",
        widget=forms.RadioSelect,
        choices=[(code, label) for code, label in PopulationClass.choices if code != PopulationClass.AWAY],
        error_messages={"required": "请选一类。"},
    )
    on = day("从哪一天起")
    reason = forms.CharField(label="原因", max_length=40, required=False, help_text="可不填。例如：务工、随子女居住。")
    permit_number = forms.CharField(
        label="居住证号", max_length=24, required=False, help_text="流动、境外人口有居住证的才写，没有不填。"
    )
    permit_until = forms.DateField(
        label="居住证到期日",
        required=False,
        widget=DayInput(),
        error_messages={"invalid": "这个日期读不出来，请写成 2026-11-20。"},
    )


class LeaveForm(LifeForm):
    on = day("哪一天走的")
    whereabouts = forms.CharField(
        label="去了哪里",
        max_length=60,
        help_text="写到区县就好，例如：上海市浦东新区。",
        error_messages={"required": "请写去了哪里，例如：上海市浦东新区。"},
    )
    reason = forms.CharField(label="原因", max_length=40, required=False, help_text="可不填。例如：带孙辈。")


class RegisterAtForm(DoorForm):
    door = door_field("户口本上的门牌")
    on = day("从哪一天起")


class GuardianForm(LifeForm):
    people_asked: ClassVar[dict[str, str]] = {"guardian": "请写监护人是谁：姓名、手机尾号或门牌。"}
    guardian_words = person_words("监护人", needed=people_asked["guardian"])
    on = day("从哪一天起")


class MembersForm(LifeForm):
    """With the household's members to choose from."""

    def one_of_members(self, **more: Any) -> list[tuple[str, str]]:
        return [(str(each.card.id), each.label) for each in self.members]

    def resident(self, name: str) -> Resident | None:
        picked = parse_uuid(str(self.cleaned_data.get(name, "")))
        return Resident.objects.filter(pk=picked).first() if picked else None


class BirthForm(MembersForm):
    name = forms.CharField(
        label="孩子姓名", max_length=NAME_MAX, error_messages={"required": "请写孩子的姓名，和出生证上一样。"}
    )
    sex = forms.ChoiceField(
        label="性别",
        widget=forms.RadioSelect,
        choices=[(Sex.FEMALE, "女"), (Sex.MALE, "男")],
        error_messages={"required": "请选性别。"},
    )
    born_on = day("出生日期")
    mother = forms.ChoiceField(label="母亲", required=False)
    father = forms.ChoiceField(label="父亲", required=False)
    guardian = forms.ChoiceField(label="监护人", required=False, help_text="母亲或父亲就是监护人的，可不选。")
    relation_to_head = forms.ChoiceField(label="孩子是户主的", required=False, choices=[("", "请选"), *RELATIONS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grown = [each for each in self.members if each.card.age is None or each.card.age >= 14]
        for name, sexes in (("mother", {"", "女"}), ("father", {"", "男"}), ("guardian", {"", "女", "男"})):
            held = [(str(each.card.id), each.label) for each in grown if each.card.sex in sexes]
            self.fields[name].choices = [("", "不在这一户"), *held]  # type: ignore[attr-defined]


class SplitForm(DoorForm, MembersForm):
    leaving = forms.MultipleChoiceField(
        label="哪些人分出去",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一位。"},
    )
    head = forms.ChoiceField(
        label="新户的户主", widget=forms.RadioSelect, error_messages={"required": "请选新户的户主。"}
    )
    door = door_field("住到哪里", required=False, help_text="搬走的写门牌，例如 48-2-301；还住这里的可不填。")
    on = day("从哪一天起")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("leaving", "head"):
            self.fields[name].choices = self.one_of_members()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("head") and data.get("leaving") and data["head"] not in data["leaving"]:
            self.add_error("head", "新户主也要在分出去的人里。请勾上，或换一位户主。")
        return data


class HeadForm(MembersForm):
    head = forms.ChoiceField(label="新户主", widget=forms.RadioSelect, error_messages={"required": "请选新户主。"})
    on = day("从哪一天起")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.subject, Household)
        was = str(self.subject.head_id)
        self.fields["head"].choices = [one for one in self.one_of_members() if one[0] != was]  # type: ignore[attr-defined]


class MoveForm(DoorForm):
    door = door_field("搬到哪里")
    on = day("从哪一天起")


class OtherHouseholdForm(DoorForm, MembersForm):
    """With another household, found by its door and chosen."""

    door = door_field("那一户的门牌", help_text="写成 48-2-301，按下面的按钮，就列出那里的户。")
    into = forms.ChoiceField(
        label="是哪一户",
        widget=forms.RadioSelect,
        error_messages={"required": "请点选是哪一户。"},
    )

    def __init__(self, *args: Any, others: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = list(others.items())  # type: ignore[attr-defined]
        if not others:
            del self.fields["into"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "into" not in self.fields and "door" not in self.errors:
            self.add_error("door", "这个门牌没有另外一户。请核对门牌，换一处再找。")
        return data


class JoinForm(OtherHouseholdForm):
    on = day("从哪一天起")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.members:
            key = f"relation_{each.card.id}"
            self.fields[key] = forms.ChoiceField(
                label=f"{each.card.name}是那一户户主的", choices=RELATIONS, initial=Relation.OTHER, required=False
            )


class MergeHouseholdForm(OtherHouseholdForm):
    because = forms.CharField(
        label="怎么知道是同一户", max_length=200, required=False, help_text="可不填。例如：对照户口本，登记了两次。"
    )


class FormHouseholdForm(MembersForm):
    head = forms.ChoiceField(label="户主", widget=forms.RadioSelect, error_messages={"required": "请选户主。"})
    on = day("从哪一天起")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].choices = self.one_of_members()  # type: ignore[attr-defined]
        for each in self.members:
            self.fields[f"relation_{each.card.id}"] = forms.ChoiceField(
                label=f"{each.card.name}是户主的",
                choices=[("none", "不在这一户"), *Relation.choices],
                initial=Relation.OTHER,
                required=False,
            )
