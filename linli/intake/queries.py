"""What the pages and Open311 ask: printed codes, sheets taken in, matters as anybody may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, radians
from uuid import UUID

from django.db.models import Count, QuerySet

from linli.core.access import Actor, Permission
from linli.matters.marked import Marked
from linli.matters.models import OPEN, Matter
from linli.matters.queries import Spot
from linli.places.models import Building
from linli.places.queries import place_label

from .models import HotlineOrder, HotlineSheet, Sticker


def stickers_visible_to(actor: Actor) -> QuerySet[Sticker]:
    """Codes in use, by where they stand; a specialist's are those of her patch and those at no building."""
    rows = Sticker.objects.filter(taken_down_at__isnull=True).select_related("building", "entrance", "kind")
    if not actor.may(Permission.STICKERS_KEEP):
        return rows.none()
    if not actor.may(Permission.MATTERS_SEE_ALL):
        rows = rows.filter(building__grid__sub_area_id__in=actor.sub_area_ids) | rows.filter(building__isnull=True)
    return rows.order_by("building__number", "entrance__number", "label", "id")


def place_of(token: str) -> Marked | None:
    """The place a code in use stands for (see `matters.marked`)."""
    row = Sticker.objects.filter(token=token, taken_down_at__isnull=True).select_related("building", "entrance", "kind")
    found = row.first()
    if found is None:
        return None
    kind = found.kind.code if found.kind and found.kind.is_offered else ""
    return Marked(found.token, found.label, Spot(found.building, found.entrance, None, found.label), kind)


@dataclass(frozen=True)
class Underway:
    """A matter as somebody who merely stands there may see it: what kind, how far, since when."""

    kind: str
    state: str
    reported_at: object


def underway_at(place: Marked, most: int = 5) -> list[Underway]:
    """What is open at that very spot, newest first: perhaps it has been reported already."""
    rows = Matter.objects.filter(state__in=OPEN, place_note=place.label)
    rows = rows.filter(building=place.spot.building, entrance=place.spot.entrance).select_related("kind")
    return [
        Underway(row.kind.name, row.get_state_display(), row.reported_at)
        for row in rows.order_by("-reported_at", "-id")[:most]
    ]


def sheets_visible_to(actor: Actor) -> QuerySet[HotlineSheet]:
    """Sheets taken in, newest first, with `taken`: how many matters each made."""
    rows = HotlineSheet.objects.annotate(taken=Count("orders")).order_by("-made_at", "-id")
    return rows if actor.may(Permission.HOTLINE_TAKE) else rows.none()


def orders_of(sheet: HotlineSheet) -> QuerySet[HotlineOrder]:
    return sheet.orders.select_related("matter__kind", "matter__sub_area").order_by("due_at", "number")


def order_of(matter_id: UUID) -> HotlineOrder | None:
    """The hotline's order a matter came from; None where it did not."""
    return HotlineOrder.objects.filter(matter_id=matter_id).first()


def known_numbers(numbers: Iterable[str]) -> set[str]:
    return set(HotlineOrder.objects.filter(number__in=list(numbers)).values_list("number", flat=True))


# -- where things are, for Open311

NEAR_METRES = 60.0
METRES_A_DEGREE = 111_320.0


def middle_of(building: Building | None) -> tuple[float, float] | None:
    """Longitude and latitude (WGS-84) of the middle of a building's outline; None where it has none."""
    if building is None or not building.footprint:
        return None
    ring = building.footprint["coordinates"][0]
    return round(sum(at[0] for at in ring) / len(ring), 6), round(sum(at[1] for at in ring) / len(ring), 6)


def address_of(row: Matter) -> str:
    """The building and entrance, never the door: anybody may ask."""
    return place_label(building=row.building, entrance=row.entrance)


def spot_of_building(building_id: UUID, note: str) -> Spot:
    building = Building.objects.filter(pk=building_id).first()
    return Spot(building=building, note=note)


def spot_at(long: float, lat: float) -> Spot:
    """The building nearest to a position, if its middle is within NEAR_METRES; else the position as words."""
    note = f"{lat:.6f}, {long:.6f}"
    if not (-180 <= long <= 180 and -90 <= lat <= 90):
        return Spot(note="")
    found: tuple[float, Building] | None = None
    for building in Building.objects.filter(footprint__isnull=False):
        at = middle_of(building)
        if at is None:
            continue
        east = (at[0] - long) * METRES_A_DEGREE * cos(radians(lat))
        metres = hypot(east, (at[1] - lat) * METRES_A_DEGREE)
        if metres <= NEAR_METRES and (found is None or metres < found[0]):
            found = metres, building
    return Spot(building=found[1], note=note) if found else Spot(note=note)
