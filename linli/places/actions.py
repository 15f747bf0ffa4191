"""Setting up a community and its places. Places are loaded by the thousand: the bulk verb takes a list of plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from linli.core import clock
from linli.core.access import Actor, Permission, Role
from linli.core.copy import add_rows
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.tenancy import active
from linli.core.trail import record, record_many

from . import rules
from .models import Building, Community, CommunityCode, Dwelling, Entrance, Estate, Grid, SubArea


class CodeTaken(Conflict):
    code, message = "community.code_taken", "这个区划代码在这段时间已经属于另一个社区。请核对 12 位代码和启用日期。"


class CommunityExists(Conflict):
    code, message = "community.exists", "这个编号的社区已经建好了。请换一个编号，或直接打开它。"


class CodeWrong(Invalid):
    code, message = "community.code_wrong", "社区代码是 12 位数字。请对照区划代码表再看一遍。"


class NameTaken(Conflict):
    code, message = "place.name_taken", "本社区已经有同名或同编号的了。请先查看，再决定要不要另取一个。"


class BuildingExists(Conflict):
    code, message = "building.exists", "这个小区里已经有这个幢号。请先查看那一幢，再决定怎么改。"


class PlanUnfit(Invalid):
    code, message = "building.plan_unfit", "楼栋的层数、单元数、每层户数和幢号都要从 1 开始填写，请再看一遍。"


def _require_administrator(actor: Actor) -> None:
    """Communities and their codes are the administrators' to make."""
    if not any(duty.role is Role.ADMINISTRATOR for duty in actor.duties):
        raise NotAllowed()


@transaction.atomic
def set_up_community(actor: Actor, *, id: int, name: str, code: str, valid_from: date | None = None) -> Community:
    """Make the community `id` (ours, never changed, above 0) with its area code from a day on (today). Administrators.

    The same again returns it and leaves no trail.

    Raises:
        NotAllowed, CodeWrong, CodeTaken.
        CommunityExists: `id` is there with another name or code.
    """
    _require_administrator(actor)
    if not rules.is_area_code(code) or len(code) != rules.AREA_CODE_LENGTHS[-1] or id <= 0:
        raise CodeWrong(field="code")
    community, is_new = Community.objects.get_or_create(id=id, defaults={"name": name})
    if not is_new:
        if community.name != name or not community.codes.filter(code=code).exists():
            raise CommunityExists()
        return community
    _add_code(community, code, valid_from or clock.today())
    with active(community.id):
        record_many(actor, "community.set_up", [community], code=code)
    return community


@transaction.atomic
def change_code(actor: Actor, *, community: Community, code: str, valid_from: date) -> CommunityCode:
    """From `valid_from` on the community has `code`; the one before ends that day and still finds it. Administrators.

    Raises:
        NotAllowed, CodeWrong, CodeTaken.
    """
    _require_administrator(actor)
    if not rules.is_area_code(code) or len(code) != rules.AREA_CODE_LENGTHS[-1]:
        raise CodeWrong(field="code")
    present = community.codes.select_for_update().filter(valid_to=None).first()
    if present is not None and present.code == code:
        return present
    if present is not None:
        if valid_from <= present.valid_from:
            raise CodeWrong("新代码的启用日期要晚于现用代码。请核对日期。", field="valid_from")
        present.valid_to = valid_from
        present.save(update_fields=["valid_to"])
    row = _add_code(community, code, valid_from)
    with active(community.id):
        record_many(actor, "community.recoded", [community], code=code, valid_from=valid_from)
    return row


def _add_code(community: Community, code: str, valid_from: date) -> CommunityCode:
    with connection.cursor() as cursor:
        # Two who write what an exclusion constraint forbids wait for each other until one is told of a deadlock.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"community_code {code}"])
    with constraint("community_code_held_once", broken=CodeTaken):
        return CommunityCode.objects.create(community=community, code=code, valid_from=valid_from)


def _add(actor: Actor, verb: str, model: Any, taken: str, **fields: Any) -> Any:
    actor.require(Permission.PLACES_KEEP)
    with constraint(taken, broken=NameTaken):
        row = model.objects.create(**fields)
    record(actor, verb, row)
    return row


@transaction.atomic
def add_sub_area(actor: Actor, *, code: str, name: str, order: int = 0) -> SubArea:
    """A new sub-area; its code is unique in the community. Raises NotAllowed, NameTaken."""
    row: SubArea = _add(actor, "sub_area.added", SubArea, "sub_area_code", code=code, name=name, order=order)
    return row


@transaction.atomic
def add_grid(actor: Actor, *, sub_area: SubArea, code: str, name: str) -> Grid:
    """A new grid of a sub-area; its code is unique in the community. Raises NotAllowed, NameTaken."""
    row: Grid = _add(actor, "grid.added", Grid, "grid_code", sub_area=sub_area, code=code, name=name)
    return row


@transaction.atomic
def add_estate(actor: Actor, *, name: str, built_year: int | None = None) -> Estate:
    """A new estate; its name is unique in the community. Raises NotAllowed, NameTaken."""
    row: Estate = _add(actor, "estate.added", Estate, "estate_name", name=name, built_year=built_year)
    return row


@dataclass(frozen=True)
class BuildingPlan:
    """A building as it stands: every entrance has `floors` floors with `rooms_per_floor` doors, called 101, 102, 201 …

    `footprint` is a GeoJSON Polygon (WGS-84), `area_dm2` the floor space of each dwelling where it is known.
    """

    estate: Estate
    grid: Grid
    number: int
    entrances: int = 1
    floors: int = 6
    rooms_per_floor: int = 2
    footprint: dict[str, Any] | None = None
    built_year: int | None = None
    area_dm2: int | None = None
    name: str = ""

    def is_fit(self) -> bool:
        counts_are_fit = 1 <= self.entrances <= 99 and 1 <= self.floors <= 99 and 1 <= self.rooms_per_floor <= 99
        return counts_are_fit and 1 <= self.number <= 9999

    @property
    def label(self) -> str:
        return self.name or f"{self.number}幢"


@transaction.atomic
def add_buildings(actor: Actor, plans: Sequence[BuildingPlan]) -> list[Building]:
    """Buildings with their entrances and dwellings, in the order of the plans; a trail entry per building.

    Raises:
        NotAllowed, PlanUnfit.
        BuildingExists: one of the numbers is taken in its estate; nothing is added then.
    """
    actor.require(Permission.PLACES_KEEP)
    if not all(plan.is_fit() for plan in plans):
        raise PlanUnfit()
    buildings = [_building(plan) for plan in plans]
    with constraint("building_number", broken=BuildingExists):
        add_rows(Building, buildings)
    entrances = [
        (plan, Entrance(building=building, number=number))
        for plan, building in zip(plans, buildings, strict=True)
        for number in range(1, plan.entrances + 1)
    ]
    add_rows(Entrance, [entrance for _, entrance in entrances])
    add_rows(Dwelling, [dwelling for plan, entrance in entrances for dwelling in _dwellings(plan, entrance)])
    record_many(actor, "building.added", buildings)
    return buildings


def _building(plan: BuildingPlan) -> Building:
    return Building(
        estate=plan.estate,
        grid=plan.grid,
        number=plan.number,
        name=plan.label,
        footprint=plan.footprint,
        floors=plan.floors,
        built_year=plan.built_year,
    )


def _dwellings(plan: BuildingPlan, entrance: Entrance) -> list[Dwelling]:
    rooms = [
        (floor, rules.room_name(floor, i))
        for floor in range(1, plan.floors + 1)
        for i in range(1, plan.rooms_per_floor + 1)
    ]
    return [
        Dwelling(
            entrance=entrance,
            floor=floor,
            room=room,
            door=rules.door_of(plan.number, entrance.number, room),
            area_dm2=plan.area_dm2,
        )
        for floor, room in rooms
    ]
