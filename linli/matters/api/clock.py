"""REST: letting a deadline wait, moving it, deciding: each answers the matter as it is then."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router
from pydantic import Field

from linli.core.access import Permission
from linli.core.api import CHANGES, In, Out, Page, answers, matching, text, words
from linli.core.errors import Conflict, NotFound
from linli.core.web import Request

from .. import actions, queries
from ..models import Matter, Pause
from .schemas import MatterDetail, detail_of

router = Router(tags=["期限"])
CHANGED = answers(MatterDetail, problems=CHANGES)
WORDS = words(1000)
REASON = matching("[0-9a-z_-]{1,24}", says="原因请写代码，例如 parts。能选的见 pause-reasons。", max_length=24)


class PauseReasonOut(Out):
    """可以暂停计时的原因"""

    code: str
    name: str
    for_reporter: str = Field(description="居民看到的话")


class PauseReasonList(Page[PauseReasonOut]):
    """暂停原因，按社区定的顺序"""


class ExtendIn(In):
    until: Annotated[date, Field(description="延到哪一天（含）")]
    words: Annotated[WORDS, Field(description="为什么要更多时间")]  # type: ignore[valid-type]


class PauseIn(In):
    reason: Annotated[REASON, Field(description="原因代码")]  # type: ignore[valid-type]
    until: Annotated[date, Field(description="最晚停到哪一天（含）")]
    words: Annotated[WORDS, Field(description="在等什么")]  # type: ignore[valid-type]


class DecideIn(In):
    is_granted: Annotated[bool, Field(description="同意与否")]
    words: Annotated[text(1000), Field(description="说明；不同意时要写")] = ""  # type: ignore[valid-type]


@router.get("/pause-reasons", response=answers(PauseReasonList), summary="可以暂停计时的原因")
def list_pause_reasons(request: Request):
    return PauseReasonList(items=[PauseReasonOut.model_validate(each) for each in queries.pause_reasons()], next=None)


@router.post("/matters/{uuid:matter_id}/pause", response=CHANGED, summary="申请暂停计时")
def pause_matter(request: Request, matter_id: UUID, data: PauseIn):
    matter = _visible(request, matter_id)
    reason = queries.pause_reasons().filter(code=data.reason).first()
    if reason is None:
        raise NotFound("没有这个原因，或它现在不用。请从 pause-reasons 里选一个。", field="reason")
    actions.ask_pause(request.actor, matter=matter, reason=reason, until=data.until, words=data.words)
    return _now(request, matter_id)


@router.post("/matters/{uuid:matter_id}/extend", response=CHANGED, summary="申请延期")
def extend_matter(request: Request, matter_id: UUID, data: ExtendIn):
    matter = _visible(request, matter_id)
    actions.ask_extension(request.actor, matter=matter, until=data.until, words=data.words)
    return _now(request, matter_id)


@router.post(
    "/matters/{uuid:matter_id}/decide",
    response=CHANGED,
    summary="审批暂停或延期",
    description="自己提的由别人批。需要“审批暂停计时和延期”的权限。",
)
def decide_ask(request: Request, matter_id: UUID, data: DecideIn):
    request.actor.require(Permission.CLOCK_DECIDE)
    matter = _visible(request, matter_id)
    found = queries.ask_of(request.actor, matter)
    if found is None:
        raise Conflict("这件事没有等审批的申请。请再看一次它的经过。")
    if isinstance(found.ask, Pause):
        actions.decide_pause(request.actor, pause=found.ask, is_granted=data.is_granted, words=data.words)
    else:
        actions.decide_extension(request.actor, extension=found.ask, is_granted=data.is_granted, words=data.words)
    return _now(request, matter_id)


@router.post("/matters/{uuid:matter_id}/withdraw", response=CHANGED, summary="撤回申请")
def withdraw_ask(request: Request, matter_id: UUID):
    actions.withdraw_ask(request.actor, matter=_visible(request, matter_id))
    return _now(request, matter_id)


@router.post("/matters/{uuid:matter_id}/resume", response=CHANGED, summary="恢复计时")
def resume_matter(request: Request, matter_id: UUID):
    actions.resume_matter(request.actor, matter=_visible(request, matter_id))
    return _now(request, matter_id)


def _visible(request: Request, matter_id: UUID) -> Matter:
    matter = queries.matters_visible_to(request.actor).filter(pk=matter_id).first()
    if matter is None:
        raise NotFound("没有找到这件事。它可能属于别的片区，或网址少了几个字。请核对编号。")
    return matter


def _now(request: Request, matter_id: UUID) -> MatterDetail:
    """As it stands after the step."""
    return detail_of(request, _visible(request, matter_id))
