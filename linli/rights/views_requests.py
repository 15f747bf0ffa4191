"""Requests about one's own data: asking and following them, and the desk's queue with its answers."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Problem
from linli.core.guards import desk, signed_in
from linli.core.web import Request
from linli.residents.models_requests import Asked
from linli.residents.queries import card_of, corrections_visible_to
from linli.residents.records import asked_in_words

from . import actions, queries
from .forms import AnswerForm, RequestForm
from .models import RequestKind, RequestState

PAGE_SIZE = 30
GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
@signed_in
def mine(request: Request) -> HttpResponse:
    """What I asked and what became of it; and a form for the next."""
    people = queries.own_residents(request.actor)
    named = [(resident.pk, resident.name) for resident in people]
    wanted = {"kind": request.GET.get("kind", "")}
    form = RequestForm(request.POST or None, people=named, initial=wanted if wanted["kind"] in RequestKind else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                by_id = {str(resident.pk): resident for resident in people}
                chosen = by_id.get(form.cleaned_data["resident"] or (str(people[0].pk) if people else ""))
                if chosen is None:
                    return redirect("rights:data")
                actions.ask_request(
                    request.actor,
                    resident=chosen,
                    kind=form.cleaned_data["kind"],
                    words=form.cleaned_data["words"],
                )
                return redirect("rights:requests")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            status = problem.status
    asked = list(queries.requests_of(request.actor))
    corrections = corrections_visible_to(request.actor).filter(resident__in=people).order_by("-requested_at", "id")
    context = {
        "form": form,
        "people": people,
        "asked": asked,
        "corrections": [(row, asked_in_words(row)) for row in corrections],
        "account_id": request.actor.account_id,
        "waiting": sum(row.state == RequestState.ASKED for row in asked)
        + sum(row.state == Asked.REQUESTED for row in corrections),
        "kept": [(resident, queries.reasons_to_keep(resident)) for resident in people],
        "days": settings.LINLI_RIGHTS_DAYS,
    }
    return render(request, "rights/resident/requests.html", context, status=status)


@require_POST
@signed_in
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """I need it no longer."""
    row = get_object_or_404(queries.requests_of(request.actor), pk=request_id)
    actions.withdraw_request(request.actor, request=row)
    return redirect("rights:requests")


@require_safe
@desk(Permission.RIGHTS_HANDLE)
def queue(request: Request) -> HttpResponse:
    """What waits for an answer, what is due first; below it what was answered."""
    rows = queries.requests_visible_to(request.actor)
    waiting = list(rows.filter(state=RequestState.ASKED))
    page = Paginator(rows.exclude(state=RequestState.ASKED).order_by("-asked_at", "id"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    today = clock.today()
    context = {
        "waiting": [(row, card_of(row.resident), row.due_on < today) for row in waiting],
        "late": sum(row.due_on < today for row in waiting),
        "page": page,
        "answered": [(row, card_of(row.resident)) for row in page],
    }
    return render(request, "rights/desk/queue.html", context)


@require_http_methods(GET_OR_POST)
@desk(Permission.RIGHTS_HANDLE)
def answer(request: Request, request_id: UUID) -> HttpResponse:
    """One request: what she says, what must be kept and why, and the answer."""
    row = get_object_or_404(queries.requests_visible_to(request.actor), pk=request_id)
    form, status = AnswerForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.answer_request(request.actor, request=row, **form.cleaned_data)
                return redirect("rights:queue")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            status = problem.status
    context = {
        "row": row,
        "card": card_of(row.resident),
        "form": form,
        "kept": queries.reasons_to_keep(row.resident) if row.kind == RequestKind.DELETE else [],
        "is_waiting": row.state == RequestState.ASKED,
        "is_late": row.state == RequestState.ASKED and row.due_on < clock.today(),
    }
    return render(request, "rights/desk/answer.html", context, status=status)
