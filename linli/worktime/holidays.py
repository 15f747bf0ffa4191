"""China's holidays and swapped workdays, as the State Council announced them: one csv a year beside this file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Notice:
    """The notice a year's days come from. `is_verified`: its text was read at `source`."""

    year: int
    number: str
    issued_on: date
    source: str
    is_verified: bool


@dataclass(frozen=True)
class Announced:
    """What a notice says of one day."""

    is_working: bool
    name: str


@cache
def notices() -> dict[int, Notice]:
    """By year, those that are known; a year without one is counted by weekdays alone."""
    return {
        int(row["year"]): Notice(
            int(row["year"]),
            row["notice"],
            date.fromisoformat(row["issued_on"]),
            row["source"],
            row["is_verified"] == "yes",
        )
        for row in _rows("years")
    }


@cache
def announced() -> dict[date, Announced]:
    """Every day of the known years that is not what its weekday says."""
    return {
        day: Announced(row["is_working"] == "yes", row["name"])
        for year in notices()
        for row in _rows(str(year))
        for day in _days(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))
    }


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
