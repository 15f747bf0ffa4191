"""Many rows at once, through a temporary table: PostgreSQL refuses COPY FROM on a table with row-level security.

The `INSERT … SELECT` at the end is subject to the policy like any other write: rows of another community are refused. How a value is
written is told by `copy_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault

from .copy_text import uuid_array, writers_of
from .crypto import other_blind_indexes
from .fields import BlindIndexField
from .ids import uuid7
from .tenancy import TenantModel

Row = TypeVar("Row", bound=models.Model)
FEW = 200
"""Below this many rows a plain INSERT is as fast and leaves no temporary table behind."""
LINES = 200
"""Rows that travel in one piece."""


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
    if other_blind_indexes("", "") and any(isinstance(each, BlindIndexField) for each in model._meta.concrete_fields):
        # While the key of the indexes is exchanged each number is looked for under both, which cannot be asked amid a COPY.
        return len(model._base_manager.using(using).bulk_create([first, *source], batch_size=FEW))
    connection = connections[using]
    fields = [field for field in model._meta.concrete_fields if not _is_made_by_database(field, first)]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, heap = connection.ops.quote_name(model._meta.db_table), f"copy_{uuid7().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {heap} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
        with connection.wrap_database_errors, cursor.copy(f"COPY {heap} ({columns}) FROM STDIN") as copy:
            writers = writers_of(fields, connection)
            lines = ("\t".join([write(row) for write in writers]) for row in chain((first,), source))
            while piece := list(islice(lines, LINES)):
                copy.write("\n".join([*piece, ""]).encode())
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {heap}")
        count: int = cursor.rowcount
        cursor.execute(f"DROP TABLE {heap}")
    return count


def maker(model: type[Row], **same: Any) -> Callable[..., Row]:
    """Makes unsaved instances of `model` by the thousand: `make(name=…, dwelling_id=…)`, values by the column's attribute.

    Defaults, and what is the `same` for all, are worked out once; only the id is new each time. A tenth of what `Model(…)` costs.
    """
    template = model(**same).__dict__
    fresh = {name: type(value) for name, value in template.items() if isinstance(value, dict | list)}

    def make(**values: Any) -> Row:
        row = model.__new__(model)
        own = row.__dict__
        own.update(template)
        own["_state"] = ModelState()
        if "id" not in values:
            own["id"] = uuid7()
        for name, kind in fresh.items():
            own[name] = kind(template[name])
        own.update(values)
        return row

    return make


def copies_of(row: TenantModel, *, using: str = "default", **columns: Sequence[Any]) -> None:
    """Insert `row` as often as the columns of ids named are long, each time with its own ids and all else as it stands there."""
    connection = connections[using]
    fields = [field for field in row._meta.concrete_fields if not _is_made_by_database(field, row)]
    names, values, arrays = [], [], []
    for field in fields:
        if field.attname in columns:
            names.append(f"each.{field.attname}")
            ids = columns[field.attname]
            arrays.append(uuid_array(id if id.__class__ is UUID else field.to_python(id) for id in ids))
        else:
            names.append(f"%s::{field.db_type(connection)}")
            values.append(field.get_db_prep_save(field.pre_save(row, True), connection))
    told = [field.attname for field in fields if field.attname in columns]
    into = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(row._meta.db_table)} ({into})"
            f" SELECT {', '.join(names)} FROM unnest({', '.join('%s::uuid[]' for _ in told)}) AS each ({', '.join(told)})",
            [*values, *arrays],
        )


def _is_made_by_database(field: models.Field[Any, Any], row: TenantModel) -> bool:
    return field.generated or isinstance(getattr(row, field.attname), DatabaseDefault)
