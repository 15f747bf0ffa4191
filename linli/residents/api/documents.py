"""REST: documents of people, their numbers masked: written, put right, handed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from linli.core import reading
from linli.core.api import In, Out, answers, as_written_here, matching, text
from linli.core.errors import NotFound
from linli.core.masking import mask_id_number
from linli.core.web import Request

from .. import actions, queries
from ..check_rules import confirmed_by
from ..document_rules import document_rules
from ..models import Document, Resident
from .facts import HOW
from .shared import GONE, WRITES, Day, keeper, resident_of

router = Router(tags=["证件"])
KIND = matching("[0-9a-z_]{1,24}", says="请写证件类型的代码，例如护照是 414；没有证件是 none_yet。", max_length=24)


class DocumentOut(Out):
    """一份证件：号码已遮盖"""

    id: UUID
    resident_id: UUID
    kind: str = Field(description="类型代码，GA/T 2000.156")
    kind_name: str
    number: str = Field(description="前三后四；暂无证件时为空")
    from_on: date | None = Field(description="签发日期")
    last_on: date | None = Field(description="有效期的最后一天；长期有效时为空")
    issued_in: str = Field(description="签发国家或地区，ISO 3166-1 三个字母")
    note: str
    source: str
    confirmed_on: date | None
    check_by: date | None


class HeldDocuments(Out):
    """一位居民的证件。居民身份证号在居民卡片里"""

    items: list[DocumentOut]


class PutDocumentIn(In):
    """照着证件写"""

    number: Annotated[text(60), Field(description="暂无证件（none_yet）的不写")] = ""  # type: ignore[valid-type]
    from_on: Day | None = None
    last_on: Annotated[Day | None, Field(description="有效期的最后一天；长期有效的不写")] = None
    issued_in: Annotated[text(3), Field(description="护照要写三个字母，例如 JPN")] = ""  # type: ignore[valid-type]
    note: Annotated[text(100), Field(description="暂无证件的写明原因")] = ""  # type: ignore[valid-type]
    how: HOW = "papers"
    is_compared: Annotated[bool, Field(description="最后一位对不上、但对照过证件没有抄错")] = False


class DocumentIn(PutDocumentIn):
    """一份证件"""

    kind: KIND  # type: ignore[valid-type]


def _told(row: Document) -> DocumentOut:
    reading.shown([row.resident_id])
    upper = row.span.upper
    return DocumentOut(
        id=row.pk,
        resident_id=row.resident_id,
        kind=row.kind,
        kind_name=document_rules()[row.kind].name,
        number=mask_id_number(row.number) if row.number else "",
        from_on=row.span.lower,
        last_on=upper - timedelta(days=1) if upper else None,
        issued_in=row.issued_in,
        note=row.note,
        source=row.source,
        confirmed_on=row.confirmed_on,
        check_by=row.check_by,
    )


def _held(resident: Resident) -> HeldDocuments:
    rows = Document.objects.filter(resident=resident).order_by("kind", "id")
    return HeldDocuments(items=[_told(each) for each in rows])


def _visible(request: Request, document_id: UUID) -> Document:
    seen = queries.residents_visible_to(request.actor).order_by().values("pk")
    row = Document.objects.filter(pk=document_id, resident__in=seen).select_related("resident").first()
    if row is None:
        raise NotFound()
    return row


def _written(data: PutDocumentIn) -> dict[str, Any]:
    said = data.model_dump(exclude={"how"})
    return said | {"source": confirmed_by()[data.how]}


@router.get(
    "/residents/{uuid:resident_id}/documents",
    response=answers(HeldDocuments, problems=GONE),
    summary="一位居民的证件",
)
def get_documents(request: Request, resident_id: UUID):
    return _held(resident_of(request, resident_id))


@router.post(
    "/residents/{uuid:resident_id}/documents",
    response=answers(DocumentOut, status=201, problems=WRITES),
    summary="登记证件",
    description="同一份证件再登记一次，只改日期。",
)
def add_document(request: Request, resident_id: UUID, data: DocumentIn):
    keeper(request)
    row = resident_of(request, resident_id)
    with as_written_here():
        return Status(201, _told(actions.add_document(request.actor, resident=row, **_written(data))))


@router.post(
    "/documents/{uuid:document_id}/correct",
    response=answers(DocumentOut, problems=WRITES),
    summary="更正证件",
    description="整份重新写一遍，以前登记的留着。",
)
def correct_document(request: Request, document_id: UUID, data: PutDocumentIn):
    keeper(request)
    row = _visible(request, document_id)
    with as_written_here():
        return _told(actions.correct_document(request.actor, document=row, **_written(data)))


@router.post(
    "/documents/{uuid:document_id}/drop",
    response=answers(HeldDocuments, problems=WRITES),
    summary="注销证件",
    description="回答是还有的证件。",
)
def drop_document(request: Request, document_id: UUID):
    keeper(request)
    row = _visible(request, document_id)
    with as_written_here():
        actions.drop_document(request.actor, document=row)
    return _held(row.resident)
