"""Whom a request has shown: whoever builds a person's card says so here, and one line is written when the answer leaves.

    with reading.watched() as seen:      # a middleware's, round the view
        …                                # queries call reading.shown(ids) where people become visible
    seen.ids                             # in the order they were shown, each once

A page of forty people is one reading, not forty: being on the list is the finding. Outside `watched` nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Seen:
    """Who has become visible so far, and of whom something was given in full."""

    _ids: dict[UUID, None] = field(default_factory=dict)
    revealed: list[UUID] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return list(self._ids)

    def add(self, ids: Iterable[UUID]) -> None:
        self._ids.update(dict.fromkeys(ids))


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
