"""What a person counts as: begun and ended. Where benefits hang on it, a second person agrees first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions
from .codes import CATEGORY_KINDS, category_name
from .forms_record import EndForm, GrantForm
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
                if category_needs_second(kind):
                    actions.request_category(request.actor, resident=row, kind=kind, plan=typed, because=because)
                else:
                    actions.grant_category(request.actor, resident=row, kind=kind, **typed)
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
    category = Category.objects.filter(pk=category_id).select_related("resident").first()
    if category is None:
        raise NotFound()
    visible(request, category.resident_id)
    needs_second = category_needs_second(category.kind)
    form, status = EndForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                on, because = form.cleaned_data["on"], form.cleaned_data["because"]
                if needs_second:
                    actions.request_category_end(request.actor, category=category, on=on, because=because)
                else:
                    actions.end_category(request.actor, category=category, on=on)
                return redirect("residents:page", category.resident_id)
        except Problem as problem:
            status = fails(form, problem)
    context = {
        "resident_id": category.resident_id,
        "form": form,
        "name": category_name(category.kind),
        "from_on": category.span.lower,
        "needs_second": needs_second,
    }
    return render(request, "residents/desk/end.html", context, status=status)
