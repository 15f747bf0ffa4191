"""Where linli lives on this machine, which database that means, and what each child process is told."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun, birth_of, is_alive
from linli.ops.provision import Logins, database_of, ensure_secrets, provision

CODE = Path(__file__).resolve().parents[2]
URL_NAMES = {"owner": "LINLI_DB_OWNER", "app": "LINLI_DB_APP", "audit": "LINLI_DB_AUDIT"}
DATABASE = "linli"
PROFILES = ("demo", "production", "test")


@dataclass(frozen=True)
class Database:
    """An open database: its logins, and the cluster behind it when it is our own (None: somebody else's server)."""

    logins: Logins
    cluster: Cluster | None = None
    admin_url: str | None = None
    name: str = ""

    def close(self) -> None:
        """Stop the cluster if this process owns it."""
        if self.cluster is not None:
            self.cluster.stop()


@dataclass(frozen=True)
class Home:
    """One installation: its directory and its profile ("demo", "production" or "test")."""

    path: Path
    profile: str

    @classmethod
    def of_environment(cls, profile: str | None = None) -> Home:
        """LINLI_HOME, else the user's data directory; with `profile`, else LINLI_PROFILE, else the one last run."""
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
        path = Path(os.environ.get("LINLI_HOME") or Path(data) / "linli").expanduser().resolve()
        chosen = profile or os.environ.get("LINLI_PROFILE") or _read(path / "profile") or "demo"
        if chosen not in PROFILES:
            raise CannotRun(f"LINLI_PROFILE 写的是“{chosen}”。请写 demo（示范）、production（正式）或 test（测试）。")
        return cls(path, chosen)

    @property
    def secrets(self) -> Path:
        return Path(os.environ.get("LINLI_SECRETS") or self.path / "secrets.json")

    @property
    def log(self) -> Path:
        return self.path / "log"

    def claim(self) -> None:
        """Make this the profile of the home. Demo and real life never share one: files and trail heads lie in it, too.

        Raises:
            CannotRun: the home belongs to another profile.
        """
        held = _read(self.path / "profile")
        if held and held != self.profile:
            names = {"demo": "示范社区", "production": "正式使用", "test": "测试"}
            raise CannotRun(
                f"目录 {self.path} 里是{names.get(held, held)}的数据，不能再作{names[self.profile]}。"
                "请用 LINLI_HOME 另选一个目录，例如 LINLI_HOME=~/linli-2 ./run"
            )
        self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        (self.path / "profile").write_text(f"{self.profile}\n")

    # -- the database

    def open_database(self) -> Database:
        """Start or attach to this home's database, or connect to the one the environment names; provision it.

        LINLI_DB_OWNER, LINLI_DB_APP and LINLI_DB_AUDIT together are taken as they are; else DATABASE_URL is the login
        that may make the three roles; else it is the embedded PostgreSQL.

        Raises:
            CannotRun: with what to do.
        """
        given = self.given_logins()
        if given is not None:
            ensure_secrets(self.secrets)
            return Database(given)
        if url := os.environ.get("DATABASE_URL"):
            named = self.database_of(url)
            return Database(provision(url, database=named, secrets=self.secrets), admin_url=url, name=named)
        cluster = Cluster(self.path).start()
        try:
            logins = provision(cluster.admin_url, database=DATABASE, secrets=self.secrets)
        except BaseException:
            cluster.stop()
            raise
        return Database(logins, cluster, cluster.admin_url, DATABASE)

    @staticmethod
    def database_of(url: str) -> str:
        """The database to use on the server at `url`."""
        return database_of(url, otherwise=DATABASE) if url else DATABASE

    @staticmethod
    def given_logins() -> Logins | None:
        """The three URLs of the environment; None when none is set. Raises CannotRun for some but not all."""
        held = {role: os.environ.get(name, "") for role, name in URL_NAMES.items()}
        missing = [URL_NAMES[role] for role, url in held.items() if not url]
        if len(missing) == len(held):
            return None
        if missing:
            raise CannotRun(f"还缺 {'、'.join(missing)}。三个数据库地址要么都写，要么都不写。")
        return Logins(**held)

    # -- what a process is told

    def environment(self, logins: Logins | None, *roles: str, port: int = 8000) -> dict[str, str]:
        """The environment of a child: ours, with the URLs of `roles` ("app", "owner", "audit") and no others."""
        hidden = {*URL_NAMES.values(), "DATABASE_URL"}
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        origin = env.get("LINLI_ORIGIN") or f"http://localhost:{port}"
        # A public origin has a proxy in front, which passes /live on; a local one has the live process next door.
        live = env.get("LINLI_LIVE_ORIGIN") or (origin if env.get("LINLI_ORIGIN") else f"http://localhost:{port + 1}")
        env |= {
            "LINLI_HOME": str(self.path),
            "LINLI_PROFILE": self.profile,
            "LINLI_SECRETS": str(self.secrets),
            "LINLI_ORIGIN": origin,
            "LINLI_LIVE_ORIGIN": live,
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": os.pathsep.join([str(CODE), *filter(None, [env.get("PYTHONPATH")])]),
            "PYTHONUNBUFFERED": "1",
        }
        return env | {URL_NAMES[role]: getattr(logins, role) for role in roles if logins is not None}

    # -- who runs here

    def note_running(self, port: int, **facts: Any) -> None:
        """Leave a note that a supervisor of this home serves `port`; `running` reads it."""
        facts |= {
            "pid": os.getpid(),
            "birth": birth_of(os.getpid()),
            "port": port,
            "profile": self.profile,
            "started_at": int(time.time()),
        }
        (self.path / f"running-{port}.json").write_text(json.dumps(facts))

    def note_stopped(self, port: int) -> None:
        (self.path / f"running-{port}.json").unlink(missing_ok=True)

    def running(self) -> list[dict[str, Any]]:
        """The notes of supervisors that are alive, by port. A note whose writer was killed is not one of them."""
        found = []
        for path in sorted(self.path.glob("running-*.json")):
            try:
                note = json.loads(path.read_text())
            except (OSError, ValueError):
                continue
            if is_alive(note["pid"]) and birth_of(note["pid"]) == note["birth"]:
                found.append(note)
        return found


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
