"""Calculation about people on plain values: ages, and the one form of a number that a blind index is made of."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from linli.core.pinyin import bigrams, pinyin_of

INITIALS_MOST = 6
"""How many first letters are looked up; names with more are checked for the rest."""

_NOT_DIGITS = re.compile(r"[^0-9]")
_NOT_ID = re.compile(r"[^0-9X]")


def age_on(birth_on: date, day: date) -> int:
    """Completed years on `day` (0 on the day of birth; negative before it).

    A year is completed on the birthday itself. Whoever was born on 29 February completes it on 1 March of a common
    year: a rule of ours, because no law names the day, and this one never counts a year early.
    """
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def is_over(birth_on: date, years: int, day: date) -> bool:
    """Whether the person has completed `years` years on `day` (80岁以上 counts the eightieth birthday itself)."""
    return age_on(birth_on, day) >= years


def latest_birth_of(years: int, day: date) -> date:
    """The last date of birth of those who have completed `years` years on `day`: `is_over` turned round, for queries.

    Raises ValueError before the year 1.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February, and the year of birth is common
        return date(day.year - years, 2, 28)


def plain_id_number(text: str) -> str:
    """An ID number without spaces and marks, in half-width characters, X upper; not checked here."""
    return text if text.isdecimal() and text.isascii() else _NOT_ID.sub("", unicodedata.normalize("NFKC", text).upper())


def id_tail(text: str) -> str:
    """The last four characters of an ID number, which is what people can say over the phone."""
    return plain_id_number(text)[-4:]


def plain_document_number(text: str) -> str:
    """A document's number without spaces and marks, in half-width capitals; not checked here."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())


def always() -> DateRange:
    """All days."""
    return DateRange(None, None, "()")


def plain_phone(text: str) -> str:
    """The digits of a phone number, without the country's 86 in front of an 11-digit mobile; not checked here."""
    digits = text if text.isdecimal() and text.isascii() else _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    return digits[-11:] if len(digits) in {13, 15} and digits[:-11] in {"86", "0086"} else digits


def phone_tail(text: str) -> str:
    """The last four digits of a phone number, which is what people remember."""
    return plain_phone(text)[-4:]


def find_words_of(resident: Any) -> list[str]:
    """By which words a resident is found, beside pinyin and numbers, which have indexes of their own.

    b: two neighbouring characters; c: a character of the given name (the surname is found by its pinyin); i: first
    letters, from two on; g: the given name's pinyin in one word; w: a word in Latin letters.
    """
    name: str = resident.name
    syllables = (resident.pinyin or pinyin_of(name)).split()
    initials = "".join(syllable[0] for syllable in syllables)[:INITIALS_MOST]
    words = [f"b:{pair}" for pair in (*bigrams(name), *bigrams(resident.former_name)) if len(pair) == 2]
    words += [f"c:{char}" for char in name[1:] if char.isalnum()]
    words += [f"i:{initials[:end]}" for end in range(2, len(initials) + 1)]
    if name.isascii():
        return [*words, *(f"w:{word}" for word in syllables)]
    return [*words, f"g:{''.join(syllables[1:])}"] if len(syllables) > 1 else words
