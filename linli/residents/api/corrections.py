"""REST: what waits for a second person, agreed to or not by somebody else than who asked."""

from __future__ import annotations

from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from linli.core.api import In, Page, PageIn, answers, as_written_here, page, words
from linli.core.errors import NotFound
from linli.core.web import Request

from .. import actions, asked, queries
from ..models import CorrectionRequest
from .shared import WRITES, CorrectionOut, correction_told, keeper

router = Router(tags=["更正申请"])
DECIDED = answers(CorrectionOut, problems=WRITES)


class CorrectionList(Page[CorrectionOut]):
    """等核准的申请，先提的在前"""


class RefusalIn(In):
    """为什么不核准，申请的人会看到"""

    answer: words(200) = Field(description="2 到 200 个字")  # type: ignore[valid-type]


def _visible(request: Request, correction_id: UUID) -> CorrectionRequest:
    row = queries.corrections_visible_to(request.actor).filter(pk=correction_id).first()
    if row is None:
        raise NotFound()
    return row


@router.get("/corrections", response=answers(CorrectionList), summary="等核准的更正申请")
def list_corrections(request: Request, wanted: Query[PageIn]):
    return page(asked.waiting_visible_to(request.actor), wanted, lambda row: correction_told(request, row))


@router.post(
    "/corrections/{uuid:correction_id}/confirm",
    response=DECIDED,
    summary="核准更正",
    description="由提申请的人以外、有核准权限的同事办；内容请先在网页上看过。",
)
def confirm_correction(request: Request, correction_id: UUID):
    keeper(request)
    row = _visible(request, correction_id)
    with as_written_here():
        return correction_told(request, actions.confirm_correction(request.actor, request=row))


@router.post("/corrections/{uuid:correction_id}/refuse", response=DECIDED, summary="不核准更正")
def refuse_correction(request: Request, correction_id: UUID, data: RefusalIn):
    keeper(request)
    row = _visible(request, correction_id)
    with as_written_here():
        return correction_told(request, actions.refuse_correction(request.actor, request=row, answer=data.answer))


@router.post("/corrections/{uuid:correction_id}/withdraw", response=DECIDED, summary="撤回更正申请")
def withdraw_correction(request: Request, correction_id: UUID):
    row = _visible(request, correction_id)
    with as_written_here():
        return correction_told(request, actions.withdraw_correction(request.actor, request=row))
