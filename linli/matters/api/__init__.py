"""REST: matters from the report to the rating, the kinds one may report, and the month's figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Header, Query, Router, Status

from linli.core.access import Actor, Permission
from linli.core.api import CHANGES, Id, Page, answers, page
from linli.core.errors import Conflict, NotFound
from linli.core.identifiers import normalise_phone
from linli.core.web import Request
from linli.places.models import Entrance
from linli.places.queries import buildings_visible_to, dwellings_visible_to
from linli.residents.models import Resident
from linli.residents.queries import residents_visible_to

from .. import actions, queries
from ..models import Matter, MatterKind
from ..queries import Spot
from .schemas import (
    AnswerIn,
    ConfirmIn,
    FiguresOut,
    KindOut,
    MatterDetail,
    MatterOut,
    MattersIn,
    MonthIn,
    PassIn,
    ReportIn,
    WordsIn,
    detail_of,
    figures_of,
    kind_of,
    told,
)

router = Router(tags=["事项"])
CHANGED = answers(MatterDetail, problems=CHANGES)


class KindList(Page[KindOut]):
    """类别，按社区定的顺序"""


class MatterList(Page[MatterOut]):
    """事项，新的在前"""


@router.get(
    "/kinds",
    response=answers(KindList),
    summary="事项类别",
    description="一棵最多五层的树，上级在前；报到哪一层都可以，报得细，问题和期限更准。",
)
def list_kinds(request: Request):
    return KindList(items=[kind_of(kind) for kind in queries.kinds_to_report().rows], next=None)


@router.get(
    "/matters",
    response=answers(MatterList),
    summary="事项",
    description="居民看到自己报的和为自己报的；专员还看到本片区的；后台、书记和街道看到全社区的。",
)
def list_matters(request: Request, asked: Query[MattersIn]):
    wanted = {
        "state": asked.state,
        "kind__path__contains": [asked.kind] if asked.kind else None,
        "reported_at__gte": asked.since,
    }
    rows = queries.matters_visible_to(request.actor)
    rows = rows.filter(**{condition: value for condition, value in wanted.items() if value is not None})
    return page(rows, asked, lambda matter: told(request, matter))


@router.get("/matters/{uuid:matter_id}", response=answers(MatterDetail), summary="一件事和它的经过")
def get_matter(request: Request, matter_id: UUID):
    return detail_of(request, _visible(request, matter_id))


@router.post(
    "/matters",
    response=answers(MatterDetail, status=201, problems=CHANGES),
    summary="上报",
    description="编号由调用方先定好（id 或请求头 Idempotency-Key）：同一个账号用同一个编号、同样的内容再报一次，得到的还是第一件。照片请在网页上补。",
)
def report_matter(
    request: Request,
    data: ReportIn,
    idempotency_key: Annotated[
        Id | None,
        Header(default=None, alias="Idempotency-Key", description="事项的编号，和 id 一样用；两个都写时要相同"),
    ],
):
    if data.id and idempotency_key and data.id != idempotency_key:
        raise Conflict("id 和请求头 Idempotency-Key 不一样。请只写一个，或写成同一个。", field="id")
    matter = actions.report_matter(
        request.actor,
        id=data.id or idempotency_key,
        kind=_kind(data.kind),
        answers=data.answers,
        words=data.words,
        spot=_spot(request.actor, data),
        source=data.source,
        contact=_contact(request.actor, data),
    )
    return Status(201, detail_of(request, matter))


@router.post("/matters/{uuid:matter_id}/accept", response=CHANGED, summary="受理")
def accept_matter(request: Request, matter_id: UUID):
    return detail_of(request, actions.accept_matter(request.actor, matter=_visible(request, matter_id)))


@router.post("/matters/{uuid:matter_id}/pass", response=CHANGED, summary="转后台")
def pass_matter(request: Request, matter_id: UUID, data: PassIn):
    matter = _visible(request, matter_id)
    return detail_of(request, actions.pass_to_back_office(request.actor, matter=matter, reason=data.words))


@router.post(
    "/matters/{uuid:matter_id}/refuse",
    response=CHANGED,
    summary="不予受理",
    description="原因会给上报人看：请写明该找哪里。",
)
def refuse_matter(request: Request, matter_id: UUID, data: WordsIn):
    return detail_of(
        request, actions.refuse_matter(request.actor, matter=_visible(request, matter_id), reason=data.words)
    )


@router.post("/matters/{uuid:matter_id}/note", response=CHANGED, summary="处置记录")
def note_matter(request: Request, matter_id: UUID, data: WordsIn):
    return detail_of(
        request, actions.note_handling(request.actor, matter=_visible(request, matter_id), words=data.words)
    )


@router.post("/matters/{uuid:matter_id}/answer", response=CHANGED, summary="答复")
def answer_matter(request: Request, matter_id: UUID, data: AnswerIn):
    matter = _visible(request, matter_id)
    return detail_of(request, actions.feed_back(request.actor, matter=matter, ending=data.ending, words=data.words))


@router.post(
    "/matters/{uuid:matter_id}/confirm",
    response=CHANGED,
    summary="上报人确认办结",
    description="可以同时打分；也可以以后再打，只有一次。",
)
def confirm_matter(request: Request, matter_id: UUID, data: ConfirmIn):
    matter = _visible(request, matter_id)
    return detail_of(
        request, actions.confirm_matter(request.actor, matter=matter, rating=data.rating, words=data.words)
    )


@router.post("/matters/{uuid:matter_id}/reopen", response=CHANGED, summary="上报人要求接着办")
def reopen_matter(request: Request, matter_id: UUID, data: WordsIn):
    return detail_of(
        request, actions.reopen_matter(request.actor, matter=_visible(request, matter_id), words=data.words)
    )


@router.post(
    "/matters/{uuid:matter_id}/call-back",
    response=CHANGED,
    summary="回访后办结",
    description="写明什么时候回访、居民怎么说。",
)
def call_back_matter(request: Request, matter_id: UUID, data: WordsIn):
    return detail_of(
        request, actions.close_by_call_back(request.actor, matter=_visible(request, matter_id), words=data.words)
    )


@router.get(
    "/figures/month",
    response=answers(FiguresOut, problems=(403,)),
    summary="月表",
    description="当月上报的事项，按类别和结果。需要“查看统计与月表”的权限。",
)
def get_month_figures(request: Request, asked: Query[MonthIn]):
    request.actor.require(Permission.FIGURES_SEE)
    year, month = str(asked.month).split("-")
    return figures_of(queries.month_figures(date(int(year), int(month), 1)))


def _visible(request: Request, matter_id: UUID) -> Matter:
    matter = queries.matters_visible_to(request.actor).filter(pk=matter_id).first()
    if matter is None:
        raise NotFound("没有找到这件事。它可能属于别的片区，或网址少了几个字。请核对编号。")
    return matter


def _kind(code: str) -> MatterKind:
    kind = queries.kinds_to_report().by_code.get(code)
    if kind is None:
        raise NotFound("没有这个类别，或它现在不收。请从 kinds 里选一个。", field="kind")
    return kind


def _spot(actor: Actor, data: ReportIn) -> Spot:
    """The place by its id where one is given, `where` then being the note; else as far as the words are known."""
    if data.place_id is None:
        return queries.spot_named(data.where)
    place, buildings = data.place_id, buildings_visible_to(actor)
    if building := buildings.filter(pk=place).first():
        return Spot(building, note=data.where)
    if entrance := Entrance.objects.filter(pk=place, building__in=buildings).select_related("building").first():
        return Spot(entrance.building, entrance, note=data.where)
    if dwelling := dwellings_visible_to(actor).filter(pk=place).first():
        return Spot(dwelling.entrance.building, dwelling.entrance, dwelling, data.where)
    raise NotFound("没有找到这个楼栋、单元或房屋。请核对编号，或只写 where。", field="place_id")


def _contact(actor: Actor, data: ReportIn) -> actions.Contact:
    resident: Resident | None = None
    if data.for_resident_id is not None:
        resident = residents_visible_to(actor).filter(pk=data.for_resident_id).first()
        if resident is None:
            raise NotFound("没有找到这位居民，或不在您能查看的范围。", field="for_resident_id")
    phone = normalise_phone(data.contact_phone) if data.contact_phone else None
    return actions.Contact(name=data.contact_name, phone=phone, resident=resident)
