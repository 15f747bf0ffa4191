"""Which organisations the one box finds."""

from __future__ import annotations

from linli.core.access import Actor
from linli.core.finding import Found

from . import queries


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Party branches by a part of their name, in their order; for who works at the desk."""
    rows = queries.branches_visible_to(actor).filter(name__icontains=words)[: limit + 1]
    return [
        Found(
            title=row.name,
            more=(row.get_kind_display(), row.sub_area.name) if row.sub_area else (row.get_kind_display(),),
            page="organisations:branches",
        )
        for row in rows
    ]
