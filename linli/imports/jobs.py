"""The long parts of an import, in chunks that each commit: closing the page or losing a worker costs nothing but the chunk under way.

Whoever works on an import holds a lock that ends with its connection. Once in a while it is looked whether one is to be worked on and nobody
holds its lock: so it goes on after a worker or the database was killed, whatever the queue still believes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, zip_longest
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core import clock, tenancy
from linli.core.access import SYSTEM, Actor
from linli.core.errors import Problem
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.core.states import step
from linli.core.tenancy import active
from linli.core.trail import record
from linli.places.models import Community

from . import applying, checking, queries
from .hands import Order, Stopped, do_all
from .models import Import, ImportRow, State

UNDER_WAY = (State.CHECKING, State.RUNNING, State.UNDOING)


@tenant_task(name="imports.check", is_atomic=False)
def check(community_id: int, entry_id: str) -> None:
    """Judge every row; a second run begins anew, because nothing but its own verdicts was written."""
    work_on(community_id, _batch_id(community_id, entry_id))


@tenant_task(name="imports.run", is_atomic=False)
def run(community_id: int, entry_id: str) -> None:
    """Write what was decided on; a second run goes on where the first one stopped."""
    work_on(community_id, _batch_id(community_id, entry_id))


@tenant_task(name="imports.undo", is_atomic=False)
def undo(community_id: int, entry_id: str) -> None:
    """Take back what was written; a second run goes on where the first one stopped."""
    work_on(community_id, _batch_id(community_id, entry_id))


@tenant_task(name="imports.go_on", is_atomic=False)
def go_on(community_id: int, batch_id: str) -> None:
    """Whatever is under way with this import, where nobody is at it."""
    work_on(community_id, UUID(batch_id))


@app.periodic(cron="* * * * * */5")
@app.task(name="imports.look_for_lost", queueing_lock="imports.look_for_lost", pass_context=False)
def look_for_lost(timestamp: int) -> None:
    """Imports that are under way while nobody works on them: their worker was killed."""
    communities: Any = apps.get_model("places", "Community")
    for community_id in communities.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with active(community_id):
            found = list(Import.objects.filter(state__in=UNDER_WAY).values_list("pk", flat=True))
        for batch_id in found:
            with alone(batch_id) as is_alone:
                pass
            if is_alone:
                try:
                    lock = f"import-{batch_id}"
                    go_on.configure(queueing_lock=lock).defer(community_id=community_id, batch_id=str(batch_id))
                except AlreadyEnqueued:
                    continue


def _batch_id(community_id: int, entry_id: str) -> UUID:
    with active(community_id):
        return TrailEntry.objects.values_list("subject_id", flat=True).get(pk=UUID(entry_id))


@contextmanager
def alone(batch_id: UUID) -> Iterator[bool]:
    """Whether nobody else works on the import, and nobody else will in this block. The lock ends with the connection at the latest."""
    key = f"import {batch_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        is_alone: bool = cursor.fetchone()[0]
    try:
        yield is_alone
    finally:
        if is_alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def work_on(community_id: int, batch_id: UUID) -> None:
    """Whatever is under way with the import, to its end; at once back when somebody else is at it."""
    works: dict[str, Callable[[int, Import], None]] = {
        State.CHECKING: _check,
        State.RUNNING: _run,
        State.UNDOING: _undo,
    }
    with alone(batch_id) as is_alone:
        while is_alone:
            with active(community_id):
                batch = Import.objects.get(pk=batch_id)
            work = works.get(batch.state)
            if work is None:
                return
            try:
                work(community_id, batch)
            except Stopped:
                continue  # stopped by somebody: perhaps to be taken back at once


# -- one chunk, here or in the process beside this one


def do(order: Order) -> None:
    """One chunk in a transaction of its own. Raises Stopped.

    Nobody is told of a chunk before it is durable, and one that a power cut loses is lost whole and done again: so no chunk waits for
    the disk. The step after the last one does, and with it all before it; so does the relay with whatever it seals.
    """
    with active(order.community_id):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        batch = Import.objects.get(pk=UUID(order.batch))
        if order.verb == "judge":
            _judge_chunk(batch, order)
            return
        actor = _actor_of(batch, order.community_id)
        act = applying.write_chunk if order.verb == "write" else applying.undo_chunk
        act(actor, batch, order.first, order.last)


def _judge_chunk(batch: Import, order: Order) -> None:
    ImportRow.objects.filter(batch=batch, number__range=(order.first, order.last)).delete()
    rows = checking.Judge(batch).judge(list(zip(order.numbers, order.lines, strict=True)))
    checking.keep_judged(rows)
    applying.count(batch, State.CHECKING, len(rows))


# -- the three works


def _check(community_id: int, batch: Import) -> None:
    with active(community_id):
        ImportRow.objects.filter(batch=batch).delete()
        Import.objects.filter(pk=batch.pk).update(rows_done=0)
        content = checking.content_of(batch)
    try:
        with checking.data_rows(batch, content) as (rows, count):
            with active(community_id):
                Import.objects.filter(pk=batch.pk).update(rows_total=count)
            do_all(_judge_orders(community_id, batch, rows), do, rows=count)
    except Problem as problem:  # what `look` could read may still be too large to read whole
        _give_back(community_id, batch, problem)
        return
    with active(community_id):
        batch = _locked(batch, State.CHECKING)
        checking.mark_repeated(batch)
        step(batch, State.CHECKED)
        batch.counts = queries.counts_of(batch)
        batch.rows_total = batch.rows_done
        batch.save(update_fields=["state", "rows_total", "counts"])
        record(SYSTEM, "import.checked", batch, **batch.counts)


def _judge_orders(community_id: int, batch: Import, rows: Iterator[checking.Numbered]) -> Iterator[Order]:
    while chunk := list(islice(rows, checking.CHUNK)):
        numbers, lines = [number for number, _ in chunk], [line for _, line in chunk]
        yield Order("judge", community_id, str(batch.pk), numbers[0], numbers[-1], numbers, lines)


def _give_back(community_id: int, batch: Import, problem: Problem) -> None:
    with active(community_id):
        batch = _locked(batch, State.CHECKING)
        step(batch, State.READ)
        batch.trouble = problem.message[:200]
        batch.save(update_fields=["state", "trouble"])


def _run(community_id: int, batch: Import) -> None:
    do_all(_range_orders("write", community_id, batch), do, rows=batch.rows_total)
    with active(community_id):
        batch = _locked(batch, State.RUNNING)
        step(batch, State.DONE)
        batch.finished_at, batch.counts = clock.now(), queries.counts_of(batch)
        batch.save(update_fields=["state", "finished_at", "counts"])
        applied = ImportRow.objects.filter(batch=batch, is_applied=True).count()
        record(_actor_of(batch, community_id), "import.done", batch, count=applied)


def _undo(community_id: int, batch: Import) -> None:
    do_all(_range_orders("undo", community_id, batch), do, rows=batch.rows_total)
    with active(community_id):
        batch = _locked(batch, State.UNDOING)
        kept = ImportRow.objects.filter(batch=batch, is_applied=True).count()
        step(batch, State.UNDONE)
        batch.counts = queries.counts_of(batch)
        batch.save(update_fields=["state", "counts"])
        record(_actor_of(batch, community_id), "import.undone", batch, count=batch.rows_total - kept, kept=kept)


def _range_orders(verb: str, community_id: int, batch: Import) -> Iterator[Order]:
    """Ranges of row numbers, always the same ones: where an earlier run was, nothing is left to do.

    Two neighbours are never under way together: a household that stands in both would make one wait for the other.
    """
    with active(community_id):
        last = ImportRow.objects.filter(batch=batch).order_by("-number").values_list("number", flat=True).first() or 0
    size = applying.CHUNK
    firsts = apart(range(1, last + 1, size))
    return (Order(verb, community_id, str(batch.pk), first, first + size - 1) for first in firsts)


def apart(firsts: Sequence[int]) -> list[int]:
    """One from the first half, one from the second, and so on."""
    half = (len(firsts) + 1) // 2
    return [each for pair in zip_longest(firsts[:half], firsts[half:]) for each in pair if each is not None]


def _locked(batch: Import, state: State) -> Import:
    """The import, locked. Raises Stopped when it is no longer in `state`."""
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.state != state:
        raise Stopped()
    return batch


def _actor_of(batch: Import, community_id: int) -> Actor:
    """Whoever started it, with the rights held now; the import's id marks what belongs together."""
    assert batch.made_by is not None
    account = Account.objects.get(pk=batch.made_by)
    community = Community.objects.get(pk=community_id)
    return accounts.actor_for(account, community, via="job", request_id=batch.pk)
