"""What others ask about places: which community a code means, what a place is called, what there is in a community."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.tenancy import PLATFORM

from . import rules
from .models import Area, Building, Community, CommunityCode, Dwelling, Entrance, SubArea


class KnownCommunity(NamedTuple):
    """A community and the area code it has."""

    community: Community
    code: str


def community_by_code(code: str, on: date | None = None) -> KnownCommunity | None:
    """The active community that has `code` on that day (today), else had it last; with the code it has on that day.

    None for a code nobody ever had. An old code still finds its community, until another one is given it.
    """
    day = on or clock.today()
    held = list(
        CommunityCode.objects.filter(community__codes__code=code, community__is_active=True, valid_from__lte=day)
        .exclude(community=PLATFORM)
        .select_related("community")
        .order_by("valid_from")
        .distinct()
    )
    holders = [row for row in held if row.code == code]
    if not holders:
        return None
    # Nobody else's time with the code overlaps the last holder's: whoever has it today is the last.
    community = holders[-1].community
    theirs = [row for row in held if row.community_id == community.id]
    return KnownCommunity(community, theirs[-1].code)


REMEMBERED_SECONDS = 10
_remembered: dict[tuple[str, date], tuple[float, KnownCommunity]] = {}


def community_in_address(code: str) -> KnownCommunity | None:
    """`community_by_code` today, remembered by this process for ten seconds: every request inside a community asks it."""
    key, moment = (code, clock.today()), time.monotonic()
    until, known = _remembered.get(key, (0.0, None))
    if known is None or moment > until:
        known = community_by_code(code)
        if known is None:
            return None
        _remembered[key] = (moment + REMEMBERED_SECONDS, known)
    return known


def forget_addresses() -> None:
    """For tests, where communities come and go between two requests."""
    _remembered.clear()


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def communities(on: date | None = None) -> list[KnownCommunity]:
    """Every active community with its code of that day (today), by code; the platform's own row is none."""
    return _known(CommunityCode.objects.all(), on)


def communities_of_street(street_code: str, on: date | None = None) -> list[KnownCommunity]:
    """The active communities whose code of that day (today) lies in the street (or any wider area), by code."""
    return _known(CommunityCode.objects.filter(code__startswith=street_code), on) if street_code else []


def _known(codes: QuerySet[CommunityCode], on: date | None) -> list[KnownCommunity]:
    rows = codes.filter(_in_force(on or clock.today()), community__is_active=True).exclude(community=PLATFORM)
    return [KnownCommunity(row.community, row.code) for row in rows.select_related("community").order_by("code")]


def code_of(community_id: int, on: date | None = None) -> str:
    """The community's area code on that day (today); "" where it has none."""
    rows = CommunityCode.objects.filter(_in_force(on or clock.today()), community_id=community_id)
    return rows.values_list("code", flat=True).first() or ""


def area_chain(code: str, on: date | None = None) -> list[Area]:
    """The known areas a code lies in on that day (today), from the province down to itself."""
    rows = Area.objects.filter(_in_force(on or clock.today()), code__in=rules.prefixes_of(code))
    return sorted(rows, key=lambda area: len(area.code))


def areas_under(code: str, on: date | None = None) -> list[Area]:
    """The areas directly under `code` on that day (today), by code; the provinces under ""."""
    return list(Area.objects.filter(_in_force(on or clock.today()), parent_code=code).order_by("code"))


def sub_areas_visible_to(actor: Actor) -> QuerySet[SubArea]:
    """The community's sub-areas in their order, for anyone signed in."""
    rows = SubArea.objects.order_by("order", "code")
    return rows if actor.is_signed_in else rows.none()


def buildings_visible_to(actor: Actor) -> QuerySet[Building]:
    """The community's buildings with grid and sub-area, by number: anyone signed in may name one when reporting.

    What is behind the house doors is another matter: `dwellings_visible_to`.
    """
    rows = Building.objects.select_related("estate", "grid__sub_area").order_by("number", "estate__name", "id")
    return rows if actor.is_signed_in else rows.none()


def dwellings_visible_to(actor: Actor) -> QuerySet[Dwelling]:
    """The community's dwellings with entrance and building, for who may see places; from the first floor up."""
    rows = Dwelling.objects.select_related("entrance__building")
    rows = rows.order_by("entrance__building__number", "entrance__number", "floor", "room", "id")
    return rows if actor.may(Permission.PLACES_SEE) else rows.none()


@dataclass(frozen=True)
class SubAreaFigures:
    """A sub-area with what it holds."""

    sub_area: SubArea
    buildings: int


def sub_areas_with_figures(actor: Actor) -> list[SubAreaFigures]:
    """The community's sub-areas in their order with the number of their buildings."""
    rows = sub_areas_visible_to(actor).annotate(building_count=Count("grids__buildings"))
    return [SubAreaFigures(row, row.building_count) for row in rows]


@dataclass(frozen=True)
class Stairwell:
    """An entrance with its dwellings floor by floor, the top floor first, as one looks at a house."""

    entrance: Entrance
    floors: tuple[tuple[int, tuple[Dwelling, ...]], ...]


def stairwells_of(actor: Actor, building: Building) -> list[Stairwell]:
    """The building's entrances by number; their floors are empty for who may not see dwellings."""
    entrances = Entrance.objects.filter(building=building).order_by("number")
    doors: dict[UUID, dict[int, list[Dwelling]]] = {}
    for dwelling in dwellings_visible_to(actor).filter(entrance__building=building):
        doors.setdefault(dwelling.entrance_id, {}).setdefault(dwelling.floor, []).append(dwelling)
    return [
        Stairwell(
            entrance,
            tuple((floor, tuple(row)) for floor, row in sorted(doors.get(entrance.id, {}).items(), reverse=True)),
        )
        for entrance in entrances
    ]


def sub_area_of(building: Building) -> SubArea:
    """The sub-area whose specialist serves the building (no query where `grid__sub_area` was loaded)."""
    return building.grid.sub_area


def place_label(
    *, building: Building | None = None, entrance: Entrance | None = None, dwelling: Dwelling | None = None
) -> str:
    """A place in words, as far as it is given: 48幢2单元301室; "" for none.

    An entrance or dwelling alone is enough; their building is then read from them.
    """
    if dwelling is not None:
        entrance = entrance or dwelling.entrance
    if entrance is not None:
        building = building or entrance.building
    return _label(
        building.name if building else "",
        entrance.number if entrance else None,
        dwelling.room if dwelling else None,
    )


def _label(building: str | None, entrance: int | None, room: str | None) -> str:
    return "".join((building or "", f"{entrance}单元" if entrance else "", f"{room}室" if room else ""))


Spot = tuple[UUID | None, UUID | None, UUID | None]
"""The ids of a building, one of its entrances and one of its doors, as far as known; what is known has all before it."""


def place_labels(spots: Iterable[Spot]) -> dict[Spot, str]:
    """`place_label` of many places at once, by their ids: for lists, where joining five tables takes longer than the list."""
    asked = set(spots)
    buildings, entrances, rooms = (
        dict(model.objects.filter(pk__in=ids).values_list("pk", words)) if ids else {}
        for model, words, ids in (
            (Building, "name", {spot[0] for spot in asked if spot[0]}),
            (Entrance, "number", {spot[1] for spot in asked if spot[1]}),
            (Dwelling, "room", {spot[2] for spot in asked if spot[2]}),
        )
    )
    return {spot: _label(buildings.get(spot[0]), entrances.get(spot[1]), rooms.get(spot[2])) for spot in asked}


@dataclass(frozen=True)
class Place:
    """One answer of a search: a building, one of its entrances, or one door; the ids up to it are given."""

    label: str
    estate: str
    building_id: UUID
    entrance_id: UUID | None = None
    dwelling_id: UUID | None = None


def search_places(actor: Actor, text: str, *, limit: int = 20) -> list[Place]:
    """Places as typed (48-2-301, 48幢2单元301, 48幢, full-width), as near as they are known, by number.

    A door that does not exist, or that the actor may not see, gives its entrance; a missing entrance its building.
    """
    door = rules.parse_door(text)
    if door is None:
        return []
    buildings = buildings_visible_to(actor).filter(number=door.building)
    if door.estate:
        # People also write what no register knows in front of the number: then it narrows nothing.
        named = buildings.filter(estate__name__contains=door.estate)
        buildings = named if named.exists() else buildings
    found = [
        place
        for building in buildings[:limit]
        for place in _doors_in(actor, building, door) or _entrances_in(building, door) or [_place(building)]
    ]
    return found[:limit]


def _doors_in(actor: Actor, building: Building, door: rules.Door) -> list[Place]:
    if door.room is None:
        return []
    rows = dwellings_visible_to(actor).filter(entrance__building=building, room=door.room)
    if door.entrance is not None:
        rows = rows.filter(entrance__number=door.entrance)
    return [_place(building, row.entrance, row) for row in rows]


def _entrances_in(building: Building, door: rules.Door) -> list[Place]:
    if door.entrance is None:
        return []
    return [_place(building, row) for row in Entrance.objects.filter(building=building, number=door.entrance)]


def _place(building: Building, entrance: Entrance | None = None, dwelling: Dwelling | None = None) -> Place:
    return Place(
        label=place_label(building=building, entrance=entrance, dwelling=dwelling),
        estate=building.estate.name,
        building_id=building.id,
        entrance_id=entrance.id if entrance else None,
        dwelling_id=dwelling.id if dwelling else None,
    )


def doors_matching(door: rules.Door, *, to_dwelling: str = "") -> Q:
    """A condition for rows that lead to a dwelling by the path `to_dwelling` ("dwelling__"), met by the given door.

    Meant for filters of other apps: who lives behind 48-2-301, or anywhere in 48-2.
    """
    if door.entrance is not None and door.room is not None and not door.estate:
        return Q(**{f"{to_dwelling}door": rules.door_of(door.building, door.entrance, door.room)})
    asked = {
        "entrance__building__number": door.building,
        "entrance__number": door.entrance,
        "room": door.room,
        "entrance__building__estate__name__contains": door.estate or None,
    }
    return Q(**{f"{to_dwelling}{path}": value for path, value in asked.items() if value is not None})
