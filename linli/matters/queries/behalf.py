"""Doing it for somebody (代办): whom one has helped lately, who else lives behind that door, what is already open there."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.core.access import Actor
from linli.residents.models import Resident
from linli.residents.queries import (
    ResidentCard,
    card_of,
    cards_of,
    residence_of,
    residents_visible_to,
    who_lives_in,
)
from linli.residents.searching import nearest

from ..models import NOT_THE_REPORTERS, OPEN, Matter
from .matters import matters_visible_to

LATELY = 40  # of her own last reports
FOUND_MOST = 12


def people_found(actor: Actor, words: str) -> list[ResidentCard]:
    """Whom `words` may mean: a name, pinyin, the tail of a phone, a door; at most FOUND_MOST."""
    found = nearest(residents_visible_to(actor), words, FOUND_MOST) if words.strip() else []
    return [card_of(row) for row in found]


def helped_lately(actor: Actor, most: int = 4) -> list[ResidentCard]:
    """The residents the actor reported for last, the latest first."""
    if actor.account_id is None:
        return []
    mine = Matter.objects.filter(source__in=NOT_THE_REPORTERS, reporter=actor.account_id, for_resident__isnull=False)
    recent = list(dict.fromkeys(mine.order_by("-reported_at").values_list("for_resident_id", flat=True)[:LATELY]))
    return _in_order(actor, recent[:most])


def others_at_the_door(actor: Actor, resident: Resident) -> list[ResidentCard]:
    """Who else lives behind the resident's door: the caller is often the daughter, and the matter the mother's."""
    residence = residence_of(resident)
    if residence is None:
        return []
    others = who_lives_in(residence.dwelling).exclude(pk=resident.pk)
    return cards_of(residents_visible_to(actor).filter(pk__in=others.values("pk")))


def open_at_the_door(actor: Actor, resident: Resident, most: int = 3) -> list[Matter]:
    """What is open about the resident or her door: perhaps it is what she is calling about."""
    residence = residence_of(resident)
    rows = matters_visible_to(actor).filter(state__in=OPEN)
    about = rows.filter(for_resident=resident)
    if residence is not None:
        about = about | rows.filter(dwelling=residence.dwelling)
    return list(about.distinct()[:most])


def _in_order(actor: Actor, ids: Iterable[UUID]) -> list[ResidentCard]:
    wanted = list(ids)
    cards = {card.id: card for card in cards_of(residents_visible_to(actor).filter(pk__in=wanted))}
    return [cards[each] for each in wanted if each in cards]
