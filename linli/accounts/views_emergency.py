"""紧急查看: opened by who needs it, ended, and looked over by somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.access import Permission
from linli.core.errors import Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries_emergencies
from .entering import fails
from .forms import EmergencyForm, ReviewForm

MOST = 30


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def page(request: Request) -> HttpResponse:
    """What is open, and what waits for review; POST opens one."""
    if request.method == "POST":
        request.actor.require(Permission.EMERGENCY_OPEN)
    elif not request.actor.may(Permission.EMERGENCY_OPEN):
        request.actor.require(Permission.EMERGENCY_REVIEW)
    form, status = EmergencyForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.open_emergency(request.actor, reason=form.cleaned_data["reason"])
                return redirect("me:emergency")
        except Problem as problem:
            status = fails(form, problem)
    return _show(request, form=form, status=status)


def _show(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    opened = queries_emergencies.open_emergency_of(request.actor)
    rows = [row for row in queries_emergencies.emergencies_visible_to(request.actor)[:MOST] if row != opened]
    context = {
        "may_open": request.actor.may(Permission.EMERGENCY_OPEN),
        "may_review": request.actor.may(Permission.EMERGENCY_REVIEW),
        "open": opened,
        "cases": queries_emergencies.cases_for(request.actor, rows),
        "waiting": queries_emergencies.unreviewed_count(request.actor),
        "form": EmergencyForm(),
        "review_form": ReviewForm(),
        **more,
    }
    return render(request, "accounts/desk/emergency.html", context, status=status)


@require_POST
@desk(Permission.EMERGENCY_OPEN)
def close(request: Request, emergency_id: UUID) -> HttpResponse:
    rows = queries_emergencies.emergencies_visible_to(request.actor)
    actions.close_emergency(request.actor, emergency=get_object_or_404(rows, pk=emergency_id))
    return redirect("me:emergency")


@require_POST
@desk(Permission.EMERGENCY_REVIEW)
def review(request: Request, emergency_id: UUID) -> HttpResponse:
    row = get_object_or_404(queries_emergencies.emergencies_visible_to(request.actor), pk=emergency_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _show(request, status=422, review_form=form, failed=row.pk)
    actions.review_emergency(request.actor, emergency=row, review=form.cleaned_data["review"])
    return redirect("me:emergency")
