"""One box over everything the desk knows: what each app finds, under the actor's own rights."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from linli.core.access import Actor
from linli.core.finding import Found, FoundBy
from linli.matters import finding as matters
from linli.organisations import finding as organisations
from linli.places import finding as places
from linli.places.rules import parse_door
from linli.residents import finding as residents
from linli.residents.queries import is_bound_to_patch

PAGE, GLANCE = 20, 5
"""How many of a kind stand on the page, and under the box; whoever wants others writes a letter more."""


@dataclass(frozen=True)
class Group:
    """A kind of thing the finder looks for."""

    name: str
    icon: str
    found_by: FoundBy


PLACES = Group("楼栋房屋", "building", places.found_by)
GROUPS = (
    Group("居民", "person", residents.found_by),
    Group("事项", "matters", matters.found_by),
    PLACES,
    Group("组织", "family", organisations.found_by),
)
"""In the order they are shown. An app of its own kind adds its line here."""


@dataclass(frozen=True)
class FoundGroup:
    """What was found of one kind; `has_more` when there is more than is listed."""

    name: str
    icon: str
    found: list[Found]
    has_more: bool


def words_of(text: str) -> str:
    """What was typed, half-width, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def find(actor: Actor, text: str, *, limit: int = PAGE) -> list[FoundGroup]:
    """Everything `text` may mean, by kind, a typed door before who lives there; kinds without an answer are left out."""
    words = words_of(text)
    if not words:
        return []
    groups = sorted(GROUPS, key=lambda group: group is not PLACES) if parse_door(words) else GROUPS
    answers = ((group, group.found_by(actor, words, limit=limit)) for group in groups)
    return [FoundGroup(group.name, group.icon, found[:limit], len(found) > limit) for group, found in answers if found]


def is_narrow(actor: Actor) -> bool:
    """Whether the actor finds residents and matters of the own sub-areas only."""
    return is_bound_to_patch(actor)
