"""How long people's data is kept, as data: data/retention.toml. What is not named there follows the rule written there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data/retention.toml"


@dataclass(frozen=True)
class Rule:
    """When a person is forgotten: `months` after what `code` names (died, moved, asked)."""

    code: str
    name: str
    months: int
    basis: str


@dataclass(frozen=True)
class RowRule:
    """Rows of `model` that go by themselves, `months` after the moment in `field`."""

    model: str
    field: str
    months: int
    name: str


@dataclass(frozen=True)
class Reference:
    """What becomes of rows whose foreign key (`app.Model.field`) leads to a forgotten person: they go, or stay with `blank` emptied."""

    key: str
    go: bool
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class Retention:
    """The whole file."""

    people: dict[str, Rule]
    rows: tuple[RowRule, ...]
    references: dict[str, Reference]
    loose: tuple[tuple[str, str], ...]
    scrub: tuple[tuple[str, str, tuple[str, ...]], ...]

    def reference(self, key: str, *, may_be_empty: bool) -> Reference:
        """What becomes of it: as the file says, else by whether the reference may be empty."""
        return self.references.get(key) or Reference(key, go=not may_be_empty)


@cache
def retention() -> Retention:
    read = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return Retention(
        people={each["code"]: Rule(**each) for each in read["person"]},
        rows=tuple(RowRule(**each) for each in read["rows"]),
        references={
            each["key"]: Reference(each["key"], each["go"], tuple(each.get("blank", ()))) for each in read["reference"]
        },
        loose=tuple((each["model"], each["field"]) for each in read["loose"]),
        scrub=tuple((each["model"], each["field"], tuple(each["blank"])) for each in read["scrub"]),
    )


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier; the month's last day where it has no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
