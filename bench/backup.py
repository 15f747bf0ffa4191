"""`./run bench backup [--quick]`: how much is lost when the disk goes, and how long until the community works again.

A database of 1 GB is backed up while its WAL is received; four writers commit as fast as they can and note each answer; then server and
receiver are killed (kill -9) and the whole home is deleted. What comes back from the backup directory is compared with what was answered.
Beside it, in the same run: cp of the same bytes, and commits without a receiver. See README.md in this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's folder must not stand on the path: modules of Python's own are called as some files here.
sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent)]

import argparse  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from typing import Any  # noqa: E402

import psycopg  # noqa: E402

from bench.common import CannotRun, Result, ThrowAway, Unmeasured, Watch, machine, say, table  # noqa: E402
from linli.ops.backup.restoring import Restore, restore_to, verify  # noqa: E402
from linli.ops.backup.store import Store, lsn_of, write_json  # noqa: E402
from linli.ops.backup.taking import back_up  # noqa: E402
from linli.ops.backup.words import keys_of  # noqa: E402

RPO_MS, RTO_S = 1000.0, 300.0
MIB = 1024 * 1024
ROW_BYTES, WRITERS = 900, 4


@dataclass(frozen=True)
class Sizes:
    mib: int
    seconds: float


FULL, QUICK = Sizes(1024, 20.0), Sizes(64, 4.0)


@dataclass
class Writers:
    """Commits as fast as they go; each answered one is noted with its moment."""

    url: str
    answered: list[tuple[int, float]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, seconds: float) -> float:
        """Write for `seconds`; commits answered a second."""
        self.stop.clear()
        before = len(self.answered)
        threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.stop.set()
        for thread in threads:
            thread.join(5)
        return round((len(self.answered) - before) / seconds, 1)

    def _write(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                while not self.stop.is_set():
                    row = connection.execute("INSERT INTO bench_said DEFAULT VALUES RETURNING id").fetchone()
                    assert row is not None
                    self.answered.append((row[0], time.time()))
        except psycopg.OperationalError:
            return  # killed, as it should be


def fill(place: ThrowAway, mib: int) -> None:
    """Rows of random bytes, as encrypted fields are: nothing to gain by squeezing."""
    with place.superuser() as connection:
        connection.execute("CREATE TABLE bench_rows (id bigint PRIMARY KEY, body bytea)")
        connection.execute("ALTER TABLE bench_rows ALTER body SET STORAGE EXTERNAL")
        connection.execute(
            "CREATE TABLE bench_said (id bigserial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())"
        )
        with connection.cursor().copy("COPY bench_rows FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "bytea"])
            for n in range(mib * MIB // (ROW_BYTES + 100)):
                copy.write_row((n, os.urandom(ROW_BYTES)))


def copy_seconds(source: Path, target: Path) -> float:
    """What the machine itself takes to copy the bytes and have them on disk."""
    began = time.monotonic()
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    subprocess.run(["sync", "-f", str(target)], check=True)
    taken = time.monotonic() - began
    shutil.rmtree(target)
    return round(taken, 2)


def size_of(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def measure(
    sizes: Sizes, place: ThrowAway, out: Path, watch: Watch
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Figures, limits and sizes."""
    cluster = place.database.cluster
    assert cluster is not None
    secrets = Path(shutil.copy(place.home.secrets, out / "secrets.json"))
    store, keys = Store(out / "backup"), keys_of(secrets)
    (place.home.path / "profile").write_text("production\n")
    fill(place, sizes.mib)
    place.settle()
    held = size_of(cluster.data / "base")
    watch.say(f"数据 {held // MIB} MB")
    limit: dict[str, Any] = {"cp_s": copy_seconds(cluster.data / "base", out / "copy")}
    watch.say("cp 同样的字节")
    writers = Writers(cluster.admin_url.replace("/postgres?", f"/{place.database.name}?"))
    limit["commits_per_s_without_receiver"] = writers.run(sizes.seconds / 2)

    base, mark = back_up(place.home.path, cluster, store, keys, database=place.database.name, keep=2)
    watch.say("完整备份和核对值")
    write_json(place.home.path / "backup.json", {"directory": str(store.path), "keep": 2})
    place.run("wal")
    began = time.monotonic()
    while time.time() - store.state().seen_at > 1 or store.state().seen_at < base.at:
        place.check_alive()
        if time.monotonic() - began > 20:
            raise Unmeasured("连续备份没有开始。")
        time.sleep(0.1)
    figures: dict[str, Any] = {"backup_s": base.seconds, "commits_per_s": writers.run(sizes.seconds / 2)}
    figures |= lose_everything(place, cluster, writers, sizes)
    watch.say("写，杀掉，删掉")

    began = time.monotonic()
    found = restore_to(store, keys, secrets, out / "restored")
    figures["rto_s"] = round(time.monotonic() - began, 1)
    watch.say("恢复")
    figures |= compare(store, keys, out / "restored", writers, figures.pop("killed_at"))
    drill = verify(store, keys, secrets, mark=mark, scratch=out)
    watch.say("演练（逐表核对、索引、留痕）")
    if found.wrong or drill.wrong:
        raise Unmeasured("恢复或演练不对：" + "；".join([*found.wrong, *drill.wrong]))
    figures["drill_s"] = drill.seconds["all"]
    facts = {"data_mb": held // MIB, "backup_mb": base.size_bytes // MIB, "wal_mb": size_of(store.wal) // MIB}
    return figures, limit, facts | {"writers": WRITERS, "commits_answered": len(writers.answered)}


def lose_everything(place: ThrowAway, cluster: Any, writers: Writers, sizes: Sizes) -> dict[str, Any]:
    """Kill the receiver, then the server, in the middle of writing; then the home is gone."""
    pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    (receiver,) = place._children
    thread = threading.Thread(target=writers.run, args=(sizes.seconds,))
    thread.start()
    time.sleep(sizes.seconds / 2)
    killed_at = time.time()
    assert receiver.process is not None
    os.kill(receiver.process.pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    writers.stop.set()
    thread.join()
    receiver.process.wait()
    place._children.clear()
    cluster.stop()
    shutil.rmtree(cluster.data)
    return {"killed_at": killed_at}


def compare(store: Store, keys: Any, home: Path, writers: Writers, killed_at: float) -> dict[str, Any]:
    """What was answered and did not come back: how many, and since when."""
    restore = Restore(store, keys, home)
    restore.cluster.start()
    try:
        with psycopg.connect(restore.database_url) as connection:
            held = {row[0] for row in connection.execute("SELECT id FROM bench_said")}
    finally:
        restore.cluster.stop()
    lost = [at for number, at in writers.answered if number not in held]
    rpo = max(0.0, (killed_at - min(lost)) * 1000) if lost else 0.0
    return {"commits_lost": len(lost), "rpo_ms": round(rpo, 1), "received_to": lsn_of(store.state().lsn)}


def result_of(figures: dict[str, Any], limit: dict[str, Any], facts: dict[str, Any], about: dict[str, Any]) -> Result:
    return Result(
        name="backup",
        machine=about,
        sizes=facts,
        figures=figures,
        limit=limit,
        ratio={
            "cp_to_restore": round(limit["cp_s"] / max(figures["rto_s"], 0.01), 3),
            "cp_to_backup": round(limit["cp_s"] / max(figures["backup_s"], 0.01), 3),
            "commits_with_receiver": round(
                figures["commits_per_s"] / max(limit["commits_per_s_without_receiver"], 0.1), 3
            ),
        },
        target={"rpo_ms_at_most": RPO_MS, "rto_s_at_most": RTO_S},
        met=figures["rpo_ms"] <= RPO_MS and figures["rto_s"] <= RTO_S,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench backup", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="64 MB 试一试；要写下来的数请不加它")
    sizes = QUICK if parser.parse_args().quick else FULL
    about, watch = machine(), Watch()
    out = Path(tempfile.mkdtemp(prefix="linli-bench-backup-"))
    out.chmod(0o711)
    try:
        with ThrowAway() as place:
            figures, limit, facts = measure(sizes, place, out, watch)
    except (Unmeasured, CannotRun) as trouble:
        say(str(trouble))
        return getattr(trouble, "exit_code", 1)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    rows = [(name, value) for name, value in (figures | {f"limit: {k}": v for k, v in limit.items()}).items()]
    say(table(("", ""), rows))
    result_of(figures, limit, facts, about).print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
