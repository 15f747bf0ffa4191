"""Which organisations the one box finds."""

from __future__ import annotations

from linli.core import clock
from linli.core.access import Actor
from linli.core.finding import Found

from . import queries


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Organisations by a part of their name, pinyin or first letters, in their order; for who works at the desk."""
    rows = list(queries.search(actor, words)[: limit + 1])
    if not rows:
        return []
    return [
        Found(
            title=card.organisation.name,
            more=(card.organisation.of_kind.name, *card.places, *filter(None, [card.head])),
            page="organisations:page",
            id=card.organisation.pk,
        )
        for card in queries.cards_of(actor, rows, clock.today())
    ]
