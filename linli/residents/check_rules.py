"""How long what the register says may be believed before somebody should look again. Months are data (`check_rule.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from .codelists import rows_of
from .codes import CATEGORY_KINDS

RECORD, RESIDENCE, DOCUMENT = "record", "residence", "document"
NOT_FIELDS = frozenset({RECORD, RESIDENCE, DOCUMENT})
FRESH_MONTHS, AGEING_MONTHS = 3, 12


@dataclass(frozen=True)
class CheckRule:
    """`is_needed` facts decide how fresh a home is said to be."""

    what: str
    label: str
    months: int
    is_needed: bool


@cache
def check_rules() -> dict[str, CheckRule]:
    """Every rule, by what it is about: a field of Resident, the record, a residence, a document."""
    return {
        line["what"]: CheckRule(line["what"], line["label"], int(line["months"]), line["is_needed"] == "yes")
        for line in rows_of("check_rule")
    }


@cache
def fields_checked() -> tuple[str, ...]:
    """The fields of Resident that have an age of their own."""
    return tuple(what for what in check_rules() if what not in NOT_FIELDS)


@cache
def fields_needed() -> tuple[str, ...]:
    return tuple(what for what in fields_checked() if check_rules()[what].is_needed)


@cache
def confirmed_by() -> dict[str, str]:
    """How somebody made sure, by a word; the first is what is offered unasked."""
    return {line["code"]: line["name"] for line in rows_of("confirmed_by")}


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def check_by(what: str, confirmed_on: date) -> date:
    """When to look again at a field, a residence or a document confirmed on that day."""
    return months_after(confirmed_on, check_rules()[what].months)


def category_check_by(kind: str, confirmed_on: date) -> date:
    months = CATEGORY_KINDS[kind].check_months if kind in CATEGORY_KINDS else check_rules()[RECORD].months
    return months_after(confirmed_on, months)


@dataclass(frozen=True)
class Age:
    """How sure a fact is: when it was last confirmed, from whom, and when to look again. None: never."""

    confirmed_on: date | None
    source: str
    check_by: date | None

    def is_due(self, today: date) -> bool:
        return self.confirmed_on is None or (self.check_by is not None and self.check_by <= today)


def age_of_field(field: str, *, confirmed_on: date | None, source: str, marks: Mapping[str, Any]) -> Age:
    """A field's age: its own mark where it has one, else that of the record."""
    mark = marks.get(field)
    if mark and mark.get("confirmed_on"):
        on = date.fromisoformat(mark["confirmed_on"])
        return Age(on, mark.get("source", ""), check_by(field, on))
    return Age(confirmed_on, source, check_by(field, confirmed_on) if confirmed_on else None)


def soonest_check(held: tuple[str, ...], *, confirmed_on: date | None, marks: Mapping[str, Any]) -> date | None:
    """When the first of the `held` fields is to be looked at, or the record as a whole; None where nothing was confirmed."""
    whole = [months_after(confirmed_on, check_rules()[RECORD].months)] if confirmed_on else []
    ages = (age_of_field(field, confirmed_on=confirmed_on, source="", marks=marks) for field in held)
    return min([*whole, *(age.check_by for age in ages if age.check_by)], default=None)


@lru_cache(1000)  # a roster has a handful of days
def first_check(has_phone: bool, confirmed_on: date | None) -> date | None:
    """When a record that was wholly confirmed on that day is to be looked at first: its phone's turn, else its own."""
    if confirmed_on is None:
        return None
    return soonest_check(("phone",) if has_phone else (), confirmed_on=confirmed_on, marks={})


@lru_cache(1000)
def home_check(confirmed_on: date | None) -> date | None:
    """When a home confirmed on that day is to be looked at again."""
    return check_by(RESIDENCE, confirmed_on) if confirmed_on else None


def how_old(confirmed_on: date | None, today: date) -> str:
    """How long ago, in the largest fitting unit: 今天, 12 天前, 3 个月前, 2 年前; 从未 for never."""
    if confirmed_on is None:
        return "从未"
    days = (today - confirmed_on).days
    if days <= 0:
        return "今天"
    if days < 31:
        return f"{days} 天前"
    months = (today.year - confirmed_on.year) * 12 + today.month - confirmed_on.month
    months -= today.day < confirmed_on.day
    return f"{max(1, months)} 个月前" if months < 24 else f"{months // 12} 年前"


def freshness(confirmed_on: date | None, today: date) -> str:
    """ "" within three months, "ageing" within a year, "old" beyond, "never"."""
    if confirmed_on is None:
        return "never"
    if months_after(confirmed_on, FRESH_MONTHS) >= today:
        return ""
    return "ageing" if months_after(confirmed_on, AGEING_MONTHS) >= today else "old"
