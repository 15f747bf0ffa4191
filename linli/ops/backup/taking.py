"""Taking a base backup: pg_basebackup's stream, sealed on its way to the backup directory; then a mark, then what may go."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from linli import __version__
from linli.core.clock import SHANGHAI
from linli.core.kept import BACKUP_DAYS
from linli.ops.backup.mirror import Mirror
from linli.ops.backup.receiver import Receiver
from linli.ops.backup.rows import flushed_to, take_mark
from linli.ops.backup.sealing import FRAME_BYTES, Keys, Sealer
from linli.ops.backup.store import Base, Mark, Store, lsn_of, write_json
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun

WAL_SECONDS = 60.0


class Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)


def system_of(url: str) -> str:
    """The database's own identity, given to it when it was made."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
    assert row is not None
    return str(row[0])


def back_up(
    home: Path, cluster: Cluster, store: Store, keys: Keys, *, database: str, keep: int, days: int = BACKUP_DAYS
) -> tuple[Base, Mark | None]:
    """One base backup with all the WAL it needs, the files, and a mark; older ones beyond `keep`, or older than `days`, go.

    Raises:
        CannotRun: no room, or a stream that broke off; nothing half is left behind.
    """
    store.open_for(system_of(cluster.admin_url))
    with store.lock("base") as is_ours:
        if not is_ours:
            raise CannotRun("另一次备份正在进行，请等它结束。")
        _check_room(cluster, store)
        with _receiving(cluster, store, keys, Mirror(home, store, keys)):
            base = _take_base(cluster, store, keys)
            _wait_for(store, base.stop)
            write_json(store.bases / base.name / "manifest.json", asdict(base))
            mark = new_mark(cluster, store, database=database, timeline=base.timeline)
        Mirror(home, store, keys).update()
        if store.prune(keep, days=days, now=time.time()):
            Mirror(home, store, keys).forget_deleted()
    return base, mark


def new_mark(cluster: Cluster, store: Store, *, database: str, timeline: int) -> Mark | None:
    """A mark that has arrived in the store; None when nobody stopped writing for a moment."""
    name = f"linli-{stamp()}"
    try:
        mark = take_mark(f"{cluster.admin_url.replace('/postgres?', f'/{database}?')}", name, timeline=timeline)
    except CannotRun as trouble:
        print(trouble, flush=True)
        return None
    _wait_for(store, flushed_to(cluster.admin_url))
    write_json(store.marks / f"{name}.json", asdict(mark))
    return mark


def stamp() -> str:
    return datetime.fromtimestamp(time.time(), SHANGHAI).strftime("%Y%m%dT%H%M%S.%f")[:-3]


@contextmanager
def _receiving(cluster: Cluster, store: Store, keys: Keys, mirror: Mirror) -> Iterator[None]:
    """The WAL is being received: by the process that does so all day, or by us for as long as this takes."""
    with store.lock("receiver") as nobody_does:
        pass
    if not nobody_does:
        yield
        return
    mirror.update()
    trouble: list[BaseException] = []
    stop = threading.Event()

    def receive() -> None:
        try:
            Receiver(cluster.admin_url, store, keys).run(stop.is_set)
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=receive)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if trouble:
        raise trouble[0]


def _take_base(cluster: Cluster, store: Store, keys: Keys) -> Base:
    program, env = cluster.tool("pg_basebackup")
    if program is None:
        raise CannotRun("没有找到 pg_basebackup。请装上完整的 PostgreSQL，或用 LINLI_PG_BIN 指向它的 bin 目录。")
    name, began = stamp(), time.monotonic()
    folder = store.bases / name
    folder.mkdir(mode=0o700)
    command = [str(program), "-D", "-", "-F", "tar", "-X", "none", "-c", "fast", "-l", f"linli {name}", "--no-password"]
    try:
        with (folder / "base.tar.sealed").open("wb") as file, (folder / "words").open("w+b") as words:
            out = Hashing(file)
            sealer = Sealer(out, keys, f"base/{name}")  # type: ignore[arg-type]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, env=env) as process:
                assert process.stdout is not None
                first = piece = _whole(process.stdout)
                while piece:
                    following = _whole(process.stdout)
                    sealer.write(piece, is_last=not following)
                    piece = following
            words.seek(0)
            said = words.read().decode(errors="replace")
        if process.returncode:
            raise CannotRun(f"备份没有做成。pg_basebackup 的原话：\n{said.strip()[-800:]}")
        (folder / "words").unlink()
        # The stream begins with backup_label, which says where the WAL it needs begins.
        begin = re.search(rb"START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+)", first)
        timeline = re.search(rb"START TIMELINE: ([0-9]+)", first)
        if begin is None or timeline is None:
            raise CannotRun("备份里没有说清它从哪里开始，这次备份不作数。请再运行一次。")
        stop = flushed_to(cluster.admin_url)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    versions = {"linli": __version__, "postgres": (cluster.data / "PG_VERSION").read_text().strip()}
    return Base(
        name, time.time(), int(timeline[1]), begin[1].decode(), stop, out.size, out.digest.hexdigest(), keys.current, versions,
        round(time.monotonic() - began, 1),
    )  # fmt: skip


def _whole(stream: Any) -> bytes:
    """The next FRAME_BYTES, fewer only at the end: a pipe hands out less at a time."""
    data: bytes = stream.read(FRAME_BYTES)
    return data


def _wait_for(store: Store, lsn: str) -> None:
    deadline = time.monotonic() + WAL_SECONDS
    while lsn_of(store.state().lsn) < lsn_of(lsn):
        if time.monotonic() > deadline:
            raise CannotRun(f"{WAL_SECONDS:.0f} 秒里没有收齐备份期间的改动。请看连续备份的日志 wal.log，再运行一次。")
        time.sleep(0.05)


def _check_room(cluster: Cluster, store: Store) -> None:
    with psycopg.connect(cluster.admin_url, connect_timeout=10) as connection:
        row = connection.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
    needed, free = int(row[0]) if row else 0, shutil.disk_usage(store.path).free
    if free < needed:
        raise CannotRun(
            f"{store.path} 所在的盘只剩 {free // 1024**2} MB，数据有 {needed // 1024**2} MB，放不下。请换一个盘（--to）。"
        )
