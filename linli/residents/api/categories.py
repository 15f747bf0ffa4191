"""REST: what people count as: the kinds there are, who holds which, begun, changed since a day, put right, ended."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import Field

from linli.core import clock, reading
from linli.core.api import In, Out, Page, PageIn, answers, as_written_here, matching, page, text, words
from linli.core.errors import NotFound
from linli.core.masking import mask_id_number, mask_name
from linli.core.web import Request

from .. import actions, queries
from ..codes import CATEGORY_KINDS, category_name
from ..models import Category
from ..second_person import category_needs_second
from .shared import GONE, Day, correction_told, keeper, resident_of, written_or_asked

router = Router(tags=["类别"])
KIND = matching("[a-z0-9_]{1,32}", says="请写类别代码，例如 living_alone。能选的见 category-kinds。", max_length=32)


class CategoryKindOut(Out):
    """一种类别"""

    code: str
    name: str
    group: str
    levels: list[str] = Field(description="能写的级别；不分级别时为空")
    has_certificate: bool
    needs_second: bool = Field(description="登记、更正和终止要另一位同事核准")


class CategoryKindList(Page[CategoryKindOut]):
    """类别，按表里的顺序"""


class CategoryOut(Out):
    """一位居民的一个类别：姓名和证号已遮盖"""

    id: UUID
    resident_id: UUID
    name: str = Field(description="王*芳")
    kind: str = Field(description="类别代码")
    kind_name: str
    level: str
    certificate_number: str = Field(description="已遮盖；没有时为空")
    decision: str = Field(description="认定文号")
    decided_on: date | None
    from_on: date
    until: date | None = Field(description="到哪天为止，这一天不算在内；还有效时为空")
    source: str
    confirmed_on: date | None
    check_by: date | None


class CategoryList(Page[CategoryOut]):
    """类别，先登记的在前"""


class HeldCategories(Out):
    """一位居民的全部类别，终止的也在"""

    items: list[CategoryOut]


class CategoriesIn(PageIn):
    kind: Annotated[KIND | None, Field(description="只看这一类（代码）")] = None  # type: ignore[valid-type]
    on: Annotated[Day | None, Field(description="哪一天有效的；不写是今天")] = None


class CategoryIn(In):
    """登记一个类别"""

    kind: KIND  # type: ignore[valid-type]
    from_on: Day
    because: words(200)  # type: ignore[valid-type]
    level: text(24) = ""  # type: ignore[valid-type]
    certificate_number: text(40) = ""  # type: ignore[valid-type]
    decision: text(60) = ""  # type: ignore[valid-type]
    decided_on: Day | None = None
    source: text(40) = ""  # type: ignore[valid-type]
    evidence: text(200) = ""  # type: ignore[valid-type]


class EndCategoryIn(In):
    """从哪一天起不算了"""

    on: Day
    because: words(200)  # type: ignore[valid-type]
    evidence: text(200) = ""  # type: ignore[valid-type]


class PutCategoryIn(In):
    """应该是什么；没写的不动。不写 on 是更正：一直就是这样；写了是变更：从那天起变的"""

    level: text(24) | None = None  # type: ignore[valid-type]
    certificate_number: text(40) | None = None  # type: ignore[valid-type]
    decision: text(60) | None = None  # type: ignore[valid-type]
    decided_on: Day | None = None
    from_on: Annotated[Day | None, Field(description="起始日期写错了才写；只用在更正")] = None
    on: Annotated[Day | None, Field(description="从哪天起变的")] = None
    because: words(200)  # type: ignore[valid-type]
    evidence: text(200) = ""  # type: ignore[valid-type]


def _told(row: Category) -> CategoryOut:
    reading.shown([row.resident_id])
    return CategoryOut(
        id=row.pk,
        resident_id=row.resident_id,
        name=mask_name(row.resident.name),
        kind=row.kind,
        kind_name=category_name(row.kind),
        level=row.level,
        certificate_number=mask_id_number(row.certificate_number) if row.certificate_number else "",
        decision=row.decision,
        decided_on=row.decided_on,
        from_on=row.span.lower,
        until=row.span.upper,
        source=row.source,
        confirmed_on=row.confirmed_on,
        check_by=row.check_by,
    )


def _visible(request: Request, category_id: UUID) -> Category:
    seen = queries.residents_visible_to(request.actor).order_by().values("pk")
    row = Category.objects.filter(pk=category_id, resident__in=seen).select_related("resident").first()
    if row is None:
        raise NotFound()
    return row


def _again(row: Category) -> CategoryOut:
    return _told(Category.objects.select_related("resident").get(pk=row.pk))


@router.get("/category-kinds", response=answers(CategoryKindList), summary="有哪些类别")
def list_category_kinds(request: Request):
    items = [
        CategoryKindOut(
            code=each.code,
            name=each.name,
            group=each.group,
            levels=list(each.levels),
            has_certificate=each.has_certificate,
            needs_second=category_needs_second(each.code),
        )
        for each in CATEGORY_KINDS.values()
    ]
    return CategoryKindList(items=items, next=None)


@router.get("/categories", response=answers(CategoryList), summary="哪些居民算哪一类")
def list_categories(request: Request, asked: Query[CategoriesIn]):
    seen = queries.residents_visible_to(request.actor).order_by().values("pk")
    rows = Category.objects.filter(resident__in=seen, span__contains=asked.on or clock.today())
    rows = rows.filter(kind=asked.kind) if asked.kind else rows
    return page(rows.select_related("resident").order_by("id"), asked, _told)


@router.get(
    "/residents/{uuid:resident_id}/categories",
    response=answers(HeldCategories, problems=GONE),
    summary="一位居民的类别",
)
def get_categories(request: Request, resident_id: UUID):
    row = resident_of(request, resident_id)
    rows = queries.categories_of(row).select_related("resident")
    return HeldCategories(items=[_told(each) for each in rows])


@router.post(
    "/residents/{uuid:resident_id}/categories",
    response=written_or_asked(CategoryOut, status=201),
    summary="登记类别",
    description="低保等类别要另一位同事核准：回答 202 和申请。哪些要核准，见 category-kinds。",
)
def begin_category(request: Request, resident_id: UUID, data: CategoryIn):
    keeper(request)
    row = resident_of(request, resident_id)
    plan: dict[str, Any] = data.model_dump(exclude={"kind", "because", "evidence"})
    with as_written_here():
        told = actions.put_category(
            request.actor, resident=row, kind=data.kind, plan=plan, because=data.because, evidence=data.evidence
        )
    if isinstance(told, Category):
        return Status(201, _again(told))
    return Status(202, correction_told(request, told))


@router.post(
    "/categories/{uuid:category_id}/end",
    response=written_or_asked(CategoryOut),
    summary="终止类别",
    description="要核准的类别回答 202 和申请。",
)
def end_category(request: Request, category_id: UUID, data: EndCategoryIn):
    keeper(request)
    row = _visible(request, category_id)
    with as_written_here():
        told = actions.put_category_end(
            request.actor, category=row, on=data.on, because=data.because, evidence=data.evidence
        )
    return _again(told) if isinstance(told, Category) else Status(202, correction_told(request, told))


@router.post(
    "/categories/{uuid:category_id}/put",
    response=written_or_asked(CategoryOut),
    summary="更正或变更类别",
    description="变更从那天起另记一段，以前的一段照旧；回答是改后的那一段。要核准的类别回答 202 和申请。",
)
def put_category(request: Request, category_id: UUID, data: PutCategoryIn):
    keeper(request)
    row = _visible(request, category_id)
    said = data.model_dump(exclude={"on", "because", "evidence"}, exclude_unset=True)
    to = {name: value for name, value in said.items() if value is not None}
    with as_written_here():
        told = actions.put_category_right(
            request.actor, category=row, to=to, on=data.on, because=data.because, evidence=data.evidence
        )
    return _again(told) if isinstance(told, Category) else Status(202, correction_told(request, told))
