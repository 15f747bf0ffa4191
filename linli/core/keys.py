"""What a row is found by, as small numbers in one column with a GIN index: `Resident.objects.filter(find_keys__has=["b:张芳"])`.

A word's key is a hash of the community and the word, so that the index leads straight to the few rows of one community,
however many others there are; whoever asks checks the rows found with a condition of its own. The column is worked out as the
row is written (save, bulk_create, COPY alike).

Row-level security lets no index be asked with an operator that is not leak-proof, and none on arrays is. So `core.protect` gives each table
with such a column one function, which asks the index as the table's owner and answers with ids of the active community, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from zlib import crc32

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BooleanField, F, Func, IntegerField, Lookup

from .tenancy import current_id

HALF = 1 << 31


def keys_of(community_id: int, words: Iterable[str]) -> list[int]:
    """The keys of `words` in a community, each once, as PostgreSQL's int4."""
    begun = crc32(f"{community_id}/".encode())
    return list({crc32(word.encode(), begun) - HALF for word in words})


def function_of(table: str) -> str:
    """The function that answers for `table`."""
    return f"{table}_having"


class KeysField(ArrayField):
    """`of(row)` says by which words the row is found. Never shown, never written by hand."""

    def __init__(
        self, verbose_name: str | None = None, *, of: Callable[[Any], Iterable[str]] | None = None, **kwargs: Any
    ) -> None:
        self.of = of
        kwargs |= {"verbose_name": verbose_name, "editable": False, "default": list}
        kwargs.pop("base_field", None)
        super().__init__(IntegerField(), **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        for made in ("base_field", "editable", "default"):
            kwargs.pop(made, None)
        kwargs["of"] = self.of
        return name, "linli.core.keys.KeysField", args, kwargs

    def pre_save(self, row: models.Model, add: bool) -> Any:
        if self.of is not None:
            setattr(row, self.attname, keys_of(row.community_id, self.of(row)))  # type: ignore[attr-defined]
        return super().pre_save(row, add)


@KeysField.register_lookup
class Has(Lookup):
    """Rows that have the keys of all the given words. False hits are rare, and possible."""

    lookup_name = "has"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column: Any = self.lhs
        alias = compiler.quote_name_unless_alias(column.alias)
        table = column.target.model._meta.db_table
        wanted = keys_of(current_id(), self.rhs)
        return f'{alias}."id" IN (SELECT {function_of(table)}(%s::int[]))', [wanted]


class IsOneOf(Func):
    """Whether the row's id is among those of a subquery, which is answered first and by itself.

    The planner cannot know how few rows a search finds; told them as an array, it cannot begin at the other end.
    """

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = BooleanField()

    def __init__(self, ids: models.QuerySet[Any]) -> None:
        super().__init__(F("pk"), ArraySubquery(ids))


def keyed_models(tenants: Iterable[type[models.Model]]) -> list[tuple[type[models.Model], KeysField]]:
    """Those of the given models that are found by keys, with the field."""
    return [(model, field) for model in tenants for field in model._meta.local_fields if isinstance(field, KeysField)]
