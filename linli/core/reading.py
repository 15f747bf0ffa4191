"""Whom a request has shown: whoever builds a person's card says so here, and one line is written when the answer leaves.

    with reading.watched() as seen:      # a middleware's, round the view
        …                                # queries call reading.shown(ids) where people become visible
    seen.ids                             # in the order they were shown, each once

A page of forty people is one reading, not forty: being on the list is the finding. Outside `watched` nothing is kept.
A page over several communities shows people of each: `seen.by_community` keeps them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from .tenancy import current_id


@dataclass
class Seen:
    """Who has become visible so far, and of whom something was given in full."""

    _ids: dict[UUID, int] = field(default_factory=dict)
    revealed: list[UUID] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return list(self._ids)

    @property
    def by_community(self) -> dict[int, list[UUID]]:
        """The ids by the community that was active as they were shown."""
        found: dict[int, list[UUID]] = {}
        for id, community_id in self._ids.items():
            found.setdefault(community_id, []).append(id)
        return found

    def add(self, ids: Iterable[UUID]) -> None:
        self._ids.update(dict.fromkeys(ids, current_id()))


_watching: ContextVar[Seen | None] = ContextVar("reading", default=None)


@contextmanager
def watched() -> Iterator[Seen]:
    """Keep whom the block shows."""
    seen = Seen()
    token = _watching.set(seen)
    try:
        yield seen
    finally:
        _watching.reset(token)


def shown(ids: Iterable[UUID]) -> None:
    """These people are about to be seen by whoever asked."""
    seen = _watching.get()
    if seen is not None:
        seen.add(ids)


def revealed(id: UUID) -> None:
    """Something of this person is about to be seen in full; the trail knows of it already."""
    seen = _watching.get()
    if seen is not None:
        seen.revealed.append(id)
