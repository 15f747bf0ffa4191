"""Whether a database has the schema of this code, and for which profile it was made: a comment on it says both.

`migrate` takes seconds even when it has nothing to do; comparing two short texts does not. The comment goes with the
database, so one that was dropped, restored or exchanged is migrated again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version

import psycopg
from psycopg import sql

from linli.ops.home import CODE

# Packages that bring migrations of their own.
WITH_MIGRATIONS = ("django", "django-axes", "procrastinate")
MIGRATION_LOCK = 0x6C696E02  # an advisory lock: one migration at a time


@dataclass(frozen=True)
class Mark:
    """What the comment says: the profile the database was made for, and the code it was last migrated by."""

    profile: str
    fingerprint: str


def fingerprint() -> str:
    """A digest of all that could change the schema, its policies or its rights: the code and the packages' versions."""
    digest = hashlib.sha256()
    for path in sorted([*CODE.glob("linli/**/*.py"), CODE / "config/settings.py"]):
        if "tests" not in path.parts and path.parent.name != "ops":
            digest.update(str(path.relative_to(CODE)).encode() + b"\0" + path.read_bytes())
    digest.update("".join(f"{name}{version(name)}" for name in WITH_MIGRATIONS).encode())
    return digest.hexdigest()[:16]


def mark_of(url: str) -> Mark | None:
    """The mark of the database at `url`; None when it was never migrated by linli."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    words = (row[0] or "").split() if row else []
    return Mark(words[1], words[2]) if len(words) == 3 and words[0] == "linli" else None


def write_mark(owner_url: str, mark: Mark) -> None:
    """Set the comment; as the owner, after a migration that went well."""
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        name = sql.Identifier(connection.info.dbname)
        text = sql.Literal(f"linli {mark.profile} {mark.fingerprint}")
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, text))


def has_tables(url: str) -> bool:
    """Whether anything was ever made in the database's public schema."""
    return _yes(url, "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')")


def may_adopt(url: str, profile: str) -> bool:
    """Whether an unmarked database may become ours: an empty one or (not for a demo) a restored one of linli."""
    if not has_tables(url):
        return True
    return profile != "demo" and _yes(url, "SELECT to_regclass('public.core_trailentry') IS NOT NULL")


def _yes(url: str, question: str) -> bool:
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(question).fetchone()
    return bool(row and row[0])
