"""What a person counts as: begun, changed, put right and ended. Where benefits hang on it, a second person agrees first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, records
from .codes import CATEGORY_KINDS, category_name
from .forms_record import EndForm, GrantForm, PutCategoryForm
from .models import Category
from .second_person import category_needs_second
from .views_changes import fails
from .views_record import visible


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def grant(request: Request, resident_id: UUID) -> HttpResponse:
    """A category of the person from a day on."""
    row = visible(request, resident_id)
    form, status = GrantForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                typed = dict(form.cleaned_data)
                kind, because = typed.pop("kind"), typed.pop("because")
                actions.put_category(request.actor, resident=row, kind=kind, plan=typed, because=because)
                return redirect("residents:page", resident_id)
        except Problem as problem:
            status = fails(form, problem)
    needing = "、".join(kind.name for kind in CATEGORY_KINDS.values() if category_needs_second(kind.code))
    context = {"resident_id": row.pk, "form": form, "needing": needing}
    return render(request, "residents/desk/grant.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def end(request: Request, category_id: UUID) -> HttpResponse:
    """The category ends on a day."""
    category = _category(request, category_id)
    form, status = EndForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                on, because = form.cleaned_data["on"], form.cleaned_data["because"]
                actions.put_category_end(request.actor, category=category, on=on, because=because)
                return redirect("residents:page", category.resident_id)
        except Problem as problem:
            status = fails(form, problem)
    return render(request, "residents/desk/end.html", _context(category, form), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def put(request: Request, category_id: UUID) -> HttpResponse:
    """The category says something else: since a day, or it always did and was written down wrongly."""
    category = _category(request, category_id)
    needs_second = category_needs_second(category.kind)
    typed = request.POST if request.method == "POST" else None
    form, status = PutCategoryForm(typed, category=category, needs_second=needs_second), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                _put(request, category, form)
                return redirect("residents:page", category.resident_id)
        except Problem as problem:
            status = fails(form, problem)
    (held,) = [each for each in records.memberships_of(category.resident) if each.id == category.pk]
    context = _context(category, form) | {"held": held}
    return render(request, "residents/desk/put_category.html", context, status=status)


def _put(request: Request, category: Category, form: PutCategoryForm) -> None:
    typed = form.cleaned_data
    actions.put_category_right(
        request.actor,
        category=category,
        to=form.wanted,
        because=typed["because"],
        on=typed["on"] if form.is_change else None,
        evidence=typed.get("evidence", ""),
    )


def _category(request: Request, category_id: UUID) -> Category:
    category = Category.objects.filter(pk=category_id).select_related("resident").first()
    if category is None:
        raise NotFound()
    visible(request, category.resident_id)
    return category


def _context(category: Category, form: forms.Form) -> dict[str, Any]:
    return {
        "resident_id": category.resident_id,
        "form": form,
        "name": category_name(category.kind),
        "from_on": category.span.lower,
        "needs_second": category_needs_second(category.kind),
    }
