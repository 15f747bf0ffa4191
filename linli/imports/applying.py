"""Writing judged rows into the register, chunk by chunk, each chunk whole or not at all; and taking an import back the same way.

A chunk marks its rows as written, and counts them, in the transaction that writes them: a worker, web or database that dies in the middle
leaves every row either untouched or written once, and the next run goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import orjson
from django.db import connection, transaction
from django.db.models import F, QuerySet

from linli.core import clock
from linli.core.access import Actor
from linli.core.copy import maker
from linli.core.errors import Problem
from linli.places.models import Dwelling
from linli.residents import actions as residents
from linli.residents import queries as register
from linli.residents.actions import CategoryPlan, HouseholdFormedMeanwhile, ResidentPlan
from linli.residents.codes import PopulationClass
from linli.residents.models import Category, Residence, Resident

from . import queries
from .checking import Judge, details_to_correct
from .hands import Stopped
from .models import Import, ImportRow, State, Verdict
from .rules.facts import CODED, Facts

CHUNK = 2000
SOURCE = "花名册导入"


@dataclass(frozen=True)
class New:
    """A row that registers somebody: its id is the person's."""

    id: UUID
    facts: Facts
    dwelling: UUID | None


def write_chunk(actor: Actor, batch: Import, first: int, last: int) -> int:
    """Write the rows numbered from `first` to `last` that are to be written and are not yet; how many. In the caller's transaction.

    Raises Stopped when the import is not being written any more; nothing of the chunk is written then.
    """
    _hold(batch, first)
    rows = queries.to_write(batch).filter(number__range=(first, last))
    new = [_new(*told) for told in rows.filter(queries.AS_NEW).values_list("pk", "facts")]
    try:
        _together(actor, batch, new, rows.filter(queries.AS_NEW))
    except Problem:
        for each in new:  # one of them was taken in elsewhere meanwhile: each by itself, and that one is said
            _one_by_one(ImportRow.objects.get(pk=each.id), partial(_register_one, actor, batch, each))
    changed = list(rows.filter(queries.AS_CHANGED))
    for row in changed:
        _one_by_one(row, partial(_change, actor, row))
    count(batch, State.RUNNING, len(new) + len(changed))
    return len(new) + len(changed)


def _together(actor: Actor, batch: Import, new: Sequence[New], rows: QuerySet[ImportRow]) -> None:
    """All at once; and once more where a household that stands in two chunks was formed meanwhile by the process beside this one."""
    for is_last in (False, False, True):
        try:
            with transaction.atomic():
                _register(actor, batch, new)
                _mark_registered(rows)
            return
        except HouseholdFormedMeanwhile:
            if is_last:
                raise


def _hold(batch: Import, first: int) -> None:
    """Whoever else is at this chunk (the last order of a process that is being given up) finishes first.

    Plans made while a table was empty scan it for every row: they are made anew, or a first import takes ten times as long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import {batch.pk} {first}"])
        cursor.execute("DISCARD PLANS")


def count(batch: Import, state: State, rows: int) -> None:
    """Count rows done, as the last thing of their transaction. Raises Stopped when the import has left `state`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is checked at commit is checked before the row is locked
    if not Import.objects.filter(pk=batch.pk, state=state).update(rows_done=F("rows_done") + rows):
        raise Stopped()


def _one_by_one(row: ImportRow, write: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            write()
    except Problem as problem:
        row.verdict, row.reasons = Verdict.WRONG, [*row.reasons, ["", problem.message]]
        row.save(update_fields=["verdict", "reasons"])


def _person(row: ImportRow) -> Resident:
    assert row.resident is not None
    return Resident.objects.get(pk=row.resident)


def _new(id: UUID, facts: str) -> New:
    told = orjson.loads(facts)
    return New(id, Facts.from_json(told), UUID(told["dwelling"]) if told.get("dwelling") else None)


def _register(actor: Actor, batch: Import, rows: Sequence[New]) -> None:
    if not rows:
        return
    dwellings = _doors_of(actor, {row.dwelling for row in rows if row.dwelling})
    plans = [_plan(batch, row, dwellings[row.dwelling] if row.dwelling else None) for row in rows]
    made = residents.register_many(actor, plans)
    died = {row.id: row.facts.died_on for row in rows if row.facts.died_on}
    for resident in made if died else ():
        if resident.pk in died:
            _ask_death(actor, resident, died[resident.pk])


def _ask_death(actor: Actor, resident: Resident, died_on: date | None) -> UUID | None:
    """Ask a second person to confirm it, as on the page; None where somebody has asked already."""
    try:
        return residents.request_correction(actor, resident, "died_on", died_on, SOURCE, evidence=SOURCE).pk
    except residents.AskedAlready:
        return None


def _since(facts: Facts) -> date:
    """From when on what a row says holds, where it does not say so: today, or for the dead the day they died."""
    return min(clock.today(), facts.died_on) if facts.died_on else clock.today()


def _doors_of(actor: Actor, ids: set[UUID]) -> dict[UUID, Dwelling]:
    """The dwellings by their ids; no more is read of them than their ids, unless whether each is the actor's is to be asked."""
    wanted = Dwelling.objects.filter(pk__in=ids)
    if register.is_bound_to_patch(actor):
        return wanted.select_related("entrance__building__grid").in_bulk()
    make = maker(Dwelling)
    return {id: make(id=id) for id in wanted.values_list("pk", flat=True)}


def _register_one(actor: Actor, batch: Import, row: New) -> None:
    _register(actor, batch, [row])
    _mark_registered(ImportRow.objects.filter(pk=row.id))


def _mark_registered(rows: QuerySet[ImportRow]) -> None:
    rows.order_by().update(is_applied=True, is_made_here=True, resident=F("id"))


def _plan(batch: Import, row: New, dwelling: Dwelling | None) -> ResidentPlan:
    facts, since = row.facts, _since(row.facts)
    household = (facts.household or ("home" if facts.relation else "")) if dwelling else ""
    return ResidentPlan(
        id=row.id,
        name=facts.name,
        sex=facts.sex or "0",
        birth_on=facts.birth_on,
        id_number=facts.id_number,
        phone=facts.phone,
        dwelling=dwelling,
        from_on=facts.from_on or since,
        population_class=facts.population_class or PopulationClass.REGISTERED,
        relation_to_head=facts.relation if dwelling else "",
        household=household,
        household_id=_household_id(batch, dwelling, household) if dwelling and household else None,
        categories=tuple(
            CategoryPlan(kind=kind, from_on=since, source=SOURCE, **_details(facts, kind)) for kind in facts.categories
        ),
        former_name=facts.former_name,
        employer=facts.employer,
        **{field: getattr(facts, field) for field in CODED},
        source=SOURCE,
    )


def _details(facts: Facts, kind: str) -> dict[str, Any]:
    told: dict[str, Any] = dict(facts.details.get(kind, {}))
    if "decided_on" in told:
        told["decided_on"] = date.fromisoformat(told["decided_on"])
    return told


def _household_id(batch: Import, dwelling: Dwelling, household: str) -> UUID:
    """The same for all rows of an import about one household, in whichever chunk they stand."""
    return uuid5(batch.pk, f"{dwelling.pk} {household}")


def _change(actor: Actor, row: ImportRow) -> None:
    """Write what the row says otherwise than the register, and keep what stood there."""
    told = orjson.loads(row.facts)
    facts, today = Facts.from_json(told), clock.today()
    since = _since(facts)
    resident = _person(row)
    held = queries.held_facts([resident])[resident.pk]
    differ = Judge.differences(facts, held)
    plain = {field: getattr(facts, field) for field in differ if field in residents.CORRECTABLE}
    before: dict[str, Any] = {
        "fields": replace(held, categories=()).as_json(),
        "corrected": sorted(plain),
        "marks": resident.marks,
    }
    if plain:
        residents.correct_resident(actor, resident=resident, to=plain, because="import")
    if "door" in differ:
        before["residence"] = _move(actor, resident, UUID(told["dwelling"]), facts, since)
    granted = []
    for kind in set(facts.categories) - set(held.categories):
        granted.append(
            str(
                residents.grant_category(
                    actor, resident=resident, kind=kind, from_on=since, source=SOURCE, **_details(facts, kind)
                ).pk
            )
        )
    before["categories"] = granted
    before["details"] = []
    for kind in details_to_correct(facts, held):
        category = Category.objects.get(resident=resident, kind=kind, span__contains=today)
        residents.correct_category(actor, category=category, to=_details(facts, kind))
        before["details"].append(str(category.pk))
    if "died_on" in differ and (asked := _ask_death(actor, resident, facts.died_on)):
        before["asked"] = str(asked)
    row.before, row.is_applied = orjson.dumps(before).decode(), True
    row.save(update_fields=["before", "is_applied"])


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


def undo_chunk(actor: Actor, batch: Import, first: int, last: int) -> int:
    """Take the rows numbered from `first` to `last` back: who was made leaves the register, what was changed is as it was; how many.

    Left as they are, and as written, are rows about people somebody has written about since, or something else refers to.
    In the caller's transaction. Raises Stopped when the import is not being taken back.
    """
    _hold(batch, first)
    rows = list(ImportRow.objects.filter(batch=batch, is_applied=True, number__range=(first, last)).order_by("number"))
    since = queries.changed_since(batch, [row.resident for row in rows if row.resident])
    theirs = [row for row in rows if row.resident not in since]
    made = [row.resident for row in theirs if row.is_made_here and row.resident]
    people = list(Resident.objects.filter(pk__in=made))
    residents.unask(actor, ids=queries.asked_by(batch, made))
    gone = {resident.pk for resident in residents.take_back(actor, residents=people, because="import")}
    put_back = set()
    for row in theirs:
        if not row.is_made_here:
            _put_back(actor, batch, row)
            put_back.add(row.pk)
    undone = [row.pk for row in theirs if row.resident in gone or row.pk in put_back]
    ImportRow.objects.filter(pk__in=undone, is_made_here=True).update(is_applied=False, resident=None)
    ImportRow.objects.filter(pk__in=undone, is_made_here=False).update(is_applied=False)
    count(batch, State.UNDOING, len(rows))
    return len(rows)


def _put_back(actor: Actor, batch: Import, row: ImportRow) -> None:
    assert batch.began_at is not None
    before = orjson.loads(row.before or "{}")
    resident = _person(row)
    held = Facts.from_json(before.get("fields", {}))
    if before.get("asked"):
        residents.unask(actor, ids=[UUID(before["asked"])])
    if before.get("corrected"):
        to = {field: getattr(held, field) for field in before["corrected"]}
        residents.uncorrect_resident(
            actor,
            resident=resident,
            to=to,
            marks=before.get("marks", {}),
            since=batch.began_at,
            because="import_undone",
        )
    move = before.get("residence") or {}
    if "corrected" in move:
        stay = Residence.objects.get(pk=move["corrected"])
        residents.uncorrect_home(actor, residence=stay, since=batch.began_at)
    elif move:
        residents.unmove(actor, made=UUID(move["made"]), ended=UUID(move["ended"]) if move["ended"] else None)
    for category in Category.objects.filter(pk__in=before.get("details", ())):
        residents.uncorrect_category(actor, category=category, since=batch.began_at)
    residents.drop_categories(actor, resident=resident, ids=[UUID(each) for each in before.get("categories", ())])
