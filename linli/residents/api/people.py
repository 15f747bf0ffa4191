"""REST: residents as cards, masked; taken into the register, moved in and out, and what happens in a life besides."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from ninja import Header, Query, Router, Status
from pydantic import Field

from linli.core.api import Id, In, Out, Page, PageIn, answers, as_written_here, page, text, words
from linli.core.errors import Conflict
from linli.core.web import Request

from .. import actions, homes, queries
from ..codes import ResidenceKind
from ..searching import search_residents
from .shared import (
    GONE,
    WRITES,
    Day,
    PersonNow,
    Relation,
    dwelling_of,
    household_of,
    keeper,
    now_of,
    resident_of,
)

router = Router(tags=["居民"])
LIST_CODE = text(2)


class ResidentOut(Out):
    """居民卡片：姓名和号码已遮盖"""

    id: UUID
    name: str = Field(description="王*芳")
    sex: str = Field(description="男、女；不清楚时为空")
    age: int | None = Field(description="周岁，今天的；已去世的为去世时的")
    phone: str = Field(description="100****1234；没有时为空")
    id_number: str = Field(description="前三后四；没有时为空")
    doors: list[str] = Field(description="今天住在哪里，例如 48-2-301")
    categories: list[str] = Field(description="今天有效的类别，例如 独居老人")
    is_dead: bool


class ResidentList(Page[ResidentOut]):
    """居民，按拼音"""


class ResidentsIn(PageIn):
    q: Annotated[
        text(60),  # type: ignore[valid-type]
        Field(description="姓名、拼音或首字母、门牌（48-2-301）、电话末四位、完整电话或身份证号"),
    ] = ""


class NewResidentIn(In):
    """新登记的居民。身份证号里有性别和出生日期，可以不再写"""

    id: Annotated[Id | None, Field(description="居民的编号，由调用方定（UUIDv7 最好）")] = None
    name: words(80)  # type: ignore[valid-type]
    sex: Literal["", "1", "2"] = ""
    birth_on: Day | None = None
    id_number: Annotated[text(24), Field(description="居民身份证号")] = ""  # type: ignore[valid-type]
    phone: text(24) = ""  # type: ignore[valid-type]
    former_name: text(80) = ""  # type: ignore[valid-type]
    ethnicity: Annotated[LIST_CODE, Field(description="民族，GB/T 3304")] = ""  # type: ignore[valid-type]
    education: Annotated[LIST_CODE, Field(description="学历，GB/T 4658")] = ""  # type: ignore[valid-type]
    marital_status: Annotated[LIST_CODE, Field(description="婚姻状况，GB/T 2261.2")] = ""  # type: ignore[valid-type]
    political_status: Annotated[LIST_CODE, Field(description="政治面貌，GB/T 4762")] = ""  # type: ignore[valid-type]
    employment: Annotated[LIST_CODE, Field(description="从业状况，GB/T 2261.4")] = ""  # type: ignore[valid-type]
    employer: text(60) = ""  # type: ignore[valid-type]
    dwelling_id: Annotated[Id | None, Field(description="住在（或户口在）哪套房屋；不写就只登记人")] = None
    household_id: Annotated[Id | None, Field(description="属于哪一户；写了它，房屋可以不写")] = None
    relation_to_head: Relation | None = None
    from_on: Annotated[Day | None, Field(description="从哪天起住；不写是今天")] = None
    residence_kind: Literal["lived", "registered"] = "lived"
    population_class: Literal["registered", "migrant", "abroad", "nominal"] = "registered"
    source: text(40) = ""  # type: ignore[valid-type]


class MoveInIn(In):
    """迁入：原来的住处要先办迁出"""

    dwelling_id: Annotated[Id | None, Field(description="哪套房屋；写了户，可以不写")] = None
    household_id: Annotated[Id | None, Field(description="属于哪一户；没有户时不写")] = None
    from_on: Day
    residence_kind: Literal["lived", "registered"] = "lived"
    population_class: Literal["registered", "migrant", "abroad", "nominal"] = "registered"
    relation_to_head: Relation | None = None


class MoveOutIn(In):
    """迁出：这一天起不住（或户口不在）这里了"""

    on: Day
    residence_kind: Literal["lived", "registered"] = "lived"


class IdsDiffer(Conflict):
    code, message = "api.ids_differ", "id 和请求头 Idempotency-Key 不一样。请只写一个，或写成同一个。"


@router.get("/residents", response=answers(ResidentList), summary="居民")
def list_residents(request: Request, asked: Query[ResidentsIn]):
    rows = queries.with_cards(search_residents(request.actor, asked.q))
    return page(rows, asked, lambda resident: ResidentOut.model_validate(queries.card_of(resident)))


@router.get(
    "/residents/{uuid:resident_id}",
    response=answers(ResidentOut, problems=GONE),
    summary="一位居民",
    description="合并过的编号回答 410，successor 是现在的编号。",
)
def get_resident(request: Request, resident_id: UUID):
    return ResidentOut.model_validate(queries.card_of(resident_of(request, resident_id)))


@router.post(
    "/residents",
    response=answers(ResidentOut, status=201, problems=WRITES),
    summary="登记居民",
    description="编号由调用方先定好（id 或请求头 Idempotency-Key）：同一个账号用同一个编号、同样的内容再登记一次，得到的还是那一位。",
)
def register_resident(
    request: Request,
    data: NewResidentIn,
    idempotency_key: Annotated[
        Id | None,
        Header(default=None, alias="Idempotency-Key", description="居民的编号，和 id 一样用；两个都写时要相同"),
    ],
):
    keeper(request)
    if data.id and idempotency_key and data.id != idempotency_key:
        raise IdsDiffer(field="id")
    household = household_of(request, data.household_id, field="household_id") if data.household_id else None
    dwelling = dwelling_of(request, data.dwelling_id, field="dwelling_id") if data.dwelling_id else None
    plan = actions.ResidentPlan(
        id=data.id or idempotency_key,
        name=data.name,
        sex=data.sex or "0",
        birth_on=data.birth_on,
        id_number=data.id_number or None,
        phone=data.phone or None,
        former_name=data.former_name,
        ethnicity=data.ethnicity,
        education=data.education,
        marital_status=data.marital_status,
        political_status=data.political_status,
        employment=data.employment,
        employer=data.employer,
        source=data.source,
        dwelling=dwelling or (household.dwelling if household else None),
        from_on=data.from_on,
        kind=data.residence_kind,
        population_class=data.population_class,
    )
    with as_written_here():
        row = actions.register_once(
            request.actor, plan, household=household, relation_to_head=data.relation_to_head or ""
        )
    return Status(201, ResidentOut.model_validate(queries.card_of(row)))


@router.post("/residents/{uuid:resident_id}/move-in", response=answers(PersonNow, problems=WRITES), summary="登记迁入")
def record_moving_in(request: Request, resident_id: UUID, data: MoveInIn):
    keeper(request)
    row = resident_of(request, resident_id)
    household = household_of(request, data.household_id, field="household_id") if data.household_id else None
    if data.dwelling_id is None and household is None:
        raise Conflict("请写房屋（dwelling_id）或户（household_id）。", field="dwelling_id")
    dwelling = dwelling_of(request, data.dwelling_id, field="dwelling_id") if data.dwelling_id else None
    with as_written_here():
        actions.settle_in(
            request.actor,
            resident=row,
            dwelling=dwelling,
            household=household,
            from_on=data.from_on,
            kind=data.residence_kind,
            population_class=data.population_class,
            relation_to_head=data.relation_to_head or "",
        )
    return now_of(row)


@router.post("/residents/{uuid:resident_id}/move-out", response=answers(PersonNow, problems=WRITES), summary="登记迁出")
def record_moving_out(request: Request, resident_id: UUID, data: MoveOutIn):
    keeper(request)
    row = resident_of(request, resident_id)
    stay = homes.last_stay(row, ResidenceKind(data.residence_kind))
    if stay is None:
        raise actions.NoHome(field="on")
    with as_written_here():
        actions.move_out(request.actor, residence=stay, on=data.on)
    return now_of(row)
