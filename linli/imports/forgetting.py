"""What an import keeps of people goes again: whole once it can no longer be taken back, and earlier where somebody in it is forgotten.

What stays is the line that says who imported how many rows of which file when; it names nobody of the register.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from linli.core import clock, files
from linli.core.access import Actor
from linli.core.states import step
from linli.core.trail import record

from . import checking, sandbox
from .models import Import, ImportRow, State
from .queries import UNDO_DAYS
from .reading import FileUnreadable

UNFINISHED = (State.READ, State.CHECKED)
UNDER_WAY = (State.CHECKING, State.RUNNING, State.UNDOING)
SOMEBODY_FORGOTTEN = "表里有已按规定删除的人，不能再留着。请让给表的单位重新导出，再上传。"


@dataclass(frozen=True)
class Looked:
    """Kept files that were opened and searched, and how many still hold somebody (their import is under way)."""

    files: int = 0
    left: int = 0


@transaction.atomic
def let_go(actor: Actor, batch: Import, *, why: str = "") -> None:
    """File, rows and samples of one import go. One that nobody finished counts as not imported."""
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.let_go_at is not None:
        return
    if batch.state in UNFINISHED:
        step(batch, State.DROPPED)
        batch.finished_at, batch.trouble = clock.now(), why
    rows, _ = ImportRow.objects.filter(batch=batch).delete()
    _drop_file(batch)
    batch.let_go_at = clock.now()
    batch.save(update_fields=["state", "finished_at", "trouble", "columns", "heading", "let_go_at"])
    record(actor, "import.let_go", batch, count=rows)


def _drop_file(batch: Import) -> None:
    """The file, and what was read from it into the import itself: three samples of each column, the lines above the heading."""
    files.drop(files.files_of(batch))
    batch.columns = "[]"
    batch.heading = {name: value for name, value in batch.heading.items() if name != "title"} | {"title": ""}


def let_old_go(actor: Actor) -> int:
    """Let go of imports whose undo is over, and of those nobody finished in as long; how many."""
    before = clock.now() - timedelta(days=UNDO_DAYS)
    ended = Import.objects.filter(let_go_at=None).annotate(end=Coalesce("finished_at", "step_at", "made_at"))
    late = ended.filter(end__lte=before).exclude(state__in=UNDER_WAY)
    for batch in (found := list(late.order_by("pk"))):
        let_go(actor, batch)
    return len(found)


@transaction.atomic
def let_go_of(actor: Actor, *, batches: Collection[UUID], ids: Collection[UUID], values: Collection[str]) -> Looked:
    """Nothing of somebody stays in an import: `batches` are known to hold her; all others are opened and searched.

    An import that is done keeps the rows of the others, so that it can still be taken back; its file goes. One that waits goes whole.
    """
    wanted = re.compile("|".join(sorted(re.escape(each) for each in {*map(str, ids), *values})) or r"(?!)")
    opened = left = 0
    for batch in Import.objects.filter(let_go_at=None).order_by("pk"):
        hers = _rows_about(batch, ids, wanted)
        in_file, seen = _is_in_file(batch, wanted)
        opened += seen
        if not (batch.pk in batches or hers or in_file or wanted.search(batch.columns)):
            continue
        if batch.state in UNDER_WAY:
            left += 1
        elif batch.state in UNFINISHED:
            let_go(actor, batch, why=SOMEBODY_FORGOTTEN)
        else:
            ImportRow.objects.filter(pk__in=hers).delete()
            _drop_file(batch)
            batch.save(update_fields=["columns", "heading"])
            record(actor, "import.file_dropped", batch)
    return Looked(opened, left)


def _rows_about(batch: Import, ids: Collection[UUID], wanted: re.Pattern[str]) -> list[UUID]:
    about = Q(resident__in=ids) | Q(candidates__overlap=list(ids))
    found = set(ImportRow.objects.filter(about, batch=batch).values_list("pk", flat=True))
    sealed = ImportRow.objects.filter(batch=batch).order_by().values_list("pk", "facts", "before")
    for pk, facts, before in sealed.iterator(chunk_size=1000):
        if wanted.search(facts) or (before and wanted.search(before)):
            found.add(pk)
    return sorted(found)


def _is_in_file(batch: Import, wanted: re.Pattern[str]) -> tuple[bool, int]:
    """Whether the kept file holds one of the traces in any cell, and how many files were opened (1 or 0)."""
    try:
        content = checking.content_of(batch)
    except checking.FileGone:
        return False, 0
    try:
        with checking.plain_file(content) as path:
            return any(wanted.search(line.decode()) for line in sandbox.raw_rows(path, batch.sheet)), 1
    except FileUnreadable:
        return True, 1  # what cannot be looked through is not kept
