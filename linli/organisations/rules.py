"""Calculation on plain values: the unified social credit code, and spans of days."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""


def plain_credit_code(text: str) -> str:
    """As written on the certificate: half-width capitals, no spaces or hyphens; not checked here."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in plain if not char.isspace() and char != "-")


def credit_code_check(body: str) -> str:
    """The 18th character to the 17 of `body`, all of ALPHABET. Source: GB 32100-2015, 31 minus the weighted sum."""
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return ALPHABET[-total % 31]


def credit_code_fault(code: str) -> str:
    """What is wrong with a plain credit code and what to do about it, in words; "" when nothing is."""
    if len(code) != 18:
        side = "少了" if len(code) < 18 else "多了"
        return f"统一社会信用代码是 18 位，现在有 {len(code)} 位，{side}几位。请对照证书再看一遍。"
    strange = next((char for char in code if char not in ALPHABET), "")
    if strange:
        return f"统一社会信用代码里没有“{strange}”这个字。请对照证书，看是不是把数字 0、1、2、5 写成了字母。"
    if credit_code_check(code[:17]) != code[17]:
        return "统一社会信用代码最后一位对不上，前面可能抄错了一位。请对照证书再看一遍。"
    return ""


def from_day(first: date, until: date | None = None) -> DateRange:
    """From `first` up to, not including, `until`; open where that is None."""
    return DateRange(first, until, "[)")


def day_after(day: date) -> date:
    return day + timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """The same day of the month that many months on, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, day.day - 4, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
