"""Request text to typed values. Forms never save; what they cannot read they say in a sentence at the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from linli.core import clock
from linli.core.access import Actor
from linli.core.ids import uuid7
from linli.core.inputs import DayInput
from linli.lists.models import Group
from linli.lists.queries import conditions_of, groups_visible_to
from linli.matters.forms import PhotosField
from linli.matters.models import MatterKind
from linli.residents import conditions
from linli.residents.codes import CATEGORY_KINDS

from . import rules
from .actions import Need, PolicyFacts, Said
from .models import Channel, Every, ExtraKind, Found, Risk, VisitPolicy
from .queries import MemberPage, last_answers

NEXT = {"": "按规则", "1": "明天", "3": "三天后", "7": "一周后"}
WHO_IS_VISITED = tuple(
    code for code, kind in CATEGORY_KINDS.items() if kind.group in {"老人", "救助", "残疾", "计生", "儿童", "军人"}
)


class SessionForm(forms.Form):
    """What is said once for the whole door."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    channel = forms.ChoiceField(
        label="怎么走访", choices=Channel.choices, initial=Channel.DOOR, widget=forms.RadioSelect,
        error_messages={"required": "请选一种方式，例如“上门”。"},
    )  # fmt: skip
    photos = PhotosField(label="拍门口", help_text="只拍门口和门牌，不拍人。可不拍。")

    def __init__(self, *args: Any, wants_photo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("id", uuid7())
        if not wants_photo:
            del self.fields["photos"]


class MemberForm(forms.Form):
    """How one person was found. Nothing is chosen beforehand, but "same as last time" fills the answers to be changed."""

    found = forms.ChoiceField(label="见到了吗", choices=Found.choices, widget=forms.RadioSelect, required=False)
    is_confirmed = forms.BooleanField(label="核对过，已核实", required=False)
    need = forms.ChoiceField(label="要帮忙的事", widget=forms.RadioSelect, required=False)
    need_words = forms.CharField(
        label="说一两句", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：卫生间想装扶手。会记成一件事项，办完有答复。",
    )  # fmt: skip
    is_handed_on = forms.BooleanField(label="转给后台社工办", required=False)
    words = forms.CharField(label="补充", required=False, max_length=300)
    next = forms.ChoiceField(
        label="下次", choices=list(NEXT.items()), initial="", widget=forms.RadioSelect, required=False
    )

    def __init__(
        self, member: MemberPage, kinds: Mapping[str, MatterKind], *args: Any, is_same: bool = False, **kwargs: Any
    ) -> None:
        kwargs["prefix"] = str(member.resident.pk)
        super().__init__(*args, **kwargs)
        self.member, self.kinds = member, kinds
        self.fields["need"].choices = [("", "没有"), *((kind.code, kind.name) for kind in kinds.values())]  # type: ignore[attr-defined]
        self.initial.setdefault("need", "")
        last = last_answers(member) if is_same else {}
        for question in member.questions:
            self.fields[f"q-{question.code}"] = _asked(question, last.get(question.code))
        if member.to_confirm:
            self.fields["is_confirmed"].label = f"{member.confirm_words}核对过，已核实"
        else:
            del self.fields["is_confirmed"]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions, in their order."""
        return [self[f"q-{question.code}"] for question in self.member.questions]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("need") and not data.get("need_words", "").strip():
            self.add_error("need_words", "请写一两句，说清楚是什么事。")
        if not data.get("found") and (data.get("need") or data.get("words") or data.get("is_confirmed")):
            self.add_error("found", "请先点一下见到了没有。")
        return data

    @property
    def said(self) -> Said | None:
        """What the action takes; None where nobody was looked for."""
        data = self.cleaned_data
        if not data.get("found"):
            return None
        answers = {
            question.code: data[f"q-{question.code}"]
            for question in self.member.questions
            if data.get(f"q-{question.code}")
        }
        kind = self.kinds.get(data.get("need", ""))
        return Said(
            resident_id=self.member.resident.pk,
            found=data["found"],
            answers=answers,
            words=data["words"],
            is_confirmed=bool(data.get("is_confirmed")),
            need=Need(kind, data["need_words"], data["is_handed_on"]) if kind else None,
            next_on=clock.today() + timedelta(days=int(data["next"])) if data.get("next") else None,
        )


class ErrandForm(forms.Form):
    """What a volunteer says of one person."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    found = forms.ChoiceField(
        label="见到了吗", choices=Found.choices, widget=forms.RadioSelect,
        error_messages={"required": "请先点一下见到了没有。"},
    )  # fmt: skip
    words = forms.CharField(label="还想说一句", required=False, max_length=300)

    def __init__(self, *args: Any, questions: Sequence[rules.Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        self.initial.setdefault("id", uuid7())
        for question in questions:
            self.fields[f"q-{question.code}"] = _asked(question)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[f"q-{question.code}"] for question in self.questions]

    @property
    def said(self) -> dict[str, Any]:
        """What `actions.do_errand` takes."""
        data = self.cleaned_data
        answers = {each.code: data[f"q-{each.code}"] for each in self.questions if data.get(f"q-{each.code}")}
        return {"id": data["id"], "found": data["found"], "answers": answers, "words": data["words"]}


def _asked(question: rules.Question, initial: str | None = None) -> forms.ChoiceField:
    choices = [(each.code, each.words) for each in question.answers]
    return forms.ChoiceField(
        label=question.words, choices=choices, initial=initial, widget=forms.RadioSelect, required=False
    )


def _many(label: str, choices: list[tuple[str, str]], help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple, required=False, help_text=help_text
    )


class PolicyForm(forms.Form):
    """A rule: who, how often, how, what is asked."""

    name = forms.CharField(
        label="名称", max_length=24, help_text="例如“高龄独居老人”。",
        error_messages={"required": "请给这条规则起个名字，例如“高龄独居老人”。"},
    )  # fmt: skip
    risk = forms.ChoiceField(label="风险等级", choices=Risk.choices, initial=Risk.KEY, widget=forms.RadioSelect)
    every = forms.ChoiceField(label="多久走一次", choices=Every.choices, initial=Every.MONTH, widget=forms.RadioSelect)
    categories = _many("哪些类别的居民", [], "选几类就走几类的人；一个人在几类里，只走一次。")
    age_from = forms.IntegerField(
        label="满多少岁", required=False, min_value=1, max_value=120, help_text="不填就不限。",
        error_messages={"min_value": "年龄请写 1 到 120。", "max_value": "年龄请写 1 到 120。", "invalid": "年龄请写数字，例如 80。"},
    )  # fmt: skip
    group = forms.ChoiceField(
        label="再按一个分组",
        required=False,
        help_text="只走同时符合这个分组条件的人。条件记在规则里，分组以后删掉也不影响。",
    )
    channels = _many("哪些方式算走到了", list(Channel.choices))
    questions = _many("见到时问什么", [])
    wants_photo = forms.BooleanField(label="上门时拍门口", required=False)
    is_light = forms.BooleanField(label="可以请志愿者代走", required=False)
    is_extra_on_change = forms.BooleanField(label="丧偶、迁入等变化后，一天内加走一次", required=False)

    def __init__(self, *args: Any, actor: Actor, policy: VisitPolicy | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial_of(policy)
        super().__init__(*args, **kwargs)
        self.policy = policy
        self.groups: dict[str, Group] = {str(row.pk): row for row in groups_visible_to(actor)}
        self._choose("categories", [(code, CATEGORY_KINDS[code].name) for code in WHO_IS_VISITED])
        self._choose("group", [("", "不按分组"), *((pk, row.name) for pk, row in self.groups.items())])
        self._choose("questions", [(each.code, each.words) for each in rules.questions().values()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def kept(self) -> list[conditions.Condition]:
        """What the rule asks beside age and category: conditions taken from a group earlier."""
        held = conditions.of_data(self.policy.conditions) if self.policy else []
        return [each for each in held if each.trait.code != "resident.age"]

    @property
    def facts(self) -> PolicyFacts:
        data = self.cleaned_data
        group = self.groups.get(data["group"])
        met = conditions_of(group) if group else self.kept
        if data["age_from"]:
            met = [*met, *conditions.of_data([("resident.age", "ge", str(data["age_from"]))])]
        return PolicyFacts(
            name=data["name"],
            every=data["every"],
            risk=data["risk"],
            categories=data["categories"],
            conditions=met,
            channels=data["channels"],
            questions=data["questions"],
            wants_photo=data["wants_photo"],
            is_light=data["is_light"],
            is_extra_on_change=data["is_extra_on_change"],
        )


def _initial_of(policy: VisitPolicy | None) -> dict[str, Any]:
    if policy is None:
        channels = [Channel.DOOR, Channel.PHONE, Channel.VIDEO, Channel.PAIRING]
        questions = ["eats", "sleeps", "medicine", "falls"]
        return {"channels": channels, "questions": questions, "is_extra_on_change": True}
    names = (
        "name",
        "risk",
        "every",
        "categories",
        "channels",
        "questions",
        "wants_photo",
        "is_light",
        "is_extra_on_change",
    )
    ages = [value for code, operator, value in policy.conditions if code == "resident.age" and operator == "ge"]
    return {**{name: getattr(policy, name) for name in names}, "age_from": ages[0] if ages else None}


class RoundForm(forms.Form):
    """The switch for bad weather and festivals."""

    kind = forms.ChoiceField(
        label="因为什么", choices=ExtraKind.choices, initial=ExtraKind.WEATHER, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="写明原因", max_length=100, help_text="例如：寒潮橙色预警，12月3日到6日。会写在走访清单上。",
        error_messages={"required": "请写明为什么加访，例如“寒潮橙色预警”。"},
    )  # fmt: skip
    risks = _many("加访哪些人", list(Risk.choices), "不选就是名单上的所有人。")
    due_on = forms.DateField(
        label="最晚哪天走完", widget=DayInput(),
        error_messages={"invalid": "日期请写成 2026-12-03 这样。", "required": "请选一个日期。"},
    )  # fmt: skip


class PlanForm(forms.Form):
    """Call on somebody for a reason the register does not know."""

    reason = forms.CharField(
        label="为什么加走一次", max_length=40, help_text="例如：昨天出院、前天摔了一跤。",
        error_messages={"required": "请写一句为什么，例如“昨天出院”。"},
    )  # fmt: skip
    due_on = forms.DateField(
        label="最晚哪天", required=False, widget=DayInput(), help_text="不填就是明天。",
        error_messages={"invalid": "日期请写成 2026-12-03 这样。"},
    )  # fmt: skip


def month_asked(text: str, today: date) -> date:
    """`2026-11` as its first day; this month for anything else, and for a month still to come."""
    year, _, month = text.partition("-")
    try:
        found = date(int(year), int(month), 1)
    except ValueError:
        return today.replace(day=1)
    return min(found, today.replace(day=1)) if found.year >= 2000 else today.replace(day=1)
