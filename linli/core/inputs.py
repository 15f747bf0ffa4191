"""Inputs of forms that every app shares."""

from __future__ import annotations

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day as browsers ask for it. They read 2026-03-01 alone, whatever the language of the page writes."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
