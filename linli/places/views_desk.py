"""The desk's houses: the buildings of a sub-area, and one building door by door."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from linli.core.access import Permission
from linli.core.errors import NotFound
from linli.core.guards import desk
from linli.core.web import Request, show

from . import queries

PAGE_SIZE = 60


@require_safe
@desk(Permission.PLACES_SEE)
def buildings(request: Request) -> HttpResponse:
    """The buildings of one sub-area (the reader's own first), or the places a search finds."""
    figures = queries.sub_areas_with_figures(request.actor)
    asked, words = request.GET.get("sub_area", ""), request.GET.get("q", "").strip()[:60]
    theirs = [row for row in figures if row.sub_area.pk in request.actor.sub_area_ids]
    chosen = next((row for row in figures if row.sub_area.code == asked), next(iter(theirs or figures), None))
    rows = queries.buildings_visible_to(request.actor).filter(grid__sub_area=chosen.sub_area if chosen else None)
    context = {
        "figures": figures,
        "chosen": chosen,
        "words": words,
        "found": queries.search_places(request.actor, words) if words else [],
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return show(request, "places/desk/buildings.html", "list", context)


@require_safe
@desk(Permission.PLACES_SEE)
def building(request: Request, building_id: UUID) -> HttpResponse:
    """One building: its entrances, floor by floor from the top."""
    row = queries.buildings_visible_to(request.actor).filter(pk=building_id).first()
    if row is None:
        raise NotFound("没有找到这幢楼。可能是网址少了几个字，或它属于别的社区。请从楼栋清单里找。")
    context = {
        "building": row,
        "sub_area": queries.sub_area_of(row),
        "stairwells": queries.stairwells_of(request.actor, row),
        "sees_people": request.actor.may(Permission.RESIDENTS_SEE),
    }
    return show(request, "places/desk/building.html", "body", context)
