"""Whom the one box finds."""

from __future__ import annotations

from linli.core.access import Actor, Permission
from linli.core.finding import Found

from . import queries
from .searching import search_residents


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Residents the actor may see, by name, pinyin, initials, door or phone, masked; by pinyin. For those who may see residents."""
    if not actor.may(Permission.RESIDENTS_SEE):
        return []
    cards = queries.cards_of(search_residents(actor, words)[: limit + 1])
    return [
        Found(
            title=card.name if card.age is None else f"{card.name} {card.age}岁",
            more=tuple(part for part in (*card.doors, card.phone) if part),
            page="residents:page",
            id=card.id,
            tag="已去世" if card.is_dead else "",
        )
        for card in cards
    ]
