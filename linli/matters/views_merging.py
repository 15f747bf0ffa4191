"""The desk: what may be the same thing, handling it as one, and parting it again; how similar ones ended."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.errors import Conflict, NotFound
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, show

from . import actions, queries
from .models import State
from .views_desk import matter_conflict, matter_visible


@require_safe
@desk()
def like(request: Request, matter_id: UUID) -> HttpResponse:
    """The page, or its list for the matter's page to fill in."""
    row = matter_visible(request, matter_id)
    context = {
        "matter": row,
        "same": queries.likely_same(request.actor, row) if row.is_open else [],
        "before": queries.similar_before(request.actor, row),
        "may_merge": row.state in (State.REPORTED, State.ACCEPTED) and queries.is_on_desk_of(request.actor, row),
        "is_page": request.headers.get("HX-Request") != "true",
    }
    return show(request, "matters/desk/like.html", "list", context)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def merge(request: Request, matter_id: UUID) -> HttpResponse:
    """Handle it as one with another."""
    row = matter_visible(request, matter_id, is_shown=False)
    wanted = parse_uuid(request.POST.get("into", ""))
    into = queries.matters_visible_to(request.actor).filter(pk=wanted).first() if wanted else None
    if into is None:
        raise NotFound("没有找到要并到的那件事。请回到事项页重新选。")
    try:
        actions.merge_matters(request.actor, matter=row, into=into)
    except Conflict as problem:
        return matter_conflict(request, matter_id, problem)
    return redirect("matters:desk_matter", into.pk)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def part(request: Request, matter_id: UUID) -> HttpResponse:
    """It was another thing after all."""
    row = matter_visible(request, matter_id, is_shown=False)
    try:
        actions.part_matter(request.actor, matter=row)
    except Conflict as problem:
        return matter_conflict(request, matter_id, problem)
    return redirect("matters:desk_matter", matter_id)
