"""REST: households and doors, who belongs and who lives there, masked; formed, split, joined, headed anew, moved."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from linli.core.api import Id, In, Out, Page, PageIn, answers, as_written_here, page, text
from linli.core.web import Request

from .. import actions, homes
from ..models import Resident
from .shared import (
    GONE,
    WRITES,
    Day,
    HouseholdDetail,
    HouseholdOut,
    MemberOut,
    Relation,
    dwelling_of,
    household_detail,
    household_of,
    household_told,
    keeper,
    member_out,
    place_told,
    resident_of,
)

router = Router(tags=["户和房屋"])
CHANGED = answers(HouseholdDetail, problems=WRITES)
MADE = answers(HouseholdDetail, status=201, problems=WRITES)


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


class RelationIn(In):
    """一位居民是新户主的什么人（GB/T 4761 一位码）"""

    resident_id: Id
    relation: Relation


class LeaverIn(In):
    """一起分出去的人；关系推算得出来的可以不写"""

    resident_id: Id
    relation: Relation | None = None


Relations = Annotated[list[RelationIn], Field(max_length=50)]


class FormIn(In):
    """立户：住在这套房屋、还没有户的人"""

    head_id: Id
    members: Annotated[Relations, Field(description="户主以外的人")] = Field(default_factory=list)
    on: Day
    number: Annotated[text(24), Field(description="户号；没有时不写")] = ""  # type: ignore[valid-type]


class SplitIn(In):
    """分户：户主和一起走的人另立一户"""

    head_id: Id
    members: Annotated[list[LeaverIn], Field(max_length=50, description="户主以外一起走的人")] = Field(
        default_factory=list
    )
    on: Day
    dwelling_id: Annotated[Id | None, Field(description="搬到哪套房屋；还住这里的不写")] = None


class JoinIn(In):
    """并户：这一户的人都转到另一户"""

    into_id: Id
    relations: Annotated[Relations, Field(description="各人是那一户户主的什么人；不写的算其他")] = Field(
        default_factory=list
    )
    on: Day


class HeadIn(In):
    head_id: Id
    on: Day
    relations: Annotated[list[RelationIn], Field(max_length=50)] = Field(
        default_factory=list, description="与新户主的关系推算不出来的人才要写"
    )


class MoveIn(In):
    dwelling_id: Id
    on: Day


@router.get("/households", response=answers(HouseholdList), summary="户")
def list_households(request: Request, asked: Query[DoorIn]):
    rows = homes.households_visible_to(request.actor)
    rows = rows.filter(dwelling__door=asked.door) if asked.door else rows
    return page(rows, asked, lambda row: HouseholdOut(**household_told(row)))


@router.get(
    "/households/{uuid:household_id}",
    response=answers(HouseholdDetail, problems=GONE),
    summary="一户和现在的人",
    description="合并过的户回答 410，successor 是现在的编号。",
)
def get_household(request: Request, household_id: UUID):
    return household_detail(household_of(request, household_id))


@router.get("/dwellings", response=answers(DwellingList), summary="房屋")
def list_dwellings(request: Request, asked: Query[DoorIn]):
    rows = homes.doors_of_people_visible_to(request.actor).order_by("door", "id")
    rows = rows.filter(door=asked.door) if asked.door else rows
    return page(rows, asked, lambda row: DwellingOut(**place_told(row)))


@router.get("/dwellings/{uuid:dwelling_id}", response=answers(DwellingDetail), summary="一套房屋，住着谁")
def get_dwelling(request: Request, dwelling_id: UUID):
    row = dwelling_of(request, dwelling_id)
    found = homes.behind(row)
    everybody = [each for home in found.homes for each in home.members] + found.alone + found.registered
    return DwellingDetail(
        **place_told(row),
        households=[home.id for home in found.homes],
        living=[member_out(each) for each in everybody if each.lives_here],
        registered=[member_out(each) for each in everybody if not each.lives_here],
    )


# What happens: each from a day on, by whoever keeps the register


def _people(request: Request, *asked: UUID) -> list[Resident]:
    """All of them seen by the caller. Raises NotFound, MergedRecord."""
    return [resident_of(request, each, field="members") for each in asked]


@router.post("/dwellings/{uuid:dwelling_id}/households", response=MADE, summary="立户")
def form_household(request: Request, dwelling_id: UUID, data: FormIn):
    keeper(request)
    door, head = dwelling_of(request, dwelling_id), resident_of(request, data.head_id, field="head_id")
    _people(request, *(each.resident_id for each in data.members))
    members = {each.resident_id: each.relation for each in data.members}
    with as_written_here():
        made = actions.form_household(
            request.actor, dwelling=door, head=head, members=members, on=data.on, number=data.number.strip()
        )
    return Status(201, household_detail(made))


@router.post(
    "/households/{uuid:household_id}/split",
    response=MADE,
    summary="分户",
    description="回答是新立的那一户；同样的人同一天再分一次，得到的还是那一户。",
)
def split_household(request: Request, household_id: UUID, data: SplitIn):
    keeper(request)
    row, head = household_of(request, household_id), resident_of(request, data.head_id, field="head_id")
    door = dwelling_of(request, data.dwelling_id, field="dwelling_id") if data.dwelling_id else None
    _people(request, *(each.resident_id for each in data.members))
    members: dict[UUID, str] = {each.resident_id: each.relation or "" for each in data.members}
    with as_written_here():
        made = actions.split_household(
            request.actor, household=row, head=head, members=members, on=data.on, dwelling=door
        )
    return Status(201, household_detail(made))


@router.post(
    "/households/{uuid:household_id}/join",
    response=CHANGED,
    summary="并户",
    description="回答是并入的那一户；原来的户随之撤户。",
)
def join_households(request: Request, household_id: UUID, data: JoinIn):
    keeper(request)
    row, into = household_of(request, household_id), household_of(request, data.into_id, field="into_id")
    relations = {each.resident_id: each.relation for each in data.relations}
    with as_written_here():
        actions.join_households(request.actor, into=into, household=row, relations=relations, on=data.on)
    return household_detail(into)


@router.post("/households/{uuid:household_id}/change-head", response=CHANGED, summary="变更户主")
def change_household_head(request: Request, household_id: UUID, data: HeadIn):
    keeper(request)
    row, head = household_of(request, household_id), resident_of(request, data.head_id, field="head_id")
    said = {each.resident_id: each.relation for each in data.relations}
    with as_written_here():
        actions.change_head(request.actor, household=row, head=head, on=data.on, relations=said)
    return household_detail(row)


@router.post("/households/{uuid:household_id}/move", response=CHANGED, summary="整户迁居")
def move_whole_household(request: Request, household_id: UUID, data: MoveIn):
    keeper(request)
    row, door = household_of(request, household_id), dwelling_of(request, data.dwelling_id, field="dwelling_id")
    with as_written_here():
        actions.move_household(request.actor, household=row, dwelling=door, on=data.on)
    return household_detail(row)
