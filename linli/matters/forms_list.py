"""What the address of the desk's list says: its filter, a month."""

from __future__ import annotations

from datetime import date

from django import forms

from .filters import Days, DeskFilter
from .rules import Outcome


class ListForm(forms.Form):
    """The desk list's filter, from the query string; what it cannot read is left out rather than refused."""

    box = forms.ChoiceField(choices=[(b, b) for b in ("open", "mine", "waiting", "all")], required=False)
    kind = forms.CharField(max_length=24, required=False)
    outcome = forms.ChoiceField(choices=[(o.value, o.value) for o in Outcome], required=False)
    month = forms.CharField(max_length=7, required=False)
    late = forms.BooleanField(required=False)
    in_time = forms.BooleanField(required=False)
    taken = forms.BooleanField(required=False)
    reopened = forms.BooleanField(required=False)
    rated = forms.BooleanField(required=False)
    reported = forms.CharField(max_length=22, required=False)
    answered = forms.CharField(max_length=22, required=False)
    sub_area = forms.CharField(max_length=16, required=False)
    building = forms.UUIDField(required=False)
    weekday = forms.IntegerField(min_value=1, max_value=7, required=False)
    hours = forms.RegexField(r"^([0-9]|1[0-9]|2[0-4])-([0-9]|1[0-9]|2[0-4])$", required=False)
    q = forms.CharField(max_length=60, required=False)

    @property
    def wanted(self) -> DeskFilter:
        self.is_valid()
        data = self.cleaned_data
        month = month_of(data.get("month", ""))
        reported, answered = (Days.read(data.get(name, "")) for name in ("reported", "answered"))
        first, _, after_last = data.get("hours", "").partition("-")
        return DeskFilter(
            box=data.get("box") or ("all" if month or reported or answered else "open"),
            kind=data.get("kind", ""),
            outcome=data.get("outcome", ""),
            month=month,
            is_late=data.get("late", False),
            words=data.get("q", "").strip(),
            reported=reported,
            answered=answered,
            sub_area=data.get("sub_area", ""),
            building=data.get("building"),
            is_in_time=data.get("in_time", False),
            is_taken=data.get("taken", False),
            is_reopened=data.get("reopened", False),
            is_rated=data.get("rated", False),
            weekday=data.get("weekday") or 0,
            hours=(int(first), int(after_last)) if first else None,
        )


def month_of(text: str) -> date | None:
    """`2026-11` as the first of that month; None for anything else."""
    year, _, month = text.partition("-")
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        return None
    if not (2000 <= int(year) <= 2100 and 1 <= int(month) <= 12):
        return None
    return date(int(year), int(month), 1)


def months_back(today: date, count: int) -> list[date]:
    """The first days of this month and the `count`-1 before it, newest first."""
    first = today.replace(day=1)
    out = []
    for _ in range(count):
        out.append(first)
        year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
        first = date(year, month, 1)
    return out
