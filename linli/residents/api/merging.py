"""REST: two records of one person, or of one household, made one; and two again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Router
from pydantic import Field

from linli.core.api import Id, In, Out, answers, as_written_here, text
from linli.core.errors import NotFound
from linli.core.web import Request

from .. import actions, likeness
from ..models import Merge
from .facts import FieldName
from .shared import WRITES, household_of, keeper, resident_of

router = Router(tags=["合并与撤销"])


class MergeOut(Out):
    """一次合并：dropped_id 从此回答 410，直到撤销"""

    id: UUID
    kind: Literal["resident", "household"]
    kept_id: UUID
    dropped_id: UUID
    merged_at: datetime
    because: str
    undone_at: datetime | None
    left: list[str] = Field(description="撤销时没有退回的各项：合并以后又改过，请核对")


class MergeResidentIn(In):
    """另一份并入地址里的这一份。这一份没有的都从另一份补上"""

    drop_id: Id
    take: Annotated[list[FieldName], Field(max_length=20, description="两份不一样、要用另一份的各项")] = Field(
        default_factory=list
    )
    because: text(200) = ""  # type: ignore[valid-type]


class MergeHouseholdIn(In):
    """另一户并入地址里的这一户：同一户登记了两次。真的搬到一起，请用并户（join）"""

    drop_id: Id
    because: text(200) = ""  # type: ignore[valid-type]


def _told(row: Merge, left: list[str] | None = None) -> MergeOut:
    return MergeOut(
        id=row.pk,
        kind=row.kind,  # type: ignore[arg-type]
        kept_id=row.kept,
        dropped_id=row.dropped,
        merged_at=row.merged_at,
        because=row.because,
        undone_at=row.undone_at,
        left=left or [],
    )


@router.post(
    "/residents/{uuid:resident_id}/merge",
    response=answers(MergeOut, problems=WRITES),
    summary="合并两份居民档案",
    description="两份的经过都留着；同样的再合并一次，得到的还是那一次。",
)
def merge_residents(request: Request, resident_id: UUID, data: MergeResidentIn):
    keeper(request)
    if (before := likeness.merge_of(Merge.Kind.RESIDENT, resident_id, data.drop_id)) is not None:
        resident_of(request, resident_id)
        return _told(before)
    keep, drop = resident_of(request, resident_id), resident_of(request, data.drop_id, field="drop_id")
    with as_written_here():
        made = actions.merge_residents(request.actor, keep=keep, drop=drop, take=data.take, because=data.because)
    return _told(made)


@router.post(
    "/households/{uuid:household_id}/merge",
    response=answers(MergeOut, problems=WRITES),
    summary="合并两份户",
    description="谁也不搬，人也不合并；另一户的人从来就属于这一户。同样的再合并一次，得到的还是那一次。",
)
def merge_households(request: Request, household_id: UUID, data: MergeHouseholdIn):
    keeper(request)
    if (before := likeness.merge_of(Merge.Kind.HOUSEHOLD, household_id, data.drop_id)) is not None:
        household_of(request, household_id)
        return _told(before)
    keep, drop = household_of(request, household_id), household_of(request, data.drop_id, field="drop_id")
    with as_written_here():
        made = actions.merge_households(request.actor, keep=keep, drop=drop, because=data.because)
    return _told(made)


@router.post(
    "/merges/{uuid:merge_id}/split",
    response=answers(MergeOut, problems=WRITES),
    summary="撤销合并",
    description="合并以后没有改过的都退回去；改过的留在保留的那一份，在 left 里说明。再撤销一次什么也不变。",
)
def split_merge(request: Request, merge_id: UUID):
    keeper(request)
    row = Merge.objects.filter(pk=merge_id).first()
    if row is None:
        raise NotFound()
    of_people = row.kind == Merge.Kind.RESIDENT
    (resident_of if of_people else household_of)(request, row.kept)
    split = actions.split_residents if of_people else actions.split_households
    with as_written_here():
        told = split(request.actor, merge=row)
    return _told(told.merge, told.left)
