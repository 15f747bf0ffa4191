"""Code lists of people as versioned data: `data/<list>.csv`, one line a code, with the days it was in force.

`data/index.csv` says which standard and edition each list follows. A code that a later edition drops keeps its line
and gets a `valid_to`: what was recorded under it can still be read. Lists marked unverified were not read in the
standard itself; they are data, so that a correction is a changed line and nothing more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Code:
    """One value of a list; `aliases` are what people write for it, `valid_to` is the first day it is no longer given."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class CodeList:
    """A list with the standard it follows, its codes in the standard's order."""

    key: str
    title: str
    standard: str
    edition: str
    is_verified: bool
    codes: dict[str, Code]

    def name(self, code: str) -> str:
        """The code's name; "" for no code, the code itself for one that is not in the list."""
        if not code:
            return ""
        return self.codes[code].name if code in self.codes else code

    def code_of(self, written: str, *, on: date | None = None) -> str | None:
        """The code of what somebody wrote: the code, the name or an alias; None for anything else."""
        code = self._by_word.get("".join(written.split()))
        if code is None or (on is not None and not self.codes[code].is_valid_on(on)):
            return None
        return code

    def choices(self, *, on: date) -> list[tuple[str, str]]:
        """What may be chosen on that day."""
        return [(each.code, each.name) for each in self.codes.values() if each.is_valid_on(on)]

    @property
    def _by_word(self) -> dict[str, str]:
        return _words(self.key)


@cache
def code_lists() -> dict[str, CodeList]:
    """Every list, by key."""
    return {
        row["list"]: CodeList(
            key=row["list"],
            title=row["title"],
            standard=row["standard"],
            edition=row["edition"],
            is_verified=row["is_verified"] == "yes",
            codes={line["code"]: _code(line) for line in rows_of(row["list"])},
        )
        for row in rows_of("index")
    }


def code_list(key: str) -> CodeList:
    """Raises KeyError for a list there is not."""
    return code_lists()[key]


def rows_of(name: str) -> list[dict[str, str]]:
    """The lines of a data file, by heading."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _code(line: dict[str, str]) -> Code:
    return Code(
        code=line["code"],
        name=line["name"],
        aliases=tuple(filter(None, line["aliases"].split("|"))),
        valid_from=date.fromisoformat(line["valid_from"]) if line["valid_from"] else None,
        valid_to=date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
    )


@cache
def _words(key: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for each in code_list(key).codes.values():
        for word in (*each.aliases, each.name, each.code):
            words.setdefault(word, each.code)
    return words
