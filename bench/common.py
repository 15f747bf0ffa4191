"""What every benchmark needs: a throw-away installation as in production, facts about the machine, and the answer's form.

The last line a benchmark prints is one JSON object: name, machine, sizes, figures, limit, ratio, target, met.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from django import get_version

from linli.ops.home import Database, Home
from linli.ops.processes import CannotRun, Child
from linli.ops.supervisor import Supervisor


class Unmeasured(Exception):
    """Why there are no figures, with what to do; `exit_code` is 2 where a tool is missing, 1 for all else."""

    exit_code = 1


class ToolMissing(Unmeasured):
    exit_code = 2


@dataclass
class Result:
    """A benchmark's answer. `limit` is what the machine itself can do, measured in the same run; `ratio` says how near we come."""

    name: str
    machine: dict[str, Any]
    sizes: dict[str, Any]
    figures: dict[str, Any] = field(default_factory=dict)
    limit: dict[str, Any] = field(default_factory=dict)
    ratio: dict[str, float] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    met: bool = False

    def print(self) -> None:
        """The one JSON line; nothing may follow it on stdout."""
        print(json.dumps(asdict(self), ensure_ascii=False, separators=(", ", ": ")), flush=True)


def say(words: str) -> None:
    """A line for the person who waits: to stderr, because stdout's last line is for programs."""
    print(words, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as aligned text, the first column to the left."""
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(_aligned(i, cell, widths[i]) for i, cell in enumerate(row)).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _aligned(i: int, cell: str, width: int) -> str:
    return cell.ljust(width) if i == 0 else cell.rjust(width)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def machine() -> dict[str, Any]:
    """What ran it: processor, cores, memory, versions, and how busy it was before the run (1, 5 and 15 minutes)."""
    return {
        "processor": _found(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(int(_found(r"MemTotal:\s+([0-9]+)", "/proc/meminfo") or 0) / 1024**2, 1),
        "system": _found(r'PRETTY_NAME="(.+)"', "/etc/os-release") or platform.system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "django": get_version(),
        "load_before": [round(value, 1) for value in os.getloadavg()],
    }


def _found(pattern: str, path: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text())
    except OSError:
        return ""
    return found[1].strip() if found else ""


def free_port() -> int:
    """A TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ThrowAway:
    """A linli of its own: a durable cluster in a temporary directory, migrated; gone with everything when the block ends.

    Servers and other processes are started through `serve` and `run`, with the supervisor's own flags and environment.
    """

    def __init__(self) -> None:
        self.database: Database
        self.home: Home
        self._children: list[Child] = []

    def __enter__(self) -> ThrowAway:
        for signum in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C does: through the ends of all blocks
            signal.signal(signum, _stop)
        path = Path(tempfile.mkdtemp(prefix="linli-bench-"))
        path.chmod(0o711)  # the server's unprivileged user passes through
        self.home = Home(path, "production")
        try:
            self.database = self.home.open_database()
            supervisor = Supervisor(self.home, port=free_port())
            supervisor.database = self.database
            supervisor._migrate(self.database)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.reap()
        if hasattr(self, "database"):
            if self.database.cluster is not None:
                self.database.cluster.destroy()
            self.database.close()
        shutil.rmtree(self.home.path, ignore_errors=True)

    def open_django(self) -> None:
        """Set this process up for the new database, in the demo profile: only there may the clock be set for a history."""
        port = free_port()
        kept = dict(os.environ)
        os.environ.update(self.home.environment(self.database.logins, "app", "audit", "owner", port=port))
        os.environ.update(LINLI_PROFILE="demo", LINLI_LOG="ERROR")
        import django

        django.setup()
        os.environ.clear()  # the children are told their own
        os.environ.update(kept)

    def serve(self, *kinds: type[Supervisor]) -> list[int]:
        """Start a web server as each of `kinds` starts one, all at once; the ports they answer on."""
        started = []
        for kind in kinds:
            supervisor = kind(self.home, port=free_port())
            supervisor.database = self.database
            supervisor.children = [supervisor._web()]
            supervisor.children[0].start()
            self._children += supervisor.children
            started.append(supervisor)
        for supervisor in started:
            supervisor._wait_for_first_page()
        return [supervisor.port for supervisor in started]

    def run(self, word: str, *roles: str) -> None:
        """Start `python -m linli WORD` beside the servers."""
        supervisor = Supervisor(self.home, port=free_port())
        supervisor.database = self.database
        child = supervisor._python(word, *roles)
        child.start()
        self._children.append(child)

    def settle(self) -> None:
        """Fresh statistics and a checkpoint, as after a night: what follows does not pay for the loading."""
        with self.superuser() as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def superuser(self) -> psycopg.Connection[Any]:
        """A connection with every right, in the bench's database, committing each statement."""
        assert self.database.admin_url is not None
        return psycopg.connect(self.database.admin_url, dbname=self.database.name, autocommit=True)

    def check_alive(self) -> None:
        """Raise Unmeasured when a server or another process of ours has ended: figures beside it would mean nothing."""
        for child in self._children:
            if not child.is_running:
                tail = "\n".join(child.log.read_text(errors="replace").splitlines()[-15:])
                raise Unmeasured(f"{child.name} 停了(退出码 {child.exit_code})。日志的最后几行:\n{tail}")


def _stop(_signum: int, _frame: object) -> None:
    raise KeyboardInterrupt


class Watch:
    """Says how long each step took."""

    def __init__(self) -> None:
        self.began = self._last = time.monotonic()

    def say(self, words: str) -> None:
        now = time.monotonic()
        say(f"  {words}({now - self._last:.1f} 秒)")
        self._last = now

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


__all__ = [
    "CannotRun",
    "Result",
    "ThrowAway",
    "ToolMissing",
    "Unmeasured",
    "Watch",
    "free_port",
    "machine",
    "say",
    "table",
]
