"""吹哨报到: calling units to a matter, their coming, what they did, and how they came over the year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms import WordsForm
from .forms_handovers import CallForm
from .models import CalledUnit, WhistleCall
from .views_desk import matter_conflict, matter_visible
from .views_party import party


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.UNITS_CALL)
def call(request: Request, matter_id: UUID) -> HttpResponseBase:
    """Which units, who leads, by when, and what for."""
    row = matter_visible(request, matter_id)
    posted = request.POST if request.method == "POST" else None
    form, status = CallForm(queries.units_to_call(request.actor), posted), 200
    if posted is not None:
        status = 422
        try:
            if form.is_valid():
                data = form.cleaned_data
                actions.call_units(
                    request.actor,
                    matter=row,
                    units=data["chosen"],
                    lead=data["leading"],
                    respond_by=data["respond_by"],
                    words=data["words"],
                )
                return redirect("matters:desk_matter", matter_id)
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            status = problem.status
    page = queries.page_of(request.actor, row)
    return render(request, "matters/desk/call.html", {"page": page, "form": form}, status=status)


@require_safe
@desk(Permission.UNITS_CALL)
def units(request: Request) -> HttpResponse:
    """How each unit came when it was called, within a year."""
    return render(request, "matters/desk/units.html", {"records": queries.unit_records(request.actor)})


@require_POST
@desk(Permission.MATTERS_HANDLE)
def desk_arrive(request: Request, unit_id: UUID) -> HttpResponse:
    """The desk sees that the unit is there."""
    row = _unit(request, unit_id)
    actions.arrive(request.actor, unit=row)
    return redirect("matters:desk_matter", row.call.matter_id)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def desk_result(request: Request, unit_id: UUID) -> HttpResponse:
    """What the unit did, written down for it."""
    row = _unit(request, unit_id)
    return _at_desk(
        request, row, lambda: actions.tell_result(request.actor, unit=row, words=request.POST.get("words", ""))
    )


@require_POST
@desk(Permission.UNITS_CALL)
def rate(request: Request, unit_id: UUID) -> HttpResponse:
    row = _unit(request, unit_id)
    given = request.POST.get("rating", "")
    rating = int(given) if given.isascii() and given.isdigit() and len(given) == 1 else 0
    return _at_desk(request, row, lambda: actions.rate_unit(request.actor, unit=row, rating=rating))


@require_POST
@desk(Permission.UNITS_CALL)
def end(request: Request, call_id: UUID) -> HttpResponse:
    rows = WhistleCall.objects.filter(matter__in=queries.matters_visible_to(request.actor).order_by().values("pk"))
    row = rows.filter(pk=call_id).first()
    if row is None:
        raise NotFound("没有找到这次吹哨。请在清单里按编号找这件事。")
    actions.end_call(request.actor, call=row)
    return redirect("matters:desk_matter", row.matter_id)


def _at_desk(request: Request, row: CalledUnit, act: Callable[[], Any]) -> HttpResponse:
    """What is refused stands on top of the matter, with what was typed."""
    try:
        act()
    except Problem as problem:
        return matter_conflict(request, row.call.matter_id, problem, request.POST.get("words", ""))
    return redirect("matters:desk_matter", row.call.matter_id)


@require_safe
@party
def called(request: Request, unit_id: UUID) -> HttpResponse:
    """The unit's own page of one call: where, by when, we are here, what we did."""
    return _called_page(request, _unit(request, unit_id, is_own=True))


@require_POST
@party
def party_arrive(request: Request, unit_id: UUID) -> HttpResponse:
    row = _unit(request, unit_id, is_own=True)
    actions.arrive(request.actor, unit=row)
    return redirect("matters:party_called", row.pk)


@require_POST
@party
def party_result(request: Request, unit_id: UUID) -> HttpResponse:
    row, form = _unit(request, unit_id, is_own=True), WordsForm(request.POST, prefix="result")
    if form.is_valid():
        try:
            actions.tell_result(request.actor, unit=row, words=form.cleaned_data["words"])
            return redirect("matters:party_called", row.pk)
        except (actions.WordsMissing, actions.NotThereYet) as problem:
            form.add_error("words", problem.message)
    return _called_page(request, row, status=422, result_form=form)


def _called_page(request: Request, row: CalledUnit, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "unit": row,
        "place": queries.place_of(row.call.matter),
        "result_form": WordsForm(prefix="result"),
        **more,
    }
    return render(request, "matters/party/called.html", context, status=status)


def _unit(request: Request, unit_id: UUID, *, is_own: bool = False) -> CalledUnit:
    rows = queries.units_visible_to(request.actor)
    if is_own:
        rows = rows.filter(organisation__in=request.actor.answers_for)
    row = rows.filter(pk=unit_id).first()
    if row is None:
        raise NotFound("没有找到这次吹哨，可能不是请您单位的。请回到清单看看。")
    return row
