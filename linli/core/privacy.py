"""How a model about people says what it holds: `about_people = True` and `privacy = {"name": Held.MASKED, …}`.

A test fails on a field nobody declared, and on a column that does not keep what was declared; docs/fields.md is drawn
from the same lines. What names one person alone is ENCRYPTED, with an INDEX beside it where it must be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models


class Held(StrEnum):
    """How a field is kept and shown. The first two are personal (PIPL article 4) and never shown in full unasked."""

    ENCRYPTED = "encrypted"
    MASKED = "masked"
    INDEX = "index"
    PLAIN = "plain"

    @property
    def words(self) -> str:
        """For the written list, in Chinese."""
        return _WORDS[self]


_WORDS = {
    Held.ENCRYPTED: "加密保存，显示时遮盖",
    Held.MASKED: "明文保存，显示时遮盖",
    Held.INDEX: "只存加密摘要，用来查找",
    Held.PLAIN: "明文",
}

BASE_FIELDS = frozenset({"id", "community"})
"""In every tenant table; nobody need declare them."""


@dataclass(frozen=True)
class FieldRow:
    """One line of docs/fields.md."""

    table: str
    model_name: str
    field: str
    label: str
    held: Held


def is_about_people(model: type[models.Model]) -> bool:
    return bool(getattr(model, "about_people", False))


def declared(model: type[models.Model]) -> dict[str, Held]:
    """The model's own declarations over those of the abstract models it is made from."""
    merged: dict[str, Held] = {}
    for parent in reversed(model.__mro__):
        merged.update(vars(parent).get("privacy", {}))
    return merged


def undeclared_fields(model: type[models.Model]) -> list[str]:
    """Names of the fields a model about people says nothing of, in the model's order; empty for other models."""
    if not is_about_people(model):
        return []
    known = declared(model)
    return [field.name for field in _own_fields(model) if field.name not in known]


def wrong_declarations(model: type[models.Model]) -> list[str]:
    """What `privacy` says that the columns do not keep: one English sentence each, empty when all is true."""
    from .fields import BlindIndexField, EncryptedTextField

    if not is_about_people(model):
        return []
    fields = {field.name: field for field in _own_fields(model)}
    wrong = [f"{model.__name__}.{name} is declared but is no field" for name in declared(model) if name not in fields]
    for name, held in declared(model).items():
        for kind, promise in ((EncryptedTextField, Held.ENCRYPTED), (BlindIndexField, Held.INDEX)):
            if name in fields and isinstance(fields[name], kind) != (held is promise):
                wrong.append(f"{model.__name__}.{name} is declared {held.value} but is a {type(fields[name]).__name__}")
    return wrong


def field_table(people_models: Iterable[type[models.Model]]) -> list[FieldRow]:
    """Every declared field of the given models, by table, then in the model's order; undeclared ones are left out."""
    rows = []
    for model in sorted(people_models, key=lambda each: each._meta.db_table):
        known = declared(model)
        for field in _own_fields(model):
            if field.name in known:
                label = str(getattr(field, "verbose_name", field.name))
                rows.append(
                    FieldRow(model._meta.db_table, str(model._meta.verbose_name), field.name, label, known[field.name])
                )
    return rows


def _own_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    concrete = [*model._meta.local_concrete_fields, *model._meta.local_many_to_many]
    return [field for field in concrete if field.name not in BASE_FIELDS]
