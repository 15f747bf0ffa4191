"""Where the one box leads: doors, entrances, buildings, sub-areas."""

from __future__ import annotations

from urllib.parse import urlencode

from linli.core.access import Actor, Permission
from linli.core.finding import Found

from . import queries


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Places as typed, as near as they are known, then sub-areas by name. For those who may see places."""
    if not actor.may(Permission.PLACES_SEE):
        return []
    doors = queries.search_places(actor, words, limit=limit + 1)
    areas = queries.sub_areas_visible_to(actor).filter(name__icontains=words)[: limit + 1]
    return [
        *(Found(place.label, (place.estate,), "places:building", place.building_id) for place in doors),
        *(Found(area.name, ("片区",), "places:buildings", query=urlencode({"sub_area": area.code})) for area in areas),
    ][: limit + 1]
