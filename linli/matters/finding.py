"""What the one box finds of matters."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q, QuerySet

from linli.core.access import Actor, Permission
from linli.core.finding import Found
from linli.core.keys import IsOneOf
from linli.core.pinyin import bigrams
from linli.places.rules import Door, parse_door

from . import queries
from .models import Matter


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Matters by number, by words of the report, or by the place typed; newest first. For those who work at the desk."""
    if not (actor.may(Permission.MATTERS_SEE_ALL) or actor.may(Permission.MATTERS_SEE_PATCH)):
        return []
    rows = queries.matters_visible_to(actor).select_related(None)
    rows = rows.filter(IsOneOf(_found_by_words(words)))[: limit + 1]
    return [
        Found(
            title=row.matter.words,
            more=(row.matter.number, row.kind_name, row.place),
            page="matters:desk_matter",
            id=row.matter.id,
            tag=row.matter.get_state_display(),
        )
        for row in queries.desk_rows(actor, rows)
    ]


def _found_by_words(words: str) -> QuerySet[Any]:
    """Ids, each way by its own index: words by their pairs of characters (one character tells nothing), numbers, the place."""
    every = Matter.objects.order_by()
    pairs = [f"b:{pair}" for pair in bigrams(words)]
    ways = [every.filter(_said(words), find_keys__has=pairs)] if pairs and len(words) > 1 else []
    if re.fullmatch(r"[0-9-]{1,16}", words):
        ways.append(every.filter(find_keys__has=[f"n:{words}"]))
    if door := parse_door(words):
        ways.append(every.filter(_at(door)))
    if not ways:
        return every.none().values("pk")
    first, *others = (way.values("pk") for way in ways)
    return first.union(*others) if others else first


def _said(words: str) -> Q:
    """Matters in whose report, or in an answer to what it was asked, the words stand."""
    return Q(words__icontains=words) | Q(answers__icontains=words)


def _at(door: Door) -> Q:
    """Matters at the door, entrance or building that was named."""
    there = Q(building__number=door.building)
    if door.estate:
        there &= Q(building__estate__name__contains=door.estate)
    if door.entrance is not None:
        there &= Q(entrance__number=door.entrance)
    return there & Q(dwelling__room=door.room) if door.room is not None else there
