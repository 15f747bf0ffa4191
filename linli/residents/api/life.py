"""REST: what happens in a life, from a day on; a death and a birth among it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from linli.core.api import Id, In, answers, as_written_here, text, words
from linli.core.web import Request

from .. import actions, queries
from .people import ResidentOut
from .shared import (
    WRITES,
    Day,
    OnIn,
    PersonNow,
    Relation,
    correction_told,
    dwelling_of,
    household_of,
    keeper,
    now_of,
    resident_of,
    written_or_asked,
)

router = Router(tags=["人生大事"])
PERSON = answers(PersonNow, problems=WRITES)


class LeaveIn(In):
    whereabouts: words(60)  # type: ignore[valid-type]
    on: Day
    reason: text(40) = ""  # type: ignore[valid-type]


class ClassIn(In):
    population_class: Literal["registered", "migrant", "abroad", "nominal"]
    on: Day
    reason: text(40) = ""  # type: ignore[valid-type]


class RegisteredAtIn(In):
    """户口本上的门牌，和住的可以不是一处"""

    dwelling_id: Id
    on: Day


class MarriageIn(In):
    """结婚：双方都在册的，两份档案一起改"""

    on: Day
    spouse_id: Annotated[Id | None, Field(description="对方；不是这里的居民时不写")] = None
    mover: Annotated[
        Literal["", "resident", "spouse"], Field(description="谁搬到对方那一户：本人、对方；空着是住处不变")
    ] = ""
    relation_to_head: Annotated[Relation | None, Field(description="对方不是户主时，搬来的人是户主的")] = None


class GuardianIn(In):
    guardian_id: Id
    on: Day


class DeathIn(In):
    """去世。要另一位同事核准：核准以前，档案不变"""

    on: Day
    because: words(200)  # type: ignore[valid-type]
    evidence: text(200) = ""  # type: ignore[valid-type]


class BirthIn(In):
    """新生儿：还没有证件也能登记，从出生那天起算住在这一户"""

    name: words(80)  # type: ignore[valid-type]
    sex: Literal["1", "2"]
    born_on: Day
    mother_id: Id | None = None
    father_id: Id | None = None
    guardian_id: Annotated[Id | None, Field(description="父母就是监护人的，不写")] = None
    relation_to_head: Relation | None = None


@router.post("/residents/{uuid:resident_id}/leave", response=PERSON, summary="登记外出")
def record_leaving(request: Request, resident_id: UUID, data: LeaveIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        actions.leave_for(request.actor, resident=row, on=data.on, whereabouts=data.whereabouts, reason=data.reason)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/come-back", response=PERSON, summary="登记返回")
def record_return(request: Request, resident_id: UUID, data: OnIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        actions.come_back(request.actor, resident=row, on=data.on)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/change-class", response=PERSON, summary="变更人口类别")
def change_population_class(request: Request, resident_id: UUID, data: ClassIn):
    keeper(request)
    row = resident_of(request, resident_id)
    wanted = {"population_class": data.population_class, "reason": data.reason, "on": data.on}
    with as_written_here():
        actions.change_class(request.actor, resident=row, **wanted)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/register-at", response=PERSON, summary="登记户籍地")
def record_registered_home(request: Request, resident_id: UUID, data: RegisteredAtIn):
    keeper(request)
    row, door = resident_of(request, resident_id), dwelling_of(request, data.dwelling_id, field="dwelling_id")
    with as_written_here():
        actions.register_at(request.actor, resident=row, dwelling=door, on=data.on)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/marry", response=PERSON, summary="登记结婚")
def record_marriage(request: Request, resident_id: UUID, data: MarriageIn):
    keeper(request)
    row = resident_of(request, resident_id)
    spouse = resident_of(request, data.spouse_id, field="spouse_id") if data.spouse_id else None
    mover = {"resident": row, "spouse": spouse}.get(data.mover)
    with as_written_here():
        actions.marry(
            request.actor,
            resident=row,
            spouse=spouse,
            on=data.on,
            mover=mover,
            relation_to_head=data.relation_to_head or "",
        )
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/divorce", response=PERSON, summary="登记离婚")
def record_divorce(request: Request, resident_id: UUID, data: OnIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        actions.divorce(request.actor, resident=row, on=data.on)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/widow", response=PERSON, summary="登记丧偶")
def record_widowhood(request: Request, resident_id: UUID, data: OnIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        actions.widow(request.actor, resident=row, on=data.on)
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/name-guardian", response=PERSON, summary="指定监护人")
def record_guardian(request: Request, resident_id: UUID, data: GuardianIn):
    keeper(request)
    row, guardian = resident_of(request, resident_id), resident_of(request, data.guardian_id, field="guardian_id")
    with as_written_here():
        actions.name_guardian(request.actor, resident=row, guardian=guardian, on=data.on)
    return now_of(row)


@router.post(
    "/residents/{uuid:resident_id}/die",
    response=written_or_asked(PersonNow),
    summary="登记去世",
    description="办成 202：等另一位同事核准，住处和类别在核准时一起结束。社区把去世设成不用核准的，直接写入（200）。",
)
def record_death(request: Request, resident_id: UUID, data: DeathIn):
    keeper(request)
    row = resident_of(request, resident_id)
    if row.died_on == data.on:
        return now_of(row)
    with as_written_here():
        asked = actions.put_death(
            request.actor, resident=row, died_on=data.on, because=data.because, evidence=data.evidence
        )
    return Status(202, correction_told(request, asked)) if asked else now_of(row)


@router.post(
    "/households/{uuid:household_id}/births",
    response=answers(ResidentOut, status=201, problems=WRITES),
    summary="登记新生儿",
    description="同样的父母、同名、同一天出生的再登记一次，得到的还是那一个孩子。",
)
def record_birth(request: Request, household_id: UUID, data: BirthIn):
    keeper(request)
    row = household_of(request, household_id)
    elders: dict[str, Any] = {
        name: resident_of(request, key, field=f"{name}_id") if key else None
        for name, key in (("mother", data.mother_id), ("father", data.father_id), ("guardian", data.guardian_id))
    }
    with as_written_here():
        child = actions.register_birth(
            request.actor,
            household=row,
            name=data.name,
            sex=data.sex,
            born_on=data.born_on,
            relation_to_head=data.relation_to_head or "",
            **elders,
        )
    return Status(201, ResidentOut.model_validate(queries.card_of(child)))
