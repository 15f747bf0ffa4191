"""The backup directory: what lies where, what it holds, what may go.

linli-backup.json           whose backup it is (the database's own identity)
base/20261125T131000Z/      one base backup: base.tar.sealed and its manifest.json
wal/SEGMENT.sealed|.part    every change since the oldest base backup, as it was written; .part is still being written
home/…sealed                files, trail heads and what else of the home a restore needs; never the keys
marks/NAME.json             rows and hashes of every table at a named point of the WAL: what a restore is compared with
state.json, drill.json      how far the WAL was received; how the last drill went
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from linli.ops.processes import CannotRun

FORMAT = 1
DAY_SECONDS = 24 * 3600.0
SEGMENT_BYTES = 16 * 1024 * 1024
_SEGMENTS_IN_4_GB = 0x1_0000_0000 // SEGMENT_BYTES
SEALED, PART = ".sealed", ".part"


def lsn_of(text: str) -> int:
    """A position in the WAL as PostgreSQL writes it ("16/B374D848") as a number."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) | int(low, 16)


def lsn_text(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def segment_name(timeline: int, lsn: int) -> str:
    """The WAL segment that holds the byte at `lsn`."""
    number = lsn // SEGMENT_BYTES
    return f"{timeline:08X}{number // _SEGMENTS_IN_4_GB:08X}{number % _SEGMENTS_IN_4_GB:08X}"


def segment_start(name: str) -> int:
    return (int(name[8:16], 16) * _SEGMENTS_IN_4_GB + int(name[16:24], 16)) * SEGMENT_BYTES


@dataclass(frozen=True)
class Base:
    """One base backup, as its manifest says."""

    name: str
    at: float
    timeline: int
    start: str
    stop: str
    size_bytes: int
    sha256: str
    key: str
    versions: dict[str, str]
    seconds: float = 0.0
    format: int = FORMAT


@dataclass(frozen=True)
class Mark:
    """What every table held at a point of the WAL: `tables` is name → [rows, sum of row hashes]."""

    name: str
    at: float
    lsn: str
    timeline: int
    tables: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """How far the WAL was received: `lsn` is on disk here; at `seen_at` the server had nothing newer than `server`."""

    lsn: str = "0/0"
    server: str = "0/0"
    timeline: int = 0
    received_at: float = 0.0
    seen_at: float = 0.0
    gap_at: float = 0.0


class Store:
    """One backup directory."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path).expanduser().resolve()
        self.bases, self.wal, self.home, self.marks = (self.path / name for name in ("base", "wal", "home", "marks"))

    def open_for(self, system: str) -> Store:
        """Make the directory where it is missing, readable by us alone.

        Raises:
            CannotRun: it holds the backup of another database, or something else.
        """
        mine = self.path / "linli-backup.json"
        if mine.exists():
            held = json.loads(mine.read_text())
            if held["system"] != system:
                raise CannotRun(f"{self.path} 里是另一个邻里的备份，没有动。请用 --to 另选一个目录。")
            return self
        if self.path.exists() and any(self.path.iterdir()):
            raise CannotRun(f"{self.path} 里有别的文件。请用 --to 给备份一个空目录。")
        for folder in (self.path, self.bases, self.wal, self.home, self.marks):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(mine, {"format": FORMAT, "system": system})
        return self

    @property
    def system(self) -> str:
        """Whose backup it is. Raises CannotRun for a directory that is none."""
        try:
            held: dict[str, Any] = json.loads((self.path / "linli-backup.json").read_text())
        except (OSError, ValueError):
            raise CannotRun(f"{self.path} 里没有邻里的备份。请用 --from 写上备份所在的目录。") from None
        return str(held["system"])

    # -- what it holds

    def list_bases(self) -> list[Base]:
        """Whole base backups, oldest first."""
        found = [read_json(path) for path in sorted(self.bases.glob("*/manifest.json"))]
        return [Base(**held) for held in found if held]

    def list_marks(self) -> list[Mark]:
        """Marks, oldest first."""
        found = [Mark(**held) for held in map(read_json, self.marks.glob("*.json")) if held]
        return sorted(found, key=lambda mark: lsn_of(mark.lsn))

    def segments(self, timeline: int) -> dict[str, Path]:
        """WAL segments of `timeline` by name, in order; one both whole and in part counts as whole."""
        found: dict[str, Path] = {}
        for path in sorted(self.wal.glob(f"{timeline:08X}*"), key=lambda path: (path.name[:24], path.suffix == SEALED)):
            if path.suffix in {SEALED, PART}:
                found[path.name[:24]] = path
        return found

    def state(self) -> State:
        held = read_json(self.path / "state.json")
        return State(**held) if held else State()

    def write_state(self, state: State) -> None:
        write_json(self.path / "state.json", asdict(state))

    def drill(self) -> dict[str, Any]:
        return read_json(self.path / "drill.json") or {}

    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    # -- what may go

    def prune(self, keep: int, *, days: float = float("inf"), now: float = 0.0) -> int:
        """Delete all but the newest `keep` base backups, and those older than `days` at `now`; the newest always stays.

        The WAL and marks older than the oldest kept go with them. How many bases went.
        """
        bases = self.list_bases()
        kept = [base for base in bases[-keep:] if now - base.at <= days * DAY_SECONDS] or bases[-1:]
        gone = [base for base in bases if base not in kept]
        for old in gone:
            self._delete_base(self.bases / old.name)
        if kept:
            first = kept[0]
            floor = segment_name(first.timeline, lsn_of(first.start))
            for path in self.wal.glob("*"):
                if path.suffix in {SEALED, PART} and (path.name[:8] < floor[:8] or path.name[:24] < floor):
                    path.unlink()
            for mark in self.list_marks():
                if lsn_of(mark.lsn) < lsn_of(first.start):
                    (self.marks / f"{mark.name}.json").unlink()
        return len(gone)

    @staticmethod
    def _delete_base(folder: Path) -> None:
        (folder / "manifest.json").unlink(missing_ok=True)  # first: half a base must not look whole
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Whether we are the only ones at `name` (held by the kernel until the block or the process ends)."""
        handle = os.open(self.path / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)


def write_json(path: Path, held: dict[str, Any]) -> None:
    """Write so that a crash leaves the old file or the new one."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(held, ensure_ascii=False, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        held: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return held
