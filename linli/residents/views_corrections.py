"""What waits for a second person: both sides beside each other, agreed to or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, asked, queries
from .forms_record import AnswerForm
from .models import CorrectionRequest

PAGE_SIZE, DECIDED_SHOWN = 20, 20
REASON = "核准更正申请"


@require_safe
@desk(Permission.RESIDENTS_LINK)
def corrections(request: Request) -> HttpResponse:
    """Open requests, the oldest first, and what became of one's own."""
    return _page(request)


@require_POST
@desk(Permission.RESIDENTS_LINK)
def confirm(request: Request, correction_id: UUID) -> HttpResponse:
    row = _visible(request, correction_id)
    try:
        actions.confirm_correction(request.actor, request=row)
    except Problem as problem:
        return _page(request, failed=row.pk, problem=problem)
    return redirect("residents:corrections")


@require_POST
@desk(Permission.RESIDENTS_LINK)
def refuse(request: Request, correction_id: UUID) -> HttpResponse:
    row, form = _visible(request, correction_id), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, failed=row.pk, form=form)
    try:
        actions.refuse_correction(request.actor, request=row, answer=form.cleaned_data["answer"])
    except Problem as problem:
        return _page(request, failed=row.pk, problem=problem)
    return redirect("residents:corrections")


@require_POST
@desk(Permission.RESIDENTS_LINK)
def withdraw(request: Request, correction_id: UUID) -> HttpResponse:
    row = _visible(request, correction_id)
    try:
        actions.withdraw_correction(request.actor, request=row)
    except Problem as problem:
        return _page(request, failed=row.pk, problem=problem)
    return redirect("residents:corrections")


@require_POST
@desk(Permission.RESIDENTS_REVEAL)
def show_both(request: Request, correction_id: UUID) -> HttpResponse:
    """Both sides in full on this answer alone; the trail keeps that they were read, and for what."""
    row = _visible(request, correction_id)
    if not queries.may_decide(request.actor, row):
        raise NotFound()
    actions.note_seen(request.actor, resident=row.resident, field=row.field, reason=REASON)
    return _page(request, shown=row.pk)


def _visible(request: Request, correction_id: UUID) -> CorrectionRequest:
    row = queries.corrections_visible_to(request.actor).filter(pk=correction_id).first()
    if row is None:
        raise NotFound("没有找到这份申请。可能是网址少了几个字，或这位居民不住在您的片区。请从更正申请里找。")
    return row


def _page(
    request: Request,
    *,
    shown: UUID | None = None,
    failed: UUID | None = None,
    problem: Problem | None = None,
    form: Any = None,
) -> HttpResponse:
    page = Paginator(asked.waiting_visible_to(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "waiting": asked.asked_for(request.actor, page.object_list, shown=shown),
        "decided": asked.asked_for(request.actor, asked.decided_for(request.actor)[:DECIDED_SHOWN]),
        "count": page.paginator.count,
        "shown": shown,
        "failed": failed,
        "problem": problem,
        "form": form or AnswerForm(),
        "may_reveal": request.actor.may(Permission.RESIDENTS_REVEAL),
    }
    status = problem.status if problem else 422 if failed else 200
    return render(request, "residents/desk/corrections.html", context, status=status)
