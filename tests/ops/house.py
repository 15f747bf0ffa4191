"""A whole house, `python -m MODULE`, in a home of its own: what the tests of starting, stopping and words share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wait_until(is_so: Callable[[], object], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def free_port() -> int:
    """The first of three free ports in a row, below those the kernel hands out by itself."""
    for port in range(20000 + os.getpid() % 1000 * 10, 32000, 3):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for offset, probe in enumerate((one, two, three)):
                    probe.bind(("127.0.0.1", port + offset))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Ours without what names the database of this test run."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LINLI_", "DATABASE_URL", "PORT"))}
    return env | {"LINLI_HOME": str(home)} | more


class House:
    """`python -m MODULE` running in a home of its own."""

    def __init__(self, home: Path, *words: str, module: str = "tests.stand_in", **more: str) -> None:
        self.home, self.port = home, int(more.setdefault("PORT", str(free_port())))
        self.out = home.with_name(f"out-{self.port}")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env=environment(home, **more),
                cwd=ROOT,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    def wait_for(self, text: str) -> House:
        wait_until(lambda: text in self.said or self.process.poll() is not None, seconds=120)
        assert text in self.said, self.said
        return self

    def wait_until_gone(self) -> None:
        wait_until(lambda: self.all_pids() == set(), seconds=8)

    def all_pids(self) -> set[int]:
        """Every process of this house: those told its home, and the database on its data."""
        found = set()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                told = f"LINLI_HOME={self.home}\0".encode() in (path / "environ").read_bytes()
                serves = str(self.home).encode() in (path / "cmdline").read_bytes()
            except OSError:
                continue
            if told or serves:
                found.add(int(path.name))
        return found


def read(port: int, path: str = "/", **options: object) -> bytes:
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=10) as answer:
        return answer.read()


def hold_stream(port: int) -> socket.socket:
    """An open stream, as a browser holds one: asked for, its first bytes read, never closed."""
    deadline = time.monotonic() + 20
    while True:  # the pages are announced before the live process listens
        try:
            stream = socket.create_connection(("127.0.0.1", port), timeout=10)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    stream.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"200" in stream.recv(200)
    return stream


def linli(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "linli", *words]
    return subprocess.run(command, env=environment(home, **more), cwd=ROOT, capture_output=True, text=True, check=False)
