"""The long parts of an import, in chunks that each commit: closing the page or losing a worker costs nothing but the chunk under way."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core import clock
from linli.core.access import SYSTEM, Actor
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.core.states import step
from linli.core.tenancy import active
from linli.core.trail import record
from linli.places.models import Community

from . import applying, queries
from .checking import CHUNK, Judge, content_of, data_rows, keep_judged, plain_file
from .models import Import, ImportRow, State


def _batch_of(entry_id: str) -> Import:
    return Import.objects.get(pk=TrailEntry.objects.values_list("subject_id", flat=True).get(pk=UUID(entry_id)))


@tenant_task(name="imports.check", is_atomic=False)
def check(community_id: int, entry_id: str) -> None:
    """Judge every row; a second run begins anew, because nothing but its own verdicts was written."""
    with active(community_id):
        batch = _batch_of(entry_id)
        if batch.state != State.CHECKING:
            return
        ImportRow.objects.filter(batch=batch).delete()
        judge = Judge(batch)
        Import.objects.filter(pk=batch.pk).update(rows_done=0)
        content = content_of(batch)
    done = 0
    with plain_file(content) as path:
        rows = data_rows(batch, path)
        while chunk := list(islice(rows, CHUNK)):
            with active(community_id):
                keep_judged(judge.judge(chunk))
                done += len(chunk)
                Import.objects.filter(pk=batch.pk).update(rows_done=done)
    with active(community_id):
        batch = Import.objects.select_for_update().get(pk=batch.pk)
        if batch.state != State.CHECKING:
            return
        step(batch, State.CHECKED)
        batch.rows_total, batch.counts = done, queries.counts_of(batch)
        batch.save(update_fields=["state", "rows_total", "counts"])
        record(SYSTEM, "import.checked", batch, **batch.counts)


@tenant_task(name="imports.run", is_atomic=False)
def run(community_id: int, entry_id: str) -> None:
    """Write what was decided on, chunk by chunk; a second run goes on where the first one stopped."""
    with active(community_id):
        batch = _batch_of(entry_id)
        actor = _actor_of(batch, community_id)
        judge = Judge(batch)
    while True:
        with active(community_id):
            batch = Import.objects.select_for_update().get(pk=batch.pk)
            if batch.state != State.RUNNING:
                return
            taken = applying.write_chunk(actor, batch, judge)
            batch.rows_done += taken
            if not taken:
                step(batch, State.DONE)
                batch.finished_at, batch.counts = clock.now(), queries.counts_of(batch)
                record(actor, "import.done", batch, count=batch.rows_done)
            batch.save(update_fields=["state", "rows_done", "finished_at", "counts"])
            if not taken:
                return


def _actor_of(batch: Import, community_id: int) -> Actor:
    """Whoever started it, with the rights held now; the import's id marks what belongs together."""
    assert batch.made_by is not None
    account = Account.objects.get(pk=batch.made_by)
    community = Community.objects.get(pk=community_id)
    return accounts.actor_for(account, community, via="job", request_id=batch.pk)
