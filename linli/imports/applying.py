"""Writing judged rows into the register, chunk by chunk, each chunk whole or not at all; and taking an import back.

A chunk marks its rows as written in the transaction that writes them: a worker, web or database that dies in the middle leaves every row
either untouched or written once, and the next run goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

import orjson
from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import Problem
from linli.core.states import step
from linli.core.trail import record
from linli.places.models import Dwelling
from linli.residents import actions as residents
from linli.residents.actions import CategoryPlan, ResidentPlan
from linli.residents.codes import PopulationClass
from linli.residents.models import Residence, Resident

from . import queries
from .actions import TooLateToUndo, to_write
from .checking import Judge
from .models import Decision, Import, ImportRow, State, Verdict
from .rules.facts import Facts

CHUNK = 500
SOURCE = "花名册导入"


def write_chunk(actor: Actor, batch: Import, judge: Judge) -> int:
    """The next CHUNK rows; how many were taken up (0: done). In the caller's transaction; the import's row is locked."""
    rows = list(to_write(batch).select_for_update()[:CHUNK])
    new = [row for row in rows if row.verdict == Verdict.NEW or row.decision == Decision.NEW_PERSON]
    try:
        with transaction.atomic():
            _register(actor, new, judge)
    except Problem:
        for row in new:  # one of them was taken in elsewhere meanwhile: each by itself, and that one is said
            _one_by_one(row, partial(_register, actor, [row], judge))
    for row in rows:
        if row not in new:
            _one_by_one(row, partial(_change, actor, row, judge))
    ImportRow.objects.bulk_update(rows, ["is_applied", "is_made_here", "resident", "before", "verdict", "reasons"])
    return len(rows)


def _one_by_one(row: ImportRow, write: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            write()
    except Problem as problem:
        row.verdict, row.is_applied = Verdict.WRONG, False
        row.reasons = [*row.reasons, ["", problem.message]]


def _person(row: ImportRow) -> Resident:
    assert row.resident is not None
    return Resident.objects.get(pk=row.resident)


def facts_of(row: ImportRow) -> Facts:
    return Facts.from_json(orjson.loads(row.facts))


def _register(actor: Actor, rows: Sequence[ImportRow], judge: Judge) -> None:
    if not rows:
        return
    told = [facts_of(row) for row in rows]
    wanted = {judge.doors[f.door] for f in told if f.door}
    dwellings = {d.pk: d for d in Dwelling.objects.filter(pk__in=wanted).select_related("entrance__building__grid")}
    plans = [_plan(facts, dwellings.get(judge.doors[facts.door]) if facts.door else None) for facts in told]
    for row, resident in zip(rows, residents.register_many(actor, plans), strict=True):
        row.resident, row.is_applied, row.is_made_here = resident.pk, True, True


def _plan(facts: Facts, dwelling: Dwelling | None) -> ResidentPlan:
    today = clock.today()
    return ResidentPlan(
        name=facts.name,
        sex=facts.sex or "0",
        birth_on=facts.birth_on,
        id_number=facts.id_number,
        phone=facts.phone,
        dwelling=dwelling,
        from_on=facts.from_on or today,
        population_class=facts.population_class or PopulationClass.REGISTERED,
        relation_to_head=facts.relation if dwelling else "",
        household=(facts.household or ("home" if facts.relation else "")) if dwelling else "",
        categories=tuple(CategoryPlan(kind=kind, from_on=today, source=SOURCE) for kind in facts.categories),
    )


def _change(actor: Actor, row: ImportRow, judge: Judge) -> None:
    """Write what the row says otherwise than the register, and keep what stood there."""
    facts, today = facts_of(row), clock.today()
    resident = _person(row)
    held = queries.held_facts([resident])[resident.pk]
    differ = Judge.differences(facts, held)
    plain = {field: getattr(facts, field) for field in differ if field in residents.CORRECTABLE}
    before: dict[str, object] = {"fields": replace(held, categories=()).as_json(), "corrected": sorted(plain)}
    if plain:
        residents.correct_resident(actor, resident=resident, to=plain, because="import")
    if "door" in differ:
        before["residence"] = _move(actor, resident, judge.doors[str(facts.door)], facts, today)
    granted = []
    for kind in set(facts.categories) - set(held.categories):
        granted.append(
            str(residents.grant_category(actor, resident=resident, kind=kind, from_on=today, source=SOURCE).pk)
        )
    before["categories"] = granted
    row.before = orjson.dumps(before).decode()
    row.is_applied = True


def _move(actor: Actor, resident: Resident, dwelling_id: UUID, facts: Facts, today: date) -> dict[str, str | None]:
    earlier = Residence.objects.filter(
        resident=resident, kind="lived", span__contains=today, span__upper_inf=True
    ).first()
    on, dwelling = (
        facts.from_on or today,
        Dwelling.objects.select_related("entrance__building__grid").get(pk=dwelling_id),
    )
    if (
        earlier is not None and on <= earlier.span.lower
    ):  # no time between the two: not a move, but a door written wrongly
        was = earlier.dwelling_id
        residents.correct_home(actor, residence=earlier, dwelling=dwelling)
        return {"corrected": str(earlier.pk), "was": str(was)}
    if earlier is not None:
        residents.move_out(actor, residence=earlier, on=on)
    made = residents.move_in(
        actor,
        resident=resident,
        dwelling=dwelling,
        from_on=on,
        population_class=facts.population_class
        or (earlier.population_class if earlier else PopulationClass.REGISTERED),
        relation_to_head=facts.relation,
    )
    return {"ended": str(earlier.pk) if earlier else None, "made": str(made.pk)}


# -- taking back


def undo(actor: Actor, *, batch: Import) -> list[ImportRow]:
    """Take an import back: who was made by it leaves the register, what it changed is as it was. The rows left as they are.

    Left alone are people somebody has written about since, and those something else refers to.

    Raises:
        TooLateToUndo: more than UNDO_DAYS ago.
        OutOfTurn: it is not done, or taken back already.
    """
    actor.require(Permission.REGISTER_IMPORT)
    with transaction.atomic():
        batch = Import.objects.select_for_update().get(pk=batch.pk)
        step(batch, State.UNDONE)
        if batch.finished_at is None or not queries.may_undo(Import(state=State.DONE, finished_at=batch.finished_at)):
            raise TooLateToUndo()
        rows = list(ImportRow.objects.filter(batch=batch, is_applied=True).order_by("number"))
        since = queries.changed_since(batch, [row.resident for row in rows if row.resident])
        kept = [row for row in rows if row.resident in since]
        kept += _undo_rows(actor, [row for row in rows if row.resident not in since])
        batch.save(update_fields=["state"])
        record(actor, "import.undone", batch, count=len(rows) - len(kept), kept=len(kept))
    return sorted(kept, key=lambda row: row.number)


def _undo_rows(actor: Actor, rows: Sequence[ImportRow]) -> list[ImportRow]:
    made = {row.resident: row for row in rows if row.is_made_here}
    people = Resident.objects.filter(pk__in=[pk for pk in made if pk])
    gone = {resident.pk for resident in residents.take_back(actor, residents=list(people), because="import")}
    kept = [row for pk, row in made.items() if pk not in gone]
    for row in rows:
        if row in kept:
            continue
        if not row.is_made_here:
            _put_back(actor, row)
        else:
            row.resident = None
        row.is_applied = False
    ImportRow.objects.bulk_update([row for row in rows if row not in kept], ["is_applied", "resident"])
    return kept


def _put_back(actor: Actor, row: ImportRow) -> None:
    before = orjson.loads(row.before or "{}")
    resident = _person(row)
    held = Facts.from_json(before.get("fields", {}))
    if before.get("corrected"):
        to = {field: getattr(held, field) for field in before["corrected"]}
        residents.correct_resident(actor, resident=resident, to=to, because="import_undone")
    move = before.get("residence") or {}
    if "corrected" in move:
        stay, was = Residence.objects.get(pk=move["corrected"]), Dwelling.objects.get(pk=move["was"])
        residents.correct_home(actor, residence=stay, dwelling=was)
    elif move:
        residents.unmove(actor, made=UUID(move["made"]), ended=UUID(move["ended"]) if move["ended"] else None)
    residents.drop_categories(actor, resident=resident, ids=[UUID(each) for each in before.get("categories", ())])
