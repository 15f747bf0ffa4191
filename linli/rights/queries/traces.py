"""Whether anything is left of somebody: every table of the community is searched, columns as text and sealed values opened.

Left out are the trail and its seals: they hold ids, never names or numbers, and nothing may be taken out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, models

from linli.core.fields import BlindIndexField, EncryptedTextField
from linli.core.tenancy import TenantModel, current_id, tenant_models
from linli.residents.models import Resident

NOT_SEARCHED = {"core_trailentry", "core_trailseal"}
SHORT = 6
"""Values with fewer characters are no proof of anybody."""


@dataclass
class Traces:
    """What somebody would be known by: ids, numbers that are hers alone, and their blind indexes."""

    ids: set[UUID] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    indexes: set[bytes] = field(default_factory=set)

    def pattern(self) -> str:
        """One regular expression for all of it, as a row's text shows it."""
        words = [str(each) for each in self.ids] + [each.hex() for each in self.indexes]
        words += [re.escape(value) for value in self.values]
        return "|".join(sorted(words))


@dataclass(frozen=True)
class Proof:
    """What was searched, and in which tables something was found."""

    tables: int
    rows: int
    opened: int
    left: dict[str, int]
    files: int = 0  # kept rosters that were opened and searched
    in_backups_until: date | None = None  # by when the last backup that holds her is dropped; None: nobody knows here

    @property
    def is_clean(self) -> bool:
        return not self.left


def traces_of(rows: Iterable[TenantModel]) -> Traces:
    """What these rows are known by. Tails of numbers are left out: many people share one."""
    traces = Traces()
    for row in rows:
        traces.ids.add(row.pk)
        for each in _own_indexes(type(row)):
            if index := getattr(row, each.attname):
                traces.indexes.add(bytes(index))
                traces.values.add(str(getattr(row, each.of)))
    traces.values = {value for value in traces.values if len(value) >= SHORT}
    return traces


def _own_indexes(model: type[models.Model]) -> list[BlindIndexField]:
    found = [each for each in model._meta.concrete_fields if isinstance(each, BlindIndexField)]
    return [each for each in found if not each.purpose.endswith("_tail")]


def without_shared(traces: Traces) -> Traces:
    """The traces that no row still there has by right: a couple may share a phone. Asked after the deletion."""
    people = Resident.across_communities.filter(community_id=current_id())
    for each in _own_indexes(Resident):
        for row in people.filter(**{f"{each.name}__in": list(traces.indexes)}):
            traces.indexes.discard(bytes(getattr(row, each.attname)))
            traces.values.discard(str(getattr(row, each.of)))
    return traces


def search(traces: Traces) -> Proof:
    """Look for the traces in every table of the active community, and in the queue."""
    pattern, left, searched, opened = traces.pattern(), {}, 0, 0
    searched_tables = [model for model in tenant_models() if model._meta.db_table not in NOT_SEARCHED]
    for model in searched_tables:
        rows, hits = _as_text(model._meta.db_table, pattern)
        more, seen = _sealed(model, traces)
        searched, opened = searched + rows, opened + seen
        if hits + more:
            left[model._meta.db_table] = hits + more
    rows, hits = _as_text("procrastinate_jobs", pattern)
    if hits:
        left["procrastinate_jobs"] = hits
    return Proof(len(searched_tables) + 1, searched + rows, opened, left)


def _as_text(table: str, pattern: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE t::text ~ %s) FROM {table} t", [pattern])
        rows, hits = cursor.fetchone()
    return rows, hits


def _sealed(model: type[models.Model], traces: Traces) -> tuple[int, int]:
    """How many sealed values hold one of the traces, and how many were opened. Values of other people are passed by."""
    names = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]
    wanted = re.compile("|".join(sorted(map(re.escape, [*map(str, traces.ids), *traces.values]))) or r"(?!)")
    hits = opened = 0
    for name in names:
        manager: Any = model._base_manager
        held = manager.filter(community_id=current_id(), **{f"{name}__isnull": False}).values_list(name, flat=True)
        for value in held.iterator(chunk_size=1000):
            opened += 1
            hits += bool(wanted.search(value))
    return hits, opened
