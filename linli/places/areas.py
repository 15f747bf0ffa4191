"""The table of area codes, loaded from the yearly lists. It runs as the owner: the serving role only reads areas."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from django.db import DataError, connections, transaction

ZHEJIANG = Path(__file__).parent / "data" / "areas-zhejiang.csv.gz"
VALID_FROM_2023 = date(2023, 6, 30)
"""The statistical division codes of 2023, which the enclosed list was made from."""


class UnfitAreaList(ValueError):
    """The file is no list of areas, or older than what is loaded; says which."""


@dataclass(frozen=True)
class Loaded:
    """What a load did, in rows of the area table."""

    read: int
    added: int
    closed: int


def load_areas(path: Path = ZHEJIANG, *, using: str = "owner", valid_from: date = VALID_FROM_2023) -> Loaded:
    """Take over a list `code,level,name,parent_code` (csv, or csv.gz) as valid from that day on. Again changes nothing.

    Within the provinces the list speaks of, an area that it no longer has, or names otherwise, ends on `valid_from`.

    Raises:
        UnfitAreaList: another header, a code or level that is none, or a newer list is already loaded.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE area_list (code text, level text, name text, parent_code text) ON COMMIT DROP"
        )
        try:
            _copy(cursor, path)
        except (DataError, gzip.BadGzipFile) as broken:
            raise UnfitAreaList(str(broken).partition("\n")[0]) from broken
        cursor.execute("CREATE INDEX ON area_list (code)")
        cursor.execute("ANALYZE area_list")
        read = _check(cursor, valid_from)
        loaded = Loaded(read, closed=_close_changed(cursor, valid_from), added=_add_new(cursor, valid_from))
        cursor.execute("DROP TABLE area_list")
    return loaded


def _copy(cursor: Any, path: Path) -> None:
    with cast(IO[bytes], gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")) as file:
        if file.readline().strip().removeprefix(b"\xef\xbb\xbf") != b"code,level,name,parent_code":
            raise UnfitAreaList("the first line must be code,level,name,parent_code")
        with cursor.db.wrap_database_errors, cursor.copy("COPY area_list FROM STDIN (FORMAT csv)") as copy:
            shutil.copyfileobj(file, _Into(copy), 1 << 20)


class _Into:
    """psycopg's copy as the file `shutil` writes to."""

    def __init__(self, copy: Any) -> None:
        self.write = copy.write


def _check(cursor: Any, valid_from: date) -> int:
    cursor.execute(
        """SELECT count(*), min(coalesce(code, '')) FILTER (WHERE (
               code ~ '^[0-9]{2,12}$' AND length(code) IN (2, 4, 6, 9, 12)
               AND level IN ('province', 'city', 'county', 'street', 'community')
               AND length(name) BETWEEN 1 AND 60) IS NOT TRUE)
           FROM area_list"""
    )
    count, odd = cursor.fetchone()
    if odd is not None:
        raise UnfitAreaList(f"the line of code {odd!r} is no area")
    cursor.execute(
        "SELECT max(valid_from) FROM places_area WHERE left(code, 2) IN (SELECT DISTINCT left(code, 2) FROM area_list)"
    )
    newest = cursor.fetchone()[0]
    if newest and newest > valid_from:
        raise UnfitAreaList(f"a list valid from {newest} is already loaded; this one is older")
    return int(count)


def _close_changed(cursor: Any, valid_from: date) -> int:
    cursor.execute(
        """UPDATE places_area a SET valid_to = %(day)s
           WHERE a.valid_to IS NULL AND a.valid_from < %(day)s
             AND left(a.code, 2) IN (SELECT DISTINCT left(code, 2) FROM area_list)
             AND NOT EXISTS (SELECT FROM area_list n WHERE n.code = a.code AND n.name = a.name
                             AND n.level = a.level AND coalesce(n.parent_code, '') = a.parent_code)""",
        {"day": valid_from},
    )
    return int(cursor.rowcount)


def _add_new(cursor: Any, valid_from: date) -> int:
    # What is left open after closing is unchanged, or already of this day: the latter may have a name put right.
    cursor.execute(
        """INSERT INTO places_area (code, level, name, parent_code, valid_from)
           SELECT n.code, n.level, n.name, coalesce(n.parent_code, ''), %(day)s FROM area_list n
           WHERE NOT EXISTS (SELECT FROM places_area a WHERE a.code = n.code AND a.valid_to IS NULL AND a.name = n.name
                             AND a.level = n.level AND a.parent_code = coalesce(n.parent_code, ''))
           ON CONFLICT (code, valid_from) DO UPDATE
             SET level = excluded.level, name = excluded.name, parent_code = excluded.parent_code""",
        {"day": valid_from},
    )
    return int(cursor.rowcount)
