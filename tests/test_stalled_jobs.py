"""A worker dies with jobs in its hands: they are put back and done, and none that somebody lives with is touched."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from linli.core import jobs
from tests.helpers import as_superuser
from tests.test_keys import app_url

ROOT = Path(__file__).resolve().parents[1]
WORKER = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from linli.core.jobs import tenant_task
said = Path(sys.argv[1])

@tenant_task(name="tests.slow", queue="tests")
def slow(community_id):
    with said.open("a") as file:
        file.write("begun ")
    if said.read_text().count("begun") == 1:
        time.sleep(600)
    with said.open("a") as file:
        file.write("done ")

call_command("procrastinate", "worker", "--queues=tests", "--delete-jobs=never")
"""


def wait_for(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def jobs_of(task: str) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
        return cursor.fetchall()


def put_back() -> dict[str, int]:
    async def once(manager) -> dict[str, int]:
        async with app.open_async():
            return await jobs.put_back(manager)

    with app.replace_connector(app.connector.get_worker_connector()):
        return asyncio.run(once(app.job_manager))


def silence_workers() -> None:
    as_superuser("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds' RETURNING id")


@pytest.fixture
def worker(committed_cast, tmp_path):
    started = []

    def start() -> subprocess.Popen[bytes]:
        env = os.environ | {"LINLI_DB_APP": app_url(), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", WORKER, str(tmp_path / "said")]
        started.append(
            subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        return started[-1]

    start.said = tmp_path / "said"
    yield start
    for one in started:
        one.kill()
        one.wait()


def test_the_job_of_a_killed_worker_is_done_by_the_next(worker):
    first = worker()
    app.configure_task("tests.slow", queue="tests").defer(community_id=1)
    wait_for(lambda: worker.said.exists() and "begun" in worker.said.read_text())
    assert put_back() == {}  # it is at work, and its heart beats
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert jobs_of("tests.slow") == [("doing", 0)]
    silence_workers()

    assert put_back() == {"tests.slow": 1}

    worker()
    wait_for(lambda: worker.said.read_text().endswith("done "))
    wait_for(lambda: jobs_of("tests.slow") == [("succeeded", 2)])
    assert worker.said.read_text() == "begun begun done "
    assert put_back() == {}


def left_doing(task: str, *, lock: str | None = None, attempts: int = 0) -> None:
    """A job whose worker is not there any more."""
    app.configure_task(task, queue="tests", queueing_lock=lock).defer(community_id=1)
    as_superuser(f"UPDATE procrastinate_jobs SET status = 'doing', attempts = {attempts} WHERE task_name = '{task}' RETURNING id")  # fmt: skip


def test_one_that_waits_again_already_is_not_put_beside_itself(committed_cast):
    left_doing("tests.alone", lock="alone")
    app.configure_task("tests.alone", queue="tests", queueing_lock="alone").defer(community_id=1)

    assert put_back() == {"tests.alone": 1}

    assert jobs_of("tests.alone") == [("todo", 0)]


def test_one_that_kills_its_worker_every_time_fails_in_the_end(committed_cast):
    left_doing("tests.deadly", attempts=jobs.RETRY.max_attempts)

    assert put_back() == {}

    assert jobs_of("tests.deadly")[0][0] == "failed"
