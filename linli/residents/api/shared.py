"""What the register's endpoints share: days, people and places by id, and what the register does not agree with."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from linli.core.access import Permission
from linli.core.api import CHANGES, In, Out, answers
from linli.core.api.schemas import refuse
from linli.core.errors import Gone, NotFound
from linli.core.web import Request
from linli.places.models import Dwelling
from linli.places.queries import place_label

from .. import homes, queries
from ..models import CorrectionRequest, Household, Resident
from ..records import asked_in_words

GONE = (410,)
"""What reading by id may answer besides: the record was merged."""
WRITES = (*CHANGES, *GONE)
"""And what changing something may."""


def _day(written: Any) -> Any:
    if isinstance(written, date):
        return written
    if isinstance(written, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return date.fromisoformat(written)
        except ValueError:  # 30 February
            pass
    raise refuse("day", "日期请写成 2026-11-20 这样，并且是日历上有的一天。")


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Relation = Annotated[
    Literal["1", "2", "3", "4", "5", "6", "7", "8"], Field(description="与户主的关系，GB/T 4761 一位码")
]


class OnIn(In):
    """从哪一天起"""

    on: Day


class MergedRecord(Gone):
    code = "resident.merged"
    message = "这份档案已经并入另一份。请改用回答里的新编号（successor）；合并以后还可以撤销。"


class MergedHousehold(Gone):
    code = "household.merged"
    message = "这一户已经并入另一户。请改用回答里的新编号（successor）；合并以后还可以撤销。"


def keeper(request: Request) -> None:
    """Raise unless the caller keeps the register."""
    request.actor.require(Permission.RESIDENTS_LINK)


def resident_of(request: Request, resident_id: UUID, *, field: str = "") -> Resident:
    """The resident, seen by the caller. Raises NotFound, and MergedRecord for an id in the address that was merged."""
    seen = queries.residents_visible_to(request.actor)
    row = seen.filter(pk=resident_id).first()
    if row is not None:
        return row
    survivor = queries.survivor_of(resident_id)
    if survivor is not None and seen.filter(pk=survivor).exists():
        raise MergedRecord(successor=survivor, field=field or None)
    raise NotFound(field=field or None)


def household_of(request: Request, household_id: UUID, *, field: str = "") -> Household:
    """The household, of a door the caller may see. Raises NotFound, MergedHousehold."""
    seen = homes.households_visible_to(request.actor)
    row = seen.filter(pk=household_id).first()
    if row is not None:
        return row
    survivor = homes.survivor_of(household_id)
    if survivor is not None and seen.filter(pk=survivor).exists():
        raise MergedHousehold(successor=survivor, field=field or None)
    raise NotFound(field=field or None)


def dwelling_of(request: Request, dwelling_id: UUID, *, field: str = "") -> Dwelling:
    """The door, of whose people the caller may read. Raises NotFound."""
    row = homes.doors_of_people_visible_to(request.actor).filter(pk=dwelling_id).first()
    if row is None:
        raise NotFound(field=field or None)
    return row


class PersonNow(Out):
    """这位居民现在的住处和人口类别"""

    resident_id: UUID
    door: str = Field(description="现在住的门牌；不住这里时为空")
    registered_door: str = Field(description="户口所在的门牌；没有登记时为空")
    population_class: str


def now_of(row: Resident) -> PersonNow:
    """Where the person lives and is registered today."""
    held = {stay.kind: stay for stay in homes.stays_today(row)}
    lived, registered = held.get("lived"), held.get("registered")
    counted = lived or registered
    return PersonNow(
        resident_id=row.pk,
        door=lived.dwelling.door if lived else "",
        registered_door=registered.dwelling.door if registered else "",
        population_class=counted.get_population_class_display() if counted else "",
    )


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


def member_out(member: homes.Member) -> MemberOut:
    return MemberOut(
        resident_id=member.card.id,
        name=member.card.name,
        age=member.card.age,
        relation=member.relation,
        population_class=member.population_class,
        lives_here=member.lives_here,
        from_on=member.from_on,
    )


def household_told(row: Household) -> dict[str, Any]:
    return {
        "id": row.pk,
        "dwelling_id": row.dwelling_id,
        "door": row.dwelling.door,
        "head_id": row.head_id,
        "dissolved_on": row.dissolved_on,
    }


def household_detail(row: Household) -> HouseholdDetail:
    """The household as it stands now, with who belongs to it."""
    row = Household.objects.select_related("dwelling").get(pk=row.pk)
    return HouseholdDetail(**household_told(row), members=[member_out(each) for each in homes.members_of(row)])


def place_told(row: Dwelling) -> dict[str, Any]:
    return {
        "id": row.pk,
        "building_id": row.entrance.building_id,
        "door": row.door,
        "label": place_label(dwelling=row),
        "floor": row.floor,
    }


class CorrectionOut(Out):
    """一份要另一位同事核准的申请。两边的内容在网页上看，这里只说是哪一项"""

    id: UUID
    resident_id: UUID
    deed: Literal["correct", "change", "grant", "end", "amend", "alter"]
    field: str = Field(description="哪一项，或哪个类别（代码）")
    title: str = Field(description="更正姓名、登记类别：低保")
    because: str
    since: date | None
    state: Literal["requested", "confirmed", "refused", "withdrawn"]
    may_decide: bool = Field(description="当前账号可以核准")
    is_mine: bool = Field(description="当前账号提的，可以撤回")
    answer: str = Field(description="没有核准的原因")


def correction_told(request: Request, row: CorrectionRequest) -> CorrectionOut:
    return CorrectionOut(
        id=row.pk,
        resident_id=row.resident_id,
        deed=row.deed,  # type: ignore[arg-type]
        field=row.field,
        title=asked_in_words(row),
        because=row.because,
        since=row.since,
        state=row.state,  # type: ignore[arg-type]
        may_decide=row.state == "requested" and queries.may_decide(request.actor, row),
        is_mine=row.requested_by == request.actor.account_id,
        answer=row.answer,
    )


def written_or_asked(shown: Any, *, status: int = 200) -> dict[Any, Any]:
    """The answers of what may need a second person: written (200, 201), or waiting (202)."""
    return {**answers(shown, status=status, problems=WRITES), 202: CorrectionOut}
