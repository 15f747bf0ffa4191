"""REST: residents as cards, masked; the full number needs a reason, and a page that records it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import Http404
from ninja import Query, Router
from pydantic import Field

from linli.core.api import Out, Page, PageIn, answers, page, text
from linli.core.web import Request

from . import queries
from .searching import search_residents

router = Router(tags=["居民"])


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


@router.get("/residents", response=answers(ResidentList), summary="居民")
def list_residents(request: Request, asked: Query[ResidentsIn]):
    rows = queries.with_cards(search_residents(request.actor, asked.q))
    return page(rows, asked, lambda resident: ResidentOut.model_validate(queries.card_of(resident)))


@router.get("/residents/{uuid:resident_id}", response=answers(ResidentOut), summary="一位居民")
def get_resident(request: Request, resident_id: UUID):
    cards = queries.cards_of(queries.residents_visible_to(request.actor).filter(pk=resident_id))
    if not cards:
        raise Http404
    return ResidentOut.model_validate(cards[0])
