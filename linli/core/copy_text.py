"""How a row's values are written in the text form of COPY. Worked out once a table, because rows come by the thousand.

Every value is prepared as `save()` prepares it (encrypted, indexed, checked for its type). What is written as it stands, by its own class,
takes a short way; all else goes through the field's own preparation and the driver's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer

from .crypto import field_cipher
from .fields import BlindIndexField, EncryptedTextField
from .keys import KeysField

Write = Callable[[models.Model], str]
NULL = "\\N"

_ODD = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def escaped(text: str) -> str:
    """Text that cannot be taken for the end of a column or row."""
    return _ODD.sub(lambda found: _ESCAPES[found[0]], text)


def uuid_array(ids: Iterable[UUID]) -> str:
    """Ids as the text of an array: a tenth of what the driver takes for a list."""
    return f"{{{','.join([f'{id.int:032x}' for id in ids])}}}"


def writers_of(fields: Sequence[models.Field[Any, Any]], connection: Any) -> list[Write]:
    """For each field, how a row's value is written."""
    adapt = Transformer(connection.connection)
    return [_writer(field, connection, adapt) for field in fields]


def _writer(field: models.Field[Any, Any], connection: Any, adapt: abc.Transformer) -> Write:
    if isinstance(field, EncryptedTextField):
        return _sealed(field)
    if isinstance(field, BlindIndexField):
        return _indexed(field)
    if isinstance(field, KeysField):
        return lambda row: f"{{{','.join(map(str, field.pre_save(row, True)))}}}"

    def by_the_driver(row: models.Model) -> str:
        value = field.get_db_prep_save(field.pre_save(row, True), connection)
        if value is None:
            return NULL
        written = adapt.get_dumper(value, PyFormat.TEXT).dump(value)
        return NULL if written is None else escaped(bytes(written).decode())

    return _short_way(field, by_the_driver)


def _sealed(field: EncryptedTextField) -> Write:
    encrypt, context, name = field_cipher().encrypt, field.context, field.attname

    def write(row: models.Model) -> str:
        value = row.__dict__[name]
        return NULL if value is None else f"\\\\x{encrypt(str(value).encode(), context).hex()}"

    return write


def _indexed(field: BlindIndexField) -> Write:
    read = attrgetter(field.attname)  # its descriptor makes the index

    def write(row: models.Model) -> str:
        value = read(row)
        return NULL if value is None else f"\\\\x{value.hex()}"

    return write


# -- values that are written as they stand


def _text(value: str) -> str:
    return escaped(value) if _ODD.search(value) else value


def _span(value: Any) -> str:
    """[2020-05-01,)"""
    if value.isempty:
        return "empty"
    lower, upper = value.lower, value.upper
    return f"{value.bounds[0]}{lower or ''},{upper or ''}{value.bounds[1]}"


_FORMS: dict[type, Callable[[Any], str]] = {
    str: _text,
    UUID: lambda value: f"{value.int:032x}",
    date: date.isoformat,
    datetime: datetime.isoformat,
    bool: lambda value: "t" if value else "f",
    int: str,
    DateRange: _span,
}
_CLASSES: dict[str, type] = {
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
"""What the database takes as it is, by a field's internal type."""


def _short_way(field: models.Field[Any, Any], otherwise: Write) -> Write:
    name = field.attname
    wanted, empties = _class_of(field), _empties_of(field)

    def as_it_stands(row: models.Model) -> str:
        value = row.__dict__[name]
        return form(value) if value.__class__ is wanted else NULL if value is None else otherwise(row)

    def if_it_is_empty(row: models.Model) -> str:
        value = row.__dict__[name]
        return otherwise(row) if value else empties.get(value.__class__) or otherwise(row)

    if wanted is None:
        return if_it_is_empty if empties else otherwise
    form = _FORMS[wanted]
    return as_it_stands


def _class_of(field: models.Field[Any, Any]) -> type | None:
    """The class of values that need no preparation; None where the field does something on the way."""
    target: Any = field
    while target.is_relation:
        target = target.target_field
    if type(field).pre_save is not models.Field.pre_save and (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ):
        return None
    if type(target) is DateRangeField:
        return DateRange
    if type(target) is models.DateTimeField:
        return datetime
    return _CLASSES.get(target.get_internal_type()) if type(target).__module__.startswith("django.") else None


def _empties_of(field: models.Field[Any, Any]) -> dict[type, str]:
    """How nothing is written, by its class, in fields that mostly hold nothing."""
    if type(field) is ArrayField:
        return {list: "{}", tuple: "{}"}
    return {dict: "{}", list: "[]"} if type(field) is models.JSONField else {}
