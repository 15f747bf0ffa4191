"""`./run bench import [--quick]`: rosters into the register, by the way the product takes them, and how that grows.

Each size is one .xlsx file for a community of its own, or several of 100,000 rows one after another, because that is how an office sends
a town (one file of a million rows is refused): taken in as the page takes it, judged and written by the worker, sealed by the relay
meanwhile. Beside it the limit: the same file read by calamine and put into one bare table by COPY. See README.md in this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's folder must not stand on the path: benchmarks are called what they measure, and so are modules of Python's own.
sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent)]

import argparse  # noqa: E402
import os  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator, Sequence  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from typing import Any  # noqa: E402

from bench.common import CannotRun, Result, ThrowAway, Unmeasured, Watch, machine, say, table  # noqa: E402

FULL, QUICK = (10_000, 100_000, 1_000_000), (2_000, 10_000)
TARGET_ROWS_PER_S, TARGET_MB = 5_000, 400
MEASURED_AT = 100_000
ROWS_A_FILE = 100_000
SAMPLE_SECONDS = 0.1
STAGES = ("take_in", "check", "write")


@dataclass(frozen=True)
class Run:
    """What one size took: seconds by stage and file, the most memory all processes held at once, and the bare way's seconds."""

    rows: int
    files: list[tuple[int, dict[str, float]]]
    peak_mb: float
    sealed_after: float
    bare_seconds: float

    @property
    def seconds(self) -> dict[str, float]:
        return {stage: sum(seconds[stage] for _, seconds in self.files) for stage in STAGES}

    @property
    def all_seconds(self) -> float:
        return sum(self.seconds.values())

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.all_seconds

    @property
    def rows_per_s_by_file(self) -> list[int]:
        return [round(rows / sum(seconds.values())) for rows, seconds in self.files]


class Memory(threading.Thread):
    """The most resident memory a set of processes and all their children held at one moment."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self.pids, self.peak_kb, self.is_over = set(pids), 0, threading.Event()
        self.parts: dict[str, int] = {}

    def run(self) -> None:
        while not self.is_over.wait(SAMPLE_SECONDS):
            parts = dict(self._resident())
            if sum(parts.values()) > self.peak_kb:
                self.peak_kb, self.parts = sum(parts.values()), parts

    def _resident(self) -> Iterator[tuple[str, int]]:
        parents: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(
                    int(path.parent.name)
                )
            except OSError:
                continue
        wanted = list(self.pids) + [child for child in parents.get(os.getpid(), []) if child not in self.pids]
        for pid in wanted:
            wanted += [child for child in parents.get(pid, []) if child not in wanted]
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
                if "postgres" in words:
                    continue
                lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
                yield f"{pid} {words}", int(lines.get("VmRSS", "0").split()[0])
            except (OSError, ValueError):
                continue


@contextmanager
def prepared(watch: Watch) -> Iterator[ThrowAway]:
    with ThrowAway() as place:
        place.open_django()
        place.run("worker", "app")
        place.run("relay", "app", "audit")
        watch.say("数据库、后台进程已就绪")
        yield place


def measure(place: ThrowAway, number: int, rows: int, folder: Path, watch: Watch) -> Run:
    from bench.kit import roster

    town = roster.found_town(number, people=rows)
    place.settle()
    watch.say(f"{rows:,} 行：社区已建好")
    memory = Memory([child.process.pid for child in place._children if child.process])
    files, bare = [], 0.0
    for first in range(0, rows, ROWS_A_FILE):
        path, people = folder / f"roster-{rows}-{first}.xlsx", min(ROWS_A_FILE, rows - first)
        roster.write_roster(path, people=people, first=first)
        watch.say(f"文件 {path.stat().st_size / 1e6:.1f} MB")
        if not first:
            memory.start()
        files.append((people, import_file(place, town, path, people, watch)))
        bare += bare_seconds(place, path)
        path.unlink()
    memory.is_over.set()
    memory.join()
    for words, kb in memory.parts.items():
        say(f"    {kb / 1024:.0f} MB {words[:110]}")
    check_written(town.id, rows)
    sealed_after = wait_until_sealed(place, town.id)
    watch.say(f"{rows:,} 行：封签完")
    return Run(rows, files, memory.peak_kb / 1024, sealed_after, bare)


def import_file(place: ThrowAway, town: Any, path: Path, rows: int, watch: Watch) -> dict[str, float]:
    """One file the whole way; seconds by stage."""
    from linli.imports import actions

    actor, seconds = town.actor, dict.fromkeys(STAGES, 0.0)
    began = time.perf_counter()
    with active(town.id):
        (batch,) = actions.take_in(actor, content=path.read_bytes(), name=path.name, sender="测速")
    seconds["take_in"] = time.perf_counter() - began
    for stage, act, until in (
        ("check", lambda: actions.confirm_columns(actor, batch=batch, mapping=mapping_of(batch)), "checked"),
        ("write", lambda: actions.start(actor, batch=batch), "done"),
    ):
        began = time.perf_counter()
        with active(town.id):
            act()
        wait_for(place, town.id, batch, until, rows)
        seconds[stage] = time.perf_counter() - began
        if until == "checked":
            decide_doubts(town, batch)
    watch.say(f"{rows:,} 行：" + "，".join(f"{stage} {taken:.1f}" for stage, taken in seconds.items()))
    return seconds


def decide_doubts(town: Any, batch: Any) -> None:
    """In a large town some have a namesake with nearly the same number: somebody says that they are others. Nobody's time is measured."""
    from linli.imports import actions
    from linli.imports.models import Decision, ImportRow, Verdict

    with active(town.id):
        doubtful = list(
            ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL).values_list("number", flat=True)
        )
        actions.decide(town.actor, batch=batch, numbers=doubtful, decision=Decision.NEW_PERSON)
        if doubtful:
            say(f"    {len(doubtful)} 行拿不准，都定为新增")


def active(community_id: int) -> Any:
    from linli.core.tenancy import active as really

    return really(community_id)


def mapping_of(batch: Any) -> dict[int, str]:
    return {int(number): code for number, code in batch.mapping.items()}


def wait_for(place: ThrowAway, community_id: int, batch: Any, state: str, rows: int) -> None:
    from linli.imports.models import Import

    deadline = time.monotonic() + 60 + rows / 200
    while time.monotonic() < deadline:
        time.sleep(0.05)
        with active(community_id):
            if Import.objects.get(pk=batch.pk).state == state:
                return
        place.check_alive()
    raise Unmeasured(f"{rows:,} 行的导入没有到“{state}”。")


def check_written(community_id: int, rows: int) -> None:
    from linli.residents.models import Residence, Resident

    with active(community_id):
        found = Resident.objects.count(), Residence.objects.count()
        if found != (rows, rows):
            raise Unmeasured(f"导入 {rows:,} 行，档案里却是 {found}：不算数。")
        one = Resident.objects.order_by("-id")[0]
        if not (one.id_number and Resident.objects.filter(id_number_index=one.id_number, pinyin=one.pinyin).exists()):
            raise Unmeasured("刚导入的人按身份证号查不到：不算数。")


def wait_until_sealed(place: ThrowAway, community_id: int) -> float:
    began = time.perf_counter()
    with place.superuser() as connection:
        while True:
            row = connection.execute(
                """SELECT (SELECT count(*) FROM core_trailentry WHERE community_id = %(c)s)
                        - (SELECT count(*) FROM core_trailseal WHERE community_id = %(c)s)""",
                {"c": community_id},
            ).fetchone()
            if row and row[0] == 0:
                return time.perf_counter() - began
            if time.perf_counter() - began > 600:
                raise Unmeasured("封签没有跟上。")
            time.sleep(0.1)


def bare_seconds(place: ThrowAway, path: Path) -> float:
    """The same file by calamine into one table without keys, checks, encryption or trail, in one COPY."""
    from python_calamine import CalamineWorkbook

    with place.superuser() as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        began = time.perf_counter()
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()
        first = next(rows)
        connection.execute(f"CREATE TABLE bare ({', '.join(f'c{n} text' for n in range(len(first)))})")
        with connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row([str(value) for value in row])
        return time.perf_counter() - began


def result_of(runs: Sequence[Run], facts: dict[str, Any]) -> Result:
    by_rows = {run.rows: run for run in runs}
    main = by_rows.get(MEASURED_AT, runs[-1])
    result = Result("import", facts, {"rows": [run.rows for run in runs], "measured_at": main.rows})
    for run in runs:
        result.figures[f"{run.rows}"] = {
            "rows_per_s": round(run.rows_per_s),
            "seconds": {stage: round(seconds, 2) for stage, seconds in run.seconds.items()},
            "peak_mb": round(run.peak_mb),
            "sealed_after_s": round(run.sealed_after, 1),
        }
        if len(run.files) > 1:
            result.figures[f"{run.rows}"]["rows_per_s_by_file"] = run.rows_per_s_by_file
            result.ratio[f"{run.rows} last file to first"] = round(
                run.rows_per_s_by_file[-1] / run.rows_per_s_by_file[0], 2
            )
        result.limit[f"{run.rows}"] = {"bare_copy_rows_per_s": round(run.rows / run.bare_seconds)}
        result.ratio[f"{run.rows}"] = round(run.bare_seconds / run.all_seconds, 3)
    result.ratio["growth"] = round(runs[-1].all_seconds / runs[-1].rows / (main.all_seconds / main.rows), 2)
    result.target = {"rows_per_s": TARGET_ROWS_PER_S, "peak_mb": TARGET_MB, "at_rows": MEASURED_AT}
    result.met = main.rows_per_s >= TARGET_ROWS_PER_S and main.peak_mb <= TARGET_MB
    return result


def show(runs: Sequence[Run]) -> None:
    head = ["行数", *(f"{stage} 秒" for stage in STAGES), "行/秒", "内存峰值 MB", "封签晚 秒", "裸 COPY 行/秒", "比"]
    rows = [
        [
            f"{r.rows:,}",
            *r.seconds.values(),
            round(r.rows_per_s),
            round(r.peak_mb),
            r.sealed_after,
            round(r.rows / r.bare_seconds),
            r.bare_seconds / r.all_seconds,
        ]
        for r in runs
    ]
    say("\n" + table(head, rows))


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; 0 when it was measured (met or not: see the JSON line), 1 when it could not be."""
    parser = argparse.ArgumentParser(prog="./run bench import", description="花名册导入的速度")
    parser.add_argument("--quick", action="store_true", help="一分钟内：两千和一万行")
    parser.add_argument("--rows", type=int, nargs="+", help="只测这些行数")
    words = parser.parse_args(argv)
    sizes = words.rows or (QUICK if words.quick else FULL)
    facts, watch, runs = machine(), Watch(), []
    try:
        with prepared(watch) as place, tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
            for number, rows in enumerate(sizes, 1):
                runs.append(measure(place, number, rows, Path(folder), watch))
            result = result_of(runs, facts)
    except Unmeasured as trouble:
        say(f"\n没有测成：{trouble}")
        return trouble.exit_code
    except CannotRun as trouble:
        say(f"\n{trouble}")
        return 1
    except KeyboardInterrupt:
        say("\n已停止，没有结果。")
        return 130
    show(runs)
    say(f"共 {watch.seconds:.0f} 秒。")
    result.print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
