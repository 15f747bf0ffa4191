"""Words of offices for what the register keeps as a code or a level: data, with where each comes from (`data/*.csv`).

Only words that can mean one thing stand there. Any other word is asked about or said to be wrong, never guessed.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from linli.residents.codelists import code_list
from linli.residents.codes import CATEGORY_KINDS

DATA = Path(__file__).parent / "data"
DIGITS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def employment_words() -> dict[str, str]:
    """What offices write of somebody's work, beside the names and aliases of the list itself: its code."""
    return {line["word"]: line["code"] for line in _lines("employment_words")}


def code_written(field: str, text: str) -> str | None:
    """The code of what stands in a cell; None for a word nobody knows."""
    code = code_list(field).code_of(text)
    return employment_words().get("".join(text.split())) if code is None and field == "employment" else code


@cache
def _level_words(kind: str) -> dict[str, str]:
    return {
        word: line["level"]
        for line in _lines("level_words")
        if line["kind"] == kind
        for word in line["words"].split("|")
    }


def level_written(kind: str, text: str) -> str | None:
    """The level of what stands in a cell, "" for words that say the person is not of the kind; None for what is not known."""
    told = "".join(text.split())
    if (level := _level_words(kind).get(told)) is not None:
        return level
    told = DIGITS.get(told.removesuffix("级"), told)
    levels = [level for level in CATEGORY_KINDS[kind].levels if level in told]
    return levels[0] if len(levels) == 1 else None
