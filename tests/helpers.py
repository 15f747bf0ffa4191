"""What tests share: truncation through the owner, races with threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connections

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def empty_database() -> None:
    """Empty every table but the framework's, as the owner (the serving role may not TRUNCATE); keep the platform's row."""
    with connections["owner"].cursor() as cursor:
        tables = [name for name in connections["owner"].introspection.table_names(cursor) if name not in KEPT]
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        cursor.execute("INSERT INTO places_community (id, name, is_active) VALUES (0, '平台', true)")


def race(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(i)` in `count` threads that start together; results or exceptions, in order."""
    gate = threading.Barrier(count)

    def run(i: int) -> Any:
        gate.wait()
        try:
            return work(i)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def as_superuser(sql, *params):
    """What somebody with the keys to the database could do."""
    return superuser().execute(sql, params).rowcount


@cache
def superuser():
    parts = urlsplit(os.environ["LINLI_TEST_ADMIN_URL"])
    return psycopg.connect(
        urlunsplit(parts._replace(path="/" + settings.DATABASES["default"]["NAME"])), autocommit=True
    )
