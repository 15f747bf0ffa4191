"""One question to every community of a street: each is asked in its own tenant, under one's own rights there.

The street sees no resident's record. It is told who is meant (masked, with the age), which community and patch they live in, and
who serves there: enough to hand a call over, not enough to go and knock. Every community keeps the line that somebody was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core.access import Actor
from linli.core.finding import Found
from linli.core.tenancy import active
from linli.places.queries import KnownCommunity
from linli.places.rules import parse_door
from linli.residents import finding as residents

from . import find

MOST = 5
"""Of a kind in one community: whoever wants others writes a letter more."""
HAN_LEAST, LETTERS_LEAST = 2, 3
"""A street has tens of thousands of people; one character would show some of them for no reason."""
PEOPLE = "居民"


@dataclass(frozen=True)
class Answer:
    """One line: where it is from, what it is, and its page there (none: the street sees no more than this)."""

    community: str
    code: str
    found: Found

    @property
    def is_open(self) -> bool:
        return bool(self.found.page)


@dataclass(frozen=True)
class StreetGroup:
    """What was found of one kind in all communities, in their order."""

    name: str
    icon: str
    answers: list[Answer]
    has_more: bool


def may_find(account: Account | None) -> bool:
    """Whether the account may ask a whole street: its officials."""
    return account is not None and accounts.leads_a_street(account)


def is_enough(words: str) -> bool:
    """Whether it says whom one means: two characters, three letters or digits, or a door."""
    least = LETTERS_LEAST if words.isascii() else HAN_LEAST
    return len("".join(words.split())) >= least or parse_door(words) is not None


def find_in_street(account: Account, text: str) -> tuple[list[StreetGroup], int]:
    """What `text` may mean in each community one oversees, by kind, and how many communities were asked."""
    words = find.words_of(text)
    overseen = accounts.communities_overseen_by(account)
    if not is_enough(words):
        return [], len(overseen)
    found: dict[str, StreetGroup] = {}
    for known in overseen:
        with active(known.community.id):
            actor = accounts.actor_for(account, known.community, code=known.code)
            for group in (*_people(actor, known, words), *find.find(actor, words, limit=MOST)):
                held = found.get(group.name) or StreetGroup(group.name, group.icon, [], False)
                answers = [Answer(known.community.name, known.code, each) for each in group.found]
                found[group.name] = StreetGroup(
                    group.name, group.icon, [*held.answers, *answers], held.has_more or group.has_more
                )
    order = [PEOPLE, *(group.name for group in find.GROUPS)]
    return sorted(found.values(), key=lambda group: order.index(group.name)), len(overseen)


def _people(actor: Actor, known: KnownCommunity, words: str) -> list[find.FoundGroup]:
    located = residents.located_by(actor, words, limit=MOST)
    if not located:
        return []
    patches, servers = accounts.sub_area_names(), accounts.specialists_by_patch(known.community, known.code)
    rows = [
        Found(
            title=each.name if each.age is None else f"{each.name} {each.age}岁",
            more=_where(each, patches, servers),
            page="",
            tag="已去世" if each.is_dead else "",
        )
        for each in located
    ]
    return [find.FoundGroup(PEOPLE, "person", rows[:MOST], len(rows) > MOST)]


def _where(person: residents.Located, patches: dict[UUID, str], servers: dict[UUID, str]) -> tuple[str, ...]:
    if person.sub_area_id is None:
        return ("没有登记现在住哪里",)
    who = servers.get(person.sub_area_id)
    return (patches.get(person.sub_area_id, ""), f"专员 {who}" if who else "没有专员在岗")
