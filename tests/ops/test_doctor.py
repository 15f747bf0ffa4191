"""The doctor, and the words of the command line."""

from __future__ import annotations

import json
import os

import psycopg
import pytest

from linli.ops.doctor import Level, _isolation, examine
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from linli.ops.provision import AUDIT, provision
from tests.ops.house import ROOT, linli


@pytest.fixture
def no_database_named(monkeypatch):
    """As in a person's shell: nothing tells which database this test run uses."""
    for name in [name for name in os.environ if name.startswith(("LINLI_DB_", "LINLI_SECRETS", "DATABASE_URL"))]:
        monkeypatch.delenv(name)


def test_the_doctor_works_where_nothing_was_ever_started(home, no_database_named):
    findings = examine(Home(home, "demo"), port=8000)

    assert {finding.level for finding in findings} == {Level.GOOD}
    assert not home.exists()  # it looks, it makes nothing


def test_the_doctor_speaks_json(home):
    done = linli(home, "doctor", "--json")

    assert done.returncode == 0
    assert {"about", "level", "says", "do"} == set(json.loads(done.stdout)[0])


def test_the_doctor_sees_what_is_wrong_with_roles_schema_and_keys(home, no_database_named):
    cluster = Cluster(home, durable=False).start()
    try:
        provision(cluster.admin_url, secrets=home / "secrets.json")
        with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {AUDIT} SUPERUSER")
        (home / "secrets.json").chmod(0o644)
        wrong = {
            finding.about: finding for finding in examine(Home(home, "demo"), port=8000) if finding.level is Level.WRONG
        }
    finally:
        cluster.destroy()

    assert wrong.keys() == {"账号权限", "表结构", "密钥", "数据库"}
    assert f"{AUDIT} 是超级用户" in wrong["账号权限"].says
    assert "落盘" in wrong["数据库"].says  # this cluster is a throw-away one
    assert all(finding.do for finding in wrong.values())


def test_the_doctor_misses_no_tenant_table_without_its_policy():
    with psycopg.connect(os.environ["LINLI_DB_OWNER"]) as connection:
        [good] = _isolation(connection)
        assert good.level is Level.GOOD

        connection.execute("ALTER TABLE core_trailentry NO FORCE ROW LEVEL SECURITY")
        [bare] = _isolation(connection)
        connection.rollback()

    assert bare.level is Level.WRONG and "core_trailentry" in bare.says


def test_the_words_of_every_app_are_there(home):
    done = linli(home, "--help")

    assert done.returncode == 0
    for word in ("demo", "serve", "doctor", "audit", "areas", "migrate"):
        assert f"    {word} " in done.stdout


def test_a_word_nobody_knows_is_not_understood(home):
    assert linli(home, "nonsense").returncode == 2


@pytest.mark.parametrize("module", ["config.wsgi", "config.live_asgi"])
def test_servers_bind_their_workers_to_themselves_before_anything_else(module):
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()

    assert source.index("die_with_server()\n") < source.index("django")
