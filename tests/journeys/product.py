"""The product, running: pages, streams, jobs and relay as `./run` starts them, on a database of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from linli.ops.home import Database, Home
from linli.ops.processes import Child
from linli.ops.provision import Logins
from linli.ops.supervisor import Supervisor, page_answers
from tests.cast import PASSWORD
from tests.journeys.origin import Product, free_ports
from tests.plugin import ROLES, TEMPLATE, WORKER

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


@contextmanager
def running() -> Iterator[Product]:
    """The product from an empty database to the end; no process, database or file is left behind."""
    home = Home(Path(os.environ["LINLI_HOME"]).parent / f"journeys-{WORKER}", "test")
    home.path.mkdir(parents=True, exist_ok=True)
    with _database() as logins:
        supervisor = Supervisor(home, port=free_ports())
        supervisor.database = Database(logins)
        # Before the stage is set: starting up and making the cast share the two cores.
        children = [supervisor._web(), supervisor._live(), supervisor._python("worker", "app")]
        children.append(supervisor._python("relay", "app", "audit"))
        try:
            for child in children:
                child.start()
            rows = _stage(supervisor._environment("app", "owner", "audit"))
            _wait_for(children, supervisor.port)
            yield Product(supervisor.origin, rows, PASSWORD)
        finally:
            for child in children:
                child.stop_seconds = 1.0  # nothing here is worth finishing
                child.terminate()
            for child in children:
                child.reap()
            shutil.rmtree(home.path, ignore_errors=True)


@contextmanager
def _database() -> Iterator[Logins]:
    """A database from the migrated template: the relay and the worker here must not meet the rows of other tests."""
    name = f"linli_journeys_{WORKER}"
    owner = urlsplit(os.environ["LINLI_DB_OWNER"]).username
    with psycopg.connect(os.environ["LINLI_TEST_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {owner}")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO linli_app, linli_audit")
        ours = urlsplit(os.environ["LINLI_DB_APP"]).path
        urls = {role.lower(): os.environ[f"LINLI_DB_{role}"].replace(ours, f"/{name}", 1) for role in ROLES}
        try:
            yield Logins(**urls)
        finally:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _stage(env: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.journeys.stage"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"the stage was not set:\n{done.stderr}"
    rows: dict[str, str] = json.loads(done.stdout)
    return rows


def _wait_for(children: list[Child], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (page_answers(port, is_tls=False) and _streams_answer(port + 1)):
        dead = [child for child in children if not child.is_running]
        assert not dead, f"{dead[0].name} stopped:\n{dead[0].log.read_text(errors='replace')[-2000:]}"
        assert time.monotonic() < deadline, "the product did not start"
        time.sleep(0.1)


def _streams_answer(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://localhost:{port}/live", timeout=5).close()
    except urllib.error.HTTPError:
        return True  # it asks who one is: it is there
    except OSError:
        return False
    return True
