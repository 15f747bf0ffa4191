"""Demo and real life keep apart: a demo is never taken for real data, and real data never emptied."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from linli.ops import schema
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun
from linli.ops.provision import provision
from tests.ops.house import linli


def test_a_production_profile_opens_no_demo(home):
    for words in (["demo"], ["demo", "--reset"]):
        done = linli(home, *words, LINLI_PROFILE="production")
        assert done.returncode == 1 and "./run serve" in done.stderr
    assert not home.exists()


def test_a_home_belongs_to_one_profile(tmp_path):
    Home(tmp_path, "production").claim()

    with pytest.raises(CannotRun, match="LINLI_HOME"):
        Home(tmp_path, "demo").claim()


def test_reset_empties_a_demo(open_house, home):
    house = open_house().wait_for("按 Ctrl-C 停止")
    _do(home, "CREATE TABLE made (n int)")
    (home / "files").mkdir()
    house.process.terminate()
    house.process.wait()

    open_house("--reset").wait_for("正在清空").wait_for("按 Ctrl-C 停止")

    assert not (home / "files").exists()
    assert _do(home, "SELECT to_regclass('made')::text") is None


@pytest.mark.parametrize("owner", ["production", None])
def test_reset_leaves_alone_what_is_not_certainly_a_demo(open_house, home, owner):
    server = Cluster(home.with_name("server"), durable=False).start()
    try:
        logins = provision(server.admin_url, secrets=home / "secrets.json")
        with psycopg.connect(logins.owner) as connection:
            connection.execute("CREATE TABLE made (n int)")
        if owner:
            schema.write_mark(logins.owner, schema.Mark(owner, "x"))

        refused = open_house("--reset", DATABASE_URL=server.admin_url)

        assert refused.process.wait(20) == 1 and "没有动" in refused.said
        with psycopg.connect(logins.owner) as connection:
            assert connection.execute("SELECT count(*) FROM made").fetchone() == (0,)
    finally:
        server.destroy()


def _do(home: Path, statement: str) -> object:
    """Run one statement as the owner of the home's database, which runs or is started for it."""
    cluster = Cluster(home).start()
    try:
        logins = provision(cluster.admin_url, secrets=home / "secrets.json")
        with psycopg.connect(logins.owner) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            row = cursor.fetchone() if cursor.description else None
    finally:
        cluster.stop()
    return row[0] if row else None
