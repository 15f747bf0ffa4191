"""What nobody changes alone: data (`needs_second.csv`), so that a community can be stricter without a programmer."""

from __future__ import annotations

from functools import cache

from .codelists import rows_of


@cache
def _needed(what: str) -> dict[str, str]:
    return {line["key"]: line["because"] for line in rows_of("needs_second") if line["what"] == what}


def field_needs_second(field: str) -> bool:
    return field in _needed("field")


def category_needs_second(kind: str) -> bool:
    return kind in _needed("category")


def keys_that_need_second() -> list[str]:
    """Every field and kind of category for which a second person has to agree."""
    return [*_needed("field"), *_needed("category")]


def why_second(key: str) -> str:
    """Why a second person has to agree to a change of the field, or of the category; "" where none has to."""
    return _needed("field").get(key) or _needed("category").get(key, "")
