"""The tree of kinds: what may be reported, in the community's order, and what a kind has from those above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Count, QuerySet

from ..models import Matter, MatterKind


@dataclass(frozen=True)
class KindTree:
    """Kinds from the top down, each after the one above it; `parent` is at hand, so that asking what a kind holds costs no query."""

    rows: tuple[MatterKind, ...]

    @cached_property
    def by_code(self) -> dict[str, MatterKind]:
        return {kind.code: kind for kind in self.rows}

    @property
    def tops(self) -> list[MatterKind]:
        return [kind for kind in self.rows if kind.level == 1]

    def below(self, top: MatterKind) -> list[MatterKind]:
        """The ends of the branches under `top`: what one may say more exactly."""
        inner = {kind.parent_id for kind in self.rows}
        return [kind for kind in self.rows if kind.pk not in inner and kind.level > 1 and top.code in kind.path]


def tree_of(kinds: Iterable[MatterKind]) -> KindTree:
    """`kinds` as a tree; one whose upper kind is not among them is left out, and all under it."""
    waiting: dict[object, list[MatterKind]] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.order, kind.code)):
        waiting.setdefault(kind.parent_id, []).append(kind)
    rows: list[MatterKind] = []

    def lay(parent: MatterKind | None) -> None:
        for kind in waiting.get(parent and parent.pk, ()):
            kind.parent = parent
            rows.append(kind)
            lay(kind)

    lay(None)
    return KindTree(tuple(rows))


def kinds_to_report() -> KindTree:
    """Every kind that may be chosen; with one that is hidden, all under it are."""
    return tree_of(MatterKind.objects.filter(is_offered=True))


def all_kinds() -> KindTree:
    """Every kind there is, hidden ones too: what the secretary arranges."""
    return tree_of(MatterKind.objects.all())


def kinds_offered() -> QuerySet[MatterKind]:
    """The first choice a reporter has: the top of the tree, in the community's order."""
    return MatterKind.objects.filter(is_offered=True, level=1).order_by("order", "code")


def with_those_above(kind: MatterKind) -> list[MatterKind]:
    """`kind` and the kinds above it, from the top; afterwards what it holds is answered without asking again."""
    if kind.level == 1:
        return [kind]
    above = {each.pk: each for each in MatterKind.objects.filter(code__in=kind.path[:-1])}
    line = [kind]
    while (parent_id := line[0].parent_id) is not None:
        line[0].parent = above[parent_id]
        line.insert(0, above[parent_id])
    return line


def kinds_in_use() -> dict[UUID, int]:
    """How many matters there are of each kind, by id."""
    return dict(Matter.objects.order_by().values_list("kind_id").annotate(Count("id")))
