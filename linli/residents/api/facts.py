"""REST: what is known of a person, field by field, masked: put right or changed since a day, confirmed, taken back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from linli.core import clock, reading
from linli.core.api import In, Out, answers, as_written_here, text, words
from linli.core.web import Request

from .. import actions, records
from ..check_rules import confirmed_by, fields_checked
from ..models import Resident
from ..second_person import field_needs_second
from .shared import (
    GONE,
    WRITES,
    Day,
    correction_told,
    keeper,
    resident_of,
    written_or_asked,
)

router = Router(tags=["居民的各项"])
FieldName = Literal[
    "name",
    "former_name",
    "sex",
    "birth_on",
    "id_number",
    "ethnicity",
    "phone",
    "marital_status",
    "education",
    "political_status",
    "employment",
    "employer",
]
How = Literal["self", "family", "papers", "visit", "phone", "office"]
HOW = Annotated[
    How, Field(description="self 本人说、family 家里人说、papers 看证件、visit 上门、phone 电话、office 名册")
]


class FactOut(Out):
    """一项：内容已遮盖，从哪里来、什么时候核实过"""

    field: FieldName
    label: str
    words: str = Field(description="已遮盖；没有登记时为空")
    source: str
    confirmed_on: date | None = Field(description="最近核实")
    check_by: date | None = Field(description="该再核实的日子")
    is_due: bool = Field(description="该核实了")
    needs_second: bool = Field(description="改这一项要另一位同事核准")
    waits: bool = Field(description="有一份申请在等核准")


class FactsOut(Out):
    """一位居民的各项"""

    resident_id: UUID
    items: list[FactOut]


class FactIn(In):
    """一项应该是什么。不写 since 是更正：一直就是这样；写了是变更：从那天起变的"""

    value: Annotated[text(80), Field(description="日期写 2026-11-20，代码项写代码；不再有的写空")] = ""  # type: ignore[valid-type]
    because: words(200)  # type: ignore[valid-type]
    since: Annotated[Day | None, Field(description="从哪天起变的")] = None
    how: HOW = "papers"
    evidence: Annotated[text(200), Field(description="核准的同事会看到")] = ""  # type: ignore[valid-type]


class TakeBackIn(In):
    because: words(200)  # type: ignore[valid-type]


class ConfirmFactsIn(In):
    """核实：看过了，还是这样"""

    how: HOW
    field: Annotated[FieldName | None, Field(description="只核实这一项；不写是整份档案")] = None


def _facts(resident: Resident) -> FactsOut:
    """Every field the person may have, those without anything too."""
    reading.shown([resident.pk])
    waiting = {each.field for each in records.waiting_for(resident)}
    held = set(records.held_fields(resident))
    return FactsOut(
        resident_id=resident.pk,
        items=[_fact(resident, name, name in held, name in waiting) for name in fields_checked()],
    )


def _fact(resident: Resident, name: Any, is_held: bool, waits: bool) -> FactOut:
    age = records.age_of(resident, name)
    return FactOut(
        field=name,
        label=records.label_of(name),
        words=records.in_words(name, getattr(resident, name)) if is_held else "",
        source=age.source if is_held else "",
        confirmed_on=age.confirmed_on if is_held else None,
        check_by=age.check_by if is_held else None,
        is_due=is_held and age.is_due(clock.today()),
        needs_second=field_needs_second(name),
        waits=waits,
    )


@router.get("/residents/{uuid:resident_id}/facts", response=answers(FactsOut, problems=GONE), summary="一位居民的各项")
def get_facts(request: Request, resident_id: UUID):
    return _facts(resident_of(request, resident_id))


@router.post(
    "/residents/{uuid:resident_id}/facts/{field}",
    response=written_or_asked(FactsOut),
    summary="更正或变更一项",
    description="姓名、身份证号、出生日期要另一位同事核准：回答 202 和申请，核准以前档案不变。以前登记的都留着。",
)
def put_fact(request: Request, resident_id: UUID, field: FieldName, data: FactIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        asked = actions.put_right(
            request.actor,
            resident=row,
            field=field,
            value=actions.from_text(field, data.value.strip()),
            because=data.because,
            since=data.since,
            evidence=data.evidence,
            source=confirmed_by()[data.how],
        )
    return Status(202, correction_told(request, asked)) if asked else _facts(resident_of(request, resident_id))


@router.post(
    "/residents/{uuid:resident_id}/facts/{field}/take-back",
    response=answers(FactsOut, problems=WRITES),
    summary="撤回一项最近一次的改动",
    description="档案像没有改过一样，操作留痕里两次都在。要同事核准的项，请重新提更正。",
)
def take_back_fact(request: Request, resident_id: UUID, field: FieldName, data: TakeBackIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        actions.take_back_field(request.actor, resident=row, field=field, because=data.because)
    return _facts(resident_of(request, resident_id))


@router.post("/residents/{uuid:resident_id}/confirm", response=answers(FactsOut, problems=WRITES), summary="核实")
def confirm_facts(request: Request, resident_id: UUID, data: ConfirmFactsIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        if data.field is None:
            actions.confirm_record(request.actor, resident=row, how=data.how)
        else:
            actions.confirm_field(request.actor, resident=row, field=data.field, how=data.how)
    return _facts(resident_of(request, resident_id))
