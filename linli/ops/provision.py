"""The database, its three logins and the keys of the house: made once, checked at every start."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets as random_words
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from linli.ops.processes import CannotRun

OWNER, APP, AUDIT = ROLES = ("linli_owner", "linli_app", "linli_audit")
OLDEST_SERVER = 150000
PROVISIONING_LOCK = 0x6C696E01  # an advisory lock, so that two first starts do not race


@dataclass(frozen=True)
class Logins:
    """PostgreSQL URLs of the three roles: `owner` migrates and backs up, `app` serves, `audit` reads and seals."""

    owner: str
    app: str
    audit: str


def provision(admin_url: str, *, database: str = "linli", secrets: Path) -> Logins:
    """Make the three roles, the database and the keys where they are missing; put right what has drifted.

    `admin_url` is a login that may create roles (with BYPASSRLS) and databases. Roles belong to the whole server: two
    homes that share one server must share `secrets`, else the later one changes the passwords of the earlier.
    Grants on tables are made with the tables, by `linli.core.tenancy`.

    Raises:
        CannotRun: no connection, a server older than 15, or a login that may not do this; says what to do instead.
    """
    held = ensure_secrets(secrets)
    passwords = {role: held["database_passwords"][role] for role in ROLES}
    try:
        with _connect_anywhere(admin_url, database) as admin:
            if admin.info.server_version < OLDEST_SERVER:
                raise CannotRun("数据库服务器太旧：需要 PostgreSQL 15 或更新版本。")
            admin.execute("SELECT pg_advisory_lock(%s)", [PROVISIONING_LOCK])
            for role in ROLES:
                _ensure_role(admin, role, password=passwords[role], bypasses=role == OWNER, admin_url=admin_url)
            _ensure_database(admin, database)
            logins = Logins(
                *(with_login(admin_url, user=role, password=passwords[role], database=database) for role in ROLES)
            )
            _settle_database(logins.owner, database)
    except psycopg.errors.InsufficientPrivilege as broken:
        raise CannotRun(
            "DATABASE_URL 里的账号不能建账号或数据库（需要 CREATEROLE、CREATEDB 和 BYPASSRLS，或超级用户）。\n"
            "请换一个能建的账号；或请数据库管理员建好三个账号 linli_owner（BYPASSRLS，拥有数据库）、linli_app、linli_audit"
            "（都不是超级用户），再设置 LINLI_DB_OWNER、LINLI_DB_APP、LINLI_DB_AUDIT 三个地址，就不再用 DATABASE_URL。\n"
            f"数据库的原话：{broken.diag.message_primary}"
        ) from broken
    except psycopg.OperationalError as broken:
        raise CannotRun(
            f"连不上数据库。请看地址、账号和密码是否写对，服务器是否在运行。数据库的原话：{str(broken).strip()}"
        ) from broken
    return logins


def ensure_secrets(path: Path) -> dict[str, Any]:
    """The keys kept in the JSON file at `path` (0600): made where they are missing, never changed where they are there.

    `secret_key` signs sessions; `field_keys` (base64, 32 bytes each, by key id) encrypt personal fields and
    `field_key_current` names the one to write with; `blind_key` indexes them; `backup_keys` seal backups. Whoever loses this file loses those
    fields: it belongs in the backup, apart from the database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock")):
        held: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        makers: dict[str, Callable[[], Any]] = {
            "secret_key": lambda: random_words.token_urlsafe(48),
            "field_keys": lambda: {"1": new_key()},
            "field_key_current": lambda: "1",
            "blind_key": new_key,
            "backup_keys": lambda: {"b1": new_key()},
            "backup_key_current": lambda: "b1",
            "database_passwords": lambda: {role: random_words.token_urlsafe(24) for role in ROLES},
        }
        missing = [name for name in makers if name not in held]
        if missing:
            held |= {name: makers[name]() for name in missing}
            _write_whole(path, json.dumps(held, indent=2) + "\n")
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    return held


def change_secrets(path: Path, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Have `change` alter what the secrets file holds, alone and whole; what it holds then."""
    with _locked(path.with_suffix(".lock")):
        held: dict[str, Any] = json.loads(path.read_text())
        change(held)
        _write_whole(path, json.dumps(held, indent=2) + "\n")
    return held


def new_key() -> str:
    """32 random bytes as the secrets file keeps them."""
    return base64.b64encode(os.urandom(32)).decode()


def with_login(url: str, *, user: str, password: str, database: str) -> str:
    """`url` (any form libpq reads) with another login and database. The host, perhaps a directory, is a parameter."""
    known = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    for replaced in ("user", "password", "dbname"):
        known.pop(replaced, None)
    port = known.pop("port", "5432")
    return (
        f"postgresql://{quote(user)}:{quote(password, safe='')}@/{quote(database)}?{urlencode({**known, 'port': port})}"
    )


def database_of(url: str, *, otherwise: str) -> str:
    """The database an external URL means: the one it names, or `otherwise` where that is a maintenance database."""
    named = conninfo_to_dict(url).get("dbname")
    return otherwise if named in {None, "", "postgres", "template1"} else str(named)


def drop_database(admin_url: str, database: str) -> None:
    """Drop `database` with everything in it, disconnecting whoever uses it. Roles and keys stay."""
    with _connect_anywhere(admin_url, "postgres") as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _connect_anywhere(url: str, database: str) -> psycopg.Connection[Any]:
    """A connection to the server; to its maintenance database where the one the URL names is not there yet."""
    named = conninfo_to_dict(url).get("dbname")
    try:
        return psycopg.connect(
            url, autocommit=True, connect_timeout=10, dbname="postgres" if named == database else named
        )
    except psycopg.OperationalError:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)


def _ensure_role(admin: psycopg.Connection[Any], role: str, *, password: str, bypasses: bool, admin_url: str) -> None:
    name = sql.Identifier(role)
    held = admin.execute(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin"
        " FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    if held is None:
        bypass = sql.SQL("BYPASSRLS" if bypasses else "NOBYPASSRLS")
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {} PASSWORD {}").format(
                name, bypass, password
            )
        )
        return
    wanted = (False, False, False, False, bypasses, True)
    words = ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS", "LOGIN")
    # Only what differs: naming SUPERUSER at all is refused to an admin who is none.
    drifted = [
        (word if want else f"NO{word}") for word, have, want in zip(words, held, wanted, strict=True) if have != want
    ]
    if drifted:
        admin.execute(sql.SQL("ALTER ROLE {} " + " ".join(drifted)).format(name))
    if not _password_works(admin_url, role, password):
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, password))


def _password_works(admin_url: str, role: str, password: str) -> bool:
    try:
        psycopg.connect(
            with_login(admin_url, user=role, password=password, database="postgres"), connect_timeout=10
        ).close()
    except psycopg.OperationalError as refused:
        # Known but not let into this database: the password was right.
        return "permission denied for database" in str(refused)
    return True


def _ensure_database(admin: psycopg.Connection[Any], database: str) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    # Making somebody's database asks for the right to SET ROLE; from 16 on that is more than being a member.
    kind = "SET" if admin.info.server_version >= 160000 else "MEMBER"
    is_super, may_set = admin.execute(
        "SELECT rolsuper, pg_has_role(current_user, %s, %s) FROM pg_roles WHERE rolname = current_user", [OWNER, kind]
    ).fetchone() or (False, False)
    if not is_super and not may_set:
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    held = admin.execute(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    if held is None:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(name, owner))
        return
    if held[1] != "UTF8":
        raise CannotRun(f"数据库 {database} 的编码是 {held[1]}，存不全汉字。请换一个 UTF8 编码的数据库。")
    if held[0] != OWNER:
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))


def _settle_database(owner_url: str, database: str) -> None:
    """As the owner: what the database needs, and who may come in. Proves on the way that the owner's login works."""
    name, guests = sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, (APP, AUDIT)))
    with psycopg.connect(owner_url, connect_timeout=10) as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        owner.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        owner.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, guests))
        # Bulk loads COPY into a temporary table, because COPY is refused on tables with row-level security.
        owner.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(APP)))
        owner.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        owner.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(guests))
        owner.execute(sql.SQL("GRANT CREATE, USAGE ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_whole(path: Path, text: str) -> None:
    """Write so that a crash leaves the old file or the new one, readable by us alone."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
