"""What the matters' API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from linli.core import clock
from linli.core.api import Id, In, Moment, Out, PageIn, mask_numbers, matching, text, whole, words
from linli.core.models import StoredFile
from linli.core.web import Request

from .. import queries, rules, rules_kinds
from ..models import Ending, Evidence, Grade, Matter, MatterKind, Queue, Source, State, Unit

WORDS, PLACE = words(1000), words(120)
KIND = matching("[0-9a-z_-]{1,24}", says="类别请写代码，例如 repair。能选的见 kinds。", max_length=24)
KEY = matching("[a-z][a-z0-9]{0,15}", says="请写问题的 key，例如 since。能答的见 kinds 里的 questions。", max_length=16)
MONTH = matching("20[0-9]{2}-(0[1-9]|1[0-2])", says="请写成 2026-11 这样的月份。", max_length=7)
PHONE = matching(
    "(1[3-9][0-9]|100)[0-9]{8}|(010|02[0-9]|0[3-9][0-9]{2})-?[2-8][0-9]{6,7}",
    says="请写 11 位手机号，或带区号的座机，例如 0571-87654321。",
    max_length=13,
)


class QuestionOut(Out):
    """一类事要问上报人的一个问题"""

    key: str
    ask: str
    type: rules_kinds.Asked = Field(description="choice 选一个、yes_no 是或否、number 数字、words 几个字")
    options: list[str] = Field(description="能选的回答；不是选择题时为空")
    is_required: bool


class KindOut(Out):
    """事项类别"""

    code: str
    parent: str | None = Field(description="上级类别的代码；顶层为 null")
    name: str
    hint: str = Field(description="举例")
    promise_days: int = Field(description="承诺多久答复，单位见 promise_unit")
    promise_unit: Unit = Field(
        description="working_hours 工作小时、working_days 工作日、calendar_days 自然日；工作时间按社区的工作日历"
    )
    grade: str = Field(description="层级：L1 网格能办、L2 社区能办、L3 要街道部门、L4 要区级部门、urgent 紧急")
    evidence: str = Field(description="办好后的照片：none 不用、wanted 最好有、needed 必须有")
    questions: list[QuestionOut] = Field(description="上报时要问的")


class AnswerOut(Out):
    """上报时问到的一个回答"""

    key: str
    ask: str
    said: str


class MatterOut(Out):
    """事项。文字里的电话和身份证号已遮盖"""

    id: UUID
    number: str = Field(description="编号：日期和当天第几件")
    kind: str = Field(description="类别代码")
    kind_name: str
    state: State = Field(
        description="reported 待受理、accepted 办理中、fed_back 待确认、closed 已办结、refused 不予受理、handed_on 已转办、merged 已并案"
    )
    state_name: str
    queue: Queue = Field(description="front 片区专员、back 后台社工")
    source: Source = Field(description="resident 居民自报、neighbour 替邻居报、desk 社工代报")
    words: str
    answers: list[AnswerOut] = Field(description="上报时问到的")
    grade: Grade = Field(description="层级：L1 网格能办、L2 社区能办、L3 要街道部门、L4 要区级部门、urgent 紧急")
    place: str = Field(description="位置，用文字说")
    building_id: UUID | None
    sub_area_id: UUID | None
    reported_at: datetime
    accepted_at: datetime | None
    fed_back_at: datetime | None
    closed_at: datetime | None
    due_at: datetime = Field(description="承诺在这之前答复")
    is_late: bool
    is_mine: bool = Field(description="由当前账号来确认、评分、重开")
    ending: Ending | None = Field(description="solved 已解决、explained 已解释、impossible 无法办理；还没答复时为 null")
    rating: int | None = Field(description="1 到 5 颗星")
    reopened_count: int
    extended_count: int = Field(description="延期过几次")
    paused_until: datetime | None = Field(description="暂停计时到；没有暂停时为 null")
    raised_to: str = Field(description="超时报到哪一级：secretary 社区书记、street 街道；没有时为空")


class PhotoOut(Out):
    """附件。从 url 下载，每次都会再看一遍能不能看"""

    id: UUID
    purpose: str = Field(description="report 上报时、before 处置前、after 处置后")
    media_type: str
    size_bytes: int
    url: str


class StepOut(Out):
    """经过里的一步"""

    at: datetime
    verb: str
    title: str
    who: str
    words: str
    photo_ids: list[UUID]


class MatterDetail(MatterOut):
    """一件事和它的经过"""

    next_step: str = Field(description="接下来会怎样")
    handler_name: str
    contact: str = Field(description="联系人和电话，已遮盖；只给工作人员")
    may_handle: bool
    may_reopen: bool
    photos: list[PhotoOut]
    steps: list[StepOut]


class FigureRow(Out):
    """月表的一行"""

    kind: str = Field(description="类别代码；合计行为空")
    name: str
    total: int
    solved: int
    explained: int
    impossible: int
    refused: int
    merged: int = Field(description="并到别的事项里一起办的")
    open: int
    late: int
    rated: int
    average_rating: float | None


class FiguresOut(Out):
    """月表：每件事恰好算在一行的一种结果里"""

    month: str
    counted_at: datetime
    rows: list[FigureRow]
    total: FigureRow


class MattersIn(PageIn):
    state: Annotated[State | None, Field(description="只看这个状态")] = None
    kind: Annotated[KIND | None, Field(description="只看这个类别（代码）")] = None  # type: ignore[valid-type]
    since: Annotated[Moment | None, Field(description="只看从这时起上报的")] = None


class MonthIn(In):
    month: Annotated[MONTH, Field(description="月份，例如 2026-11")]  # type: ignore[valid-type]


class ReportIn(In):
    id: Annotated[Id | None, Field(description="事项的编号，由调用方定（UUIDv7 最好）")] = None
    kind: Annotated[KIND, Field(description="类别代码")]  # type: ignore[valid-type]
    answers: Annotated[
        dict[KEY, text(60)],  # type: ignore[valid-type]
        Field(
            description="对这一类的问题（kinds 里的 questions）的回答：问题的 key 对应回答的文字",
            max_length=8,
            json_schema_extra={"additionalProperties": False},
        ),
    ] = {}
    words: Annotated[WORDS, Field(description="是什么情况")]  # type: ignore[valid-type]
    where: Annotated[PLACE, Field(description="在哪里：48-2-301、48幢2单元 三楼转角、小区东门口")]  # type: ignore[valid-type]
    place_id: Annotated[Id | None, Field(description="楼栋、单元或房屋的编号；写了它，where 就是补充说明")] = None
    source: Annotated[Source, Field(description="desk 需要“代居民上报”的权限")] = Source.RESIDENT
    for_resident_id: Annotated[Id | None, Field(description="为哪位居民报的")] = None
    contact_name: Annotated[text(80), Field(description="找谁联系")] = ""  # type: ignore[valid-type]
    contact_phone: Annotated[PHONE | None, Field(description="联系电话")] = None  # type: ignore[valid-type]


class WordsIn(In):
    words: WORDS  # type: ignore[valid-type]


class PassIn(In):
    words: Annotated[text(1000), Field(description="为什么转，可不写")] = ""  # type: ignore[valid-type]


class AnswerIn(WordsIn):
    ending: Annotated[Ending, Field(description="solved 已解决、explained 已解释、impossible 无法办理")]


class ConfirmIn(In):
    rating: Annotated[whole(1, 5) | None, Field(description="1 到 5 颗星，可不打")] = None  # type: ignore[valid-type]
    words: Annotated[text(300), Field(description="想说的话；和评分一起记下")] = ""  # type: ignore[valid-type]


def kind_of(kind: MatterKind) -> KindOut:
    """One kind, with what it has from those above it."""
    asked = [
        QuestionOut(
            key=each.key, ask=each.ask, type=each.type, options=list(each.choices), is_required=each.is_required
        )
        for each in kind.asks
    ]
    return KindOut(
        code=kind.code,
        parent=kind.parent.code if kind.parent else None,
        name=kind.name,
        hint=kind.hint,
        promise_days=kind.promise_days,
        promise_unit=Unit(kind.promise_unit),
        grade=kind.held("grade") or Grade.GRID,
        evidence=kind.held("evidence") or Evidence.NONE,
        questions=asked,
    )


def told(request: Request, matter: Matter) -> MatterOut:
    """One row of a list."""
    return MatterOut(**_told(request, matter))


def detail_of(request: Request, matter: Matter) -> MatterDetail:
    """Everything about one matter the actor may see."""
    shown = queries.page_of(request.actor, matter)
    return MatterDetail(
        **_told(request, matter),
        next_step=shown.next_step,
        handler_name=shown.handler_name,
        contact=mask_numbers(shown.contact),
        may_handle=shown.may_handle,
        may_reopen=shown.may_reopen,
        photos=[_photo(request, file) for files in shown.photos.values() for file in files],
        steps=[
            StepOut(
                at=step.at,
                verb=step.verb,
                title=step.title,
                who=step.who,
                words=mask_numbers(step.words),
                photo_ids=[file.id for file in step.photos],
            )
            for step in shown.steps
        ],
    )


def figures_of(figures: queries.MonthFigures) -> FiguresOut:
    """The month's table."""
    rows = [_figure(code, row) for code, row in zip(figures.codes, figures.rows, strict=True)]
    return FiguresOut(
        month=f"{figures.month:%Y-%m}", counted_at=figures.counted_at, rows=rows, total=_figure("", figures.total)
    )


def _figure(code: str, row: rules.MonthRow) -> FigureRow:
    outcomes = {outcome.value: count for outcome, count in row.by_outcome.items()}
    return FigureRow(
        kind=code,
        name=row.kind,
        total=row.total,
        late=row.late,
        rated=row.rated,
        average_rating=row.average_rating,
        **outcomes,
    )


def _photo(request: Request, file: StoredFile) -> PhotoOut:
    return PhotoOut(
        id=file.id,
        purpose=file.purpose,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        url=f"/api/c/{request.community_code}/files/{file.id}",
    )


def _told(request: Request, matter: Matter) -> dict[str, Any]:
    return {
        "id": matter.id,
        "number": matter.number,
        "kind": matter.kind.code,
        "kind_name": matter.kind.name,
        "state": State(matter.state),
        "state_name": matter.get_state_display(),
        "queue": Queue(matter.queue),
        "source": Source(matter.source),
        "words": mask_numbers(matter.words),
        "answers": [AnswerOut(**{**each, "said": mask_numbers(each["said"])}) for each in matter.answers],
        "grade": Grade(matter.grade),
        "place": mask_numbers(queries.place_of(matter)),
        "building_id": matter.building_id,
        "sub_area_id": matter.sub_area_id,
        "reported_at": matter.reported_at,
        "accepted_at": matter.accepted_at,
        "fed_back_at": matter.fed_back_at,
        "closed_at": matter.closed_at,
        "due_at": matter.due_at,
        "is_late": matter.is_late_at(clock.now()),
        "is_mine": queries.is_reporter(request.actor, matter),
        "ending": Ending(matter.ending) if matter.ending else None,
        "rating": matter.rating,
        "reopened_count": matter.reopened_count,
        "extended_count": matter.extended_count,
        "paused_until": matter.paused_until,
        "raised_to": matter.raised_to,
    }
