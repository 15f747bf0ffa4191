"""`linli demo` and `linli serve`: the database, pages, streams, jobs and the relay; kept running, stopped in order."""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import signal
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from linli.ops import schema
from linli.ops.backup.words import is_due
from linli.ops.home import Database, Home
from linli.ops.local_ca import LocalCA, lan_names
from linli.ops.processes import CannotRun, Child
from linli.ops.provision import drop_database, provision

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.5, 30.0
STEADY_SECONDS = 60.0  # a child that ran this long was well: its next restart is prompt again
LOG_LIMIT_BYTES = 20 * 1024 * 1024
WEB_WORKERS, WEB_THREADS = 2, 4


class Stop(BaseException):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal). Raised in the main thread, wherever it is."""


class Supervisor:
    """What one `./run` starts: pages on `port`, streams on `port`+1; with `lan`, the CA's certificate on `port`+2."""

    pages, streams = "config.wsgi:application", "config.live_asgi:application"

    def __init__(self, home: Home, *, port: int, lan: bool = False, reset: bool = False) -> None:
        self.home, self.port, self.lan, self.wants_reset = home, port, lan, reset
        self.host = os.environ.get("LINLI_HOST") or ("0.0.0.0" if lan else "127.0.0.1")  # noqa: S104 - that is what --lan is for
        self.database: Database | None = None
        self.children: list[Child] = []
        self.seed: Child | None = None
        self.backup: Child | None = None  # the weekly one, while it runs
        self._backup_tried_at = float("-inf")
        self.ca: LocalCA | None = None
        self.names: list[str] = []
        self._retry: dict[str, tuple[float, float]] = {}  # child: when to start it again, and how long it waited
        self._database_seen_at = self._logs_seen_at = 0.0

    # -- the whole run

    def run(self) -> int:
        """Run until asked to stop; the exit code."""
        with _stop_on_signals():  # before PostgreSQL: no moment in which a signal would leave it behind
            try:
                self._start()
                while True:
                    self._look_after()
                    time.sleep(0.2)
            except Stop:
                say("\n正在停止……")
            except CannotRun as trouble:
                say(f"\n{trouble}", to=sys.stderr)
                return 1
            finally:
                _ignore_signals()
                self._stop()
        say("已停止。")
        return 0

    def _start(self) -> None:
        self._check_ports()
        self.home.claim()
        _raise_file_limit()
        if self.lan:
            self.names = lan_names()
            self.ca = LocalCA(self.home.path / "ca")
            self.ca.issue(self.names)
        say("正在准备数据库……")
        self.database = self.home.open_database()
        cluster = self.database.cluster
        if cluster is not None and not cluster.is_owner:
            say("另一个邻里进程已开着这个目录的数据库，这里只共用数据库。")
        if self.wants_reset:
            self._reset(self.database)
        self._migrate(self.database)
        self.children = [self._web(), self._live()]
        for child in self.children:
            child.start()
        self.home.note_running(self.port, origin=self.origin, tls=self.lan)
        self._wait_for_first_page()
        say(f"邻里已打开：{self.origin}")
        self._say_lan()
        self._start_the_rest()

    def _start_the_rest(self) -> None:
        rest = [self._python("worker", "app", stop_seconds=12.0), self._python("relay", "app", "audit")]
        if self.ca is not None:
            rest.append(self._certificate_page())
        for child in rest:
            child.start()
        self.children += rest
        if self.home.profile == "demo":
            self.seed = self._python("seed", "app", "owner", speaks=True)
            self.seed.start()
        say(f"按 Ctrl-C 停止。日志在 {self.home.log}")

    def _stop(self) -> None:
        for once in filter(None, (self.seed, self.backup)):
            once.stop_seconds = 0.0
            once.terminate()
            once.reap()
        pages = [child for child in self.children if child.name in {"web", "live"}]
        last = [child for child in self.children if child.name == "wal"]  # takes what the others write as they end
        for group in (pages, [child for child in self.children if child not in [*pages, *last]], last):
            for child in group:
                child.terminate()
            for child in group:
                child.reap()
        if self.database is not None:
            self.database.close()
        self.home.note_stopped(self.port)

    # -- the database

    def _reset(self, database: Database) -> None:
        """Drop the demo database with its files. Anything that is not certainly a demo is left alone."""
        mark = schema.mark_of(database.logins.owner)
        if self.home.profile != "demo" or (mark is not None and mark.profile != "demo"):
            raise CannotRun("--reset 只清示范社区的数据；这里是正式数据，一条也没有动。")
        if mark is None and database.cluster is None and schema.has_tables(database.logins.owner):
            raise CannotRun("DATABASE_URL 的数据库里有别的数据，没有动。请换一个空数据库作示范。")
        if others := [note for note in self.home.running() if note["pid"] != os.getpid()]:
            raise CannotRun(
                f"示范社区正由进程 {others[0]['pid']} 开着（端口 {others[0]['port']}）。请先停掉它，再加 --reset。"
            )
        if database.admin_url is None:
            raise CannotRun("用 LINLI_DB_OWNER 等三个地址时，--reset 没有权限重建数据库。请数据库管理员清空后再运行。")
        say("正在清空示范数据……")
        drop_database(database.admin_url, database.name)
        for name in ("files", "trail-heads", "forgotten"):
            shutil.rmtree(self.home.path / name, ignore_errors=True)
        provision(database.admin_url, database=database.name, secrets=self.home.secrets)

    def _migrate(self, database: Database) -> None:
        mark, wanted = schema.mark_of(database.logins.owner), schema.fingerprint()
        if mark is not None and mark.profile != self.home.profile:
            words = "示范社区" if mark.profile == "demo" else "正式数据"
            raise CannotRun(f"这个数据库里是{words}，和现在要运行的不是一回事。请换一个数据库或目录（LINLI_HOME）。")
        if mark is None and database.cluster is None and not schema.may_adopt(database.logins.owner, self.home.profile):
            raise CannotRun("这个数据库里有别的数据。请给邻里一个空数据库。")
        if mark is not None and mark.fingerprint == wanted:
            return
        say("正在建表……")
        migrate = self._python("migrate", "app", "owner")
        migrate.start()
        if migrate.wait() != 0:
            tail = "\n".join(migrate.log.read_text(errors="replace").splitlines()[-15:])
            raise CannotRun(f"建表没有完成，数据没有改动。请把下面几行和 {migrate.log} 发给维护的人：\n{tail}")

    # -- the children

    @property
    def origin(self) -> str:
        """The address people open."""
        if given := os.environ.get("LINLI_ORIGIN"):
            return given
        return f"https://{self.names[0]}:{self.port}" if self.lan else f"http://localhost:{self.port}"

    def _environment(self, *roles: str) -> dict[str, str]:
        assert self.database is not None
        env = self.home.environment(self.database.logins, *roles, port=self.port)
        if self.lan:
            env["LINLI_ORIGIN"] = self.origin
            env["LINLI_MORE_ORIGINS"] = " ".join(f"https://{name}:{self.port}" for name in ["localhost", *self.names])
            env["LINLI_LIVE_ORIGIN"] = f"https://{self.names[0]}:{self.port + 1}"
        return env

    def _python(self, word: str, *roles: str, stop_seconds: float = 5.0, speaks: bool = False) -> Child:
        command = [sys.executable, "-m", "linli", word]
        log = self.home.log / f"{word}.log"
        return Child(word, command, env=self._environment(*roles), log=log, stop_seconds=stop_seconds, speaks=speaks)

    def _granian(self, name: str, target: str, port: int, *options: str, kill_seconds: int) -> Child:
        """A granian server; open streams never end by themselves, so its workers are killed after `kill_seconds`."""
        command = [sys.executable, "-m", "granian", "--host", self.host, "--port", str(port), "--http", "1", "--no-ws"]
        command += ["--respawn-failed-workers", "--workers-kill-timeout", str(kill_seconds), *options]
        if self.ca is not None:
            command += ["--ssl-certificate", str(self.ca.chain), "--ssl-keyfile", str(self.ca.leaf_key)]
            command += ["--ssl-protocol-min", "tls1.2"]
        log = self.home.log / f"{name}.log"
        return Child(name, [*command, target], env=self._environment("app"), log=log, stop_seconds=kill_seconds + 2.0)

    def _web(self) -> Child:
        # granian counts connections, kept-alive ones too: a low limit would let idle browsers shut everybody out. Those
        # are closed after ten seconds; requests beyond what the threads take wait their turn in the worker.
        options = ["--interface", "wsgi", "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)]
        options += ["--backlog", "2048", "--backpressure", "1024", "--http1-header-read-timeout", "10000"]
        return self._granian("web", self.pages, self.port, *options, kill_seconds=3)

    def _live(self) -> Child:
        options = ["--interface", "asgi", "--workers", "1", "--backlog", "2048", "--backpressure", "4096"]
        return self._granian("live", self.streams, self.port + 1, *options, kill_seconds=1)

    def _certificate_page(self) -> Child:
        assert self.ca is not None
        command = [sys.executable, "-m", "linli.ops.local_ca", str(self.ca.certificate), str(self.port + 2)]
        return Child("ca", command, env=self._environment(), log=self.home.log / "ca.log", stop_seconds=1.0)

    # -- looking after them

    def _look_after(self) -> None:
        now = time.monotonic()
        if self.seed is not None and self.seed.exit_code is not None:
            if self.seed.exit_code:
                say(f"示范数据没有建完，网页照常可用。原因见 {self.seed.log}；改好后运行 ./run demo --reset。")
            self.seed = None
        if now - self._database_seen_at > 2.0:
            self._look_after_database()
            self._follow_backup()
            self._database_seen_at = now
        for child in self.children:
            self._look_after_child(child, now)
        if now - self._logs_seen_at > 60.0:
            _rotate(self.home.log)
            self._logs_seen_at = now

    def _look_after_child(self, child: Child, now: float) -> None:
        if child.is_running:
            return
        if child.name not in self._retry:
            waited = self._last_wait(child, now)
            self._retry[child.name] = (now + waited, waited)
            say(
                f"{child.name} 停了（退出码 {child.exit_code}），{waited:.1f} 秒后重新启动；日志 {child.log}",
                to=sys.stderr,
            )
            return
        if now >= self._retry[child.name][0]:
            child.backoff = self._retry.pop(child.name)[1]
            child.start()

    @staticmethod
    def _last_wait(child: Child, now: float) -> float:
        if now - child.started_at > STEADY_SECONDS or not child.backoff:
            return FIRST_BACKOFF_SECONDS
        return min(child.backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _look_after_database(self) -> None:
        """Bring the embedded server up again when it died, or when the process we shared it with has stopped."""
        cluster = self.database.cluster if self.database else None
        if cluster is None or cluster.is_running():
            return
        if not cluster.data.exists():  # an empty one in its place would look as if everything had been lost
            raise CannotRun(f"数据目录 {cluster.data} 不见了，已停下。请放回原处，或从备份恢复，再重新运行。")
        say("数据库停了，正在重新启动……", to=sys.stderr)
        cluster.stop()
        cluster.start()

    def _follow_backup(self) -> None:
        """Once a backup was made (`linli backup --to`), everything written is received there, for as long as we run."""
        cluster = self.database.cluster if self.database else None
        if cluster is None or not cluster.is_owner or not (self.home.path / "backup.json").exists():
            return
        if all(child.name != "wal" for child in self.children):
            self.children.append(self._python("wal", stop_seconds=5.0))
            self.children[-1].start()
        if self.backup is not None and self.backup.exit_code is not None:
            if self.backup.exit_code:
                say(f"每周的备份没有做成，过一小时再试。原因见 {self.backup.log}", to=sys.stderr)
            self.backup = None
        now = time.monotonic()
        if self.backup is None and now - self._backup_tried_at > 3600.0 and is_due(self.home, now=time.time()):
            self._backup_tried_at, self.backup = now, self._python("backup")
            self.backup.start()

    def _wait_for_first_page(self) -> None:
        web, deadline = self.children[0], time.monotonic() + 60.0
        while not page_answers(self.port, is_tls=self.ca is not None):
            if not web.is_running or time.monotonic() > deadline:
                tail = "\n".join(web.log.read_text(errors="replace").splitlines()[-15:])
                raise CannotRun(f"网页没有起来。{web.log} 的最后几行：\n{tail}")
            time.sleep(0.05)

    # -- what is said at the start

    def _check_ports(self) -> None:
        if not 1 <= self.port <= 65533:
            raise CannotRun(f"端口 {self.port} 用不了。请写 1024 到 65533 之间的数，例如 PORT=8010 ./run")
        for port, what in ((self.port, "网页"), (self.port + 1, "实时消息"), (self.port + 2, "证书下载"))[
            : 3 if self.lan else 2
        ]:
            if _is_free(self.host, port):
                continue
            ours = next((note for note in self.home.running() if note["port"] <= port <= note["port"] + 2), None)
            if ours is not None:
                raise CannotRun(
                    f"邻里已经在 {ours['origin']} 运行（同一个目录 {self.home.path}，进程 {ours['pid']}）。"
                    "直接打开那个地址就行；"
                    f"再开一份只会共用数据库，要另开网页请换端口，例如 PORT={ours['port'] + 10} ./run"
                )
            raise CannotRun(f"端口 {port}（{what}）已被别的程序占用。请换一个，例如 PORT={self.port + 10} ./run")

    def _say_lan(self) -> None:
        if self.ca is None:
            return
        if self.names[0] == "127.0.0.1":
            say("没有找到局域网地址，手机打不开。请先连上 Wi-Fi 或网线，再运行 ./run --lan")
            return
        for name in self.names[1:]:
            say(f"        也可用：https://{name}:{self.port}")
        say(f"手机第一次打开前，先装本机的根证书：http://{self.names[0]}:{self.port + 2}/linli-ca.crt")
        say(f"        装之前请核对指纹（SHA-256）：{self.ca.fingerprint}")


def say(text: str, *, to: Any = None) -> None:
    """Print for the person at the terminal; a terminal that is gone is no reason to fail."""
    with suppress(OSError):
        print(text, file=to or sys.stdout, flush=True)


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    def stop(_signum: int, _frame: object) -> None:
        _ignore_signals()
        raise Stop

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
    yield


def _ignore_signals() -> None:
    # Not SIG_IGN: that would be inherited by what is started meanwhile.
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda _signum, _frame: None)


def _raise_file_limit() -> None:
    """Each open stream is a file; the usual soft limit of 1024 is for programs that use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, PermissionError):
                raise CannotRun(f"没有权限用端口 {port}。请用 1024 以上的端口，例如 PORT=8010 ./run") from error
            return False
        return True


def page_answers(port: int, *, is_tls: bool, seconds: float = 30.0) -> bool:
    """Whether any HTTP answer comes from `port` on this machine within `seconds`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    if is_tls:
        # Our own server on our own machine; its certificate names other addresses. The answer matters, not its giver.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=seconds, context=context)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        connection.getresponse().read(1)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _rotate(folder: Path) -> None:
    """Keep one old copy of a log that grew too long: copied, then cut, because its writer keeps it open (to append)."""
    for path in folder.glob("*.log"):
        if path.stat().st_size > LOG_LIMIT_BYTES:
            shutil.copy2(path, path.with_suffix(".log.1"))
            os.truncate(path, 0)
