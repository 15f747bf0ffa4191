"""The verbs of an import: take the file in, say what the columns are, judge, decide, write, take back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import orjson
from django.db import transaction

from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.errors import Conflict, Invalid
from linli.core.ids import uuid7
from linli.core.states import step
from linli.core.trail import record

from . import checking, queries, sandbox
from .models import Decision, Import, ImportRow, Layout, State, Verdict
from .reading import Sheet
from .rules.columns import SAMPLE, Column, known_words, propose, text_of
from .rules.columns import Verdict as ColumnVerdict
from .rules.headings import Heading, body_rows, find_heading
from .targets import roster_targets

BINARY = "application/octet-stream"


class NoTableFound(Invalid):
    code = "import.no_table"
    message = "没有找到表头。请确认表里有一行写着“姓名”“身份证号”这样的列名，再上传。"


class NameMissing(Invalid):
    code = "import.name_missing"
    message = "还没有哪一列是姓名。请选出姓名在哪一列，再往下走。"


class ColumnTwice(Invalid):
    code = "import.column_twice"
    message = "有两列选成了同一项。请只留一列，另一列选“不导入”。"


class StillUndecided(Conflict):
    code = "import.undecided"
    message = "还有拿不准的行没有定。请在“拿不准”里一行一行定好，再写入档案。"


class SamePersonTwice(Conflict):
    code = "import.same_person_twice"
    message = "有两行定成了档案里的同一个人。请留下对的一行，另一行选“这行不导”。"


class NothingToImport(Conflict):
    code = "import.nothing"
    message = "没有要写入的行：都和档案一样，或都有问题。可以把有问题的行下载下来改。"


class TooLateToUndo(Conflict):
    code = "import.too_late"
    message = f"导入已超过 {queries.UNDO_DAYS} 天，不能整批撤销了。有不对的，请逐人更正。"


def take_in(actor: Actor, *, content: bytes, name: str, sender: str = "", id: UUID | None = None) -> list[Import]:
    """A file as an office sent it: each sheet with a table becomes an import that waits for its columns to be confirmed.

    The file is opened in a child process with limits, outside any transaction; nothing is written when it cannot be read.

    Raises:
        NotAllowed: without REGISTER_IMPORT.
        FileUnreadable and its kin (`sandbox.REFUSALS`), NoTableFound.
    """
    actor.require(Permission.REGISTER_IMPORT)
    with checking.plain_file(content) as path:
        sheets = sandbox.look(Path(path))
    return _keep(actor, content=content, name=name, sender=sender.strip()[:60], sheets=sheets, id=id)


@transaction.atomic
def _keep(
    actor: Actor, *, content: bytes, name: str, sender: str, sheets: list[Sheet], id: UUID | None
) -> list[Import]:
    targets = roster_targets()
    made: list[Import] = []
    for sheet in sheets:
        heading = find_heading(sheet.rows, sheet.merged, known_words(targets))
        if heading is None or sheet.is_hidden:
            continue
        layout = _layout_of(heading)
        columns = _columns(sheet, heading, queries.remembered(sender, layout), f"{heading.title} {sheet.name} {name}")
        batch = Import.objects.create(
            id=id if id and not made else uuid7(),
            name=name[:120],
            sender=sender,
            sheet=sheet.name[:80],
            layout=layout,
            heading={**asdict(heading), "hidden_rows": sorted(sheet.hidden_rows)},
            columns=orjson.dumps([{**asdict(column), "verdict": column.verdict.value} for column in columns]).decode(),
            mapping={str(c.number): c.code for c in columns if c.verdict is not ColumnVerdict.ASKED},
            made_by=actor.account_id,
            made_at=clock.now(),
        )
        files.keep(
            actor,
            batch,
            [(name, files.made_here(checking.sealed(content), media_type=BINARY, suffix=".bin"))],
            purpose="roster",
        )
        record(actor, "import.uploaded", batch, asked=sum(c.verdict is ColumnVerdict.ASKED for c in columns))
        made.append(batch)
    if not made:
        raise NoTableFound()
    return made


def _layout_of(heading: Heading) -> str:
    words = "\n".join("/".join(path) for path in heading.columns)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _columns(sheet: Sheet, heading: Heading, remembered: Mapping[str, str] | None, about: str) -> list[Column]:
    rows = body_rows(sheet.rows, heading, sheet.hidden_rows)[:SAMPLE]
    width = max(sheet.width, len(heading.columns))
    paths = [*heading.columns, *[()] * (width - len(heading.columns))]
    cells = [[text for row in rows if (text := text_of(sheet.value(row, column)))] for column in range(width)]
    return propose(paths, cells, roster_targets(), remembered, about)


@transaction.atomic
def confirm_columns(actor: Actor, *, batch: Import, mapping: Mapping[int, str], is_remembered: bool = True) -> Import:
    """A person has said what each column holds ("" for a column that is not imported); judging the rows follows.

    Remembered for the next sheet of this layout, if a person did say it. Asked again after judging, the rows are judged anew.

    Raises:
        NameMissing, ColumnTwice.
        OutOfTurn: it is being judged or written, or is done with.
    """
    actor.require(Permission.REGISTER_IMPORT)
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    targets = {target.code: target for target in roster_targets()}
    chosen = {number: code for number, code in mapping.items() if code in targets}
    kept = [code for code in chosen.values() if not targets[code].is_passed]
    if "resident.name" not in kept:
        raise NameMissing()
    if len({c for c in kept if not targets[c].is_many}) < len([c for c in kept if not targets[c].is_many]):
        raise ColumnTwice()
    step(batch, State.CHECKING)
    batch.mapping = {str(number): code for number, code in chosen.items()}
    batch.rows_total = batch.rows_done = 0
    batch.step_at, batch.trouble = clock.now(), ""
    batch.save(update_fields=["state", "mapping", "rows_total", "rows_done", "step_at", "trouble"])
    if is_remembered:
        _remember(batch, chosen)
    record(actor, "import.mapped", batch, columns=len(kept))
    return batch


def _remember(batch: Import, chosen: Mapping[int, str]) -> None:
    by_heading = {
        column.heading: chosen.get(column.number, "") for column in queries.columns_of(batch) if column.heading
    }
    Layout.objects.update_or_create(
        sender=batch.sender, layout=batch.layout, defaults={"mapping": by_heading, "confirmed_at": clock.now()}
    )


@transaction.atomic
def decide(
    actor: Actor, *, batch: Import, numbers: Iterable[int], decision: Decision, resident: UUID | None = None
) -> int:
    """What to do with doubtful rows: take them for the person found, for somebody new, or leave them out; how many changed.

    `resident` says which of a row's candidates it is, where there are several.

    Raises:
        OutOfTurn: the import is not waiting for decisions.
    """
    actor.require(Permission.REGISTER_IMPORT)
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.state != State.CHECKED:
        step(batch, "decided")
    rows = ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL, number__in=list(numbers))
    if decision == Decision.SAME_PERSON:
        rows = rows.filter(resident__isnull=False)
    if decision == Decision.SAME_PERSON and resident is not None:
        rows = rows.filter(candidates__contains=[resident])
        changed = rows.exclude(decision=decision, resident=resident).update(decision=decision, resident=resident)
    else:
        changed = rows.exclude(decision=decision).update(decision=decision)
    if changed:
        record(actor, "import.decided", batch, count=changed, decision=decision.value)
    return changed


@transaction.atomic
def start(actor: Actor, *, batch: Import) -> Import:
    """Write the new and the changed rows, and the doubtful ones as decided; a job does it.

    Raises:
        StillUndecided, SamePersonTwice, NothingToImport.
        OutOfTurn: it was started before.
    """
    actor.require(Permission.REGISTER_IMPORT)
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    step(batch, State.RUNNING)
    counts = queries.counts_of(batch)
    if counts["undecided"]:
        raise StillUndecided()
    if twice := queries.rows_about_one_person(batch):
        raise SamePersonTwice(
            f"第 {'、'.join(map(str, twice))} 行说的是档案里的同一个人。请留下对的一行，另一行选“这行不导”。"
        )
    batch.rows_total, batch.rows_done = queries.to_write(batch).count(), 0
    if not batch.rows_total:
        raise NothingToImport()
    batch.began_at = batch.step_at = clock.now()
    batch.save(update_fields=["state", "rows_total", "rows_done", "began_at", "step_at"])
    record(actor, "import.started", batch, count=batch.rows_total)
    return batch


@transaction.atomic
def drop(actor: Actor, *, batch: Import) -> Import:
    """Nothing of it is wanted: its rows and its file are forgotten; judging, where it is under way, stops."""
    actor.require(Permission.REGISTER_IMPORT)
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    step(batch, State.DROPPED)
    batch.finished_at = batch.let_go_at = clock.now()
    batch.columns = "[]"  # with samples of what the columns hold
    batch.save(update_fields=["state", "finished_at", "let_go_at", "columns"])
    ImportRow.objects.filter(batch=batch).delete()
    files.drop(files.files_of(batch))
    record(actor, "import.dropped", batch)
    return batch


@transaction.atomic
def undo(actor: Actor, *, batch: Import) -> Import:
    """Take an import back, or stop one that is being written and take back what was; a job does it.

    Raises:
        TooLateToUndo: more than UNDO_DAYS ago.
        OutOfTurn: nothing of it was written, or it is taken back already.
    """
    actor.require(Permission.REGISTER_IMPORT)
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    is_stopped = batch.state == State.RUNNING
    if not is_stopped and batch.state == State.DONE and not queries.may_undo(batch):
        raise TooLateToUndo()
    step(batch, State.UNDOING)
    batch.rows_total = ImportRow.objects.filter(batch=batch, is_applied=True).count()
    batch.rows_done, batch.step_at = 0, clock.now()
    batch.save(update_fields=["state", "rows_total", "rows_done", "step_at"])
    record(actor, "import.undoing", batch, count=batch.rows_total, is_stopped=is_stopped)
    return batch
