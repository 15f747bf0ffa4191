"""The hash chain over a community's trail: how an entry is hashed, and how tampering is found.

hash(n) = SHA-256(hash(n-1) ‖ canonical JSON of the entry), hash(0) = 32 zero bytes. The chain alone does not show a cut-off tail,
so its head is also written outside the database (`Heads`), one line a batch.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
from django.db import connections

GENESIS = bytes(32)
COLUMNS = (
    "community_id", "id", "at", "verb", "subject_kind", "subject_id", "account_id", "role", "on_behalf_of", "via", "request_id",
    "facts", "touches", "xact",
)  # fmt: skip
SELECT_ENTRY = ", ".join(f"e.{column}" for column in COLUMNS)
_AS_TEXT = {
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00'""",
    "facts": "e.facts::text",
    "touches": "e.touches::text[]",
    **{name: f"e.{name}::text" for name in ("id", "subject_id", "account_id", "on_behalf_of", "request_id")},
}
SELECT_TEXT = ", ".join(_AS_TEXT.get(column, f"e.{column}") for column in COLUMNS)
"""The same with ids and times as the canonical form writes them: no objects are made of what is only hashed."""
_AT, _FACTS = COLUMNS.index("at"), COLUMNS.index("facts")


def link(previous: bytes, entry: tuple[Any, ...]) -> bytes:
    """The hash of `entry` (values of COLUMNS, by SELECT_ENTRY or SELECT_TEXT) chained to `previous`."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def canonical(entry: tuple[Any, ...]) -> bytes:
    """The entry's bytes: a JSON array in column order, times in UTC to the microsecond, keys sorted."""
    values = list(entry)
    if not isinstance(at := values[_AT], str):
        values[_AT] = at.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(facts := values[_FACTS], str):
        values[_FACTS] = orjson.loads(facts) if facts != "{}" else {}
    return orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True)
class Head:
    """The last link known outside the database."""

    n: int
    hash: bytes


class Heads:
    """Chain heads kept in files, one per community: lines of `n hash`, appended and flushed to disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _file(self, community_id: int) -> Path:
        return self.folder / f"{community_id}.heads"

    def write(self, community_id: int, head: Head) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file(community_id).open("a") as file:
            file.write(f"{head.n} {head.hash.hex()}\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self, community_id: int) -> list[Head]:
        """Every head written, oldest first ([] when none was)."""
        try:
            lines = self._file(community_id).read_text().splitlines()
        except FileNotFoundError:
            return []
        parts = (line.split() for line in lines)
        return [Head(int(p[0]), bytes.fromhex(p[1])) for p in parts if len(p) == 2 and len(p[1]) == 64]

    def communities(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.heads"))


@dataclass(frozen=True)
class Finding:
    """One sign of tampering, in words."""

    community_id: int
    n: int
    what: str


def verify(heads: Heads, *, using: str = "audit") -> tuple[int, list[Finding]]:
    """Check every community's chain. Returns the number of sealed entries read and what was found wrong."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT DISTINCT community_id FROM core_trailseal")
        present = {row[0] for row in cursor.fetchall()}
    count, findings = 0, []
    for community_id in sorted(present | set(heads.communities())):
        read, found = _verify_one(community_id, heads.read(community_id), using)
        count += read
        findings += found
    return count, findings


def _chain(community_id: int, using: str) -> Iterator[tuple[Any, ...]]:
    """Seals in order with their entries (columns None where the entry is gone)."""
    connection = connections[using]
    connection.ensure_connection()
    sql = f"""SELECT s.n, s.hash, s.entry_id, {SELECT_ENTRY} FROM core_trailseal s
        LEFT JOIN core_trailentry e ON e.community_id = s.community_id AND e.id = s.entry_id
        WHERE s.community_id = %s ORDER BY s.n"""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [community_id])
        while rows := cursor.fetchmany(2000):
            yield from rows


def _verify_one(community_id: int, known: list[Head], using: str) -> tuple[int, list[Finding]]:
    outside = {head.n: head.hash for head in known}
    found: list[Finding] = []
    previous, n = GENESIS, 0
    for seal_n, seal_hash, entry_id, *entry in _chain(community_id, using):
        if seal_n != n + 1:
            found.append(Finding(community_id, n + 1, f"seals {n + 1} to {seal_n - 1} are missing"))
        n = seal_n
        if entry[1] is None:
            found.append(Finding(community_id, n, f"entry {entry_id} was deleted"))
            previous = bytes(seal_hash)
        else:
            if link(previous, tuple(entry)) != bytes(seal_hash):
                found.append(Finding(community_id, n, f"entry {entry_id} was changed or moved"))
            previous = bytes(seal_hash)  # go on from what is stored, so that one change is one finding
        if n in outside and outside[n] != bytes(seal_hash):
            found.append(Finding(community_id, n, "the seal differs from the head kept outside the database"))
    if outside and max(outside) > n:
        found.append(
            Finding(community_id, n + 1, f"the trail was cut off: {max(outside)} seals were known, {n} are left")
        )
    return n, found
