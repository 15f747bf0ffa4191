"""Forms about a deadline: letting it wait, moving it, deciding."""

from __future__ import annotations

from typing import Any

from django import forms

from . import queries
from .forms import WordsForm, _choices_of


class AskForm(WordsForm):
    """More time: until which day, and why."""

    until = forms.DateField(
        label="到哪一天",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选一个日子。", "invalid": "请选一个日子，例如 2026-12-01。"},
    )


class PauseForm(AskForm):
    """Letting the clock stand still: for which of the community's reasons, until when at the latest."""

    reason = forms.ChoiceField(
        label="为什么要等", widget=forms.RadioSelect, error_messages={"required": "请选一个原因。"}
    )

    field_order = ("reason", "until", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = {reason.code: reason for reason in queries.pause_reasons()}
        _choices_of(self, "reason").choices = [(reason.code, reason.name) for reason in self.reasons.values()]


class DecideForm(WordsForm):
    """Agreeing or not, with a word."""

    decision = forms.ChoiceField(
        choices=[("yes", "同意"), ("no", "不同意")], error_messages={"required": "请选同意还是不同意。"}
    )
