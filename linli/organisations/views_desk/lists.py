"""The five lists of a sub-area, as a page, on paper and as a workbook; venues and projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.trail import record
from linli.core.web import Request, show
from linli.places.models import SubArea
from linli.places.queries import sub_areas_visible_to

from .. import actions, list_sheet, queries
from ..forms import EndForm, NarrowForm, ProjectForm, VenueForm
from ..models import Project, Venue
from .organisations import GET_OR_POST, back_to_lists, fails

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _chosen(request: Request, asked: SubArea | None) -> tuple[list[SubArea], SubArea | None]:
    """All sub-areas, and the one asked for, else the reader's own, else the first."""
    areas = list(sub_areas_visible_to(request.actor))
    own = [area for area in areas if area.pk in request.actor.sub_area_ids]
    return areas, asked or next(iter(own or areas), None)


@require_safe
@desk(Permission.DESK_OPEN)
def five_lists(request: Request) -> HttpResponse:
    """The five lists of one sub-area as of a day."""
    wanted = NarrowForm(request.GET).wanted()
    areas, chosen = _chosen(request, wanted["sub_area"])
    lists = queries.five_lists(request.actor, chosen, wanted["day"]) if chosen else []
    context = {
        "areas": areas,
        "chosen": chosen,
        "day": wanted["day"],
        "is_today": wanted["day"] == clock.today(),
        "lists": lists,
        "due": sum(each.due for each in lists),
        "may_keep": request.actor.may(Permission.ORGANISATIONS_KEEP)
        and bool(chosen)
        and (queries.keeps_all(request.actor) or chosen.pk in request.actor.sub_area_ids),  # type: ignore[union-attr]
        "where": f"area:{chosen.pk}" if chosen else "",
    }
    return show(request, "organisations/desk/lists.html", "lists", context)


@require_POST
@desk(Permission.DESK_OPEN)
def five_sheet(request: Request) -> HttpResponse:
    """The same lists as a workbook, a sheet each; the trail says who took it."""
    wanted = NarrowForm(request.POST).wanted()
    chosen, day = wanted["sub_area"], wanted["day"]
    if chosen is None:
        raise NotFound("没有这个片区。请从五张清单里重新选一个。")
    lists = queries.five_lists(request.actor, chosen, day)
    record(request.actor, "five_lists.exported", chosen, day=day)
    response = HttpResponse(list_sheet.workbook(request.community.name, chosen.name, day, lists), content_type=XLSX)
    name = f"{chosen.name}五张清单{day:%Y%m%d}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _venue(request: Request, venue_id: UUID) -> Venue:
    row = queries.venues_visible_to(request.actor).filter(pk=venue_id).first()
    if row is None:
        raise NotFound("没有找到这处阵地。可能是网址少了几个字，或它属于别的社区。请在五张清单里再找一次。")
    return row


def _project(request: Request, project_id: UUID) -> Project:
    row = queries.projects_visible_to(request.actor).filter(pk=project_id).first()
    if row is None:
        raise NotFound("没有找到这个项目。可能是网址少了几个字，或它属于别的社区。请在五张清单里再找一次。")
    return row


@require_http_methods(GET_OR_POST)
@desk(Permission.ORGANISATIONS_KEEP)
def add_venue(request: Request) -> HttpResponse:
    return _edit(request, VenueForm, None, initial={"where": request.GET.get("where", "")})


@require_http_methods(GET_OR_POST)
@desk(Permission.DESK_OPEN)
def venue(request: Request, venue_id: UUID) -> HttpResponse:
    row = _venue(request, venue_id)
    held = {
        "name": row.name,
        "kind": row.kind,
        "where": f"area:{row.sub_area_id}" if row.sub_area_id else "whole",
        "building": row.building.name if row.building else "",
        "spot": row.where,
        "area_m2": row.area_m2,
        "capacity": row.capacity,
        "opening": row.opening,
        "organisation": row.organisation_id,
        "keeper": row.keeper,
        "from_on": row.from_on,
    }
    return _edit(request, VenueForm, row, initial=held)


@require_http_methods(GET_OR_POST)
@desk(Permission.ORGANISATIONS_KEEP)
def add_project(request: Request) -> HttpResponse:
    return _edit(request, ProjectForm, None, initial={"where": request.GET.get("where", "")})


@require_http_methods(GET_OR_POST)
@desk(Permission.DESK_OPEN)
def project(request: Request, project_id: UUID) -> HttpResponse:
    row = _project(request, project_id)
    held = {
        "name": row.name,
        "for_whom": row.for_whom,
        "words": row.words,
        "where": f"area:{row.sub_area_id}" if row.sub_area_id else "whole",
        "organisation": row.organisation_id,
        "from_on": row.from_on,
    }
    return _edit(request, ProjectForm, row, initial=held)


def _edit(request: Request, form_class: Any, row: Any, *, initial: dict[str, Any]) -> HttpResponse:
    """A new venue or project, or the one there is: shown to all at the desk, written by who keeps it."""
    actor, is_venue = request.actor, form_class is VenueForm
    form, status = form_class(request.POST or None, actor=actor, initial=initial), 200
    if request.method == "POST":
        actor.require(Permission.ORGANISATIONS_KEEP)
        status = 422
        try:
            if form.is_valid():
                return redirect(*_put(actor, row, form))
        except Problem as problem:
            status = fails(form, problem)
    context = {
        "form": form,
        "row": row,
        "is_venue": is_venue,
        "is_due": row is not None and row.is_due_on(clock.today()),
        "may_keep": row is None or (row.until is None and _keeps(request, row)),
        "end_form": EndForm(prefix="end"),
    }
    return render(
        request,
        "organisations/desk/venue.html" if is_venue else "organisations/desk/project.html",
        context,
        status=status,
    )


def _put(actor: Actor, row: Any, form: VenueForm | ProjectForm) -> tuple[str, UUID]:
    """Written; the page that shows it."""
    if isinstance(form, VenueForm):
        return "organisations:venue", actions.put_venue(actor, venue=row, **form.values()).pk
    return "organisations:project", actions.put_project(actor, project=row, **form.values()).pk


def _keeps(request: Request, row: Venue | Project) -> bool:
    actor = request.actor
    return queries.keeps_all(actor) or (
        actor.may(Permission.ORGANISATIONS_KEEP) and row.sub_area_id in actor.sub_area_ids
    )


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def confirm_venue(request: Request, venue_id: UUID) -> HttpResponse:
    row = actions.confirm(request.actor, row=_venue(request, venue_id))
    return back_to_lists(request) or redirect("organisations:venue", row.pk)


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def confirm_project(request: Request, project_id: UUID) -> HttpResponse:
    row = actions.confirm(request.actor, row=_project(request, project_id))
    return back_to_lists(request) or redirect("organisations:project", row.pk)


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def end_venue(request: Request, venue_id: UUID) -> HttpResponse:
    row = _venue(request, venue_id)
    form = EndForm(request.POST, prefix="end")
    if form.is_valid():
        actions.end_venue(request.actor, venue=row, on=form.cleaned_data["on"])
    return redirect("organisations:venue", row.pk)


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def end_project(request: Request, project_id: UUID) -> HttpResponse:
    row = _project(request, project_id)
    form = EndForm(request.POST, prefix="end")
    if form.is_valid():
        actions.end_project(request.actor, project=row, on=form.cleaned_data["on"])
    return redirect("organisations:project", row.pk)
