"""Many rows at once, through a temporary table: PostgreSQL refuses COPY FROM on a table with row-level security.

The `INSERT … SELECT` at the end is subject to the policy like any other write: rows of another community are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connections, models
from django.db.models.expressions import DatabaseDefault

from .ids import uuid7
from .tenancy import TenantModel

FEW = 200
"""Below this many rows a plain INSERT is as fast and leaves no temporary table behind."""


def add_rows(model: type[TenantModel], rows: Sequence[TenantModel], *, using: str = "default") -> None:
    """Insert unsaved instances, by the faster way for their number. In the caller's transaction."""
    if len(rows) < FEW:
        model._base_manager.using(using).bulk_create(rows)
    else:
        copy_rows(model, rows, using=using)


def copy_rows(model: type[TenantModel], rows: Iterable[TenantModel], *, using: str = "default") -> int:
    """Insert unsaved instances of `model`; how many. They are read once and one by one: memory does not grow with them.

    Values are prepared as `save()` does (encrypted, indexed, checked for their type); signals are not sent, and the
    instances stay marked as unsaved. Must run in a transaction, with the community active.

    Raises:
        IntegrityError, ProgrammingError: from the database, as for any insert; nothing is inserted then.
    """
    source = iter(rows)
    first = next(source, None)
    if first is None:
        return 0
    connection = connections[using]
    fields = [field for field in model._meta.concrete_fields if not _is_made_by_database(field, first)]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, heap = connection.ops.quote_name(model._meta.db_table), f"copy_{uuid7().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {heap} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
        with connection.wrap_database_errors, cursor.copy(f"COPY {heap} ({columns}) FROM STDIN") as copy:
            for row in chain((first,), source):
                copy.write_row(_values(row, fields, connection))
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {heap}")
        count: int = cursor.rowcount
        cursor.execute(f"DROP TABLE {heap}")
    return count


def _is_made_by_database(field: models.Field[Any, Any], row: TenantModel) -> bool:
    return field.generated or isinstance(getattr(row, field.attname), DatabaseDefault)


def _values(row: models.Model, fields: list[models.Field[Any, Any]], connection: Any) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
