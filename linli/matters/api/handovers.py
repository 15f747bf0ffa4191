"""REST: handing on to organisations, by the desk and by whoever answers for them; merging; supervising."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from linli.core import clock
from linli.core.api import CHANGES, Id, In, Out, Page, PageIn, answers, mask_numbers, page, words
from linli.core.errors import NotFound
from linli.core.web import Request
from linli.organisations.queries import organisations_visible_to

from .. import actions, queries
from ..models import Handover, HandoverState, Matter, Supervision, SupervisionState
from .schemas import MatterDetail, detail_of

router = Router(tags=["转办"])
WORDS = words(1000)


class HandoverOut(Out):
    """转给一个单位的事。文字里的电话和身份证号已遮盖"""

    id: UUID
    matter_id: UUID
    number: str = Field(description="事项编号")
    kind: str = Field(description="事项类别代码")
    place: str
    organisation_id: UUID
    organisation_name: str
    state: HandoverState = Field(
        description="offered 待接收、taken 处理中、answered 待核查、again 重办、accepted 核查通过、returned 已退单、withdrawn 已收回"
    )
    state_name: str
    asked: str = Field(description="请对方做什么")
    words: str = Field(description="居民说的情况")
    answer: str
    reason: str = Field(description="退单、重办或收回的原因")
    due_at: datetime = Field(description="在这之前反馈")
    is_late: bool
    offered_at: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    again_count: int


class HandoverList(Page[HandoverOut]):
    """转办，新的在前"""


class HandOnIn(In):
    organisation_id: Annotated[Id, Field(description="转给哪个组织")]
    asked: Annotated[WORDS, Field(description="请对方做什么")]  # type: ignore[valid-type]
    answer_by: Annotated[date, Field(description="最晚哪天反馈")]
    shares_contact: Annotated[bool, Field(description="告诉对方联系人和电话")] = False
    shares_photos: Annotated[bool, Field(description="把居民拍的照片也给对方看")] = True


class SayIn(In):
    words: WORDS  # type: ignore[valid-type]


class MergeIn(In):
    into_id: Annotated[Id, Field(description="并到哪一件")]


class SuperviseIn(In):
    words: Annotated[WORDS, Field(description="为什么督办，要看到什么")]  # type: ignore[valid-type]
    answer_by: Annotated[date, Field(description="最晚哪天回复")]


class SupervisionOut(Out):
    """督办：为什么、哪天前要回复、经办人怎么说"""

    id: UUID
    matter_id: UUID
    number: str = Field(description="事项编号")
    state: SupervisionState = Field(description="open 督办中、answered 已回复、ended 已结束")
    state_name: str
    why: str
    answer: str
    due_at: datetime = Field(description="在这之前回复")
    is_late: bool
    opened_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class SupervisionList(Page[SupervisionOut]):
    """督办，新的在前"""


CHANGED = answers(HandoverOut, problems=CHANGES)
SUPERVISED = answers(SupervisionOut, problems=CHANGES)
MATTER = answers(MatterDetail, problems=CHANGES)


@router.get(
    "/handovers",
    response=answers(HandoverList),
    summary="转办",
    description="单位看到转给自己的；专员看到本片区事项的；后台、书记和街道看到全社区的。",
)
def list_handovers(request: Request, asked: Query[PageIn]):
    rows = queries.handovers_visible_to(request.actor).order_by("-offered_at", "-id")
    return page(rows, asked, _told)


@router.get("/handovers/{uuid:handover_id}", response=answers(HandoverOut), summary="一次转办")
def get_handover(request: Request, handover_id: UUID):
    return _told(_visible(request, handover_id))


@router.post(
    "/matters/{uuid:matter_id}/hand-on",
    response=answers(HandoverOut, status=201, problems=CHANGES),
    summary="转给单位办",
    description="可以同时转给几个单位；都核查过，或退了、收回了，才能答复居民。",
)
def hand_on_matter(request: Request, matter_id: UUID, data: HandOnIn):
    matter = _matter(request, matter_id)
    organisation = organisations_visible_to(request.actor).filter(pk=data.organisation_id).first()
    if organisation is None:
        raise NotFound("没有找到这个组织。请核对编号。", field="organisation_id")
    row = actions.hand_on(
        request.actor,
        matter=matter,
        organisation=organisation,
        asked=data.asked,
        answer_by=data.answer_by,
        shares_contact=data.shares_contact,
        shares_photos=data.shares_photos,
    )
    return Status(201, _told(_visible(request, row.pk)))


@router.post("/handovers/{uuid:handover_id}/take", response=CHANGED, summary="单位接收")
def take_handover(request: Request, handover_id: UUID):
    actions.take_handover(request.actor, handover=_visible(request, handover_id))
    return _told(_visible(request, handover_id))


@router.post("/handovers/{uuid:handover_id}/answer", response=CHANGED, summary="单位反馈")
def answer_handover(request: Request, handover_id: UUID, data: SayIn):
    actions.answer_handover(request.actor, handover=_visible(request, handover_id), words=data.words)
    return _told(_visible(request, handover_id))


@router.post("/handovers/{uuid:handover_id}/return", response=CHANGED, summary="单位退单")
def return_handover(request: Request, handover_id: UUID, data: SayIn):
    actions.return_handover(request.actor, handover=_visible(request, handover_id), reason=data.words)
    return _told(_visible(request, handover_id))


@router.post("/handovers/{uuid:handover_id}/accept", response=CHANGED, summary="核查通过")
def accept_handover_answer(request: Request, handover_id: UUID):
    actions.accept_answer(request.actor, handover=_visible(request, handover_id))
    return _told(_visible(request, handover_id))


@router.post("/handovers/{uuid:handover_id}/again", response=CHANGED, summary="请单位重办")
def send_handover_again(request: Request, handover_id: UUID, data: SayIn):
    actions.send_again(request.actor, handover=_visible(request, handover_id), reason=data.words)
    return _told(_visible(request, handover_id))


@router.post("/handovers/{uuid:handover_id}/withdraw", response=CHANGED, summary="收回转办")
def withdraw_handover(request: Request, handover_id: UUID):
    actions.withdraw_handover(request.actor, handover=_visible(request, handover_id))
    return _told(_visible(request, handover_id))


@router.post(
    "/matters/{uuid:matter_id}/merge",
    response=MATTER,
    summary="并案",
    description="这件和另一件是同一回事，并到那件一起办；报的人用自己的编号收到答复。",
)
def merge_matter(request: Request, matter_id: UUID, data: MergeIn):
    matter, into = _matter(request, matter_id), _matter(request, data.into_id)
    actions.merge_matters(request.actor, matter=matter, into=into)
    return detail_of(request, _matter(request, matter_id))


@router.post("/matters/{uuid:matter_id}/part", response=MATTER, summary="不是同一件，分开另办")
def part_matter(request: Request, matter_id: UUID):
    actions.part_matter(request.actor, matter=_matter(request, matter_id))
    return detail_of(request, _matter(request, matter_id))


@router.get("/supervisions", response=answers(SupervisionList), summary="督办")
def list_supervisions(request: Request, asked: Query[PageIn]):
    rows = queries.supervisions_visible_to(request.actor).order_by("-opened_at", "-id")
    return page(rows, asked, _supervised)


@router.post(
    "/matters/{uuid:matter_id}/supervise",
    response=answers(SupervisionOut, status=201, problems=CHANGES),
    summary="督办一件事",
    description="书记和街道可以督办还没答复的事；一件事同时只有一次督办。",
)
def supervise_matter(request: Request, matter_id: UUID, data: SuperviseIn):
    matter = _matter(request, matter_id)
    row = actions.supervise(request.actor, matter=matter, why=data.words, answer_by=data.answer_by)
    return Status(201, _supervised(row))


@router.post("/supervisions/{uuid:supervision_id}/answer", response=SUPERVISED, summary="回复督办")
def answer_supervision(request: Request, supervision_id: UUID, data: SayIn):
    row = _supervision(request, supervision_id)
    return _supervised(actions.answer_supervision(request.actor, supervision=row, words=data.words))


@router.post("/supervisions/{uuid:supervision_id}/end", response=SUPERVISED, summary="结束督办")
def end_supervision(request: Request, supervision_id: UUID):
    row = _supervision(request, supervision_id)
    return _supervised(actions.end_supervision(request.actor, supervision=row))


def _matter(request: Request, matter_id: UUID) -> Matter:
    matter = queries.matters_visible_to(request.actor).filter(pk=matter_id).first()
    if matter is None:
        raise NotFound("没有找到这件事。它可能属于别的片区，或网址少了几个字。请核对编号。")
    return matter


def _supervision(request: Request, supervision_id: UUID) -> Supervision:
    row = queries.supervisions_visible_to(request.actor).filter(pk=supervision_id).first()
    if row is None:
        raise NotFound("没有找到这次督办，或不在您能查看的范围。请核对编号。")
    return row


def _supervised(row: Supervision) -> SupervisionOut:
    return SupervisionOut(
        id=row.pk,
        matter_id=row.matter_id,
        number=row.matter.number,
        state=SupervisionState(row.state),
        state_name=row.get_state_display(),
        why=mask_numbers(row.why),
        answer=mask_numbers(row.answer),
        due_at=row.due_at,
        is_late=row.is_late_at(clock.now()),
        opened_at=row.opened_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
    )


def _visible(request: Request, handover_id: UUID) -> Handover:
    row = queries.handovers_visible_to(request.actor).filter(pk=handover_id).first()
    if row is None:
        raise NotFound("没有找到这次转办，或不是转给您的。请核对编号。")
    return row


def _told(row: Handover) -> HandoverOut:
    return HandoverOut(
        id=row.pk,
        matter_id=row.matter_id,
        number=row.matter.number,
        kind=row.matter.kind.code,
        place=mask_numbers(queries.place_of(row.matter)),
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.name,
        state=HandoverState(row.state),
        state_name=row.get_state_display(),
        asked=mask_numbers(row.asked),
        words=mask_numbers(row.matter.words),
        answer=mask_numbers(row.answer),
        reason=mask_numbers(row.reason),
        due_at=row.due_at,
        is_late=row.is_late_at(clock.now()),
        offered_at=row.offered_at,
        taken_at=row.taken_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        again_count=row.again_count,
    )
