"""The supervisor, the words of the command line, the local CA, the doctor: with real processes."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography import x509

from linli.ops import schema
from linli.ops.doctor import Level, _isolation, examine
from linli.ops.home import Home
from linli.ops.local_ca import PRIVATE_NETWORKS, LocalCA, lan_names
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun
from linli.ops.provision import AUDIT, provision

ROOT = Path(__file__).resolve().parents[1]


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


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the database's user may enter, as /tmp/pytest-of-root is not."""
    path = Path(tempfile.mkdtemp(prefix="linli-home-"))
    path.chmod(0o711)
    yield path / "home"
    shutil.rmtree(path, ignore_errors=True)


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


@pytest.fixture
def open_house(home: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def opened(*words: str, **more: str) -> House:
        houses.append(House(home, *words, **more))
        return houses[-1]

    yield opened
    for house in houses:
        house.process.terminate()
    for house in houses:
        house.process.wait(20)
        house.wait_until_gone()


@pytest.fixture(scope="module")
def shared_house() -> Iterator[House]:
    """One open house for the tests that only look at it."""
    path = Path(tempfile.mkdtemp(prefix="linli-home-"))
    path.chmod(0o711)
    house = House(path / "home").wait_for("按 Ctrl-C 停止")
    yield house
    house.process.terminate()
    house.process.wait(20)
    shutil.rmtree(path, ignore_errors=True)


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


# -- starting and stopping


def test_ctrl_c_with_an_open_stream_stops_everything_in_seconds(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    assert read(house.port) == b"page"
    stream = hold_stream(house.port + 1)
    assert len(house.all_pids()) >= 8

    began = time.monotonic()
    os.killpg(house.process.pid, signal.SIGINT)  # what the terminal does: to every process of the group

    assert house.process.wait(15) == 0
    assert time.monotonic() - began < 8
    assert house.all_pids() == set()
    assert "已停止" in house.said
    stream.close()


def test_a_killed_supervisor_leaves_no_process(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    stream = hold_stream(house.port + 1)

    house.process.kill()
    house.process.wait()

    house.wait_until_gone()
    assert "database system is shut down" in (house.home / "log/postgres.log").read_text()
    stream.close()


@pytest.mark.slow
def test_a_supervisor_killed_at_any_moment_of_its_start_leaves_no_process(open_house):
    for seconds in (0.3, 0.6, 0.9, 1.2, 1.6, 2.0):
        house = open_house()
        time.sleep(seconds)
        house.process.kill()
        house.process.wait()
        house.wait_until_gone()


def test_a_child_that_dies_is_started_again_and_so_is_the_database(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    web, database = _child_with(house, "stand_in:page"), _child_with(house, str(house.home))

    os.kill(web, signal.SIGKILL)
    os.kill(database, signal.SIGKILL)

    house.wait_for("web 停了").wait_for("数据库停了")
    wait_until(lambda: _reads(house.port))
    wait_until(Cluster(house.home).answers)


def test_a_data_directory_that_vanished_is_not_replaced_by_an_empty_one(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")

    shutil.rmtree(Cluster(house.home).data)
    os.kill(_child_with(house, str(house.home)), signal.SIGKILL)

    assert house.process.wait(20) == 1
    assert "不见了" in house.said and not Cluster(house.home).data.exists()


def _child_with(house: House, word: str) -> int:
    """The pid of the supervisor's own child with `word` in its command line."""
    children = Path(f"/proc/{house.process.pid}/task/{house.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if word in Path(f"/proc/{pid}/cmdline").read_text())


def _reads(port: int, path: str = "/") -> bool:
    try:
        return bool(read(port, path))
    except OSError:
        return False


def test_idle_browsers_do_not_shut_others_out(shared_house):
    house = shared_house
    idle = [socket.create_connection(("127.0.0.1", house.port), timeout=5) for _ in range(600)]
    for browser in idle:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert browser.recv(100)

    assert read(house.port) == b"page"
    for browser in idle:
        browser.close()


def test_each_child_is_told_only_the_logins_it_needs(shared_house):
    house = shared_house
    told = {}
    for pid in house.all_pids() - {house.process.pid}:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
        name = re.search(r"stand[_-]in:(\w+)", words)
        if name:
            env = Path(f"/proc/{pid}/environ").read_bytes().decode()
            told[name[1]] = set(re.findall(r"LINLI_DB_(\w+)=", env))

    assert told == {
        "page": {"APP"},
        "stream": {"APP"},
        "worker": {"APP"},
        "relay": {"APP", "AUDIT"},
        "seed": {"APP", "OWNER"},
    }


def test_a_demo_that_could_not_be_filled_is_still_open(open_house):
    house = open_house(STAND_IN_SEED_FAILS="1").wait_for("示范数据没有建完")

    assert read(house.port) == b"page"


def test_a_second_supervisor_says_where_the_first_is(shared_house):
    first = shared_house

    second = House(first.home, PORT=str(first.port + 1))

    assert second.process.wait(20) == 1
    assert f"已经在 http://localhost:{first.port} 运行" in second.said and "换端口" in second.said
    assert read(first.port) == b"page"


def test_reset_waits_until_nobody_uses_the_demo(shared_house):
    second = House(shared_house.home, "--reset")

    assert second.process.wait(20) == 1 and f"进程 {shared_house.process.pid}" in second.said


def test_a_supervisor_that_shares_the_database_takes_it_over(open_house):
    first = open_house().wait_for("邻里已打开")
    second = open_house().wait_for("只共用数据库").wait_for("按 Ctrl-C 停止")

    first.process.terminate()

    assert first.process.wait(15) == 0
    second.wait_for("数据库停了")
    wait_until(Cluster(second.home).answers)


def test_a_taken_port_is_named_with_a_way_out(open_house):
    port = free_port()
    with socket.create_server(("127.0.0.1", port + 1)):
        house = open_house(PORT=str(port))
        assert house.process.wait(20) == 1

    assert f"端口 {port + 1}（实时消息）" in house.said and "PORT=" in house.said


def test_a_port_that_is_no_number_is_explained(home):
    done = _linli(home, "demo", PORT="eight")

    assert done.returncode == 1 and "PORT" in done.stderr and "Traceback" not in done.stderr


def test_somebody_elses_server_is_used_and_left_running(open_house, home):
    server = Cluster(home.with_name("server"), durable=False).start()
    try:
        house = open_house(DATABASE_URL=server.admin_url).wait_for("按 Ctrl-C 停止")
        assert not (house.home / "postgres").exists()
        house.process.terminate()
        assert house.process.wait(15) == 0
        assert server.answers()
        with psycopg.connect(server.admin_url) as connection:
            assert connection.execute("SELECT 1 FROM pg_database WHERE datname = 'linli'").fetchone()
    finally:
        server.destroy()


def test_on_the_lan_pages_come_by_https_that_the_local_ca_vouches_for(open_house):
    house = open_house("--lan").wait_for("按 Ctrl-C 停止")
    wait_until(lambda: _reads(house.port + 2, "/linli-ca.crt"))
    certificate = read(house.port + 2, "/linli-ca.crt")
    trusting = ssl.create_default_context(cadata=certificate.decode())

    with urllib.request.urlopen(f"https://127.0.0.1:{house.port}/", context=trusting, timeout=10) as answer:
        assert answer.read() == b"page"
    with pytest.raises(urllib.error.HTTPError):
        read(house.port + 2, "/ca.key")
    if lan_names()[0] == "127.0.0.1":
        assert "没有找到局域网地址" in house.said
    else:
        assert LocalCA(house.home / "ca").fingerprint in house.said


# -- demo and real life


def _linli(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "linli", *words]
    return subprocess.run(command, env=environment(home, **more), cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_production_profile_opens_no_demo(home):
    for words in (["demo"], ["demo", "--reset"]):
        done = _linli(home, *words, LINLI_PROFILE="production")
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


# -- the local CA


def test_the_ca_signs_for_private_names_alone(tmp_path):
    ca = LocalCA(tmp_path)
    ca.issue(["192.168.1.20", "house.local"])
    root = x509.load_pem_x509_certificate(ca.certificate.read_bytes())

    allowed = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert allowed.critical and {n.value for n in allowed.value.permitted_subtrees} >= set(PRIVATE_NETWORKS)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    for key in (ca.ca_key, ca.leaf_key):
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_made_anew_when_the_addresses_change_and_not_before(tmp_path):
    ca = LocalCA(tmp_path)
    assert ca.issue(["192.168.1.20"])
    root = ca.certificate.read_bytes()

    assert not ca.issue(["192.168.1.20"])
    assert ca.issue(["192.168.1.21"])

    assert ca.certificate.read_bytes() == root  # phones that trust it go on trusting it
    assert 300 < ca.days_left() < 398


def test_the_names_for_the_lan_are_private():
    assert lan_names()
    for name in lan_names():
        assert name.endswith(".local") or any(ip_in(name, network) for network in PRIVATE_NETWORKS)


def ip_in(text: str, network: object) -> bool:
    return ipaddress.ip_address(text) in network  # type: ignore[operator]


# -- the doctor, and the words


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
    done = _linli(home, "doctor", "--json")

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
    done = _linli(home, "--help")

    assert done.returncode == 0
    for word in ("demo", "serve", "doctor", "audit", "areas", "migrate"):
        assert f"    {word} " in done.stdout


def test_a_word_nobody_knows_is_not_understood(home):
    assert _linli(home, "nonsense").returncode == 2


@pytest.mark.parametrize("module", ["config.wsgi", "config.live_asgi"])
def test_servers_bind_their_workers_to_themselves_before_anything_else(module):
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()

    assert source.index("die_with_server()\n") < source.index("django")


# -- the whole house


@pytest.mark.slow
def test_the_real_house_opens_answers_and_leaves_nothing_behind(open_house, home):
    house = open_house("serve", module="linli").wait_for("按 Ctrl-C 停止")
    assert urllib.request.urlopen(f"http://localhost:{house.port}/", timeout=30).status == 200
    done = _linli(home, "doctor", PORT=str(house.port))
    assert done.returncode == 0, done.stdout

    house.process.kill()
    house.process.wait()

    house.wait_until_gone()
    again = open_house("serve", module="linli").wait_for("按 Ctrl-C 停止")
    assert "正在建表" in house.said and "正在建表" not in again.said  # the second start has nothing to migrate
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(20) == 0
    assert again.all_pids() == set()
