"""How fresh the register is: the sub-areas, their houses, and one house door by door with whom to ask again."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core.access import Permission
from linli.core.errors import NotFound
from linli.core.guards import desk
from linli.core.web import Request
from linli.places.models import Building
from linli.places.queries import buildings_visible_to

from . import freshness, queries, records
from .forms_record import ConfirmForm

PAGE_SIZE = 30


@require_safe
@desk(Permission.RESIDENTS_SEE)
def overview(request: Request) -> HttpResponse:
    """The sub-areas with their sums, and the houses of one of them, most to check first."""
    areas = freshness.by_sub_area(request.actor)
    asked = request.GET.get("sub_area", "")
    chosen = next((each for each in areas if each.sub_area.code == asked), areas[0] if areas else None)
    houses = freshness.by_building(chosen.sub_area) if chosen else []
    context = {
        "areas": areas,
        "chosen": chosen,
        "page": Paginator(houses, PAGE_SIZE).get_page(request.GET.get("page")),
        "to_check": sum(each.buckets.to_check for each in areas),
    }
    return render(request, "residents/desk/freshness.html", context)


@require_safe
@desk(Permission.RESIDENTS_SEE)
def building(request: Request, building_id: UUID) -> HttpResponse:
    """One house: how old what is known behind each door is, and whom to ask again."""
    house = building_in_reach(request, building_id)
    due = freshness.due_in(request.actor, house)
    page = Paginator(due, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    ages = {row.pk: records.age_of_record(row) for row in rows}
    cards = queries.cards_of(queries.residents_visible_to(request.actor).filter(pk__in=list(ages)))
    by_id = {card.id: card for card in cards}
    context = {
        "building": house,
        "entrances": freshness.of_building(house),
        "page": page,
        "due": [(by_id[row.pk], ages[row.pk], records.due_fields(row)) for row in rows],
        "confirm": ConfirmForm(),
        "may_keep": request.actor.may(Permission.RESIDENTS_LINK),
    }
    return render(request, "residents/desk/fresh_building.html", context)


def building_in_reach(request: Request, building_id: UUID) -> Building:
    """The building, in one of the sub-areas of a specialist; a 404 in words otherwise."""
    house = buildings_visible_to(request.actor).filter(pk=building_id).first()
    is_near = house is not None and (
        not queries.is_bound_to_patch(request.actor) or house.grid.sub_area_id in request.actor.sub_area_ids
    )
    if house is None or not is_near:
        raise NotFound("没有找到这幢楼，或它不在您的片区。请从楼栋清单里找。")
    return house
