"""The texts people agree to, as versioned data: data/consents.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data/consents.toml"


@dataclass(frozen=True)
class Version:
    """One wording; with `asks_again` what was given under an earlier one no longer counts."""

    number: int
    valid_from: date
    asks_again: bool
    text: str


@dataclass(frozen=True)
class Purpose:
    """What is asked for, its versions oldest first."""

    code: str
    name: str
    for_children: bool
    only_children: bool
    versions: tuple[Version, ...]

    def on(self, day: date) -> Version:
        """The version in force on that day; the first, before there was one."""
        in_force = [version for version in self.versions if version.valid_from <= day]
        return in_force[-1] if in_force else self.versions[0]

    def counts(self, given: int, on: date) -> bool:
        """Whether consent to version `given` still counts on that day."""
        later = [v for v in self.versions if given < v.number <= self.on(on).number]
        return not any(version.asks_again for version in later)

    def text_of(self, number: int) -> str:
        return next((version.text for version in self.versions if version.number == number), "")


@cache
def purposes() -> dict[str, Purpose]:
    """Every purpose by code, in the order of the file."""
    read = tomllib.loads(DATA.read_text(encoding="utf-8"))["purpose"]
    found = [
        Purpose(
            code=each["code"],
            name=each["name"],
            for_children=each["for_children"],
            only_children=each.get("only_children", False),
            versions=tuple(Version(**version) for version in each["version"]),
        )
        for each in read
    ]
    return {purpose.code: purpose for purpose in found}
