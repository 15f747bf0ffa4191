"""A new community's first day: the checklist, and a plain form for each step."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission, Role
from linli.core.errors import Problem
from linli.core.guards import desk
from linli.core.web import Request
from linli.places.models import Estate, Grid, SubArea

from .. import actions
from ..forms import AppointForm, AreasForm, BuildingsForm, PersonForm
from ..queries import first_day as queries

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
@desk(Permission.PLACES_KEEP)
def checklist(request: Request) -> HttpResponse:
    """The steps in their order: why, how, a button; done is read from the records."""
    return render(request, "desk/first_day.html", {"day": queries.first_day_of(request.actor)})


@require_POST
@desk(Permission.PLACES_KEEP)
def put_aside(request: Request) -> HttpResponse:
    """Put a step or the card aside."""
    step = request.POST.get("step", "")
    actions.put_aside(request.actor, step=step)
    return redirect("matters:desk_list" if step == actions.CARD else "desk:first_day")


@require_POST
@desk(Permission.PLACES_KEEP)
def take_up(request: Request) -> HttpResponse:
    """Take a step or the card up again."""
    actions.put_aside(request.actor, step=request.POST.get("step", ""), is_aside=False)
    return redirect("desk:first_day")


def _fails(form: Form, problem: Problem) -> int:
    form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return problem.status


@require_http_methods(GET_OR_POST)
@desk(Permission.PLACES_KEEP)
def areas(request: Request) -> HttpResponse:
    """Sub-areas with their grids, a line each."""
    form, status = AreasForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.lay_out_areas(request.actor, form.cleaned_data["lines"])
                return redirect("desk:first_day")
        except Problem as problem:
            status = _fails(form, problem)
    there = SubArea.objects.annotate(many=Count("grids")).order_by("order", "code")
    return render(request, "desk/first_day_areas.html", {"form": form, "there": there}, status=status)


@require_http_methods(GET_OR_POST)
@desk(Permission.PLACES_KEEP)
def buildings(request: Request) -> HttpResponse:
    """Buildings by the line: first looked over, then, with the second button, registered."""
    form, status = BuildingsForm(request.POST or None), 200
    preview: dict[str, Any] = {}
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                data = form.cleaned_data
                if "confirm" in request.POST:
                    actions.lay_out_buildings(request.actor, **{**data, "estate": data["estate"].strip()})
                    return redirect("desk:first_day")
                preview, status = _preview(data["lines"]), 200
        except Problem as problem:
            status = _fails(form, problem)
    context = {
        "form": form,
        "preview": preview,
        "has_grids": Grid.objects.exists(),
        "estates": Estate.objects.order_by("name"),
    }
    return render(request, "desk/first_day_buildings.html", context, status=status)


def _preview(lines: list[Any]) -> dict[str, Any]:
    return {
        "lines": lines,
        "buildings": sum(len(line.numbers) for line in lines),
        "dwellings": sum(line.dwellings for line in lines),
    }


@require_http_methods(GET_OR_POST)
@desk(Permission.RESIDENTS_LINK)
def people(request: Request) -> HttpResponse:
    """One resident behind a door; the next one may follow at once."""
    form, status = PersonForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                data = form.cleaned_data
                actions.register_at_door(request.actor, name=data["name"], dwelling=data["door"], phone=data["phone"])
                return redirect("desk:first_day" if "done" in request.POST else "desk:first_day_people")
        except Problem as problem:
            status = _fails(form, problem)
    step = next(
        step for step in queries.first_day_of(request.actor).steps if step.guide.page == "desk:first_day_people"
    )
    return render(request, "desk/first_day_people.html", {"form": form, "step": step}, status=status)


@require_http_methods(GET_OR_POST)
@desk(Permission.POSTS_GRANT)
def staff(request: Request) -> HttpResponse:
    """A colleague's post, with an account where there is none; its first password is shown on this answer alone."""
    is_administrator = any(duty.role is Role.ADMINISTRATOR for duty in request.actor.duties)
    roles = [Role.SPECIALIST, Role.BACK_OFFICE, *([Role.SECRETARY] if is_administrator else [])]
    form, status, done = AppointForm(request.POST or None, roles=roles), 200, None
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                data = form.cleaned_data | {"role": Role(form.cleaned_data["role"])}
                done, status = actions.appoint(request.actor, community=request.community, **data), 200
                form = AppointForm(roles=roles)
        except Problem as problem:
            status = _fails(form, problem)
    context = {"form": form, "done": done, "has_areas": SubArea.objects.exists()}
    return render(request, "desk/first_day_staff.html", context, status=status)
