"""`linli doctor`: what runs, how full it is, what is wrong and what to do, in words. It only looks."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from linli import __version__
from linli.accounts.protection import PROFILES
from linli.ops import schema
from linli.ops.home import Home
from linli.ops.postgres import Cluster
from linli.ops.processes import CannotRun
from linli.ops.provision import ROLES, Logins, with_login
from linli.ops.supervisor import page_answers

GIB = 1024**3
LOW_DISK_BYTES, FULL_DISK_BYTES = 5 * GIB, GIB
LATE_SEAL_SECONDS = 30  # the relay seals within seconds
LATE_JOB_SECONDS = 300


class Level(StrEnum):
    """How much a finding asks for: nothing, a look soon, or a deed now."""

    GOOD = "good"
    LOOK = "look"
    WRONG = "wrong"


MARKS = {Level.GOOD: "好", Level.LOOK: "留意", Level.WRONG: "不对"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `says` what is so; `do` says what to do about it ("" when nothing)."""

    about: str
    level: Level
    says: str
    do: str = ""


def examine(home: Home, *, port: int) -> list[Finding]:
    """Everything worth knowing about this installation, in reading order."""
    found = [_programs(), _disk(home), *_running(home, port), *_keys(home), *_backup(home), *_certificate(home)]
    found.append(_protection(home))
    logins, trouble = _logins(home)
    if logins is None:
        return [*found, trouble]
    return [*found, *_database(logins)]


def show(findings: list[Finding], *, as_json: bool) -> int:
    """Print the findings; 1 when something is wrong, else 0."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(f"[{MARKS[finding.level]}] {finding.about}:{finding.says}")
            if finding.do:
                print(f"        怎么办：{finding.do}")
    return int(any(finding.level is Level.WRONG for finding in findings))


# -- this machine


def _programs() -> Finding:
    words = f"邻里 {__version__},Python {platform.python_version()},Django {version('django')},{platform.system()}"
    return Finding("版本", Level.GOOD, words)


def _disk(home: Home) -> Finding:
    place = next(path for path in (home.path, *home.path.parents) if path.exists())
    free = shutil.disk_usage(place).free
    says = f"数据目录 {home.path}（{_profile_words(home)}），磁盘还剩 {_size(free)}"
    if free < FULL_DISK_BYTES:
        return Finding("磁盘", Level.WRONG, says, "马上清理磁盘：写满后数据库会停下来。")
    if free < LOW_DISK_BYTES:
        return Finding("磁盘", Level.LOOK, says, "近日清理磁盘或换大一点的盘。")
    return Finding("磁盘", Level.GOOD, says)


def _running(home: Home, port: int) -> list[Finding]:
    notes = home.running()
    if not notes:
        words = f"没有在运行（端口 {port}）。" if home.path.exists() else "还没有运行过。"
        return [Finding("运行", Level.GOOD, words, "要打开就运行 ./run（示范）或 ./run serve（正式）。")]
    found = []
    for note in notes:
        hours = (time.time() - note["started_at"]) / 3600
        says = f"{note['origin']}，进程 {note['pid']}，已运行 {hours:.1f} 小时"
        is_tls = str(note["origin"]).startswith("https") and bool(note.get("tls"))
        dead = [
            what
            for what, at in (("网页", note["port"]), ("实时消息", note["port"] + 1))
            if not page_answers(at, is_tls=is_tls, seconds=5)
        ]
        if dead:
            do = f"看 {home.log} 里的 web.log 和 live.log；不明白就停掉再打开。"
            found.append(Finding("运行", Level.WRONG, f"{says};{'、'.join(dead)}没有应答", do))
        else:
            found.append(Finding("运行", Level.GOOD, f"{says}；网页和实时消息都有应答"))
        if note["profile"] == "production" and os.geteuid() == 0:
            do = "正式运行请用一个普通用户，例如 systemd 的 User=linli。"
            found.append(Finding("运行", Level.LOOK, "正以 root 身份运行", do))
    return found


def _keys(home: Home) -> list[Finding]:
    path = home.secrets
    if not path.exists():
        if (home.path / "postgres").exists() or (home.path / "postgres.path").exists():
            do = f"从备份取回 {path}。没有它，身份证号、电话等加密内容读不出来。不要新建。"
            return [Finding("密钥", Level.WRONG, f"{path} 不见了", do)]
        return []
    if path.stat().st_mode & 0o077:
        return [Finding("密钥", Level.WRONG, f"{path} 别的用户也能读", f"运行：chmod 600 {path}")]
    return [Finding("密钥", Level.GOOD, f"{path}，只有本用户能读", "请和数据库分开另存一份备份。")]


def _backup(home: Home) -> list[Finding]:
    from linli.ops.backup import health

    return list(health.look(home))


def _protection(home: Home) -> Finding:
    """Which profile guards passwords and sessions, and whether staff must take a second step."""
    profile = PROFILES.get(os.environ.get("LINLI_PROTECTION", "ASVS").upper())
    if profile is None:
        return Finding("登录保护", Level.WRONG, "LINLI_PROTECTION 不认识", "请写 ASVS 或 MLPS")
    idle = round(profile.idle.total_seconds() / 60)
    is_required = (
        os.environ.get("LINLI_SECOND_STEP", "optional" if home.profile == "demo" else "required") != "optional"
    )
    says = f"{profile.name}：密码 {profile.min_length} 位以上，{idle} 分钟没有操作自动退出，第二步验证{'必须' if is_required else '可以不设'}"
    if home.profile == "production" and not is_required:
        return Finding("登录保护", Level.LOOK, says, "正式使用请去掉 LINLI_SECOND_STEP=optional")
    return Finding("登录保护", Level.GOOD, says)


def _certificate(home: Home) -> list[Finding]:
    from linli.ops.local_ca import LocalCA

    ca = LocalCA(home.path / "ca")
    if not ca.chain.exists():
        return []
    days = ca.days_left()
    level = Level.GOOD if days > 7 else Level.LOOK
    return [
        Finding(
            "证书",
            level,
            f"局域网证书还有 {days} 天到期",
            "" if level is Level.GOOD else "重新运行 ./run --lan 就会换新。",
        )
    ]


# -- the database


def _logins(home: Home) -> tuple[Logins | None, Finding]:
    """The three logins as they are now, without starting or changing anything."""
    try:
        given = home.given_logins()
    except CannotRun as trouble:
        return None, Finding("数据库", Level.WRONG, "地址没有写全", str(trouble))
    if given is not None:
        return given, Finding("数据库", Level.GOOD, "")
    passwords = _passwords(home.secrets)
    admin_url = os.environ.get("DATABASE_URL")
    name = home.database_of(admin_url) if admin_url else home.database_of("")
    if not admin_url:
        cluster = Cluster(home.path)
        if not (cluster.data / "PG_VERSION").exists():
            return None, Finding("数据库", Level.GOOD, "还没有建。", "第一次运行 ./run 时会建。")
        if not cluster.answers():
            level = Level.WRONG if home.running() else Level.GOOD
            do = f"看日志 {cluster.log_path}。" if home.running() else "运行 ./run 时会一起打开。"
            return None, Finding("数据库", level, f"没有在运行，数据在 {cluster.data}", do)
        admin_url = cluster.admin_url
    if passwords is None:
        return None, Finding("数据库", Level.WRONG, "没有三个账号的密码", f"密码存在 {home.secrets}，请从备份取回。")
    urls = [with_login(admin_url, user=role, password=passwords[role], database=name) for role in ROLES]
    return Logins(*urls), Finding("数据库", Level.GOOD, "")


def _database(logins: Logins) -> list[Finding]:
    """What the three roles can see of the database; each check on its own, so that one broken thing hides no other."""
    checks: list[tuple[str, str, Callable[[psycopg.Connection[Any]], list[Finding]]]] = [
        ("数据库", logins.owner, _server),
        ("账号权限", logins.owner, _roles),
        ("表结构", logins.owner, lambda connection: _schema(connection, logins.owner)),
        ("数据隔离", logins.owner, _isolation),
        ("留痕封签", logins.audit, _seals),
        ("后台任务", logins.app, _jobs),
    ]
    found = []
    for about, url, check in checks:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                found += check(connection)
        except psycopg.OperationalError as broken:
            words = str(broken).strip().splitlines()[-1]
            found.append(
                Finding(about, Level.WRONG, f"连不上：{words}", "运行一次 ./run，它会补建账号；仍不行就看数据库日志。")
            )
        except psycopg.Error as broken:
            words = str(broken).strip().splitlines()[0]
            found.append(Finding(about, Level.WRONG, f"查不了：{words}", "运行 ./run migrate 补齐表和权限。"))
    return found


def _server(connection: psycopg.Connection[Any]) -> list[Finding]:
    words, size, used, most, durable, checksums = _row(
        connection,
        """SELECT current_setting('server_version'), pg_database_size(current_database()),
        (SELECT count(datid) FROM pg_stat_activity),
        current_setting('max_connections')::int,
        current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off',
        current_setting('data_checksums') = 'on'""",
    )
    says = f"PostgreSQL {words}，数据 {_size(size)}，连接 {used}/{most}"
    found = [Finding("数据库", Level.GOOD, says)]
    if used > most * 0.8:
        found[0] = Finding("数据库", Level.LOOK, says, "连接快用完了：看是不是开了多份，或调大 max_connections。")
    if not durable:
        do = "打开 fsync 和 synchronous_commit:现在断电会丢已经保存的记录。"
        found.append(Finding("数据库", Level.WRONG, "为了快而关掉了落盘保证", do))
    if not checksums:
        found.append(Finding("数据库", Level.LOOK, "没有开数据校验和", "停机后用 pg_checksums --enable 打开。"))
    return found


def _roles(connection: psycopg.Connection[Any]) -> list[Finding]:
    rows = connection.execute(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)]
    )
    held = {name: (is_super, bypasses) for name, is_super, bypasses in rows}
    wrong = [f"缺账号 {role}" for role in ROLES if role not in held]
    wrong += [f"{role} 是超级用户" for role, (is_super, _) in held.items() if is_super]
    wrong += [f"{role} 能绕过数据隔离" for role, (_, bypasses) in held.items() if bypasses and role != ROLES[0]]
    if ROLES[0] in held and not held[ROLES[0]][1]:
        wrong.append(f"{ROLES[0]} 缺 BYPASSRLS，备份会不全")
    if wrong:
        do = "用内置数据库时重新运行 ./run 会改正；外部数据库请管理员改正后再开放使用。"
        return [Finding("账号权限", Level.WRONG, ";".join(wrong), do)]
    return [Finding("账号权限", Level.GOOD, "三个数据库账号各守其职")]


def _schema(_connection: psycopg.Connection[Any], owner_url: str) -> list[Finding]:
    mark = schema.mark_of(owner_url)
    if mark is None:
        return [Finding("表结构", Level.WRONG, "还没有建表", "运行 ./run migrate。")]
    if mark.fingerprint != schema.fingerprint():
        return [
            Finding(
                "表结构", Level.LOOK, "和程序版本不一致（程序更新过）", "运行 ./run migrate；重新打开邻里时也会自动做。"
            )
        ]
    return [Finding("表结构", Level.GOOD, "和程序版本一致")]


def _isolation(connection: psycopg.Connection[Any]) -> list[Finding]:
    """Every table with a community_id that is not a list of global things must force its policy."""
    rows = connection.execute(
        """SELECT c.relname, EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid),
        c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'community_id' AND NOT a.attisdropped
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey)
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
    ).fetchall()
    bare = [name for name, has_policy, is_forced in rows if not (has_policy and is_forced)]
    if bare:
        return [
            Finding(
                "数据隔离",
                Level.WRONG,
                f"这些表没有按社区隔离：{'、'.join(bare)}",
                "马上运行 ./run migrate，再查一次。",
            )
        ]
    return [Finding("数据隔离", Level.GOOD, f"{len(rows)} 张表都按社区隔离")] if rows else []


def _seals(connection: psycopg.Connection[Any]) -> list[Finding]:
    if not _row(connection, "SELECT to_regclass('core_trailseal') IS NOT NULL")[0]:
        return []
    count, seconds = _row(
        connection,
        """SELECT count(*), extract(epoch FROM now() - min(e.at))::bigint FROM core_trailentry e WHERE NOT EXISTS
        (SELECT FROM core_trailseal s WHERE s.community_id = e.community_id AND s.entry_id = e.id)""",
    )
    if count and seconds > LATE_SEAL_SECONDS:
        do = "邻里没有打开时属正常，打开后会补上；若已打开，看 relay.log。"
        return [Finding("留痕封签", Level.LOOK, f"{count} 条留痕还没有封签，最早的在 {_ago(seconds)}前", do)]
    return [Finding("留痕封签", Level.GOOD, f"没有积压（待封 {count} 条）")]


def _jobs(connection: psycopg.Connection[Any]) -> list[Finding]:
    if not _row(connection, "SELECT to_regclass('procrastinate_jobs') IS NOT NULL")[0]:
        return []
    waiting, doing, failed, seconds = _row(
        connection,
        """SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
        count(*) FILTER (WHERE status = 'failed'), coalesce(extract(epoch FROM now() - (
        SELECT min(v.at) FROM procrastinate_events v JOIN procrastinate_jobs j ON j.id = v.job_id
        WHERE j.status = 'todo' AND coalesce(j.scheduled_at, v.at) <= now())), 0)::bigint FROM procrastinate_jobs""",
    )
    says = f"等待 {waiting}，进行 {doing}，没做成 {failed}"
    if failed:
        return [
            Finding(
                "后台任务",
                Level.LOOK,
                says,
                "看 worker.log 里的原因；改好后可用 ./run manage procrastinate shell 重试。",
            )
        ]
    if seconds > LATE_JOB_SECONDS:
        do = "邻里没有打开时属正常；若已打开，看 worker.log。"
        return [Finding("后台任务", Level.LOOK, f"{says}；最早的等了 {_ago(seconds)}", do)]
    return [Finding("后台任务", Level.GOOD, says)]


# -- words


def _row(connection: psycopg.Connection[Any], query: Any) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def _passwords(path: Path) -> dict[str, str] | None:
    try:
        held: dict[str, str] = json.loads(path.read_text())["database_passwords"]
    except (OSError, ValueError, KeyError):
        return None
    return held


def _profile_words(home: Home) -> str:
    return {"demo": "示范社区", "production": "正式使用", "test": "测试"}[home.profile]


def _size(count: int) -> str:
    return f"{count / GIB:.1f} GB" if count >= GIB else f"{count / 1024**2:.0f} MB"


def _ago(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} 秒"
    return f"{seconds // 60} 分钟" if seconds < 7200 else f"{seconds // 3600} 小时"
