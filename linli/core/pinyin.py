"""Names as they sound, and text cut for search. The database has no ICU: names sort and are found by stored pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Final

from .identifiers import COMPOUND_SURNAMES, split_name
from .sounds import sounds_of

SURNAMES: Final[dict[str, str]] = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "盖": "ge",
    "区": "ou", "朴": "piao", "尉": "wei", "缪": "miao", "翟": "zhai", "乐": "yue", "覃": "qin",
    "冼": "xian", "洗": "xian", "种": "chong", "折": "she", "繁": "po", "员": "yun", "郗": "xi",
    "秘": "bi", "宓": "mi", "能": "nai", "都": "du", "祭": "zhai", "召": "shao", "黑": "he",
    "句": "gou", "薄": "bo", "卜": "bu", "郇": "xun", "阚": "kan", "逄": "pang", "逯": "lu",
    "牟": "mou", "盛": "sheng", "莘": "shen", "佴": "nai", "贲": "ben", "么": "yao", "幺": "yao",
    "於": "yu", "笮": "ze", "晟": "cheng", "石": "shi", "车": "che", "沈": "shen", "葛": "ge",
    "谌": "chen", "贾": "jia", "晁": "chao", "应": "ying", "那": "na",
}  # fmt: skip
"""Surnames that sound otherwise than the character commonly does, and a few that no newer word list shall change."""

GIVEN: Final[dict[str, str]] = {
    "晟": "sheng",
    "莘": "xin",
    "茜": "qian",
    "乐": "le",
    "行": "xing",
    "卜": "bu",
    "长": "chang",
}
"""Characters that are read so in given names."""


def pinyin_of(name: str) -> str:
    """The syllables of a normalised name in lower case, parted by spaces ("shan xiao qiang"); ü is v.

    Sorting by it sorts as people expect; characters nobody knows how to read stay, Latin words are put in lower case.
    """
    return " ".join(_syllables(name))


def initials_of(name: str) -> str:
    """The first letter of each syllable ("sxq"), as people type them into a search box."""
    return "".join(syllable[0] for syllable in _syllables(name))


REMEMBERED = 1 << 13
"""Names whose sound is kept: a roster asks for each several times within a few thousand rows, and given names repeat."""


@lru_cache(maxsize=REMEMBERED)
def _syllables(name: str) -> tuple[str, ...]:
    if not name or unicodedata.category(name[0]) != "Lo":  # a name in Latin letters has no surname in front
        return _read(name)
    surname, given = split_name(name)
    known = COMPOUND_SURNAMES.get(surname) or SURNAMES.get(surname)
    return (*(known.split() if known else _read(surname)), *_read(given))


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> tuple[str, ...]:
    """Phrases are read together, so that 重 in 重阳 is chong; a character of GIVEN is read as names have it."""
    read: list[str] = []
    for piece in re.split(f"([{''.join(GIVEN)}])", text):
        if piece in GIVEN:
            read.append(GIVEN[piece])
        else:
            read += sounds_of(piece) or (_words(piece) if piece.isascii() else _dictionary()(piece, errors=_words))
    return tuple(read)


@cache
def _dictionary() -> Callable[..., list[str]]:
    """For long and rare words. Opened by whoever first has one: it takes 50 MB, and most processes never do."""
    from pypinyin import Style, lazy_pinyin

    return partial(lazy_pinyin, style=Style.NORMAL)


def _words(unread: str) -> list[str]:
    """Latin words and numbers as words, unreadable characters one by one; separators vanish."""
    return re.findall(r"[a-z0-9'\u00df-\u024f]+|[^\W_]", unread.lower())


def bigrams(text: str) -> list[str]:
    """Every two neighbouring characters of each word, once, in order; a word of one character is itself.

    Stored as an array with a GIN index, `contains(bigrams(query))` finds candidates for texts with `query` in them;
    check those with LIKE, since the pairs may lie apart. One character finds only words of one: names have pinyin.
    """
    plain = (text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)).lower()
    words = [plain] if plain.isalnum() else re.findall(r"\w+", plain)
    pairs = (word[i : i + 2] for word in words for i in range(max(1, len(word) - 1)))
    return list(dict.fromkeys(pairs))


_SYLLABLES: Final = frozenset(
    initial + final
    for initial, finals in {
        "": "a ai an ang ao e ei en er o ou",
        "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
        "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
        "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
        "f": "a an ang ei en eng o ou u",
        "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
        "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
        "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
        "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
        "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
        "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
        "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
        "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
        "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
        "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "y": "a an ang ao e i in ing o ong ou u uan ue un",
        "w": "a ai an ang ei en eng o u",
    }.items()
    for final in finals.split()
)
_BEGINNINGS: Final = frozenset(syllable[:end] for syllable in _SYLLABLES for end in range(1, len(syllable) + 1))


def read_as_syllables(letters: str, *, most: int = 12) -> list[str]:
    """How letters typed without spaces may be read, as `pinyin_of` writes it; the last syllable may be a beginning.

    "wangf" is "wang f" and "wan g f"; "xian" is "xian" and "xi an". Nothing for what no name begins with.
    """
    readings: list[str] = []

    def read_on(at: int, before: list[str]) -> None:
        if len(readings) >= most:
            return
        rest = letters[at:]
        if rest in _BEGINNINGS:
            readings.append(" ".join([*before, rest]))
        for width in range(min(6, len(rest) - 1), 0, -1):
            if rest[:width] in _SYLLABLES:
                read_on(at + width, [*before, rest[:width]])

    if letters.isalpha() and len(letters) <= 40:
        read_on(0, [])
    return readings
