"""Restoring: into a fresh directory, to the last change that was received; and the drill that shows it can be done."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import psycopg

from linli.ops.backup.mirror import restore_home
from linli.ops.backup.rows import contents_of, differences
from linli.ops.backup.sealing import Damaged, Keys, Opener, Plain
from linli.ops.backup.store import SEALED, SEGMENT_BYTES, Base, Mark, Store, lsn_of, segment_name, segment_start
from linli.ops.home import CODE, DATABASE, URL_NAMES, Home
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun
from linli.ops.provision import ROLES, Logins, ensure_secrets, with_login

RECOVERY_SECONDS = 1800.0


@dataclass
class Found:
    """What a drill found: lines for people, and whether all is well."""

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    last_commit: float = 0.0

    def say(self, words: str) -> None:
        self.lines.append(words)
        print(words, flush=True)

    def bad(self, words: str) -> None:
        self.wrong.append(words)
        print(f"不对：{words}", flush=True)


class Restore:
    """One base backup, its WAL and files, brought back into `home`, a directory that is empty or not there."""

    def __init__(self, store: Store, keys: Keys, home: Path) -> None:
        self.store, self.keys, self.home = store, keys, home
        bases = store.list_bases()
        if not bases:
            raise CannotRun(f"{store.path} 里没有做完的备份。请先运行 linli backup。")
        self.base: Base = bases[-1]
        self.cluster = Cluster(home, start_seconds=RECOVERY_SECONDS)

    # -- what is needed is there

    def missing(self) -> list[str]:
        """Segments that are needed and not there. The WAL must run on from the base's start to what was received last."""
        held = self.store.segments(self.base.timeline)
        first, last = lsn_of(self.base.start), max(lsn_of(self.base.stop), self._received())
        last = max([last, *(segment_start(name) for name in held)])
        begin = segment_start(segment_name(self.base.timeline, first))
        # A position on a boundary: nothing of the next segment was written yet.
        names = [segment_name(self.base.timeline, at) for at in range(begin, max(last, begin + 1), SEGMENT_BYTES)]
        whole = {name for name, path in held.items() if path.suffix == SEALED}
        return [name for name in names if name not in held or (name != names[-1] and name not in whole)]

    def _received(self) -> int:
        state = self.store.state()
        return lsn_of(state.lsn) if state.timeline == self.base.timeline else 0

    # -- bringing it back

    def unpack(self) -> None:
        """The base backup's files, checked frame by frame and as a whole. Raises Damaged."""
        path = self.store.bases / self.base.name / "base.tar.sealed"
        data = self.cluster.make_room()
        data.mkdir(mode=0o700)
        with path.open("rb") as file:
            hashed = _Hashed(file)
            plain = Plain(Opener(cast(Any, hashed), self.keys, f"base/{self.base.name}").pieces())
            with tarfile.open(fileobj=cast(IO[bytes], plain), mode="r|", bufsize=1024 * 1024) as tar:
                tar.copybufsize = 1024 * 1024  # type: ignore[attr-defined]
                tar.extractall(data, filter="data")
            while plain.read(1024 * 1024):
                pass
            hashed.read_rest()
        if hashed.digest.hexdigest() != self.base.sha256:
            raise Damaged(f"base/{self.base.name} 和清单里的校验和不一致")

    def add_wal(self) -> None:
        """Every segment from the base's start on; the last one, cut off where receiving ended, filled up with nothing."""
        first = segment_name(self.base.timeline, lsn_of(self.base.start))
        for name, path in self.store.segments(self.base.timeline).items():
            if name < first:
                continue
            size = 0
            with path.open("rb") as file, (self.cluster.data / "pg_wal" / name).open("wb") as out:
                for piece in Opener(file, self.keys, name).pieces(may_be_cut=path.suffix != SEALED):
                    out.write(piece)
                    size += len(piece)
                out.truncate(SEGMENT_BYTES)
            if path.suffix == SEALED and size != SEGMENT_BYTES:
                raise Damaged(f"{path.name} 只有 {size} 字节，应有 {SEGMENT_BYTES}")
        (self.cluster.data / "recovery.signal").touch()

    def add_files(self) -> int:
        return restore_home(self.store, self.home, self.keys)

    def recover(self, *, to_mark: str = "", until: str = "") -> None:
        """Start the server on what was brought back: up to the mark (and wait there), the moment, or the end of the WAL."""
        target = {"recovery_target_name": to_mark, "recovery_target_action": "pause"} if to_mark else {}
        if until:
            target = {"recovery_target_time": until, "recovery_target_action": "promote"}
        self.cluster.settings = {"restore_command": "false", "recovery_target_timeline": "current", **target}
        self.cluster.own_data()
        self.cluster.start()
        wanted = "SELECT pg_get_wal_replay_pause_state() = 'paused'" if to_mark else "SELECT NOT pg_is_in_recovery()"
        deadline = time.monotonic() + RECOVERY_SECONDS
        while not self._yes(wanted):
            if time.monotonic() > deadline or not self.cluster.is_running():
                raise CannotRun(
                    f"恢复没有走到头。数据库日志 {self.cluster.log_path} 的最后几行：\n{self.cluster._log_tail()}"
                )
            time.sleep(0.05)

    def _yes(self, question: str) -> bool:
        try:
            with psycopg.connect(self.cluster.admin_url, connect_timeout=5) as connection:
                row = connection.execute(question).fetchone()
        except psycopg.OperationalError:
            return False
        return bool(row and row[0])

    @property
    def database_url(self) -> str:
        return self.cluster.admin_url.replace("/postgres?", f"/{DATABASE}?")


class _Hashed:
    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data

    def read_rest(self) -> None:
        while self.read(1024 * 1024):
            pass

    def tell(self) -> int:
        return self.file.tell()


# -- the drill


def verify(store: Store, keys: Keys, secrets: Path, *, mark: Mark | None, scratch: Path | None = None) -> Found:
    """Restore into a scratch directory, compare, look, and delete it again; what was found."""
    found = Found()
    began = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="linli-drill-", dir=scratch))
    place.chmod(0o711)  # the server's unprivileged user passes through
    restore = Restore(store, keys, place / "home")
    try:
        _drill(restore, found, secrets, mark)
    except (Damaged, CannotRun) as trouble:
        found.bad(str(trouble))
    finally:
        restore.cluster.destroy()
        shutil.rmtree(place, ignore_errors=True)
    found.seconds["all"] = round(time.monotonic() - began, 1)
    return found


def _drill(restore: Restore, found: Found, secrets: Path, mark: Mark | None) -> None:
    began = time.monotonic()
    if missing := restore.missing():
        raise CannotRun(
            f"缺 WAL 段 {'、'.join(missing[:5])}：从这里往后的改动恢复不出来。请马上运行 linli backup，另起一份完整的备份。"
        )
    restore.unpack()
    unpacked = time.monotonic()
    verified = time.monotonic() - _verify_files(restore, found, unpacked)
    restore.add_wal()
    files = restore.add_files()
    found.say(
        f"解开备份 {restore.base.name}：{restore.base.size_bytes / 1024**2:.0f} MB，文件 {files} 个，用 {unpacked - began:.1f} 秒。"
    )
    compared = 0.0
    if mark is not None:
        restore.recover(to_mark=mark.name)
        at = time.monotonic()
        _compare(restore, found, mark)
        compared = time.monotonic() - at
        restore.cluster.stop()
    else:
        found.say("没有可以核对的标记（做备份时一直有人在写），只核对能不能恢复。")
    restore.recover()
    found.seconds["rto"] = round(time.monotonic() - began - verified - compared, 1)
    _say_end(restore, found)
    _check_indexes(restore, found)
    _look_as_linli(restore, found, secrets)


def _verify_files(restore: Restore, found: Found, since: float) -> float:
    """pg_verifybackup on the files as they were unpacked; the moment it began."""
    program, env = restore.cluster.tool("pg_verifybackup")
    if program is None:
        found.say("没有 pg_verifybackup，没有逐个核对数据库文件的校验和。")
        return time.monotonic()
    began = time.monotonic()
    done = subprocess.run(
        [str(program), "-n", "-q", str(restore.cluster.data)], capture_output=True, text=True, env=env
    )
    if done.returncode:
        found.bad(f"数据库文件和清单不一致：{done.stderr.strip()[:400]}")
    else:
        found.say("pg_verifybackup：每个数据库文件都和清单一致。")
    return began


def _compare(restore: Restore, found: Found, mark: Mark) -> None:
    with psycopg.connect(restore.database_url, connect_timeout=10) as connection:
        held = contents_of(connection, list(mark.tables))
    wrong = differences(mark.tables, held)
    for words in wrong:
        found.bad(words)
    if not wrong:
        rows = sum(int(count) for count, _ in held.values())
        found.say(f"恢复到标记 {mark.name}：{len(held)} 张表 {rows} 行，每张表的行数和内容都一样。")


def _say_end(restore: Restore, found: Found) -> None:
    with psycopg.connect(restore.cluster.admin_url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT pg_last_wal_replay_lsn()::text, extract(epoch FROM pg_last_xact_replay_timestamp())::float"
        ).fetchone()
    assert row is not None
    replayed, found.last_commit = lsn_of(row[0]), float(row[1] or 0)
    if restore._received() - replayed > SEGMENT_BYTES:
        found.bad(f"收到的改动到 {restore.store.state().lsn}，只恢复到 {row[0]}。")
    found.say(f"恢复到收到的最后一笔改动：{_clock(found.last_commit)}。")


def _check_indexes(restore: Restore, found: Found) -> None:
    program, env = restore.cluster.tool("pg_amcheck")
    if program is None:
        found.say("没有 pg_amcheck，没有检查索引和数据页。")
        return
    command = [str(program), "-d", DATABASE, "--install-missing", "--no-password"]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        found.bad(f"pg_amcheck 发现数据页或索引损坏：{(done.stdout + done.stderr).strip()[:400]}")
    else:
        found.say("pg_amcheck：数据页和索引完好。")


def _look_as_linli(restore: Restore, found: Found, secrets: Path) -> None:
    """The trail's chain, and one look at the data as linli reads it: its keys open what is encrypted, its files are there."""
    home = Home(restore.home, _profile_of(restore.home))
    env = home.environment(logins_of(restore.cluster, secrets), "app", "audit", "owner") | {
        "LINLI_SECRETS": str(secrets)
    }
    for words in (["audit", "verify"], ["proof"]):
        command = [sys.executable, "-m", "linli", *words]
        done = subprocess.run(command, capture_output=True, text=True, env=env | {"LINLI_LOG": "ERROR"})
        said = (done.stdout + done.stderr).strip()
        (found.bad if done.returncode else found.say)(said[-800:])


def logins_of(cluster: Cluster, secrets: Path) -> Logins:
    passwords = ensure_secrets(secrets)["database_passwords"]
    return Logins(
        *(with_login(cluster.admin_url, user=role, password=passwords[role], database=DATABASE) for role in ROLES)
    )


def _profile_of(home: Path) -> str:
    try:
        return (home / "profile").read_text().strip()
    except OSError:
        return "production"


def _clock(at: float) -> str:
    from linli.ops.backup.words import clock

    return clock(at) if at else "（没有）"


# -- for real


def restore_to(store: Store, keys: Keys, secrets: Path, home: Path, *, until: str = "") -> Found:
    """Bring the whole installation back into `home`; it is started by `linli serve` afterwards.

    Raises:
        CannotRun: the directory is not empty, something is missing or damaged; says what to do.
    """
    if home.exists() and any(home.iterdir()):
        raise CannotRun(f"{home} 不是空目录，没有动。请给一个新目录。")
    began = time.monotonic()
    found = Found()
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    restore = Restore(store, keys, home)
    try:
        if missing := restore.missing():
            found.bad(f"缺 WAL 段 {'、'.join(missing[:5])}，只能恢复到它之前。")
        restore.unpack()
        restore.add_wal()
        restore.add_files()
        shutil.copy(secrets, home / "secrets.json")
        (home / "secrets.json").chmod(0o600)
        restore.recover(until=until)
        found.seconds["rto"] = round(time.monotonic() - began, 1)
        _say_end(restore, found)
    except Damaged as trouble:
        raise CannotRun(f"备份损坏，没有恢复：{trouble}。请换一份备份。") from trouble
    finally:
        restore.cluster.stop()
    if until:  # an earlier moment may have indexes of an earlier key
        _say_in(home, found, ["keys", "reindex"], "按号码查找的索引没有重算成，请打开后运行 linli keys reindex。")
    _forget_again(home, found)
    return found


def _forget_again(home: Path, found: Found) -> None:
    """Whoever was forgotten after the moment that was restored is there again: the list, kept beside the database, is applied."""
    if not any((home / "forgotten").glob("*.jsonl")):
        return
    trouble = "已经按规定删除的人，可能又回来了：请打开后马上运行 linli purge --again。"
    if _say_in(home, found, ["purge", "--again"], trouble):
        found.say("已经按规定删除的人，没有带回来。")


def _say_in(home: Path, found: Found, words: list[str], trouble: str) -> bool:
    """Say `words` to the restored house, in a process of its own; whether all went well. `trouble` is told otherwise."""
    hidden = {*URL_NAMES.values(), "DATABASE_URL", "LINLI_SECRETS"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    env |= {"LINLI_HOME": str(home), "LINLI_PROFILE": _profile_of(home)}
    command = [sys.executable, "-m", "linli", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=CODE)
    if done.returncode:
        found.bad(trouble + done.stderr.strip()[-400:])
    elif said := done.stdout.strip():
        found.say(said)
    return not done.returncode
