"""The write path without HTTP, and how many commits this machine's disk and database give at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from unittest import mock

import psycopg
from django.db import connections

from bench.kit.town import WORDS, Town
from linli.core.ids import uuid7
from linli.core.tenancy import active
from linli.matters import actions
from linli.matters.queries import Spot
from linli.places.models import Dwelling

THREADS = 4


def per_second(work: Callable[[], Callable[[], None]], *, seconds: float) -> float:
    """How often a second THREADS threads together do what `work()` returns (made once in each thread, outside the time)."""
    gate = threading.Barrier(THREADS)

    def run(_: int) -> tuple[int, float]:
        try:
            once = work()
            once()  # opens connections, fills caches
            gate.wait()
            count, began = 0, time.monotonic()
            while time.monotonic() - began < seconds:
                once()
                count += 1
            return count, time.monotonic() - began
        except BaseException:
            gate.abort()
            raise
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(count / took for count, took in pool.map(run, range(THREADS)))


def reports_per_second(town: Town, *, with_trail: bool, seconds: float) -> float:
    """`actions.report_matter`, a transaction each, as the serving role under row-level security; the trail is left out or not."""
    actor = town.actor(town.reporter)
    with active(town.community_id):
        home = Dwelling.objects.select_related("entrance__building").get(pk=town.home.pk)
    spot = Spot(home.entrance.building, home.entrance, home)

    def once() -> None:
        with active(town.community_id):
            actions.report_matter(actor, id=uuid7(), kind=town.kind, words=WORDS[0], spot=spot)

    with nullcontext() if with_trail else mock.patch.object(actions.reporting, "record"):
        return per_second(lambda: once, seconds=seconds)


def commits_per_second(url: str, *, one_row: bool, seconds: float) -> float:
    """Bare transactions through the driver alone: a row inserted by each, or all threads adding to one and the same row.

    Reports of one community are the second kind: they take their number of the day from one row, held until the commit.
    """
    sql = "UPDATE bench_count SET n = n + 1" if one_row else "INSERT INTO bench_count_each (n) VALUES (1)"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_count AS SELECT 0::bigint AS n")
        connection.execute("CREATE TABLE IF NOT EXISTS bench_count_each (n bigint)")

    def work() -> Callable[[], None]:
        connection = psycopg.connect(url, autocommit=True)

        def once() -> None:
            connection.execute(sql)

        return once

    return per_second(work, seconds=seconds)
