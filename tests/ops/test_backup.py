"""Backup and restore as an operator uses them: what was committed comes back, and what is missing is told."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from linli.ops.backup import rows
from linli.ops.backup.mirror import Mirror
from linli.ops.backup.sealing import BackupKeys, Damaged, Opener, Sealer, key_of_file
from linli.ops.backup.store import SEALED, Base, Store, lsn_of, write_json
from linli.ops.backup.words import is_due
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from tests.ops.house import ROOT, House, environment, linli, wait_until

KEYS = BackupKeys({"b1": bytes(range(32)), "b2": bytes(32)}, "b1")


# files


def sealed(*pieces: bytes, name: str = "wal/1") -> bytes:
    out = BytesIO()
    sealer = Sealer(out, KEYS, name)
    for i, piece in enumerate(pieces):
        sealer.write(piece, is_last=i == len(pieces) - 1)
    return out.getvalue()


def opened(data: bytes, name: str = "wal/1", **options: bool) -> bytes:
    return b"".join(Opener(BytesIO(data), KEYS, name).pieces(**options))


def test_what_is_sealed_opens_again_and_says_nothing_without_the_key():
    data = sealed(b"a" * 5000, b"13800001111", b"")
    assert opened(data) == b"a" * 5000 + b"13800001111"
    assert b"1380000" not in data and len(data) < 1000  # squeezed, too


def test_a_changed_cut_off_moved_or_renamed_file_is_noticed():
    data = sealed(b"one", b"two", b"three")
    for at in range(9, len(data), 7):
        with pytest.raises(Damaged):
            opened(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    for end in (len(data) - 1, len(data) - 40, 60):
        with pytest.raises(Damaged):
            opened(data[:end])
    with pytest.raises(Damaged):
        opened(data, name="wal/2")


def test_a_file_torn_by_a_crash_goes_on_after_its_last_whole_piece(tmp_path):
    path = tmp_path / "part"
    path.write_bytes(sealed(b"one", b"two", b"three")[:-5])
    with path.open("r+b") as file:
        sealer, held = Sealer.going_on(file, KEYS, "wal/1")
        sealer.write(b"four", is_last=True)
    assert held == 6
    assert opened(path.read_bytes()) == b"onetwofour"


def test_only_what_changed_is_copied_and_the_keys_never(tmp_path):
    home, store = tmp_path / "home", Store(tmp_path / "backup").open_for("1")
    (home / "files/1/ab").mkdir(parents=True)
    (home / "files/1/ab/photo.jpg").write_bytes(b"picture")
    (home / "secrets.json").write_text("{}")
    mirror = Mirror(home, store, KEYS)
    assert mirror.update() == 1
    assert mirror.update() == 0
    (home / "files/1/ab/second.jpg").write_bytes(b"another")
    assert mirror.update() == 1
    assert {path.name for path in store.home.rglob(f"*{SEALED}")} == {"photo.jpg.sealed", "second.jpg.sealed"}


def test_differences_name_the_table():
    held = {"a": ["2", "77"], "b": ["1", "5"]}
    assert rows.differences(held, held) == []
    assert rows.differences(held, {"a": ["2", "78"], "b": ["0", "0"]}) == [
        "a：2 行都在，内容对不上",
        "b：应有 1 行，恢复出 0 行",
    ]


# the drill


class Installation:
    """A small linli with a migrated database, backed up into a directory beside it."""

    def __init__(self, place: Path) -> None:
        self.home, self.backup = place / "home", place / "backup"
        self.server: subprocess.Popen[str] | None = None
        self.store = Store(self.backup)

    def say(self, *words: str, home: Path | None = None) -> str:
        done = linli(home or self.home, *words, LINLI_PROFILE="production")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *words: str) -> str:
        done = linli(self.home, *words, LINLI_PROFILE="production")
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout + done.stderr

    def open(self) -> None:
        """The database, owned by a process that can be killed, and the receiver beside it."""
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.ops.server", str(self.home)], cwd=ROOT, env=environment(self.home),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.server.stdout is not None and self.server.stdout.readline().strip() == "open"

    def close(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.communicate("")

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.home)

    def write(self, text: str) -> None:
        """A row that is committed when this returns, by the owner, in the community table everybody has."""
        with psycopg.connect(self.cluster.admin_url.replace("/postgres?", "/linli?")) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS drill (id serial PRIMARY KEY, said text)")
            connection.execute("INSERT INTO drill (said) VALUES (%s)", [text])

    def received(self) -> None:
        with psycopg.connect(self.cluster.admin_url) as connection:
            (lsn,) = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        wait_until(lambda: lsn_of(self.store.state().lsn) >= lsn_of(lsn), seconds=5)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A migrated home, made once and copied for each test that writes."""
    place = Path(tempfile.mkdtemp(prefix="linli-backup-"))
    place.chmod(0o711)
    assert linli(place / "home", "migrate", LINLI_PROFILE="production").returncode == 0
    (place / "home/profile").write_text("production\n")
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def installation(made: Path) -> Iterator[Installation]:
    place = Path(tempfile.mkdtemp(prefix="linli-drill-"))
    place.chmod(0o711)
    subprocess.run(["cp", "-a", str(made / "home"), str(place / "home")], check=True)
    one = Installation(place)
    yield one
    one.close()
    shutil.rmtree(place, ignore_errors=True)


def rows_of(home: Path) -> list[str]:
    cluster = Cluster(home).start()
    try:
        with psycopg.connect(cluster.admin_url.replace("/postgres?", "/linli?")) as connection:
            return [row[0] for row in connection.execute("SELECT said FROM drill ORDER BY id")]
    finally:
        cluster.stop()


def test_after_a_killed_server_and_a_lost_disk_the_last_committed_row_is_there(installation):
    installation.open()
    installation.write("before the backup")
    assert "备份做好了" in installation.say("backup", "--to", str(installation.backup))
    (installation.home / "files/1").mkdir(parents=True)
    (installation.home / "files/1/photo.jpg").write_bytes(b"picture")
    for i in range(300):
        installation.write(f"after {i}")
    installation.write("the last")
    installation.received()
    pid = int((installation.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    wait_until(lambda: installation.store.home.joinpath("files/1/photo.jpg.sealed").exists(), seconds=5)
    os.kill(pid, signal.SIGKILL)
    installation.server.kill()
    installation.server.wait()
    secrets = shutil.copy(installation.home / "secrets.json", installation.backup.with_name("kept.json"))
    shutil.rmtree(installation.home)

    new = installation.home.with_name("new")
    said = installation.say(
        "restore",
        "--from",
        str(installation.backup),
        "--to",
        str(new),
        "--secrets",
        str(secrets),
        home=new.with_name("nowhere"),
    )

    assert "恢复好了" in said
    held = rows_of(new)
    assert held[0] == "before the backup" and held[-1] == "the last" and len(held) == 302
    assert (new / "files/1/photo.jpg").read_bytes() == b"picture"
    assert (new / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_drill_compares_every_row_and_leaves_nothing_behind(installation):
    installation.open()
    installation.write("one")
    installation.say("backup", "--to", str(installation.backup))
    for i in range(20):
        installation.write(f"more {i}")
    scratch = Path(tempfile.mkdtemp(prefix="linli-"))  # its own: others drill at the same time
    scratch.chmod(0o711)

    done = linli(installation.home, "restore", "--verify", LINLI_PROFILE="production", TMPDIR=str(scratch))

    said = done.stdout
    assert done.returncode == 0, said + done.stderr

    assert "先记下现在每张表的内容" in said
    assert re.search(r"恢复到标记 linli-\S+：\d+ 张表 \d+ 行，每张表的行数和内容都一样", said)
    for words in (
        "pg_verifybackup：每个数据库文件都和清单一致",
        "pg_amcheck：数据页和索引完好",
        "前后相接",
        "演练通过",
        "RTO",
    ):
        assert words in said
    assert list(scratch.iterdir()) == []
    scratch.rmdir()
    assert installation.store.drill()["is_good"]
    assert "通过" in installation.say("doctor")


def test_a_row_changed_in_the_backup_is_told(installation):
    """Planted: the mark says another sum than what comes back, as where a restore had lost or changed a row."""
    installation.open()
    installation.write("one")
    installation.say("backup", "--to", str(installation.backup))
    installation.close()
    (mark,) = installation.store.list_marks()
    path = installation.store.marks / f"{mark.name}.json"
    count, total = mark.tables["drill"]
    path.write_text(path.read_text().replace(f'"{total}"', f'"{int(total) + 1}"'))

    said = installation.refused("restore", "--verify")

    assert f"drill：{count} 行都在，内容对不上" in said and "演练没有通过" in said
    assert not installation.store.drill()["is_good"]


def test_a_lost_wal_file_is_named_and_a_damaged_one_too(installation):
    """Planted: one file of WAL is deleted; then one bit of another is changed."""
    installation.open()
    installation.write("one")
    installation.say("backup", "--to", str(installation.backup))
    for _ in range(3):
        installation.write("x" * 1000)
        with psycopg.connect(installation.cluster.admin_url, autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
    installation.received()
    installation.close()
    base = installation.store.list_bases()[-1]
    names = list(installation.store.segments(base.timeline).items())
    name, path = names[1]
    kept = path.read_bytes()
    path.unlink()
    assert f"缺 WAL 段 {name}" in installation.refused("restore", "--verify")

    path.write_bytes(kept[:200] + bytes([kept[200] ^ 1]) + kept[201:])
    assert re.search(f"{name} 第 [0-9]+ 段被改过或已损坏", installation.refused("restore", "--verify"))

    path.write_bytes(kept)
    assert "演练通过" in installation.say("restore", "--verify")

    for _, newest in names[-2:]:  # the last was only begun; that those before it are gone, only the state tells
        newest.unlink()
    assert f"缺 WAL 段 {names[-2][0]}" in installation.refused("restore", "--verify")


@pytest.mark.slow
def test_old_backups_go_with_their_wal_and_the_kept_ones_restore(installation):
    installation.open()
    installation.write("one")
    for i in range(3):
        installation.say("backup", "--to", str(installation.backup), "--keep", "2")
        installation.write(f"after {i}")
        with psycopg.connect(installation.cluster.admin_url, autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
    installation.received()

    bases = installation.store.list_bases()
    first = min(installation.store.segments(bases[0].timeline))

    assert len(bases) == 2
    assert lsn_of(bases[0].start) // 2**24 == int(first[16:], 16)
    assert "演练通过" in installation.say("restore", "--verify")


def test_a_backup_past_its_days_goes_and_the_newest_never(tmp_path):
    store, day = Store(tmp_path).open_for("1"), 24 * 3600.0
    for n, age in enumerate((40, 33, 20, 6)):
        base = Base(f"b{n}", (100 - age) * day, 1, f"0/{n + 1}000000", f"0/{n + 1}000100", 1, "", "b1", {})
        (store.bases / base.name).mkdir()
        write_json(store.bases / base.name / "manifest.json", asdict(base))
        (store.wal / f"00000001000000000000000{n + 1}{SEALED}").touch()

    assert store.prune(7, days=35, now=100 * day) == 1
    assert [base.name for base in store.list_bases()] == ["b1", "b2", "b3"]
    assert min(store.segments(1)) == "000000010000000000000002"
    assert store.prune(7, days=35, now=130 * day) == 2
    assert store.prune(7, days=35, now=500 * day) == 0  # nobody made another: an old one is better than none
    assert [base.name for base in store.list_bases()] == ["b3"]


@pytest.mark.slow
def test_the_key_is_exchanged_while_changes_arrive_and_the_old_one_goes_when_nothing_needs_it(installation):
    installation.open()
    installation.write("with the old key")
    (installation.home / "files/1").mkdir(parents=True)
    (installation.home / "files/1/photo.jpg").write_bytes(b"picture")
    installation.say("backup", "--to", str(installation.backup), "--keep", "2")
    wait_until(lambda: installation.store.home.joinpath("files/1/photo.jpg.sealed").exists(), seconds=5)
    assert key_of_file(installation.store.home / "files/1/photo.jpg.sealed") == "b1"

    assert "备份密钥换成 b2" in installation.say("keys", "rotate-backup")

    installation.write("with the new key")
    assert key_of_file(installation.store.home / "files/1/photo.jpg.sealed") == "b2"
    assert installation.store.list_bases()[-1].key == "b2"
    assert "正用备份密钥 b2" in installation.refused("keys", "retire", "b2")
    assert "用着密钥 b1" in installation.refused("keys", "retire", "b1")  # the segment that was being received
    with psycopg.connect(installation.cluster.admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
    installation.write("in a segment of its own")
    installation.received()
    installation.say("backup", "--keep", "1")
    assert "扔掉了密钥 b1" in installation.say("keys", "retire", "b1")
    assert "演练通过" in installation.say("restore", "--verify")


FORGET = """
from linli.core.access import SYSTEM
from linli.core.tenancy import active
from linli.residents.models import Resident
from linli.rights import actions, retention
with active(1):
    actions.forget(SYSTEM, resident=Resident.objects.get(name="王芳"), rule=retention.retention().people["asked"])
"""
WHO = """
from linli.core.tenancy import active
from linli.residents.models import Resident
with active(1):
    print(*Resident.objects.values_list("name", flat=True))
"""


def test_a_restore_to_before_somebody_was_forgotten_does_not_bring_her_back(installation):
    installation.open()
    installation.say("manage", "shell", "-c", "from tests.cast import make_cast; make_cast()")
    installation.say("backup", "--to", str(installation.backup))
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    time.sleep(1.1)
    installation.say("manage", "shell", "-c", FORGET)
    listed = next((installation.home / "forgotten").glob("*.jsonl"))
    wait_until(lambda: (installation.store.home / "forgotten" / f"{listed.name}{SEALED}").exists(), seconds=5)
    installation.received()
    installation.close()

    new = installation.home.with_name("new")
    said = installation.say("restore", "--to", str(new), "--until", moment)

    assert "没有带回来" in said and "又回来的 1 位" in said
    held = installation.say("manage", "shell", "-c", WHO, home=new)
    assert "王芳" not in held and "老马" in held


@pytest.mark.slow
def test_a_moment_before_a_mistake_comes_back_and_is_backed_up_on_its_own_line(installation):
    installation.open()
    installation.write("kept")
    installation.say("backup", "--to", str(installation.backup))
    installation.write("kept, too")
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    time.sleep(1.1)
    installation.write("the mistake")
    installation.received()
    installation.close()
    new = installation.home.with_name("new")
    installation.say("restore", "--to", str(new), "--until", moment)
    assert rows_of(new) == ["kept", "kept, too"]

    installation.say("backup", "--to", str(installation.backup), home=new)
    assert [base.timeline for base in installation.store.list_bases()] == [1, 2]
    assert "演练通过" in installation.say("restore", "--verify", home=new)


def test_what_is_refused_says_what_to_do(installation):
    assert "--to" in installation.refused("backup")
    assert "还没有备份过" in installation.refused("restore", "--verify")
    assert "在数据目录里面" in installation.refused("backup", "--to", str(installation.home / "backup"))
    installation.backup.mkdir()
    (installation.backup / "mine.txt").write_text("somebody's")
    assert "有别的文件" in installation.refused("backup", "--to", str(installation.backup))
    (installation.backup / "mine.txt").unlink()
    installation.say("backup", "--to", str(installation.backup))
    assert "不是空目录" in installation.refused("restore", "--to", str(installation.home))
    done = linli(installation.home, "backup", DATABASE_URL="postgresql://somewhere/linli")
    assert done.returncode == 1 and "数据库管理员" in done.stderr


@pytest.mark.slow
def test_the_house_makes_its_weekly_backup_by_itself(installation):
    installation.open()
    installation.say("backup", "--to", str(installation.backup))
    installation.close()
    (base,) = installation.store.list_bases()
    home = Home(installation.home, "production")
    three_at_night = 1_800_000_000 - 1_800_000_000 % 86400 + 19 * 3600  # 03:00 in Shanghai
    for days, hours, due in ((6.9, 0, False), (7.1, 0, True), (7.1, 9, False), (8.1, 9, True)):
        now = three_at_night + hours * 3600
        aged(installation, base, at=now - days * 86400)
        assert is_due(home, now=now) is due, (days, hours)
    aged(installation, base, at=time.time() - 9 * 86400)

    house = House(installation.home, "serve", module="linli")
    try:
        wait_until(lambda: len(installation.store.list_bases()) == 2, seconds=90)
    finally:
        house.process.terminate()
        house.process.wait(20)
    assert len(list(installation.store.bases.iterdir())) == 2  # one, and not one each look


def aged(installation: Installation, base: Base, *, at: float) -> None:
    write_json(installation.store.bases / base.name / "manifest.json", asdict(replace(base, at=at)))


def test_state_survives_being_read_while_it_is_written(tmp_path):
    store = Store(tmp_path / "b").open_for("1")
    state = replace(store.state(), lsn="1/A", seen_at=time.time())
    store.write_state(state)
    assert store.state() == state


@pytest.mark.slow
def test_an_open_house_receives_from_its_first_backup_on_and_takes_what_is_written_last(open_house, home):
    house = open_house("serve", module="linli").wait_for("邻里已打开")
    store = Store(home.with_name("backup"))
    done = linli(home, "backup", "--to", str(store.path), LINLI_PROFILE="production")
    assert done.returncode == 0, done.stderr
    began = time.time()
    wait_until(lambda: store.state().seen_at > began + 1)  # the backup's own receiver is gone: this is the house's
    with psycopg.connect(Cluster(home).admin_url.replace("/postgres?", "/linli?"), autocommit=True) as connection:
        connection.execute("CREATE TABLE drill AS SELECT 'the last' AS said, 1 AS id")
    wait_until(lambda: store.state().lsn == store.state().server)
    said = linli(home, "doctor", LINLI_PROFILE="production", PORT=str(house.port)).stdout
    assert "连续备份" in said and "正在收，没有落下" in said and "还没有演练过" in said
    house.process.terminate()
    house.process.wait(20)
    new = home.with_name("new")
    assert linli(home, "restore", "--to", str(new), LINLI_PROFILE="production").returncode == 0
    assert rows_of(new) == ["the last"]
