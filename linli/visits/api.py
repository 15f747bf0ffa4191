"""REST: what is due, one person's visits, a pass at a door under the phone's own id, and the month's rate."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from linli.core.access import Permission
from linli.core.api import CHANGES, Id, In, Moment, Out, Page, PageIn, answers, matching, page, text, words
from linli.core.errors import NotFound
from linli.core.web import Request
from linli.matters.queries import kinds_offered
from linli.places.models import Dwelling
from linli.residents.queries import residents_visible_to

from . import actions, queries, rules
from .actions import Need, Said
from .models import Cause, Channel, Found, Visit, VisitPlan, VisitSession

router = Router(tags=["走访"])
MOST_PEOPLE = 20
CODE = matching("[0-9a-z_-]{1,24}", says="请写代码，例如 eats。", max_length=24)
MONTH = matching("20[0-9]{2}-(0[1-9]|1[0-2])", says="请写成 2026-11 这样的月份。", max_length=7)


class VisitPlanOut(Out):
    """该走的一次"""

    id: UUID
    resident_id: UUID
    cause: Cause = Field(description="routine 按期、follow_up 没见到再访、change 家里有变化、extra 加访、agreed 约好的")
    from_on: date
    due_on: date = Field(description="最晚哪天")
    policy: str = Field(description="按哪条规则；没有时为空")
    reason: str
    assignee_id: UUID | None = Field(description="交给了哪位同事的账号")


class VisitPlanList(Page[VisitPlanOut]):
    """该走的，最早到期的在前"""


class VisitOut(Out):
    """一次走访"""

    id: UUID
    session_id: UUID
    at: datetime
    channel: Channel = Field(description="door 上门、phone 电话、video 视频、pairing 结对探访、neighbour 问邻居")
    found: Found = Field(description="met 见到了、absent 没见到、declined 不愿见")
    counts: bool = Field(description="是否算一次走访")
    answers: list[str] = Field(description="回答，用文字说")
    worries: list[str] = Field(description="其中要留意的")
    matter_id: UUID | None = Field(description="转成的事项")


class VisitList(Page[VisitOut]):
    """走访，新的在前"""


class VisitAnswerIn(In):
    question: CODE = Field(description="问题代码，例如 eats")  # type: ignore[valid-type]
    answer: CODE = Field(description="回答代码，例如 good")  # type: ignore[valid-type]


class VisitNeedIn(In):
    kind: CODE = Field(description="事项类别代码，见 kinds")  # type: ignore[valid-type]
    words: words(1000)  # type: ignore[valid-type]
    is_handed_on: bool = Field(default=False, description="直接转后台办")


class VisitSaidIn(In):
    resident_id: Id
    found: Found
    answers: list[VisitAnswerIn] = Field(default=[], max_length=30)
    words: text(300) = ""  # type: ignore[valid-type]
    is_confirmed: bool = Field(default=False, description="这一户页面上列出的到期项都核对过了")
    need: VisitNeedIn | None = None
    next_on: date | None = Field(default=None, description="约好的下一次")


class VisitSessionIn(In):
    id: Id = Field(description="调用方自己定的编号；同一个编号、同样的内容再发一次，还是那一次")
    dwelling_id: Id
    channel: Channel
    at: Moment | None = Field(default=None, description="晚发时写明时间，最多七天前；不写就是现在")
    said: list[VisitSaidIn] = Field(min_length=1, max_length=MOST_PEOPLE)


class VisitSessionOut(Out):
    """入户：一次里见到了谁、没见到谁"""

    id: UUID
    dwelling_id: UUID
    channel: Channel
    at: datetime
    visits: list[VisitOut]


class VisitRateOut(Out):
    """月度走访率"""

    month: str
    roll: int = Field(description="应走访多少人：每周、每月要走的")
    visited: int = Field(description="走到多少人")
    percent: int | None = Field(description="向下取整；没有人要走时为 null")


class VisitMonthIn(In):
    month: MONTH  # type: ignore[valid-type]


@router.get(
    "/visits/due",
    response=answers(VisitPlanList, problems=(403,)),
    summary="到期的走访",
    description="专员看到本片区的和交给自己的，后台和书记看到全社区的。",
)
def list_visit_plans(request: Request, asked: Query[PageIn]):
    request.actor.require(Permission.VISITS_MAKE)
    return page(queries.open_plans(request.actor), asked, _plan)


@router.get(
    "/residents/{uuid:resident_id}/visits", response=answers(VisitList, problems=(403,)), summary="一位居民的走访"
)
def list_visits(request: Request, resident_id: UUID, asked: Query[PageIn]):
    request.actor.require(Permission.VISITS_MAKE)
    resident = residents_visible_to(request.actor).filter(pk=resident_id).first()
    if resident is None:
        raise NotFound("没有找到这位居民，或不在您能查看的范围。")
    rows = Visit.objects.filter(resident=resident).select_related("session").order_by("-at", "-id")
    return page(rows, asked, _visit)


@router.post(
    "/visits/sessions",
    response=answers(VisitSessionOut, status=201, problems=CHANGES),
    summary="记下一户的走访",
    description="一户里的每个人一条，一次写完：要么都记下，要么都没有。没见到的，当天会再列出来。照片请在网页上补。",
)
def record_visit_session(request: Request, data: VisitSessionIn):
    dwelling = Dwelling.objects.select_related("entrance__building__grid").filter(pk=data.dwelling_id).first()
    request.actor.require(Permission.VISITS_MAKE)
    if dwelling is None or not queries.may_open_door(request.actor, dwelling):
        raise NotFound("没有找到这一户，或不在您能走访的范围。请核对编号。", field="dwelling_id")
    session = actions.record_session(
        request.actor,
        id=data.id,
        dwelling=dwelling,
        channel=data.channel,
        at=data.at,
        said=[_said(each) for each in data.said],
    )
    return Status(201, _session(session))


@router.get(
    "/figures/visits",
    response=answers(VisitRateOut, problems=(403,)),
    summary="月度走访率",
    description="当月按规则认可的方式见到一次，算走到。",
)
def get_visit_rate(request: Request, asked: Query[VisitMonthIn]):
    year, month = str(asked.month).split("-")
    total = queries.month_rate(request.actor, date(int(year), int(month), 1)).total
    return VisitRateOut(month=str(asked.month), roll=total.roll, visited=total.visited, percent=total.percent)


def _plan(plan: VisitPlan) -> VisitPlanOut:
    return VisitPlanOut(
        id=plan.pk,
        resident_id=plan.resident_id,
        cause=Cause(plan.cause),
        from_on=plan.from_on,
        due_on=plan.due_on,
        policy=plan.policy.name if plan.policy else "",
        reason=plan.reason,
        assignee_id=plan.assignee,
    )


def _visit(visit: Visit) -> VisitOut:
    said = queries.answers_of(visit)
    return VisitOut(
        id=visit.pk,
        session_id=visit.session_id,
        at=visit.at,
        channel=Channel(visit.session.channel),
        found=Found(visit.found),
        counts=visit.counts,
        answers=rules.in_words(said),
        worries=rules.worries(said),
        matter_id=visit.matter_id,
    )


def _session(session: VisitSession) -> VisitSessionOut:
    visits = Visit.objects.filter(session=session).select_related("session").order_by("id")
    return VisitSessionOut(
        id=session.pk,
        dwelling_id=session.dwelling_id,
        channel=Channel(session.channel),
        at=session.at,
        visits=[_visit(each) for each in visits],
    )


def _said(data: VisitSaidIn) -> Said:
    return Said(
        resident_id=data.resident_id,
        found=data.found,
        answers={each.question: each.answer for each in data.answers},
        words=data.words,
        is_confirmed=data.is_confirmed,
        need=_need(data.need) if data.need else None,
        next_on=data.next_on,
    )


def _need(data: VisitNeedIn) -> Need:
    kind = kinds_offered().filter(code=data.kind).first()
    if kind is None:
        raise NotFound("没有这个类别，或它现在不收。请从 kinds 里选一个。", field="kind")
    return Need(kind, data.words, data.is_handed_on)
