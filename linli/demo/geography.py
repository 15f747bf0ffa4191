"""Where the demo's buildings stand: pure plans in metres, turned into WGS-84 footprints. No database, no chance from outside.

Rows of slab blocks run west from the old canal, each row turned a little with the canal's bend, as estates of the 1980s were laid out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

METRES_PER_DEGREE = 111_320.0
"""Of latitude, and of longitude on the equator; good to a metre over the few hundred this plan is wide."""

ENTRANCE_WIDTH_M, DEPTH_M, ROW_M, GAP_M = 14.5, 11.0, 27.0, 9.0

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Patch:
    """A sub-area to lay out: `east_m`/`north_m` is its north-east corner, measured from the community's centre."""

    code: str
    name: str
    buildings: int
    east_m: float
    north_m: float
    width_m: float
    grids: int = 2


@dataclass(frozen=True)
class Site:
    """One community's ground."""

    community_id: int
    name: str
    code: str
    estate: str
    built_year: int
    latitude: float
    longitude: float
    patches: tuple[Patch, ...]
    shapes: tuple[tuple[int, int, int], ...]
    """Entrances, floors, rooms on a floor of the buildings that stand here, each as likely as it is repeated."""


@dataclass(frozen=True)
class House:
    """A building of the plan. `corners` in metres east and north of the community's centre."""

    number: int
    patch: str
    grid: str
    entrances: int
    floors: int
    rooms_per_floor: int
    area_dm2: int
    corners: Corners


SLABS = (
    *((1, 6, 2),) * 5, *((2, 6, 2),) * 4, *((2, 5, 2),) * 3, *((1, 6, 3),) * 3, *((2, 4, 2),) * 2, (3, 6, 2), (3, 4, 2), (3, 6, 2),
)  # fmt: skip
SMALL = ((1, 4, 2), (1, 5, 2), (1, 6, 2), (2, 4, 2), (2, 5, 2))

SITES = (
    Site(
        1, "仓基新村社区", "330105002053", "仓基新村", 1985, 30.3168, 120.1390,
        (
            Patch("E1", "东一片", 54, 270.0, 285.0, 262.0, grids=3),
            Patch("E2", "东二片", 54, 270.0, 28.0, 262.0),
            Patch("W1", "西一片", 57, -15.0, 285.0, 262.0, grids=3),
            Patch("W2", "西二片", 53, -15.0, 28.0, 262.0, grids=3),
        ),
        SLABS,
    ),
    Site(
        2, "卖鱼桥社区", "330105002051", "卖鱼桥", 1988, 30.3105, 120.1418,
        (Patch("N", "北片", 9, 75.0, 90.0, 150.0, grids=1), Patch("S", "南片", 7, 75.0, -30.0, 150.0, grids=1)),
        SMALL,
    ),
    Site(
        3, "小天竺社区", "330105015003", "小天竺", 1992, 30.2702, 120.1716,
        (Patch("A", "中片", 6, 60.0, 40.0, 120.0, grids=1),),
        SMALL,
    ),
)  # fmt: skip

KNOWN_HOUSES = {(1, 9): (3, 6, 2), (1, 48): (2, 6, 2)}
"""Houses the demo's story is about."""


def lay_out(site: Site, *, scale: float = 1.0) -> list[House]:
    """The site's buildings by number. With `scale` below 1 each patch has fewer, but the story's houses are there."""
    dice = Random(f"houses {site.code}")
    houses: list[House] = []
    number = 1
    for patch in site.patches:
        shapes = [_shape(site, number + i, dice) for i in range(patch.buildings)]
        spots = _spots(patch, shapes, dice)
        for i, (shape, corners) in enumerate(zip(shapes, spots, strict=True)):
            grid = f"{patch.code}-{1 + i * patch.grids // patch.buildings}"
            area_dm2 = 10 * dice.choice((385, 420, 465, 510, 548, 586, 624))
            houses.append(House(number + i, patch.code, grid, *shape, area_dm2, corners))
        number += patch.buildings
    return houses if scale >= 1 else _fewer(site, houses, scale)


def _shape(site: Site, number: int, dice: Random) -> tuple[int, int, int]:
    drawn = dice.choice(site.shapes)
    return KNOWN_HOUSES.get((site.community_id, number), drawn)


def _fewer(site: Site, houses: Sequence[House], scale: float) -> list[House]:
    """The first buildings of each patch, and those of the story."""
    kept = []
    for patch in site.patches:
        theirs = [house for house in houses if house.patch == patch.code]
        many = max(2, round(len(theirs) * scale))
        kept += [h for i, h in enumerate(theirs) if i < many or (site.community_id, h.number) in KNOWN_HOUSES]
    return kept


def _spots(patch: Patch, shapes: Sequence[tuple[int, int, int]], dice: Random) -> list[Corners]:
    """Corners for each building: rows from north to south, each filled from the canal's side westwards."""
    spots: list[Corners] = []
    row, along = 0, 0.0
    for entrances, _, rooms in shapes:
        length = entrances * ENTRANCE_WIDTH_M + (3.0 if rooms == 3 else 0.0)
        if along + length > patch.width_m:
            row, along = row + 1, 0.0
        north = patch.north_m - row * ROW_M
        bend = canal_bend(north)
        # The row starts at its patch's edge, which follows the canal; it leans as the canal does there.
        east = patch.east_m + canal_offset(north) - along - length / 2
        lean = math.tan(bend) * (patch.east_m - along - length / 2 - 270.0)
        turn = bend + dice.uniform(-0.014, 0.014)
        spots.append(_rectangle(east, north + lean + dice.uniform(-0.8, 0.8), length, DEPTH_M, turn))
        along += length + GAP_M + dice.uniform(0.0, 5.0)
    return spots


def canal_offset(north_m: float) -> float:
    """How far the canal's bank lies east of its mean line, at `north_m`."""
    return 22.0 * math.sin(north_m / 190.0)


def canal_bend(north_m: float) -> float:
    """The rows' turn from due east in radians, a third of the bank's own: builders smoothed it."""
    return -0.33 * math.atan(22.0 / 190.0 * math.cos(north_m / 190.0))


def _rectangle(east: float, north: float, length: float, depth: float, turn: float) -> Corners:
    cos, sin = math.cos(turn), math.sin(turn)
    half = ((-length / 2, -depth / 2), (length / 2, -depth / 2), (length / 2, depth / 2), (-length / 2, depth / 2))
    a, b, c, d = ((east + x * cos - y * sin, north + x * sin + y * cos) for x, y in half)
    return a, b, c, d


def footprint(site: Site, house: House) -> dict[str, Any]:
    """The building as a GeoJSON Polygon in WGS-84, counter-clockwise and closed, to about a centimetre."""
    per_degree_east = METRES_PER_DEGREE * math.cos(math.radians(site.latitude))
    ring = [
        [round(site.longitude + east / per_degree_east, 7), round(site.latitude + north / METRES_PER_DEGREE, 7)]
        for east, north in (*house.corners, house.corners[0])
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def overlap(one: Corners, other: Corners) -> bool:
    """Whether two convex shapes share ground: no side of either separates them (separating axis theorem)."""
    for shape in (one, other):
        for (x1, y1), (x2, y2) in zip(shape, (*shape[1:], shape[0]), strict=True):
            normal = (y1 - y2, x2 - x1)
            ours = [x * normal[0] + y * normal[1] for x, y in one]
            theirs = [x * normal[0] + y * normal[1] for x, y in other]
            if max(ours) <= min(theirs) or max(theirs) <= min(ours):
                return False
    return True
