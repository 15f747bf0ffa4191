"""Request text to typed values, for the desk's front pages; nothing here saves."""

from __future__ import annotations

from django import forms


class FindForm(forms.Form):
    """What is typed into the one box."""

    q = forms.CharField(max_length=60, required=False, strip=True)
