"""Every field about people with its class, purpose, legal basis, time and readers: the catalogue first, data/purposes.toml for the rest."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models

from linli.core.catalogue import Sensitivity, elements
from linli.core.fields import BlindIndexField
from linli.core.privacy import FieldRow, field_table

DATA = Path(__file__).parent / "data/purposes.toml"


@dataclass(frozen=True)
class Purpose:
    """Why an app keeps what it keeps of people, and the classes of fields the catalogue does not name."""

    label: str
    purpose: str
    basis: str
    kept: str
    seen: str
    plain: frozenset[str] = field(default_factory=frozenset)
    personal: frozenset[str] = field(default_factory=frozenset)
    sensitive: frozenset[str] = field(default_factory=frozenset)

    def class_of(self, model: str, name: str) -> Sensitivity | None:
        """The class said of the field itself, else of its model as a whole; None when nothing is."""
        for wanted in (f"{model}.{name}", f"{model}.*"):
            for kind in Sensitivity:
                if wanted in getattr(self, kind.value):
                    return kind
        return None


@dataclass(frozen=True)
class Classed:
    """One field with everything said of it."""

    row: FieldRow
    sensitivity: Sensitivity
    purpose: Purpose
    basis: str


@cache
def purposes() -> dict[str, Purpose]:
    """The blocks of the file by app."""
    read = tomllib.loads(DATA.read_text(encoding="utf-8"))["app"]
    lists = {kind.value for kind in Sensitivity}
    return {each["label"]: Purpose(**_read(each, lists)) for each in read}


def _read(block: dict[str, Any], lists: set[str]) -> dict[str, Any]:
    return {key: frozenset(value) if key in lists else value for key, value in block.items()}


def class_of(model: type[models.Model], name: str) -> Sensitivity | None:
    """The field's class; a blind index has that of the field it follows. None for a field nobody classed."""
    found = model._meta.get_field(name)
    if isinstance(found, BlindIndexField):
        return class_of(model, found.of)
    wanted = f"{model._meta.label}.{name}"
    known = [element.sensitivity for element in elements().values() if element.model_field == wanted]
    if known:
        return max(known, key=list(Sensitivity).index)
    purpose = purposes().get(model._meta.app_label)
    return purpose.class_of(model.__name__, name) if purpose else None


def unclassed(people_models: Iterable[type[models.Model]]) -> list[str]:
    """Fields about people without a class, a purpose or a basis: `app.Model.field`."""
    by_table = {model._meta.db_table: model for model in people_models}
    return [
        f"{model._meta.label}.{row.field}"
        for row in field_table(by_table.values())
        if (model := by_table[row.table])
        and (class_of(model, row.field) is None or model._meta.app_label not in purposes())
    ]


def classed(people_models: Iterable[type[models.Model]]) -> Iterator[Classed]:
    """Every classed field, by table, then in the model's order."""
    by_table = {model._meta.db_table: model for model in people_models}
    bases = {each.model_field: each.legal_basis for each in elements().values() if each.model_field}
    for row in field_table(by_table.values()):
        model = by_table[row.table]
        sensitivity, purpose = class_of(model, row.field), purposes().get(model._meta.app_label)
        if sensitivity is not None and purpose is not None:
            yield Classed(row, sensitivity, purpose, bases.get(f"{model._meta.label}.{row.field}", "") or purpose.basis)
