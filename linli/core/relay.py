"""The relay: reads what the trail has gained, seals it, defers the jobs that follow, and tells the live processes. One process.

Nobody notifies in a writing transaction (that would cost two thirds of the commits a second); the relay looks every 100 ms instead.
It finds new entries by transaction id: everything below the oldest transaction still running has been seen, so entries that commit late
are never passed over. Sealing and deferring share one transaction of the audit role: after a kill, both happened or neither.
"""

from __future__ import annotations

import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db import connections, transaction
from procrastinate import App
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.tasks import configure_task

from . import clock, trail
from .ids import uuid7
from .seals import COLUMNS, GENESIS, SELECT_TEXT, Head, Heads, link

log = structlog.get_logger(__name__)

CHANNEL = "linli_live"
PAUSE_SECONDS = 0.1
BATCH = 5000
LOCK = 0x7365616C  # "seal": one relay at a time

ENTRY_ID, VERB, VIA, COMMUNITY, XACT = map(COLUMNS.index, ("id", "verb", "via", "community_id", "xact"))


class Relay:
    """Seals, defers and notifies, batch after batch. `using` is the database alias of the audit role."""

    def __init__(self, *, using: str = "audit", heads: Heads | None = None) -> None:
        self.using = using
        self.heads = heads or Heads(settings.LINLI_TRAIL_HEADS)
        self.horizon = 0  # transactions below this are done with; 0 reads everything once, after a start or a restore
        self.queue: App = jobs.with_connector(DjangoConnector(alias=using))

    def run(self, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Work until `is_stopping`; another relay holding the lock is waited for."""
        while not is_stopping():
            try:
                if self._has_lock() and self.seal_new():
                    continue
            except Exception:
                # The database may be restarting: what is not sealed now is found again at the next look.
                log.exception("relay.failed")
                connections[self.using].close()
                self.horizon = 0
                time.sleep(1)
            time.sleep(PAUSE_SECONDS)

    def _has_lock(self) -> bool:
        with connections[self.using].cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            return bool(cursor.fetchone()[0])

    def seal_new(self) -> int:
        """One batch: how many entries it sealed."""
        with transaction.atomic(using=self.using), connections[self.using].cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            horizon = cursor.fetchone()[0]
            entries = self._unsealed(cursor)
            if (
                len(entries) == BATCH
            ):  # more are waiting: all before the last one's transaction has been seen, or is still running
                horizon = min(horizon, entries[-1][XACT])
            heads = self._seal(cursor, entries)
            self._defer(entries)
            self._notify(cursor, heads, entries)
        self.horizon = horizon
        for community_id, head in heads.items():
            self.heads.write(community_id, head)
        if heads and settings.LINLI_TRAIL_HEAD_URL:
            self._post_heads(heads)
        return len(entries)

    def _unsealed(self, cursor: Any) -> list[tuple[Any, ...]]:
        # Asked of each entry by itself: as a join, all seals there ever were would be read for every batch.
        cursor.execute(
            f"""SELECT {SELECT_TEXT} FROM core_trailentry e
            WHERE e.xact >= %s AND (SELECT s.entry_id FROM core_trailseal s
                                    WHERE s.community_id = e.community_id AND s.entry_id = e.id) IS NULL
            ORDER BY e.xact, e.id LIMIT %s""",
            [self.horizon, BATCH],
        )
        return cursor.fetchall()

    def _seal(self, cursor: Any, entries: list[tuple[Any, ...]]) -> dict[int, Head]:
        heads: dict[int, Head] = {}
        sealed_at, of_community = clock.now(), itemgetter(COMMUNITY)
        for community_id, group in groupby(sorted(entries, key=of_community), key=of_community):
            cursor.execute(
                "SELECT n, hash FROM core_trailseal WHERE community_id = %s ORDER BY n DESC LIMIT 1", [community_id]
            )
            n, last = cursor.fetchone() or (0, GENESIS)
            ids, sealed, hashes, last = [], [], [], bytes(last)
            for entry in group:
                last = link(last, entry)
                ids.append(uuid7().hex)
                sealed.append(entry[ENTRY_ID])
                hashes.append(last.hex())
            # One statement a batch, its lists as text: row by row, sealing a large import took as much of the machine as writing it.
            cursor.execute(
                """INSERT INTO core_trailseal (id, community_id, n, entry_id, hash, sealed_at)
                SELECT u.id, %s, %s + u.place, u.entry_id, decode(u.hash, 'hex'), %s
                FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) WITH ORDINALITY AS u (id, entry_id, hash, place)""",
                [community_id, n, sealed_at, *(f"{{{','.join(each)}}}" for each in (ids, sealed, hashes))],
            )
            heads[community_id] = Head(n + len(ids), last)
        return heads

    def _defer(self, entries: list[tuple[Any, ...]]) -> None:
        wanted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in entries:
            if entry[VIA] == trail.REPLAYED:
                continue
            for name in trail.followers_of(entry[VERB]):
                wanted[name].append({"community_id": entry[COMMUNITY], "entry_id": str(entry[ENTRY_ID])})
        for name, arguments in wanted.items():
            # Not task.configure(): that would defer through the default connection, outside this transaction.
            job = configure_task(name=name, job_manager=self.queue.job_manager, queue=self.queue.tasks[name].queue)
            job.batch_defer(*arguments)

    def _notify(self, cursor: Any, heads: dict[int, Head], entries: list[tuple[Any, ...]]) -> None:
        if not heads:
            return
        # Where each community's stream now stands; listeners read the entries themselves, under their own rights.
        payload = orjson.dumps({str(community_id): head.n for community_id, head in heads.items()}).decode()
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload if len(payload) < 7000 else "{}"])

    def _post_heads(self, heads: dict[int, Head]) -> None:
        body = orjson.dumps({str(community_id): [head.n, head.hash.hex()] for community_id, head in heads.items()})
        url, headers = settings.LINLI_TRAIL_HEAD_URL, {"Content-Type": "application/json"}
        if not url.startswith(("https://", "http://")):
            raise ValueError("LINLI_TRAIL_HEAD_URL must be an http(s) address")
        try:
            urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5).close()  # noqa: S310  checked above
        except OSError as error:
            log.warning("relay.head_not_posted", error=str(error))
