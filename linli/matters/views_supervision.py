"""The desk: asking after a matter (督办), answering, ending; and the list of all that are open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import Conflict, NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms import WordsForm
from .forms_handovers import SuperviseForm
from .models import Supervision, SupervisionState
from .views_desk import matter_conflict, matter_page, matter_visible

ENDED_SHOWN = 20


@require_safe
@desk()
def supervisions(request: Request) -> HttpResponse:
    """What is being supervised, the soonest due first, and what was lately."""
    rows = queries.supervisions_visible_to(request.actor)
    ended = rows.filter(state=SupervisionState.ENDED).order_by("-ended_at", "-id")[:ENDED_SHOWN]
    context = {
        "open": queries.supervision_lines(rows.exclude(state=SupervisionState.ENDED), with_place=True),
        "ended": queries.supervision_lines(ended, with_place=True),
    }
    return render(request, "matters/desk/supervisions.html", context)


@require_POST
@desk(Permission.MATTERS_SUPERVISE)
def supervise(request: Request, matter_id: UUID) -> HttpResponse:
    row = matter_visible(request, matter_id, is_shown=False)
    form = SuperviseForm(request.POST, prefix="supervise")

    def act(data: dict[str, Any]) -> None:
        actions.supervise(request.actor, matter=row, why=data["words"], answer_by=data["answer_by"])

    return _step(request, matter_id, form, "supervise_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def answer(request: Request, supervision_id: UUID) -> HttpResponse:
    row = _visible(request, supervision_id)
    form = WordsForm(request.POST, prefix="reply")

    def act(data: dict[str, Any]) -> None:
        actions.answer_supervision(request.actor, supervision=row, words=data["words"])

    return _step(request, row.matter_id, form, "reply_form", act)


@require_POST
@desk(Permission.MATTERS_SUPERVISE)
def end(request: Request, supervision_id: UUID) -> HttpResponse:
    row = _visible(request, supervision_id)
    actions.end_supervision(request.actor, supervision=row)
    return redirect("matters:desk_matter", row.matter_id)


def _visible(request: Request, supervision_id: UUID) -> Supervision:
    row = queries.supervisions_visible_to(request.actor).filter(pk=supervision_id).first()
    if row is None:
        raise NotFound("没有找到这次督办。它可能属于别的片区。请在清单里按编号找这件事。")
    return row


def _step(request: Request, matter_id: UUID, form: forms.Form, name: str, act: Any) -> HttpResponse:
    """One step from its form; what it refuses stands at the field, everything typed kept."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
            return redirect("matters:desk_matter", matter_id)
        except Conflict as problem:
            return matter_conflict(request, matter_id, problem, form.cleaned_data["words"])
        except Problem as problem:
            if problem.field not in form.fields:
                raise
            form.add_error(problem.field, problem.message)
    shown = matter_visible(request, matter_id)
    return matter_page(request, shown, status=422, **{name: form, "open_form": name})
