"""REST: households and doors, who belongs and who lives there, masked; and what happens in lives, from a day on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema

from linli.core.access import Permission
from linli.core.api import CHANGES, Id, In, Out, Page, PageIn, answers, page, text, words
from linli.core.errors import Conflict, Invalid, NotFound
from linli.core.web import Request
from linli.places.models import Dwelling
from linli.places.queries import place_label

from . import actions, homes, queries
from .models import Household, Resident

router = Router(tags=["户和房屋"])


def _day(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        return value
    raise ValueError("请写成日期，例如 2026-11-20。")


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class MemberOut(Out):
    """一位居民和户主的关系：姓名已遮盖"""

    resident_id: UUID
    name: str = Field(description="王*芳")
    age: int | None
    relation: str = Field(description="与户主关系；不清楚时为空")
    population_class: str = Field(description="户籍、流动、境外、外出、空挂")
    lives_here: bool
    from_on: date


class HouseholdOut(Out):
    """一户"""

    id: UUID
    dwelling_id: UUID
    door: str = Field(description="48-2-301")
    head_id: UUID | None
    dissolved_on: date | None


class HouseholdDetail(HouseholdOut):
    """一户和现在的人"""

    members: list[MemberOut]


class HouseholdList(Page[HouseholdOut]):
    """户，按门牌"""


class DwellingOut(Out):
    """一套房屋"""

    id: UUID
    building_id: UUID
    door: str = Field(description="48-2-301")
    label: str = Field(description="48幢2单元301室")
    floor: int


class DwellingDetail(DwellingOut):
    """一套房屋：住着谁，谁的户口在这里"""

    households: list[UUID]
    living: list[MemberOut]
    registered: list[MemberOut] = Field(description="户口在这里、人不住这里的")


class DwellingList(Page[DwellingOut]):
    """房屋，按门牌"""


class DoorIn(PageIn):
    door: Annotated[text(24), Field(description="门牌，例如 48-2-301；不写为全部")] = ""  # type: ignore[valid-type]


def _member(member: homes.Member) -> MemberOut:
    return MemberOut(
        resident_id=member.card.id,
        name=member.card.name,
        age=member.card.age,
        relation=member.relation,
        population_class=member.population_class,
        lives_here=member.lives_here,
        from_on=member.from_on,
    )


def _told(row: Household) -> dict[str, Any]:
    return {
        "id": row.pk,
        "dwelling_id": row.dwelling_id,
        "door": row.dwelling.door,
        "head_id": row.head_id,
        "dissolved_on": row.dissolved_on,
    }


def _detail(request: Request, household_id: UUID) -> HouseholdDetail:
    row = _household(request, household_id)
    return HouseholdDetail(**_told(row), members=[_member(each) for each in homes.members_of(row)])


def _household(request: Request, household_id: UUID) -> Household:
    row = homes.households_visible_to(request.actor).filter(pk=household_id).first()
    if row is None:
        raise NotFound()
    return row


def _resident(request: Request, resident_id: UUID) -> Resident:
    row = queries.residents_visible_to(request.actor).filter(pk=resident_id).first()
    if row is None:
        raise NotFound()
    return row


def _dwelling(request: Request, dwelling_id: UUID) -> Dwelling:
    row = homes.doors_of_people_visible_to(request.actor).filter(pk=dwelling_id).first()
    if row is None:
        raise NotFound()
    return row


@router.get("/households", response=answers(HouseholdList), summary="户")
def list_households(request: Request, asked: Query[DoorIn]):
    rows = homes.households_visible_to(request.actor)
    rows = rows.filter(dwelling__door=asked.door) if asked.door else rows
    return page(rows, asked, lambda row: HouseholdOut(**_told(row)))


@router.get("/households/{uuid:household_id}", response=answers(HouseholdDetail), summary="一户和现在的人")
def get_household(request: Request, household_id: UUID):
    return _detail(request, household_id)


@router.get("/dwellings", response=answers(DwellingList), summary="房屋")
def list_dwellings(request: Request, asked: Query[DoorIn]):
    rows = homes.doors_of_people_visible_to(request.actor).order_by("door", "id")
    rows = rows.filter(door=asked.door) if asked.door else rows
    return page(rows, asked, lambda row: DwellingOut(**_place(row)))


def _place(row: Dwelling) -> dict[str, Any]:
    return {
        "id": row.pk,
        "building_id": row.entrance.building_id,
        "door": row.door,
        "label": place_label(dwelling=row),
        "floor": row.floor,
    }


@router.get("/dwellings/{uuid:dwelling_id}", response=answers(DwellingDetail), summary="一套房屋，住着谁")
def get_dwelling(request: Request, dwelling_id: UUID):
    row = _dwelling(request, dwelling_id)
    found = homes.behind(row)
    everybody = [each for home in found.homes for each in home.members] + found.alone + found.registered
    return DwellingDetail(
        **_place(row),
        households=[home.id for home in found.homes],
        living=[_member(each) for each in everybody if each.lives_here],
        registered=[_member(each) for each in everybody if not each.lives_here],
    )


class Disagrees(Conflict):
    code, message = "register.disagrees", "登记的内容和这次要写的对不上。请先查看现在的登记，再试一次。"


@contextmanager
def _as_written_here() -> Iterator[None]:
    """What the document allows and the register does not (a day to come, a stay that began that day) is a conflict."""
    try:
        yield
    except Invalid as problem:
        raise Disagrees(problem.message, field=problem.field, **problem.facts) from problem


# What happens: each from a day on, by whoever keeps the register

CHANGED = answers(HouseholdDetail, problems=CHANGES)


class PersonNow(Out):
    """这位居民现在的住处和人口类别"""

    resident_id: UUID
    door: str = Field(description="现在住的门牌；不住这里时为空")
    registered_door: str = Field(description="户口所在的门牌；没有登记时为空")
    population_class: str


PERSON = answers(PersonNow, problems=CHANGES)


def _now(row: Resident) -> PersonNow:
    held = {stay.kind: stay for stay in homes.stays_today(row)}
    lived, registered = held.get("lived"), held.get("registered")
    counted = lived or registered
    return PersonNow(
        resident_id=row.pk,
        door=lived.dwelling.door if lived else "",
        registered_door=registered.dwelling.door if registered else "",
        population_class=counted.get_population_class_display() if counted else "",
    )


class RelationIn(In):
    """一位居民是新户主的什么人（GB/T 4761 一位码）"""

    resident_id: Id
    relation: Literal["1", "2", "3", "4", "5", "6", "7", "8"]


class HeadIn(In):
    head_id: Id
    on: Day
    relations: Annotated[list[RelationIn], Field(max_length=50)] = Field(
        default_factory=list, description="与新户主的关系推算不出来的人才要写"
    )


class MoveIn(In):
    dwelling_id: Id
    on: Day


class LeaveIn(In):
    whereabouts: words(60)  # type: ignore[valid-type]
    on: Day


class OnIn(In):
    on: Day


class ClassIn(In):
    population_class: Literal["registered", "migrant", "abroad", "nominal"]
    on: Day
    reason: text(40) = ""  # type: ignore[valid-type]


@router.post("/households/{uuid:household_id}/change-head", response=CHANGED, summary="变更户主")
def change_household_head(request: Request, household_id: UUID, data: HeadIn):
    request.actor.require(Permission.RESIDENTS_LINK)
    row, head = _household(request, household_id), _resident(request, data.head_id)
    said = {each.resident_id: each.relation for each in data.relations}
    with _as_written_here():
        actions.change_head(request.actor, household=row, head=head, on=data.on, relations=said)
    return _detail(request, household_id)


@router.post("/households/{uuid:household_id}/move", response=CHANGED, summary="整户迁居")
def move_whole_household(request: Request, household_id: UUID, data: MoveIn):
    request.actor.require(Permission.RESIDENTS_LINK)
    row, door = _household(request, household_id), _dwelling(request, data.dwelling_id)
    with _as_written_here():
        actions.move_household(request.actor, household=row, dwelling=door, on=data.on)
    return _detail(request, household_id)


@router.post("/residents/{uuid:resident_id}/leave", response=PERSON, summary="登记外出")
def record_leaving(request: Request, resident_id: UUID, data: LeaveIn):
    request.actor.require(Permission.RESIDENTS_LINK)
    row = _resident(request, resident_id)
    with _as_written_here():
        actions.leave_for(request.actor, resident=row, on=data.on, whereabouts=data.whereabouts)
    return _now(row)


@router.post("/residents/{uuid:resident_id}/come-back", response=PERSON, summary="登记返回")
def record_return(request: Request, resident_id: UUID, data: OnIn):
    request.actor.require(Permission.RESIDENTS_LINK)
    row = _resident(request, resident_id)
    with _as_written_here():
        actions.come_back(request.actor, resident=row, on=data.on)
    return _now(row)


@router.post("/residents/{uuid:resident_id}/change-class", response=PERSON, summary="变更人口类别")
def change_population_class(request: Request, resident_id: UUID, data: ClassIn):
    request.actor.require(Permission.RESIDENTS_LINK)
    row = _resident(request, resident_id)
    wanted = {"population_class": data.population_class, "reason": data.reason, "on": data.on}
    with _as_written_here():
        actions.change_class(request.actor, resident=row, **wanted)
    return _now(row)
