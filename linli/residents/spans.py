"""Spans of days: what of one is left when others are taken out of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange


def gaps(span: DateRange, taken: Iterable[DateRange]) -> list[DateRange]:
    """The parts of `span` that none of `taken` covers, first to last; spans are up to, not including, their end."""
    lower: date | None = span.lower
    end = span.upper or date.max
    left: list[DateRange] = []
    for each in sorted(taken, key=lambda one: one.lower or date.min):
        begin, stop = each.lower or date.min, each.upper or date.max
        if stop <= (lower or date.min):
            continue
        if begin >= end:
            break
        if begin > (lower or date.min):
            left.append(DateRange(lower, begin, "[)"))
        if stop >= end:
            return left
        lower = stop
    left.append(DateRange(lower, span.upper, "[)"))
    return left
