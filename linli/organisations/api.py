"""REST: organisations with who serves in them and where, the five lists of a sub-area; adding one and ending one."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import BeforeValidator, Field, WithJsonSchema

from linli.core import clock
from linli.core.api import CHANGES, Id, In, Out, Page, PageIn, answers, as_written_here, matching, page, text, words
from linli.core.api.schemas import refuse
from linli.core.errors import NotFound
from linli.core.web import Request
from linli.places.models import SubArea
from linli.places.queries import sub_areas_visible_to

from . import actions, queries
from .kinds import kinds
from .models import Organisation

router = Router(tags=["组织"])

CODE = matching(r"[a-z_]{1,24}", says="请写类型代码，例如 partner_unit。", max_length=24)


def _real_day(written: Any) -> Any:
    if isinstance(written, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return date.fromisoformat(written)
        except ValueError:  # 30 February
            pass
    raise refuse("day", "日期请写成 2026-11-20 这样，并且是日历上有的一天。")


Day = Annotated[date, BeforeValidator(_real_day), WithJsonSchema({"type": "string", "format": "date"})]
NAME = words(60)


class OrganisationOut(Out):
    """组织"""

    id: UUID
    name: str
    kind: str = Field(description="类型代码，例如 partner_unit")
    kind_name: str = Field(description="类型，例如 共建单位")
    parent_id: UUID | None = Field(description="上级组织")
    head: str = Field(description="负责人或联系人；没有时为空，不能查看居民的岗位看到的是遮盖后的")
    places: list[str] = Field(description="服务范围，例如 东一片、48幢、全社区")
    words: str = Field(description="做什么、能帮什么")
    from_on: date = Field(description="从哪天起")
    until: date | None = Field(description="到哪天为止，这一天不算在内；没有定时为空")
    confirmed_on: date | None = Field(description="最近核实")
    check_by: date | None = Field(description="下次核实")


class OrganisationList(Page[OrganisationOut]):
    """组织，按名称"""


class HeldPostOut(Out):
    """任职"""

    role: str = Field(description="职务代码")
    role_name: str
    name: str
    phone: str = Field(description="联系人的电话，已遮盖；没有时为空")
    building: str = Field(description="红管家管的楼栋；其他职务为空")
    from_on: date
    until: date | None


class OrganisationDetail(OrganisationOut):
    """一个组织和它现在任职的人"""

    credit_code: str = Field(description="统一社会信用代码；没有时为空")
    posts: list[HeldPostOut]


class OrganisationsIn(PageIn):
    kind: Annotated[CODE, Field(description="只看这类")] | None = None  # type: ignore[valid-type]
    sub_area_id: Annotated[Id | None, Field(description="只看服务这个片区的，全社区的也算")] = None
    on: Annotated[Day, Field(description="哪一天的样子；不写是今天")] | None = None


class NewOrganisationIn(In):
    """新登记的组织"""

    kind: CODE  # type: ignore[valid-type]
    name: NAME  # type: ignore[valid-type]
    from_on: Day
    sub_area_id: Annotated[Id | None, Field(description="服务哪个片区；不写是全社区")] = None
    parent_id: Annotated[Id | None, Field(description="上级组织，党组织要写")] = None
    credit_code: Annotated[text(24), Field(description="统一社会信用代码，18 位；没有的不写")] = ""  # type: ignore[valid-type]
    words: text(200) = ""  # type: ignore[valid-type]


class EndIn(In):
    """从哪天起停止活动"""

    on: Day


class LineOut(Out):
    """清单的一行"""

    id: UUID
    name: str
    cells: list[str] = Field(description="和 heads 第二项起对应")
    since: date
    confirmed_on: date | None
    check_by: date | None
    is_due: bool = Field(description="该核实了")


class FiveListOut(Out):
    """一张清单"""

    code: Literal["partners", "venues", "projects", "groups", "auxiliary"]
    name: str
    heads: list[str]
    rows: list[LineOut]


class FiveListsOut(Out):
    """一个片区的五张清单"""

    sub_area: str
    on: date
    lists: list[FiveListOut]


class ListsIn(In):
    on: Annotated[Day, Field(description="哪一天的样子；不写是今天")] | None = None


@router.get("/organisations", response=answers(OrganisationList), summary="组织")
def list_organisations(request: Request, asked: Query[OrganisationsIn]):
    day = asked.on or clock.today()
    rows = queries.running_on(queries.organisations_visible_to(request.actor), day)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.sub_area_id is not None:
        rows = queries.in_sub_area(rows, _sub_area(request, asked.sub_area_id), day)
    found = page(rows.order_by("pinyin", "id"), asked, lambda row: row)
    cards = queries.cards_of(request.actor, found["items"], day)  # two queries for the page, not for each row
    return {"items": [OrganisationOut(**_told(card)) for card in cards], "next": found["next"]}


@router.get("/organisations/{uuid:organisation_id}", response=answers(OrganisationDetail), summary="一个组织")
def get_organisation(request: Request, organisation_id: UUID):
    return _detail(request, _visible(request, organisation_id))


@router.post(
    "/organisations",
    response=answers(OrganisationDetail, status=201, problems=CHANGES),
    summary="登记组织",
    description="专员登记本片区的；党组织和跨片区的由全能社工、社区书记登记。",
)
def add_organisation(request: Request, data: NewOrganisationIn):
    if data.kind not in kinds():
        raise NotFound("没有这个类型。请从已有组织的 kind 里选一个。", field="kind")
    sub_area = _sub_area(request, data.sub_area_id) if data.sub_area_id else None
    parent = _visible(request, data.parent_id) if data.parent_id else None
    with as_written_here():
        row = actions.add_organisation(
            request.actor,
            kind=data.kind,
            name=data.name,
            from_on=data.from_on,
            sub_area=sub_area,
            parent=parent,
            credit_code=data.credit_code,
            words=data.words,
        )
    return Status(201, _detail(request, row))


@router.post(
    "/organisations/{uuid:organisation_id}/end",
    response=answers(OrganisationDetail, problems=CHANGES),
    summary="登记停止活动",
    description="任职和服务范围同一天结束；以前的日子仍然查得到。",
)
def end_organisation(request: Request, organisation_id: UUID, data: EndIn):
    row = _visible(request, organisation_id)
    return _detail(request, actions.end_organisation(request.actor, organisation=row, on=data.on))


@router.get("/sub-areas/{uuid:sub_area_id}/five-lists", response=answers(FiveListsOut), summary="一个片区的五张清单")
def get_five_lists(request: Request, sub_area_id: UUID, asked: Query[ListsIn]):
    area = _sub_area(request, sub_area_id)
    day = asked.on or clock.today()
    lists = [
        FiveListOut(
            code=each.kind.code,  # type: ignore[arg-type]
            name=each.kind.name,
            heads=list(each.kind.heads),
            rows=[LineOut.model_validate(row) for row in each.rows],
        )
        for each in queries.five_lists(request.actor, area, day)
    ]
    return FiveListsOut(sub_area=area.name, on=day, lists=lists)


def _visible(request: Request, organisation_id: UUID) -> Organisation:
    row = queries.organisations_visible_to(request.actor).filter(pk=organisation_id).first()
    if row is None:
        raise NotFound("没有找到这个组织。它可能属于别的社区，或编号少了几个字。请核对编号。")
    return row


def _sub_area(request: Request, sub_area_id: UUID) -> SubArea:
    area = sub_areas_visible_to(request.actor).filter(pk=sub_area_id).first()
    if area is None:
        raise NotFound("没有这个片区。请从 sub-areas 里选一个。", field="sub_area_id")
    return area


def _told(card: queries.Card) -> dict[str, Any]:
    row = card.organisation
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "kind_name": row.of_kind.name,
        "parent_id": row.parent_id,
        "head": card.head,
        "places": list(card.places),
        "words": row.words,
        "from_on": row.from_on,
        "until": row.until,
        "confirmed_on": row.confirmed_on,
        "check_by": row.check_by,
    }


def _detail(request: Request, row: Organisation) -> OrganisationDetail:
    shown = queries.page_of(request.actor, row)
    (card,) = queries.cards_of(request.actor, [row], clock.today())
    return OrganisationDetail(
        **_told(card),
        credit_code=row.credit_code or "",
        posts=[
            HeldPostOut(
                role=line.post.role,
                role_name=line.post.get_role_display(),
                name=line.who,
                phone=line.phone,
                building=line.where,
                from_on=line.post.from_on,
                until=line.post.until,
            )
            for line in shown.posts
        ],
    )
