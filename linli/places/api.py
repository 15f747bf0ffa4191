"""REST: sub-areas, buildings, and one building with its entrances and doors."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from linli.core.api import Id, Out, Page, PageIn, answers, page
from linli.core.web import Request

from . import queries
from .models import Building

router = Router(tags=["地点"])


class SubAreaOut(Out):
    """片区"""

    id: UUID
    code: str = Field(description="编号，本社区内不重复")
    name: str
    buildings: int = Field(description="楼栋数")


class SubAreaList(Page[SubAreaOut]):
    """片区，按顺序"""


class BuildingOut(Out):
    """楼栋"""

    id: UUID
    name: str = Field(description="大家怎么叫：48幢")
    number: int = Field(description="幢号，小区内不重复")
    estate: str = Field(description="小区")
    sub_area_id: UUID
    sub_area: str = Field(description="片区")
    grid: str = Field(description="网格")
    floors: int = Field(description="地上层数")
    built_year: int | None


class BuildingList(Page[BuildingOut]):
    """楼栋，按幢号"""


class DoorOut(Out):
    """房屋"""

    id: UUID
    door: str = Field(description="门牌：幢-单元-室，例如 48-2-301")
    floor: int
    room: str


class EntranceOut(Out):
    """单元"""

    id: UUID
    number: int
    doors: list[DoorOut] = Field(description="从顶层往下；不能查看房屋的岗位看到的是空列表")


class FootprintOut(Out):
    """GeoJSON 多边形，WGS-84，外环在前"""

    type: Literal["Polygon"]
    coordinates: list[list[list[float]]]


class BuildingDetail(BuildingOut):
    """一幢楼和它的单元、房屋"""

    footprint: FootprintOut | None
    entrances: list[EntranceOut]


class BuildingsIn(PageIn):
    sub_area_id: Annotated[Id | None, Field(description="只看这个片区")] = None


@router.get("/sub-areas", response=answers(SubAreaList), summary="片区")
def list_sub_areas(request: Request):
    figures = queries.sub_areas_with_figures(request.actor)
    return SubAreaList(
        items=[
            SubAreaOut(id=f.sub_area.id, code=f.sub_area.code, name=f.sub_area.name, buildings=f.buildings)
            for f in figures
        ],
        next=None,
    )


@router.get("/buildings", response=answers(BuildingList), summary="楼栋")
def list_buildings(request: Request, asked: Query[BuildingsIn]):
    rows = queries.buildings_visible_to(request.actor)
    if asked.sub_area_id is not None:
        rows = rows.filter(grid__sub_area=asked.sub_area_id)
    return page(rows, asked, lambda building: BuildingOut(**_told(building)))


@router.get("/buildings/{uuid:building_id}", response=answers(BuildingDetail), summary="一幢楼")
def get_building(request: Request, building_id: UUID):
    building = get_object_or_404(queries.buildings_visible_to(request.actor), pk=building_id)
    stairwells = queries.stairwells_of(request.actor, building)
    entrances = [
        EntranceOut(
            id=stairwell.entrance.id,
            number=stairwell.entrance.number,
            doors=[DoorOut.model_validate(door) for _, row in stairwell.floors for door in row],
        )
        for stairwell in stairwells
    ]
    return BuildingDetail(**_told(building), footprint=building.footprint, entrances=entrances)


def _told(building: Building) -> dict[str, Any]:
    sub_area = queries.sub_area_of(building)
    return {
        "id": building.id,
        "name": building.name,
        "number": building.number,
        "estate": building.estate.name,
        "sub_area_id": sub_area.id,
        "sub_area": sub_area.name,
        "grid": building.grid.name,
        "floors": building.floors,
        "built_year": building.built_year,
    }
