"""One box for people: what is typed, read in every way it may be meant, each way by an index of its own.

A name or part of it, also in characters that only sound like it (章芳 finds 张芳, after every 章芳); pinyin, whole or begun
(`wangf`), with or without the surname; first letters (`wds`); characters and letters mixed (`王ds`); a door (`48-2-301`);
the last four of a phone or an ID number, or all of it.

Ways are joined as a union of ids, never as one OR, which would make the database read a whole community; and compared with
`=`, `<` and `>=` only, because row-level security lets no index be asked with LIKE.

One character or letter finds thousands of a large community: `nearest` takes the first few from the index in the order they are
shown in, and asks all ways only where these are too few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from linli.core.access import Actor
from linli.core.keys import IsOneOf
from linli.core.pinyin import bigrams, pinyin_of, read_as_syllables
from linli.places.models import Dwelling
from linli.places.queries import doors_matching
from linli.places.rules import parse_door

from . import rules
from .models import Resident
from .queries import lived_everywhere_today, residents_visible_to, with_cards

LOOKED_AT = 300
HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PIECES = re.compile(rf"[{HAN}]+|[a-z]+")


def search_residents(actor: Actor, text: str) -> QuerySet[Resident]:
    """Visible residents found by what is typed, the nearest first, then by pinyin; all for an empty text. One query."""
    return found_among(residents_visible_to(actor), text)


def found_among(rows: QuerySet[Resident], text: str) -> QuerySet[Resident]:
    """Those of `rows` (by pinyin) found by what is typed, the nearest first; all for an empty text."""
    words = words_of(text)
    if not words:
        return rows
    ways = _ways(words)
    if not ways:
        return rows.none()
    found = rows.filter(IsOneOf(_joined(ways)))
    if re.search(r"[0-9]", words):  # numbers are asked for by their index, and written into no statement
        return found
    return found.annotate(nearness=_nearness(words)).order_by("nearness", "pinyin", "id")


Dress = Callable[[QuerySet[Resident]], QuerySet[Resident]]


def nearest(rows: QuerySet[Resident], text: str, most: int, *, dress: Dress = with_cards) -> list[Any]:
    """The first `most` of `found_among`, the same and in the same order, loaded with what `dress` adds; one query, or two.

    Whose name begins with what is typed stands first, and in the order of an index: where the first LOOKED_AT hold as many as are wanted
    (of whom somebody sees a part), reading ends there. They are taken before anybody asks who may see them: the planner would else begin
    with everybody one may see.
    """
    beginnings = _beginnings(words_of(text))
    if any(each.finds_many for each in beginnings):
        each_first = (_every().filter(each.met).order_by("pinyin", "id")[:LOOKED_AT] for each in beginnings)
        first = _every().filter(IsOneOf(_joined(each_first))).order_by("pinyin", "id")[:LOOKED_AT]
        found = list(dress(rows.filter(IsOneOf(first.values("pk"))).order_by("pinyin", "id")[:most]))
        if len(found) >= most:
            return found
    return list(dress(found_among(rows, text)[:most]))


def _joined(ways: Iterable[QuerySet[Resident]]) -> QuerySet[Any]:
    first, *others = (way.values("pk") for way in ways)
    return first.union(*others) if others else first


def words_of(text: str) -> str:
    """What was typed, half-width, with single spaces, none between Chinese characters."""
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", words)


def _nearness(words: str) -> Case:
    """0 for a name that begins so, 1 for one with it inside, 2 for what sounds like it; in letters, 0 for a name that is spelt so.

    The name itself is the first by pinyin of those that begin with it.
    """
    met = Q(name__startswith=words)
    if words.isascii():
        for each in _beginnings(words):
            met |= each.met
    return Case(
        When(met, then=Value(0)),
        When(name__contains=words, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class _Beginning:
    """Names that begin with what is typed, as one range of pinyin; one syllable or less is the beginning of thousands."""

    met: Q
    finds_many: bool


def _beginnings(words: str) -> list[_Beginning]:
    """Each way to read the beginning of a name; none for numbers and mixed writing, which find few."""
    if words.isascii():
        letters = words.lower().replace(" ", "")
        if not letters.isalpha():
            return []
        readings = read_as_syllables(letters)
        texts = dict.fromkeys((words.lower(), *readings))
        return [_Beginning(_spelt(text), text in readings and " " not in text) for text in texts]
    if re.search(r"[0-9A-Za-z]", words):
        return []
    sound = pinyin_of(words)
    met = Q(Q(pinyin=sound) | _spelt(f"{sound} "), name__startswith=words)
    return [_Beginning(met, len(words) == 1)]


def _ways(words: str) -> list[QuerySet[Resident]]:
    """Rows for each way to read `words`."""
    if re.search(r"[0-9]", words):
        return _by_number(words)
    letters = words.lower().replace(" ", "")
    if not any(char.isalnum() for char in letters):
        return []
    if words.isascii():
        return _by_letters(words.lower(), letters)
    if re.search(r"[a-z]", letters):
        return _by_mixed(letters)
    return _by_name(letters)


def _every() -> QuerySet[Resident]:
    return Resident.objects.order_by()


def _by_number(words: str) -> list[QuerySet[Resident]]:
    digits = re.sub(r"[\s()+-]", "", words)
    ways = []
    if re.fullmatch(r"[0-9]{17}[0-9Xx]|[0-9]{15}", digits):
        ways += [_every().filter(id_number_index=digits), _every().filter(phone_index=digits)]
    elif re.fullmatch(r"[0-9]{7,14}", digits):
        ways.append(_every().filter(phone_index=digits))
    elif re.fullmatch(r"[0-9]{3}[0-9Xx]", words):
        ways += [_every().filter(id_tail_index=words), _every().filter(phone_tail_index=words)]
    if (door := parse_door(words)) and not re.fullmatch(r"[0-9]{4,}", words):
        behind = Dwelling.objects.filter(doors_matching(door)).values("pk")
        ways.append(_every().filter(pk__in=lived_everywhere_today().filter(dwelling__in=behind).values("resident")))
    elif not ways and (pairs := _pairs(words)):
        ways.append(_every().filter(find_keys__has=pairs, name__contains=words))
    return ways


def _by_letters(typed: str, letters: str) -> list[QuerySet[Resident]]:
    """Pinyin from its beginning, first letters, a given name's pinyin, a word of a name in Latin letters."""
    ways = [
        _every().filter(_spelt(typed, *read_as_syllables(letters))),
        _every().filter(find_keys__has=[f"g:{letters}"]),
    ]
    if len(letters) > 1:
        first = letters[: rules.INITIALS_MOST]
        ways.append(_every().filter(find_keys__has=[f"i:{first}"], initials__startswith=letters))
    if len(letters) > 2:
        ways.append(_every().filter(find_keys__has=[f"w:{word}" for word in typed.split()]))
    return ways


def _by_mixed(letters: str) -> list[QuerySet[Resident]]:
    """王ds, 王dashan, wang芳: read as letters, and the characters must stand in the name."""
    pieces = PIECES.findall(letters)
    readings, initials = [""], ""
    for piece in pieces:
        if piece.isascii():
            ways_on, short = read_as_syllables(piece), piece
        else:
            ways_on, short = [pinyin_of(piece)], "".join(syllable[0] for syllable in pinyin_of(piece).split())
        readings = [f"{before} {on}".strip() for before in readings for on in ways_on][:12]
        initials += short
    named = Q()
    for at, piece in enumerate(pieces):
        if not piece.isascii():
            named &= Q(name__contains=piece) if at else Q(name__startswith=piece)
    first = initials[: rules.INITIALS_MOST]
    ways = [_every().filter(named, find_keys__has=[f"i:{first}"], initials__startswith=initials)]
    return [*ways, _every().filter(_spelt(*readings), named)] if readings else ways


def _by_name(words: str) -> list[QuerySet[Resident]]:
    """The characters themselves, and from two on what sounds the same."""
    sound = pinyin_of(words)
    if len(words) == 1:
        whole = Q(pinyin=sound) | _spelt(f"{sound} ")
        return [_every().filter(whole, name__startswith=words), _every().filter(find_keys__has=[f"c:{words}"])]
    return [
        _every().filter(Q(name__contains=words) | Q(former_name__contains=words), find_keys__has=_pairs(words)),
        _every().filter(Q(pinyin=sound) | _spelt(f"{sound} ")),
        _every().filter(find_keys__has=[f"g:{sound.replace(' ', '')}"]),
    ]


def _pairs(words: str) -> list[str]:
    return [f"b:{pair}" for pair in bigrams(words) if len(pair) == 2]


def _spelt(*beginnings: str) -> Q:
    """Names whose pinyin begins with one of the given texts: as ranges, which the index answers under row-level security."""
    met = Q()
    for text in dict.fromkeys(beginnings):
        met |= Q(pinyin__gte=text, pinyin__lt=text + "\U0010ffff")
    return met
