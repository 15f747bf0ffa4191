"""What a kind of matter asks, as form fields; and the secretary's form for a kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from linli.core.drafts import values_of

from . import queries, rules_kinds
from .models import MatterKind
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
