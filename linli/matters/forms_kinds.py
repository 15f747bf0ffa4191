"""What a kind of matter asks, as form fields; and the secretary's form for a kind."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from linli.core.drafts import values_of

from . import queries, rules_kinds
from .models import Ending, Evidence, Grade, MatterKind, Queue, Unit
from .rules_kinds import Asked, Question

ASK = "ask-"
"""Begins the input names of a kind's questions; what follows is the question's key."""


def what_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="具体是",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "类别换过了，“具体是”请重选一个，也可以不选。"},
    )


class AsksByKind(forms.Form):
    """A report's form with `kind` (the top) and `what` (more exactly): it asks what the chosen one asks.

    Laid out anew once a draft has said which kind was meant; a form posted without the questions comes back with them.
    """

    tree: queries.KindTree
    kinds: dict[str, MatterKind]

    def lay_out(self) -> None:
        """Offer the tops, what stands under the chosen one, and its questions, begun with what the draft has."""
        if not hasattr(self, "tree"):
            self.tree = queries.kinds_to_report()
            self.kinds = {kind.code: kind for kind in self.tree.tops}
        self._offer("kind", self.tree.tops)
        top = self.kinds.get(self._said("kind"))
        below = self.tree.below(top) if top else []
        self._offer("what", below)
        for name in [name for name in self.fields if name.startswith(ASK)]:
            del self.fields[name]
        chosen = next((kind for kind in below if kind.code == self._said("what")), top)
        draft = values_of(getattr(getattr(self, "kept", None), "draft", None))
        for question in chosen.asks if chosen else ():
            name = f"{ASK}{question.key}"
            self.fields[name] = field_of(question)
            if name in draft:
                self.initial[name] = draft[name][-1] if draft[name] else ""

    def _offer(self, name: str, kinds: list[MatterKind]) -> None:
        if isinstance(field := self.fields.get(name), forms.ChoiceField):
            field.choices = [(kind.code, kind.name) for kind in kinds]

    def _said(self, name: str) -> str:
        if self.is_bound:
            return str(self.data.get(self.add_prefix(name), ""))
        return str(self.initial.get(name) or "")

    @property
    def asked(self) -> list[str]:
        """The names of the question fields, in order."""
        return [name for name in self.fields if name.startswith(ASK)]

    @property
    def asked_fields(self) -> list[BoundField]:
        return [self[name] for name in self.asked]

    @property
    def has_more(self) -> bool:
        """Whether anything stands under the chosen kind, or it asks something."""
        what = self.fields["what"]
        return bool(self.asked or (isinstance(what, forms.ChoiceField) and what.choices))

    @property
    def reported_kind(self) -> MatterKind:
        """What a valid form says it is, as exactly as it was said."""
        data = self.cleaned_data
        return self.tree.by_code[data["what"] or data["kind"]]

    @property
    def given(self) -> dict[str, str]:
        """The answers, by the questions' keys, as `report_matter` takes them."""
        return {name.removeprefix(ASK): self.cleaned_data[name] or "" for name in self.asked}


def in_groups(tree: queries.KindTree) -> list[Any]:
    """Choices for a select: every kind, by the top it stands under."""
    groups = []
    for top in tree.tops:
        below = [kind for kind in tree.rows if kind.level > 1 and top.code in kind.path]
        inner = [(kind.code, "\u3000" * (kind.level - 2) + kind.name) for kind in below]
        groups.append((top.name, [(top.code, f"{top.name}（不再细分）"), *inner]))
    return groups


class KindPartsForm(AsksByKind):
    """Only what the choice of a kind brings with it: the part of a report's page that follows that choice."""

    kind = forms.ChoiceField(required=False)
    what = what_field()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lay_out()


def field_of(question: Question) -> forms.Field:
    """A question as a field; what is chosen comes as chips, before anything has to be typed."""
    missing = {"required": f"请答一下：{question.ask}。", "invalid_choice": "请从列出的里选一个。"}
    if question.choices:
        return forms.ChoiceField(
            label=question.ask,
            choices=[(each, each) for each in question.choices],
            required=question.is_required,
            widget=forms.RadioSelect,
            error_messages=missing,
        )
    is_number = question.type == Asked.NUMBER
    return forms.CharField(
        label=question.ask,
        required=question.is_required,
        max_length=6 if is_number else rules_kinds.LONGEST_ANSWER,
        widget=forms.TextInput(attrs={"inputmode": "numeric"} if is_number else {}),
        validators=[_digits] if is_number else [],
        error_messages=missing,
    )


def _digits(text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise forms.ValidationError("请写数字。")


ENDINGS = [(ending.value, ending.label) for ending in Ending]
QUESTION_PARTS = ("ask", "type", "options", "must", "key")
AS_ABOVE = "同上级"


class NewKindForm(forms.Form):
    """One more kind: its name and where it stands; the rest is said on its own page."""

    name = forms.CharField(label="名称", max_length=20, error_messages={"required": "请写这一类叫什么。"})
    parent = forms.ChoiceField(label="放在哪一类下面", required=False)

    def __init__(self, tree: queries.KindTree, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = tree
        under = [kind for kind in tree.rows if kind.level < rules_kinds.DEEPEST]
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "不放在别的下面（顶层）"), *((kind.code, indented(kind)) for kind in under)]

    @property
    def above(self) -> MatterKind | None:
        return self.tree.by_code.get(self.cleaned_data["parent"])


def indented(kind: MatterKind) -> str:
    return "\u3000" * (kind.level - 1) + kind.name


NUMBERS = ("promise_unit", "accept_hours", "handle_hours", "party_hours", "duplicate_metres", "duplicate_days")


class KindForm(NewKindForm):
    """Everything a community may say of one kind; what is left empty is as above."""

    hint = forms.CharField(label="举例", required=False, max_length=60, help_text="居民选类别时看的，可不写。")
    is_offered = forms.BooleanField(label="居民和社工现在能选这一类", required=False)
    promise_days = forms.IntegerField(
        label="承诺多久答复", min_value=1, max_value=90, error_messages={"required": "请写一个数，例如 3。"}
    )
    promise_unit = forms.ChoiceField(label="按什么算", choices=Unit.choices, widget=forms.RadioSelect)
    accept_hours = forms.IntegerField(label="几个工作小时内要接单", required=False, min_value=1, max_value=80)
    handle_hours = forms.IntegerField(label="接单后几个工作小时内要办", required=False, min_value=1, max_value=400)
    party_hours = forms.IntegerField(label="转出后几个工作小时内要答复", required=False, min_value=1, max_value=400)
    side = forms.ChoiceField(label="先由谁办", required=False, widget=forms.RadioSelect)
    grade = forms.ChoiceField(label="层级", required=False, widget=forms.RadioSelect)
    evidence = forms.ChoiceField(label="办好后的照片", required=False, widget=forms.RadioSelect)
    duplicate_metres = forms.IntegerField(label="多少米内算同一处", required=False, min_value=1, max_value=2000)
    duplicate_days = forms.IntegerField(label="几天内算同一件", required=False, min_value=1, max_value=365)

    def __init__(self, kind: MatterKind, tree: queries.KindTree, *args: Any, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(tree, *args, **kwargs)
        self._leave_out_below()
        above = kind.parent
        for name, labels in (("side", Queue), ("grade", Grade), ("evidence", Evidence)):
            said = above.held(name) if above else ""
            same = f"{AS_ABOVE}（{labels(said).label}）" if said else ("不特别定" if not above else AS_ABOVE)
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", same), *labels.choices]
        for n in range(rules_kinds.MOST_QUESTIONS):
            self._add_question(n)
        for ending, label in ENDINGS:
            self.fields[f"say-{ending}"] = forms.CharField(
                label=f"{label}时常用", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=800
            )
        self._begin()

    def _leave_out_below(self) -> None:
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        inside = {kind.code for kind in self.tree.rows if self.kind.code in kind.path}
        choices: Any = field.choices
        field.choices = [(code, name) for code, name in choices if code not in inside]

    def _add_question(self, n: int) -> None:
        types = [(each.value, name) for each, name in rules_kinds.ASKED_NAMES.items()]
        self.fields |= {
            f"q{n}-key": forms.CharField(required=False, widget=forms.HiddenInput),
            f"q{n}-ask": forms.CharField(label="问什么", required=False, max_length=rules_kinds.LONGEST_ASK),
            f"q{n}-type": forms.ChoiceField(
                label="怎样回答", required=False, choices=types, initial=Asked.CHOICE.value
            ),
            f"q{n}-options": forms.CharField(
                label="选项",
                required=False,
                max_length=160,
                help_text="用逗号隔开，例如：今天，这几天，很久了。别的答法不用写。",
            ),
            f"q{n}-must": forms.BooleanField(label="必须回答", required=False),
        }

    def _begin(self) -> None:
        kind = self.kind
        plain = ("name", "hint", "is_offered", "promise_days", "side", "grade", "evidence")
        for name in (*plain, *NUMBERS):
            self.initial.setdefault(name, getattr(kind, name))
        self.initial.setdefault("parent", kind.parent.code if kind.parent else "")
        for n, question in enumerate(rules_kinds.questions_of(kind.questions)):
            said = (question.ask, question.type.value, "，".join(question.options), question.is_required, question.key)
            for part, value in zip(QUESTION_PARTS, said, strict=True):
                self.initial.setdefault(f"q{n}-{part}", value)
        for ending, _ in ENDINGS:
            self.initial.setdefault(f"say-{ending}", "\n".join(kind.templates.get(ending, ())))

    @property
    def question_rows(self) -> list[dict[str, BoundField]]:
        return [{part: self[f"q{n}-{part}"] for part in QUESTION_PARTS} for n in range(rules_kinds.MOST_QUESTIONS)]

    @property
    def phrase_fields(self) -> list[BoundField]:
        return [self[f"say-{ending}"] for ending, _ in ENDINGS]

    @property
    def changes(self) -> dict[str, Any]:
        """What a valid form says, as `change_kind_settings` takes it."""
        data = self.cleaned_data
        plain = ("name", "hint", "is_offered", "promise_days", "side", "grade", "evidence")
        said = {name: data[name] for name in (*plain, *NUMBERS)}
        phrases = {ending: data[f"say-{ending}"].splitlines() for ending, _ in ENDINGS}
        return {**said, "questions": self._questions(), "templates": phrases}

    def _questions(self) -> list[dict[str, Any]]:
        """The questions written; a new one gets a key that none of the others has."""
        data, found = self.cleaned_data, []
        taken = {data[f"q{n}-key"] for n in range(rules_kinds.MOST_QUESTIONS)}
        free = iter([f"q{n}" for n in range(1, 20) if f"q{n}" not in taken])
        for n in range(rules_kinds.MOST_QUESTIONS):
            if not data[f"q{n}-ask"].strip():
                continue
            options = [each.strip() for each in re.split("[,，、;；]", data[f"q{n}-options"]) if each.strip()]
            found.append(
                {
                    "key": data[f"q{n}-key"] or next(free),
                    "ask": data[f"q{n}-ask"].strip(),
                    "type": data[f"q{n}-type"] or Asked.CHOICE.value,
                    "options": options,
                    "is_required": data[f"q{n}-must"],
                }
            )
        return found
