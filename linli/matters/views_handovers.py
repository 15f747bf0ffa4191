"""The desk: handing a matter on, checking what the organisation answered, and writing down what it says by phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.access import Permission
from linli.core.errors import Conflict, NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms import WordsForm
from .forms_handovers import AgainForm, AnswerForm, HandOnForm, hand_on_form, prefix_of
from .models import Handover
from .views_desk import matter_conflict, matter_page, matter_visible


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_HANDLE)
def hand_on(request: Request, matter_id: UUID) -> HttpResponseBase:
    """To whom, what, by when; the matter's words stand beside it."""
    row = matter_visible(request, matter_id)
    if request.method != "POST":
        return _hand_on_page(request, matter_id, hand_on_form(request.actor, row))
    form, status = hand_on_form(request.actor, row, request.POST), 422
    try:
        if form.is_valid():
            data = form.cleaned_data
            actions.hand_on(
                request.actor,
                matter=row,
                organisation=data["organisation"],
                asked=data["asked"],
                answer_by=data["answer_by"],
                shares_contact=data["shares_contact"],
                shares_photos=data["shares_photos"],
            )
            return redirect("matters:desk_matter", matter_id)
    except Problem as problem:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        status = problem.status
    return _hand_on_page(request, matter_id, form, status=status)


def _hand_on_page(request: Request, matter_id: UUID, form: HandOnForm, *, status: int = 200) -> HttpResponse:
    page = queries.page_of(request.actor, matter_visible(request, matter_id))
    return render(request, "matters/desk/hand_on.html", {"page": page, "form": form}, status=status)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def accept_answer(request: Request, handover_id: UUID) -> HttpResponse:
    """Checked, and well."""
    row = _visible(request, handover_id)
    try:
        actions.accept_answer(request.actor, handover=row)
    except Conflict as problem:
        return matter_conflict(request, row.matter_id, problem)
    return redirect("matters:desk_matter", row.matter_id)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def send_again(request: Request, handover_id: UUID) -> HttpResponse:
    def act(row: Handover, data: dict[str, Any]) -> None:
        actions.send_again(request.actor, handover=row, reason=data["words"], answer_by=data["answer_by"])

    return _step(request, handover_id, "again", AgainForm, act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def withdraw(request: Request, handover_id: UUID) -> HttpResponse:
    def act(row: Handover, data: dict[str, Any]) -> None:
        actions.withdraw_handover(request.actor, handover=row, reason=data["words"])

    return _step(request, handover_id, "withdraw", WordsForm, act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def record_answer(request: Request, handover_id: UUID) -> HttpResponse:
    """What the organisation said by phone or at the door, written down for it."""

    def act(row: Handover, data: dict[str, Any]) -> None:
        actions.answer_handover(request.actor, handover=row, words=data["words"], photos=data["photos"])

    return _step(request, handover_id, "record", AnswerForm, act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def record_return(request: Request, handover_id: UUID) -> HttpResponse:
    def act(row: Handover, data: dict[str, Any]) -> None:
        actions.return_handover(request.actor, handover=row, reason=data["words"])

    return _step(request, handover_id, "give_back", WordsForm, act)


def _visible(request: Request, handover_id: UUID) -> Handover:
    row = queries.handovers_visible_to(request.actor).filter(pk=handover_id).first()
    if row is None:
        raise NotFound("没有找到这次转办。它可能属于别的片区。请在清单里按编号找这件事。")
    return row


def _step(
    request: Request, handover_id: UUID, name: str, make: type[Form], act: Callable[[Handover, dict[str, Any]], None]
) -> HttpResponse:
    """One step from its form; what it refuses stands at the field, everything typed kept."""
    row = _visible(request, handover_id)
    form = make(request.POST, request.FILES, prefix=prefix_of(name, row))
    if form.is_valid():
        try:
            act(row, form.cleaned_data)
            return redirect("matters:desk_matter", row.matter_id)
        except Conflict as problem:
            return matter_conflict(request, row.matter_id, problem, form.cleaned_data["words"])
        except Problem as problem:
            if problem.field not in form.fields:
                raise
            form.add_error(problem.field, problem.message)
    shown = matter_visible(request, row.matter_id)
    return matter_page(request, shown, status=422, posted_handover=(row, name, form))
