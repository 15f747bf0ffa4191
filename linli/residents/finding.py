"""Whom the one box finds; and, for the street, in which community somebody lives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from linli.core import clock, reading
from linli.core.access import Actor, Permission
from linli.core.finding import Found
from linli.core.masking import mask_name
from linli.places.rules import parse_door

from . import queries, rules
from .models import Resident
from .searching import nearest


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Residents the actor may see, by name, pinyin, initials, door or phone, masked; by pinyin. For those who may see residents."""
    if not actor.may(Permission.RESIDENTS_SEE):
        return []
    rows = nearest(queries.residents_visible_to(actor), words, limit + 1)
    cards = [queries.card_of(row) for row in rows]
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


@dataclass(frozen=True)
class Located:
    """Somebody as the street is told of them: masked, without door or number, and the patch they live in (None: nobody knows)."""

    id: UUID
    name: str
    age: int | None
    is_dead: bool
    sub_area_id: UUID | None


def located_by(actor: Actor, words: str, *, limit: int) -> list[Located]:
    """Residents of the active community for whoever may know no more than where they belong; at most `limit` + 1.

    The nearest first; nothing for who may not know, or sees them wholly anyway (`found_by`), and nobody for a door: that would
    say who lives behind it.
    """
    if not actor.may(Permission.RESIDENTS_LOCATE) or actor.may(Permission.RESIDENTS_SEE):
        return []
    if parse_door(words) and not re.fullmatch(r"[0-9]{3,17}[0-9Xx]", words):
        return []
    every = Resident.objects.order_by("pinyin", "id")
    found = nearest(every, words, limit + 1, dress=_with_patch)
    reading.shown([row.pk for row in found[:limit]])
    return [_located(row) for row in found]


def _with_patch(rows: QuerySet[Resident]) -> QuerySet[Resident]:
    patch = queries.lived_today().values_list("dwelling__entrance__building__grid__sub_area", flat=True)
    return rows.annotate(patches=ArraySubquery(patch[:1]))


def _located(row: Any) -> Located:
    until = row.died_on or clock.today()
    return Located(
        id=row.pk,
        name=mask_name(row.name),
        age=rules.age_on(row.birth_on, until) if row.birth_on else None,
        is_dead=row.died_on is not None,
        sub_area_id=row.patches[0] if row.patches else None,
    )
