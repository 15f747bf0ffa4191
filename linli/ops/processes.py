"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec a child must not import or allocate more than it has to.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class CannotRun(Exception):
    """What keeps linli from running, in a Chinese sentence that says what to do next."""


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Have the kernel send `signum` to this process when its parent ends, even by kill -9. Does nothing off Linux.

    The kernel watches the *thread* that started this process, so children are started from a thread that stays.
    Changing the user clears the wish: call it after setuid. Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def dying_with(parent: int, signum: int) -> Callable[[], None]:
    """A `preexec_fn`: die with `parent`, and at once when it was gone before the child could say so."""

    def before_exec() -> None:
        die_with_parent(signum)
        if _libc is not None and os.getppid() != parent:
            os._exit(1)

    return before_exec


def die_with_server() -> None:
    """Called by a web server's worker when it loads the application: workers outlive a killed server otherwise."""
    server = multiprocessing.parent_process()
    if server is None:
        return  # not a worker: a test or a tool imports the application
    die_with_parent(signal.SIGKILL)
    if _libc is not None and os.getppid() != server.pid:
        os._exit(1)


def is_alive(pid: int) -> bool:
    """Whether a process `pid` exists and is not a zombie (a zombie waits for its parent, it does no work)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return sys.platform != "linux"


def birth_of(pid: int) -> str:
    """When process `pid` started, in the kernel's ticks; pid and birth name one process for good. "" when unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


class Child:
    """One supervised process, in its own session: Ctrl-C reaches the supervisor alone, which stops all in order."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        death_signal: int = signal.SIGKILL,
        stop_seconds: float = 5.0,
        speaks: bool = False,
    ) -> None:
        self.name, self.command, self.env, self.log = name, list(command), dict(env), log
        self.death_signal, self.stop_seconds, self.speaks = death_signal, stop_seconds, speaks
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.backoff = 0.0  # seconds its last restart waited

    def start(self) -> None:
        """Start the process; it prints to the end of its log file (one that `speaks`, to our terminal)."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=None if self.speaks else out,
                stderr=out,
                start_new_session=True,
                preexec_fn=dying_with(os.getpid(), self.death_signal),
            )
        self.started_at = time.monotonic()

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait(self) -> int:
        """Wait for it to end by itself; the exit code."""
        assert self.process is not None
        return self.process.wait()

    def terminate(self) -> None:
        """Ask it to stop; `reap` waits for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def reap(self) -> None:
        """Wait `stop_seconds` for it to stop, then kill it and everything left in its session."""
        if self.process is None:
            return
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
