"""What every table holds, in two numbers: rows, and the sum of the rows' hashes, which asks for no order.

A mark is taken at an exact point of the WAL: for a moment no table is written to, the point is named (pg_create_restore_point) and a
snapshot taken. Whoever restores to that point must find the same numbers, to the last byte of every row.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from linli.ops.backup.store import Mark
from linli.ops.processes import CannotRun

# A writer must not wait longer than this for us; shorter than deadlock_timeout, so that it is never she who is turned away.
LOCK_MILLISECONDS, LOCK_TRIES = 300, 20


def tables_of(connection: psycopg.Connection[Any]) -> list[str]:
    """Every table of ours, by name."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    return [row[0] for row in rows]


def contents_of(connection: psycopg.Connection[Any], tables: list[str]) -> dict[str, list[str]]:
    """Table → [rows, sum of row hashes], as the open transaction sees them. Texts are made the same everywhere."""
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO'", "extra_float_digits = 1", "bytea_output = 'hex'"):
        connection.execute(f"SET LOCAL {setting}")
    found = {}
    for table in tables:
        query = sql.SQL(
            "SELECT count(*)::text, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"
        )
        row = connection.execute(query.format(sql.Identifier(table))).fetchone()
        assert row is not None
        found[table] = [row[0], row[1]]
    return found


def take_mark(url: str, name: str, *, timeline: int) -> Mark:
    """Name a point of the WAL and note what every table holds there; `url` is a superuser's login to the database.

    Raises:
        CannotRun: somebody writes in one long transaction; say so, try later.
    """
    with psycopg.connect(url) as reading, psycopg.connect(url) as holding:
        tables = tables_of(reading)
        reading.rollback()
        lsn = _hold_still(holding, reading, tables, name)
        held = contents_of(reading, tables)
        reading.rollback()
    return Mark(name, time.time(), lsn, timeline, held)


def flushed_to(url: str) -> str:
    """Where the WAL ends that holds everything until now; it is on disk when this returns, so it is streamed at once."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'linli', '')")  # a commit: it flushes
        row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
    assert row is not None
    return str(row[0])


def _hold_still(
    holding: psycopg.Connection[Any], reading: psycopg.Connection[Any], tables: list[str], name: str
) -> str:
    """Lock all tables against writing, name the point, hand the snapshot to `reading`, let go. The point's place in the WAL."""
    lock = sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.SQL(", ").join(map(sql.Identifier, tables)))
    for _ in range(LOCK_TRIES):
        try:
            holding.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            holding.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
            if tables:
                holding.execute(lock)
            row = holding.execute("SELECT pg_create_restore_point(%s)::text, pg_export_snapshot()", [name]).fetchone()
            assert row is not None
            reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reading.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(row[1])))
            reading.execute("SELECT 1")
            return str(row[0])
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            holding.rollback()
            time.sleep(0.5)
        finally:
            holding.rollback()
    raise CannotRun("一直有人在写数据，没有等到可以核对的一刻。备份不受影响；请稍后再运行一次。")


def differences(expected: dict[str, list[str]], found: dict[str, list[str]]) -> list[str]:
    """Tables that are not the same, in words."""
    said = []
    for table in sorted(expected.keys() | found.keys()):
        one, other = expected.get(table), found.get(table)
        if one is None or other is None:
            said.append(f"{table}：{'多出来的表' if one is None else '整张表不见了'}")
        elif one[0] != other[0]:
            said.append(f"{table}：应有 {one[0]} 行，恢复出 {other[0]} 行")
        elif one[1] != other[1]:
            said.append(f"{table}：{one[0]} 行都在，内容对不上")
    return said
