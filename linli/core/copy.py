"""Many rows at once, through a temporary table: PostgreSQL refuses COPY FROM on a table with row-level security.

The `INSERT … SELECT` at the end is subject to the policy like any other write: rows of another community are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault

from .crypto import field_cipher
from .fields import BlindIndexField, EncryptedTextField
from .ids import uuid7
from .tenancy import TenantModel

Row = TypeVar("Row", bound=models.Model)
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
            readers = [_reader(field, connection) for field in fields]
            for row in chain((first,), source):
                copy.write_row([read(row) for read in readers])
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
        own["_state"], own["id"] = ModelState(), uuid7()
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
            arrays.append([field.to_python(id) for id in columns[field.attname]])
        else:
            names.append(f"%s::{field.db_type(connection)}")
            values.append(_reader(field, connection)(row))
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


Reader = Callable[[models.Model], Any]
SHAPES: dict[str, type] = {
    "CharField": str,
    "TextField": str,
    "UUIDField": UUID,
    "DateField": date,
    "BooleanField": bool,
    "IntegerField": int,
    "BigIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "SmallIntegerField": int,
}
"""What the database takes as it is, by a field's internal type. Everything else goes through the field's own preparation."""


def _reader(field: models.Field[Any, Any], connection: Any) -> Reader:
    """How a column is read from an instance, as `save()` would write it; settled once a table, because rows come by the thousand."""
    if isinstance(field, EncryptedTextField):
        return _sealer(field)
    if isinstance(field, BlindIndexField):
        return attrgetter(field.attname)  # its descriptor makes the index

    def prepared(row: models.Model) -> Any:
        return field.get_db_prep_save(field.pre_save(row, True), connection)

    shape = _shape_of(field)
    if shape is None:
        return prepared
    read = attrgetter(field.attname)

    def as_it_is(row: models.Model) -> Any:
        value = read(row)
        return value if value is None or value.__class__ is shape else prepared(row)

    return as_it_is


def _shape_of(field: models.Field[Any, Any]) -> type | None:
    """The class of values that need no preparation; None where the field does something on the way."""
    target: Any = field
    while target.is_relation:
        target = target.target_field
    if type(field).pre_save is not models.Field.pre_save and (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ):
        return None
    if type(target) is models.DateTimeField:
        return datetime
    return SHAPES.get(target.get_internal_type()) if type(target).__module__.startswith("django.") else None


def _sealer(field: EncryptedTextField) -> Reader:
    encrypt, context, read = field_cipher().encrypt, field.context, attrgetter(field.attname)

    def sealed(row: models.Model) -> bytes | None:
        value = read(row)
        return None if value is None else encrypt(str(value).encode(), context)

    return sealed
