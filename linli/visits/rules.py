"""How often, until when, who counts: pure calculation on plain values. What is asked at a door is data (data/question.csv)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data/question.csv"
WEEK, MONTH, QUARTER = "week", "month", "quarter"
TIGHTEST_FIRST = (WEEK, MONTH, QUARTER)
SOON_DAYS = 7
"""Due within so many days: near enough to be taken along on the way."""
ROUTE_DOORS = 12
"""Doors one walks in a day; ours."""
CHANGE_DAYS = 1
"""After a change in the household somebody comes within a day (the practice of elder-care.md §1 [3]); ours for all kinds."""
LATE_SENDING_DAYS = 7
"""How old a visit may be that a phone sends late."""
NEVER_IN_PERSON = frozenset({"neighbour"})
"""Ways in which nobody spoke with the person herself: nothing of the register can be confirmed so."""


def period_of(day: date, every: str) -> tuple[date, date]:
    """The first and the last day of the week (from Monday), month or quarter in which `day` lies."""
    if every == WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    month = day.month if every == MONTH else 3 * ((day.month - 1) // 3) + 1
    months = 1 if every == MONTH else 3
    first = date(day.year, month, 1)
    year, following = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first, date(year, following + 1, 1) - timedelta(days=1)


def is_within(inner: tuple[date, date], outer: tuple[date, date]) -> bool:
    """Whether one span of days lies inside another: a plan of the week is one of the month, too."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


@dataclass(frozen=True)
class Answer:
    """One answer to tap; a worrying one asks that somebody looks again."""

    code: str
    words: str
    is_worrying: bool


@dataclass(frozen=True)
class Question:
    """What is asked at a door, answered by a tap. `short` heads the answer where it is read again."""

    code: str
    words: str
    short: str
    answers: tuple[Answer, ...]

    def answer(self, code: str) -> Answer | None:
        return next((each for each in self.answers if each.code == code), None)


@cache
def questions() -> dict[str, Question]:
    """Every question by its code, in the order of the file."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return {line["code"]: _question(line) for line in csv.DictReader(file)}


def _question(line: Mapping[str, str]) -> Question:
    answers = []
    for each in line["answers"].split("|"):
        code, _, words = each.partition(":")
        answers.append(Answer(code, words.rstrip("!"), words.endswith("!")))
    return Question(line["code"], line["words"], line["short"], tuple(answers))


def asked(codes: Sequence[str]) -> list[Question]:
    """The questions of these codes in the order of the file; codes of questions that are gone are left out."""
    return [question for code, question in questions().items() if code in codes]


def sound(answers: Mapping[str, str]) -> dict[str, str]:
    """Those answers that are answers to questions there are."""
    known = questions()
    return {code: said for code, said in answers.items() if code in known and known[code].answer(said) is not None}


def worries(answers: Mapping[str, str]) -> list[str]:
    """What somebody should look at again, in words: 吃饭：吃不下."""
    found = ((questions()[code], questions()[code].answer(said)) for code, said in sound(answers).items())
    return [f"{question.short}：{answer.words}" for question, answer in found if answer and answer.is_worrying]


def in_words(answers: Mapping[str, str]) -> list[str]:
    """Every answer in words, in the order of the questions."""
    held = sound(answers)
    listed = [(question, question.answer(held[code])) for code, question in questions().items() if code in held]
    return [f"{question.short}：{answer.words}" for question, answer in listed if answer]


def percent(part: int, whole: int) -> int | None:
    """Whole percents, rounded down so that 100 means all; None of nothing."""
    return 100 * part // whole if whole else None
