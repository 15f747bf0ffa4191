"""What a document's number must look like, by kind: shapes and check digits are data (`data/document_rule.csv`). Pure.

A check digit that was read in its source is kept to; one that was not (`is_check_sure` no) only asks to compare again.
Messages never repeat what was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from linli.core.errors import Invalid
from linli.core.identifiers import check_digit

from .codelists import code_list, rows_of
from .rules import plain_document_number

NONE_YET = "none_yet"


class DocumentWrong(Invalid):
    code, message = "document.wrong", "请对照证件再看一遍号码。"


class DocumentDoubtful(Invalid):
    code = "document.doubtful"
    message = "最后一位和按规则算出来的不一样。请对照证件逐位再看；确实没有抄错，就勾选“对照过证件”再保存。"


@dataclass(frozen=True)
class DocumentRule:
    """How numbers of one kind are built; `birth_at` is where YYYYMMDD begins, None where there is no date in it."""

    kind: str
    name: str
    shape: re.Pattern[str]
    looks_like: str
    check: str
    birth_at: int | None
    is_check_sure: bool
    expires: bool
    wants_country: bool
    source: str


@cache
def document_rules() -> dict[str, DocumentRule]:
    """The kinds that are kept as documents, in the order they are offered. The citizen's ID card (111) is none of them."""
    names = code_list("document_kind")
    return {
        line["kind"]: DocumentRule(
            kind=line["kind"],
            name=names.name(line["kind"]),
            shape=re.compile(line["shape"]),
            looks_like=line["looks_like"],
            check=line["check"],
            birth_at=int(line["birth_at"]) if line["birth_at"] else None,
            is_check_sure=line["is_check_sure"] == "yes",
            expires=line["expires"] == "yes",
            wants_country=line["wants_country"] == "yes",
            source=line["source"],
        )
        for line in rows_of("document_rule")
    }


def icao_check_digit(body: str) -> str:
    """The digit for what stands before it: weights 7, 3, 1, letters from A = 10, modulo 10 (ICAO Doc 9303-3)."""
    return str(sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(body)) % 10)


CHECKS: dict[str, Callable[[str], str]] = {"mod_11_2": lambda body: check_digit(body), "icao_7_3_1": icao_check_digit}


def read_document_number(kind: str, text: str, *, today: date, is_compared: bool = False) -> str:
    """The number in the one form it is kept in: half-width capitals without spaces and marks.

    Raises:
        DocumentWrong: no such kind, the wrong shape, a birth date that cannot be, or a check digit that does not fit.
        DocumentDoubtful: a check digit that we are not sure of does not fit, and nobody `is_compared` it yet.
    """
    rule = document_rules().get(kind)
    if rule is None or kind == NONE_YET:
        raise DocumentWrong("请选一种证件。居民身份证号在“身份证号”一项里改。", field="kind")
    number = plain_document_number(text)
    if not number:
        raise DocumentWrong("请填写证件号码。没有办过证件的，请选“暂无证件”并写明原因。", field="number")
    if len(number) != len(_written(text)):
        raise DocumentWrong("证件号码只有数字和字母。请对照证件，去掉别的字再填。", field="number")
    if not rule.shape.fullmatch(number):
        raise DocumentWrong(
            f"{rule.name}的号码是：{rule.looks_like}。请对照证件看看少了、多了还是错了一位。", field="number"
        )
    if rule.birth_at is not None:
        _refuse_birth(number[rule.birth_at : rule.birth_at + 8], rule.birth_at, today)
    if rule.check and CHECKS[rule.check](number[:-1]) != number[-1]:
        if rule.is_check_sure:
            raise DocumentWrong("证件号码最后一位对不上。请对照证件逐位再看一遍。", field="number")
        if not is_compared:
            raise DocumentDoubtful(field="number")
    return number


def _written(text: str) -> str:
    """What was typed, without spaces, hyphens and brackets, which people put in to read it more easily."""
    return re.sub(r"[\s()\[\]·.\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", text))


def _refuse_birth(digits: str, at: int, today: date) -> None:
    place = f"第 {at + 1}–{at + 8} 位是出生日期"
    try:
        birth_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise DocumentWrong(f"{place}，日历上没有这一天。请对照证件再看一遍这 8 位。", field="number") from None
    if birth_on > today:
        raise DocumentWrong(f"{place}，这一天还没有到。请对照证件再看一遍这 8 位。", field="number")
