"""Everything held of a person, read from the catalogue: a model somebody adds tomorrow is shown without a line here.

A section is a table that names a resident; its lines are the catalogue's elements that have an answer. Technical columns
(versions, indexes, references) are left out: they say nothing that the others do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange

from linli.core import clock
from linli.core.catalogue import Element, elements
from linli.core.masking import mask_id_number, mask_phone
from linli.core.privacy import Held, declared, is_about_people
from linli.core.tenancy import TenantModel
from linli.places.models import Dwelling
from linli.places.queries import place_label
from linli.residents.actions.corrections import CORRECTABLE
from linli.residents.codelists import code_lists
from linli.residents.codes import category_name
from linli.residents.models import Fact, Resident

SKIPPED = {"known_from", "known_to", "stands_for", "source", "confirmed_on", "check_by", "marks", "pinyin", "initials"}
FIRST = ("residents.Resident", "residents.Residence", "residents.Category", "residents.Document")


@dataclass(frozen=True)
class Line:
    """One fact in words. `shown` is masked where the page masks; `value` is whole, for the person's own copy."""

    code: str
    label: str
    value: str
    shown: str
    source: str = ""
    confirmed_on: date | None = None
    asks: str = ""  # the field whose correction may be asked for


@dataclass(frozen=True)
class Record:
    """The lines of one row."""

    lines: tuple[Line, ...]
    source: str = ""
    confirmed_on: date | None = None
    has_source: bool = False  # whether such rows say where they are from at all


@dataclass(frozen=True)
class Section:
    """What one table holds of the person; `name` is what its rows are called."""

    code: str
    name: str
    records: tuple[Record, ...] = field(default_factory=tuple)


def held_of(resident: Resident) -> list[Section]:
    """All sections that hold something of the person, what is most asked for first."""
    sections = []
    for model, keys in _models_naming_people():
        found: dict[Any, models.Model] = {}
        if model is Resident:
            found = {resident.pk: resident}
        for key in keys:
            manager: Any = model._default_manager
            found |= {row.pk: row for row in manager.filter(**{key: resident.pk}).order_by("-pk")[:MOST]}
        records = tuple(record for row in found.values() if (record := _record(row)).lines)
        if records:
            sections.append(Section(model._meta.label_lower, str(model._meta.verbose_name), records))
    return sections


NOT_WORDS = (models.UUIDField, models.BinaryField, models.JSONField, ArrayField)
"""Kinds of columns that say nothing to a person: keys of the search, references, marks."""
MOST = 500
"""Of one table; a person with more rows than that is told by the desk."""


@cache
def _models_naming_people() -> list[tuple[type[TenantModel], tuple[str, ...]]]:
    """Models about people that lead to a resident and stand in the catalogue, with the keys that do; most asked for first."""
    catalogued = {element.model_field.rpartition(".")[0] for element in elements().values() if element.model_field}
    found = []
    for model in apps.get_models():
        if not (issubclass(model, TenantModel) and is_about_people(model)) or model._meta.label not in catalogued:
            continue
        keys = tuple(
            each.name
            for each in model._meta.local_fields
            if isinstance(each, models.ForeignKey)
            and each.remote_field.model is Resident
            and each.name not in {"merged_into"}
        )
        if (keys or model is Resident) and model is not Fact:
            found.append((model, keys))
    order = {label: n for n, label in enumerate(FIRST)}
    return sorted(found, key=lambda pair: (order.get(pair[0]._meta.label, len(FIRST)), pair[0]._meta.label))


@cache
def _elements_of(label: str) -> tuple[Element, ...]:
    return tuple(each for each in elements().values() if each.model_field.rpartition(".")[0] == label)


def _record(row: Any) -> Record:
    marks = getattr(row, "marks", None) or {}
    source, confirmed_on = getattr(row, "source", "") or "", getattr(row, "confirmed_on", None)
    lines = []
    for element in _elements_of(row._meta.label):
        name = element.model_field.rpartition(".")[2]
        if name in SKIPPED:
            continue
        value = _in_words(row, name)
        if value:
            mark = marks.get(name, {})
            lines.append(
                Line(
                    element.code,
                    element.name,
                    value,
                    _masked(row, name, value),
                    mark.get("source", source),
                    date.fromisoformat(mark["confirmed_on"]) if mark.get("confirmed_on") else confirmed_on,
                    name if isinstance(row, Resident) and name in CORRECTABLE else "",
                )
            )
    return Record(tuple(lines), source, confirmed_on, hasattr(row, "confirmed_on"))


def _in_words(row: Any, name: str) -> str:
    """The value as a person reads it; "" for nothing, and for what is only a reference."""
    found: models.Field[Any, Any] = row._meta.get_field(name)
    if found.is_relation:
        target: Any = getattr(row, name)
        return place_label(dwelling=target) if isinstance(target, Dwelling) else ""
    value = getattr(row, name)
    if value is None or value == "" or isinstance(found, NOT_WORDS):
        return ""
    if found.choices:
        return str(getattr(row, f"get_{name}_display")())
    if name == "kind" and row._meta.label_lower == "residents.category":
        return category_name(value)
    lists = code_lists()
    key = f"{row._meta.model_name}_{name}" if f"{row._meta.model_name}_{name}" in lists else name
    if isinstance(value, str) and key in lists:
        return lists[key].name(value)
    return _plainly(value)


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, DateRange):
        begin = _plainly(value.lower) if value.lower else ""
        end = _plainly(value.upper) if value.upper else ""
        return f"{begin}起" + (f"，到{end}为止" if end else "") if begin else (f"到{end}为止" if end else "一直")
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _masked(row: models.Model, name: str, value: str) -> str:
    if declared(type(row)).get(name) is not Held.ENCRYPTED:
        return value
    if "phone" in name:
        return mask_phone(value)
    return mask_id_number(value) if value.isascii() and len(value) < 40 else value


def lines_of(sections: Iterable[Section]) -> int:
    """How many facts these sections hold."""
    return sum(len(record.lines) for section in sections for record in section.records)
