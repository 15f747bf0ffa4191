"""Request text to typed values: spans as people write them, and a day's change."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms

from . import rules
from .rules import Span, Week

SPAN = re.compile(r"([0-9]{1,2}):([0-5][0-9])\s*[-–—~至到]\s*([0-9]{1,2}):([0-5][0-9])")
WEEKDAYS = "一二三四五六日"


def read_spans(text: str) -> tuple[Span, ...]:
    """`8:30-11:30 13:00-17:00` as spans; empty for nothing.

    Raises:
        ValueError: something in it is no span, or they overlap.
    """
    plain = unicodedata.normalize("NFKC", text)
    spans = tuple((int(h) * 60 + int(m), int(H) * 60 + int(M)) for h, m, H, M in SPAN.findall(plain))
    if re.sub(r"[\s,，、;；]+", "", SPAN.sub("", plain)) or (spans and not rules.is_a_week([spans, *[()] * 6])):
        raise ValueError(text)
    return spans


def write_spans(spans: tuple[Span, ...]) -> str:
    return "　".join(f"{rules.at_clock(opens)}–{rules.at_clock(closes)}" for opens, closes in spans)


class WeekForm(forms.Form):
    """The spans of each weekday, a line a day; an empty line is a day off."""

    def __init__(self, *args: Any, week: Week | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS, start=1):
            spans = week[number - 1] if week else ()
            self.fields[f"day_{number}"] = forms.CharField(
                label=f"星期{name}", max_length=80, required=False, initial=write_spans(spans)
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        spans = []
        for number in range(1, 8):
            try:
                spans.append(read_spans(data.get(f"day_{number}", "")))
            except ValueError:
                self.add_error(f"day_{number}", "请写成 8:30-11:30 13:00-17:00，先后不要重叠。不上班就空着。")
        if not self.errors and not any(spans):
            raise forms.ValidationError("一周里至少要有一段上班时间，请写上。")
        data["week"] = tuple(spans)
        return data


class DayForm(forms.Form):
    """One day: worked or not, and why."""

    day = forms.DateField(widget=forms.HiddenInput)
    is_working = forms.ChoiceField(
        label="这一天",
        choices=[("1", "上班"), ("0", "休息")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选上班还是休息。"},
    )
    reason = forms.CharField(
        label="原因",
        max_length=60,
        help_text="例如“台风停工”“周六集中办公”。同事和日历上都看得到。",
        error_messages={"required": "请写一句原因，同事看日历就明白。"},
    )


def day_of(text: str) -> date | None:
    """`2026-11-26` as a date; None for anything else, and outside 2000–2100."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
