"""Receives the WAL as the server writes it, and keeps it sealed: what was said to be saved is in a second place within a second.

It speaks PostgreSQL's streaming replication (protocol docs, chapter 54.4) over a slot, so that the server keeps what was not received
yet; nothing is unencrypted on the way to the backup directory. Positions are confirmed after fdatasync only.
"""

from __future__ import annotations

import os
import select
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import pq

from linli.ops.backup.mirror import Mirror
from linli.ops.backup.sealing import Keys, Sealer
from linli.ops.backup.store import (
    PART,
    SEALED,
    SEGMENT_BYTES,
    State,
    Store,
    lsn_of,
    lsn_text,
    segment_name,
    segment_start,
)
from linli.ops.processes import CannotRun

SLOT = "linli_backup"
BATCH_BYTES = 512 * 1024
STATUS_SECONDS = 1.0
MIRROR_SECONDS = 1.0
TIDY_SECONDS = 3600.0
_PG_EPOCH = 946684800  # 2000-01-01


class Lost(Exception):
    """The stream broke off; it may be taken up again."""


class Receiver:
    """One stream from the server at `url` (a superuser's login) into `store`; `mirror` is kept up beside it."""

    def __init__(
        self,
        url: str,
        store: Store,
        keys: Keys,
        mirror: Mirror | None = None,
        *,
        tidy: Callable[[], None] | None = None,
    ) -> None:
        """`tidy` is called once in a while: what is too old goes."""
        self.url, self.store, self.keys, self.mirror, self.tidy = url, store, keys, mirror, tidy
        self._tidied_at = float("-inf")
        self._file: BinaryIO | None = None
        self._sealer: Sealer | None = None
        self._name = ""
        self._timeline = self._unwritten = 0
        self._begins_at_slot = False
        self.flushed = 0
        self._server = 0
        self._gap_at = store.state().gap_at
        self._state_at = self._received_at = 0.0

    def run(self, is_stopping: Callable[[], bool]) -> None:
        """Receive until `is_stopping`; a server that went away is waited for. Raises CannotRun for what waiting does not mend."""
        while not is_stopping():
            with self.store.lock("receiver") as is_ours:
                if is_ours:
                    self._run(is_stopping)
            time.sleep(0.5)  # a backup under way receives for itself; we take over when it is done

    def _run(self, is_stopping: Callable[[], bool]) -> None:
        stop = threading.Event()
        keeper = threading.Thread(target=self._keep_mirror, args=(stop,), daemon=True)
        keeper.start()
        try:
            while not is_stopping():
                try:
                    self._receive(is_stopping)
                except (Lost, psycopg.OperationalError, OSError):
                    if is_stopping():
                        break
                    time.sleep(0.3)
                finally:
                    self._close()
        finally:
            stop.set()
            keeper.join(10)

    def _keep_mirror(self, stop: threading.Event) -> None:
        while self.mirror is not None and not stop.wait(MIRROR_SECONDS):
            try:
                self.mirror.update()
                if self.tidy is not None and time.monotonic() - self._tidied_at > TIDY_SECONDS:
                    self._tidied_at = time.monotonic()
                    self.tidy()
            except OSError as trouble:  # a file that went while it was read; the next round sees to it
                print(f"mirror: {trouble}", flush=True)

    # -- one stream

    def _receive(self, is_stopping: Callable[[], bool]) -> None:
        begin = self._where_to_begin()
        stream = pq.PGconn.connect(f"{with_login_for_replication(self.url)}".encode())
        try:
            if stream.status != pq.ConnStatus.OK:
                raise Lost(stream.get_error_message())
            self._begin(begin)
            command = f"START_REPLICATION SLOT {SLOT} PHYSICAL {lsn_text(self.flushed)} TIMELINE {self._timeline}"
            answer = stream.exec_(command.encode())
            if answer.status != pq.ExecStatus.COPY_BOTH:
                words = answer.get_error_message()
                if "already been removed" in words:
                    self._note_gap()
                raise Lost(words)
            self._drain(stream, is_stopping)
        finally:
            stream.finish()

    def _drain(self, stream: pq.abc.PGconn, is_stopping: Callable[[], bool]) -> None:
        waiting: list[bytes] = []
        size, told_at, is_last_round = 0, 0.0, False
        while True:
            length, message = stream.get_copy_data(1)
            if length > 0:
                assert message is not None
                data, must_answer = self._read(bytes(message))
                if data:
                    waiting.append(data)
                    size += len(data)
                if size < BATCH_BYTES and not must_answer:
                    continue
            elif length < 0:
                raise Lost("the server ended the stream")
            if waiting:
                self._write(b"".join(waiting))
                waiting, size = [], 0
                told_at = 0.0
            now = time.monotonic()
            if now - told_at >= STATUS_SECONDS or (length > 0 and must_answer):
                self._tell(stream)
                told_at = now
            self._note_state()
            if length == 0:
                if is_last_round:
                    return
                is_last_round = is_stopping()  # whatever was sent until now is still taken
                ready, _, _ = select.select([stream.socket], [], [], 0.1)
                if ready:
                    stream.consume_input()

    def _read(self, message: bytes) -> tuple[bytes, bool]:
        """A message's WAL, and whether the server wants an answer now."""
        if message[:1] == b"w":
            start, end = struct.unpack_from("!QQ", message, 1)
            self._server = max(self._server, end)
            expected = self.flushed + self._unwritten
            if start != expected:
                raise Lost(f"expected {lsn_text(expected)}, was sent {lsn_text(start)}")
            data = message[25:]
            self._unwritten += len(data)
            return data, False
        if message[:1] == b"k":
            end, _, asked = struct.unpack_from("!QQB", message, 1)
            self._server = max(self._server, end)
            return b"", bool(asked)
        return b"", False

    def _tell(self, stream: pq.abc.PGconn) -> None:
        clock = int((time.time() - _PG_EPOCH) * 1_000_000)
        stream.put_copy_data(b"r" + struct.pack("!QQQQB", self.flushed, self.flushed, self.flushed, clock, 0))
        stream.flush()

    # -- where to begin

    def _where_to_begin(self) -> int:
        """The slot exists and nothing before its start is promised: begin where our files end, else where the slot does."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as server:
            system, timeline = _one(
                server,
                "SELECT (SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint())",
            )
            if str(system) != self.store.system:
                raise CannotRun(f"{self.store.path} 里是另一个数据库的备份。请用 linli backup --to 另选一个目录。")
            self._timeline = int(timeline)
            row = server.execute(
                "SELECT restart_lsn::text, wal_status FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
            ).fetchone()
            if row is not None and (row[0] is None or row[1] == "lost"):
                server.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
                self._note_gap()
                row = None
            if row is None:
                row = server.execute(
                    "SELECT lsn::text FROM pg_create_physical_replication_slot(%s, true)", [SLOT]
                ).fetchone()
            assert row is not None
            return lsn_of(row[0])

    def _begin(self, slot: int) -> None:
        """Open the newest segment we have where it stops; with none, the slot's own from its first byte."""
        held = {} if self._begins_at_slot else self.store.segments(self._timeline)
        self._begins_at_slot = False
        name = max(held, default="")
        if name and held[name].suffix == SEALED:
            self._open(segment_name(self._timeline, segment_start(name) + SEGMENT_BYTES))
        elif name:
            self._open(name)
        else:
            self._open(segment_name(self._timeline, slot))

    def _open(self, name: str) -> None:
        path = self.store.wal / f"{name}{PART}"
        self._name, self._unwritten, held = name, 0, 0
        if path.exists() and path.stat().st_size > 64:
            self._file = path.open("r+b")
            self._sealer, held = Sealer.going_on(self._file, self.keys, name)
        else:
            self._file = path.open("wb")
            self._sealer = Sealer(self._file, self.keys, name)
        self.flushed = segment_start(name) + held

    def _note_gap(self) -> None:
        """What the server no longer has is lost to the backup: older bases end there, a new one is needed."""
        self._gap_at, self._begins_at_slot = time.time(), True
        for path in self.store.wal.glob(f"*{PART}"):
            path.unlink()
        self._note_state(force=True)

    # -- writing

    def _write(self, data: bytes) -> None:
        assert self._file is not None and self._sealer is not None
        at = 0
        while at < len(data):
            room = SEGMENT_BYTES - (self.flushed % SEGMENT_BYTES)
            piece = data[at : at + room]
            is_last = len(piece) == room
            self._sealer.write(piece, is_last=is_last)
            self._file.flush()
            os.fdatasync(self._file.fileno())
            self.flushed += len(piece)
            self._unwritten -= len(piece)
            at += len(piece)
            if is_last:
                self._finish_segment(more=len(data) - at)
        self._received_at = time.time()

    def _finish_segment(self, more: int) -> None:
        assert self._file is not None
        self._file.close()
        done = self.store.wal / f"{self._name}{PART}"
        done.rename(done.with_suffix(SEALED))
        _sync_folder(self.store.wal)
        self._open(segment_name(self._timeline, self.flushed))
        self._unwritten = more

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.flushed:
            self._note_state(force=True)

    def _note_state(self, *, force: bool = False) -> None:
        now = time.time()
        if not force and now - self._state_at < 0.5:
            return
        self._state_at = now
        self.store.write_state(
            State(
                lsn_text(self.flushed),
                lsn_text(max(self._server, self.flushed)),
                self._timeline,
                self._received_at,
                now,
                self._gap_at,
            )
        )


def with_login_for_replication(url: str) -> str:
    """`url` for the replication protocol."""
    return f"{url}&replication=true&application_name={SLOT}&connect_timeout=5"


def _one(connection: psycopg.Connection[Any], query: Any) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
