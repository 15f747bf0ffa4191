"""Without signing in: how far a matter is, by its number and the last four digits of the phone that was left."""

from __future__ import annotations

import re
import unicodedata

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from linli.accounts.views_public import address_of
from linli.core.errors import Problem
from linli.core.web import Request, keeping

from . import actions


class LookUpForm(forms.Form):
    """The number as people type it, and four digits."""

    number = forms.CharField(
        label="编号",
        max_length=24,
        help_text="在短信、凭条或“我的事项”里，例如 261126-0017。",
        error_messages={"required": "请填编号，短信和凭条上有。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    tail = forms.CharField(
        label="手机号后四位",
        max_length=8,
        help_text="报的时候留的那个手机号。",
        error_messages={"required": "请填手机号的后四位数字。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", self.cleaned_data["number"]))
        if len(digits) < 7:
            raise forms.ValidationError("编号是 10 位数字，例如 261126-0017。请对照短信或凭条再看看。")
        return f"{digits[:6]}-{digits[6:]}"

    def clean_tail(self) -> str:
        digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", self.cleaned_data["tail"]))
        if len(digits) != 4:
            raise forms.ValidationError("请填 4 位数字，就是手机号最后四位。")
        return digits


@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: Request) -> HttpResponse:
    """Nothing of what is asked stands in the address; a wrong try is kept, although the page says that it failed."""
    form, found, status = LookUpForm(request.POST if request.method == "POST" else None), None, 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                found = actions.look_up(**form.cleaned_data, address=address_of(request))
                status = 200
        except Problem as problem:
            form.add_error(None, problem.message)
            status = problem.status
    return keeping(render(request, "matters/resident/look_up.html", {"form": form, "found": found}, status=status))
