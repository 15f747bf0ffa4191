"""Which element each column of a table holds, how sure that is, and what has to be asked.

Two witnesses speak for a column: the words over it and what stands in it. One alone is believed when it is plain; where they disagree, or
two columns claim one element, a person is asked. A column nobody recognises is asked about too, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .headings import plain_words

SURE, UNSURE = 0.85, 0.45
SAMPLE = 200


class Verdict(StrEnum):
    """What becomes of a column unless somebody says otherwise."""

    TAKEN = "taken"
    ASKED = "asked"
    PASSED = "passed"  # known to be none of ours: a serial number, a signature, an age that is computed


@dataclass(frozen=True)
class Target:
    """Something a column may hold. `looks` is the share (0 to 1) of cells that can be read as it, or None where anything can.

    `names` are whole headings; `parts` are words that a longer heading contains; `never` are words that rule it out. With
    `is_passed` the column is recognised and not imported. `is_many`: several columns may hold it.
    """

    code: str
    name: str
    names: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    never_at_end: tuple[str, ...] = ()  # the same, where the lowest heading ends with one
    looks: Callable[[Sequence[str]], float] | None = None
    is_plain_by_looks: bool = False  # its cells alone give it away: an ID number, a phone
    is_passed: bool = False
    is_many: bool = False
    else_asked: tuple[
        str, ...
    ] = ()  # where no column is this, the best of those whose headings say one of these words is asked about
    else_never: tuple[str, ...] = ()
    kind: str = ""  # the category it says more of
    bare: frozenset[str] = (
        frozenset()
    )  # headings that name no category: they are this one's where the sheet is about it alone
    is_of_household: bool = False  # it says nothing of who is of the kind: another column must


@dataclass(frozen=True)
class Column:
    """One column's proposal: `code` of the target, "" for none; `others` are worth offering when it is asked."""

    number: int
    heading: str
    code: str
    confidence: float
    verdict: Verdict
    why: str
    others: tuple[str, ...] = ()
    samples: tuple[str, ...] = field(default=(), compare=False)


def propose(
    paths: Sequence[tuple[str, ...]],
    cells: Sequence[Sequence[str]],
    targets: Sequence[Target],
    remembered: Mapping[str, str] | None = None,
    about: str = "",
) -> list[Column]:
    """What each column holds. `cells` are the texts under each path, empty ones left out, SAMPLE at most; `remembered`
    maps headings to codes a person confirmed before for this sender and layout ("" for not to be imported); `about` are the words
    of the sheet's title and name.
    """
    found = []
    for number, (path, texts) in enumerate(zip(paths, cells, strict=True)):
        if not path and not texts:
            continue
        heading, samples = "/".join(path), tuple(texts[:3])
        if remembered is not None and heading in remembered:
            code = remembered[heading]
            found.append(
                Column(
                    number,
                    heading,
                    code,
                    1.0,
                    Verdict.TAKEN if code else Verdict.PASSED,
                    "上次这样确认过",
                    samples=samples,
                )
            )
            continue
        found.append(_judged(number, path, texts, targets))
    found = _with_needed(found, cells, targets)
    found = _with_their_own(_without_rivals(found, {target.code: target for target in targets}), targets)
    return with_their_kind(found, paths, cells, targets, about) if remembered is None else found


def _with_needed(columns: list[Column], cells: Sequence[Sequence[str]], targets: Sequence[Target]) -> list[Column]:
    """Where nobody's name stands but the head's (户主姓名), that is asked about, and so is what stands beside it (户主联系电话)."""
    judged = {column.number: column for column in columns}
    for target in targets:
        if not target.else_asked or any(column.code == target.code for column in columns):
            continue
        near = [
            (next((at for at, word in enumerate(target.else_asked) if word in column.heading), None), column)
            for column in columns
            if target.looks is not None and cells[column.number] and target.looks(cells[column.number]) >= 0.8
            if not any(word in column.heading for word in target.else_never)
        ]
        if not (ranked := sorted(((at, c.number, c) for at, c in near if at is not None), key=lambda each: each[:2])):
            continue
        best = ranked[0][2]
        judged[best.number] = _maybe(best, target.code, f"没有单独的{target.name}列，也许是这一列")
        stem = best.heading.replace(target.name, "")
        for column in columns:
            if column.number == best.number or column.code or not stem or not column.heading.startswith(stem):
                continue
            for other in targets:
                if other.is_plain_by_looks and other.looks and other.looks(cells[column.number] or [""]) >= 0.5:
                    judged[column.number] = _maybe(column, other.code, f"也许是{stem}的{other.name}")
                    break
    return [judged[column.number] for column in columns]


def _maybe(column: Column, code: str, why: str) -> Column:
    return replace(column, code=code, confidence=0.5, verdict=Verdict.ASKED, why=why, others=(code, *column.others))


def _with_their_own(columns: list[Column], targets: Sequence[Target]) -> list[Column]:
    """Where it is asked whose names stand in a table (成员姓名, 申请人), what belongs to one of them (申请人电话) is asked too."""
    needed = {target.code: target.name for target in targets if target.else_asked}
    asked = [column for column in columns if column.code in needed and column.verdict is Verdict.ASKED]
    stems = [stem for column in asked if (stem := column.heading.replace(needed[column.code], ""))]
    return [
        replace(column, verdict=Verdict.ASKED, confidence=0.6, why="先看清这张表登记的是谁")
        if column.verdict is Verdict.TAKEN and column not in asked and any(map(column.heading.startswith, stems))
        else column
        for column in columns
    ]


def _judged(number: int, path: tuple[str, ...], texts: Sequence[str], targets: Sequence[Target]) -> Column:
    ranked = sorted(((*_confidence(target, path, texts), target) for target in targets), key=lambda each: -each[0])
    heading, samples = "/".join(path), tuple(texts[:3])
    confidence, why, target = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    others = tuple(each.code for score, _, each in ranked[:4] if score >= 0.2)
    if confidence < UNSURE:
        likely = tuple(target.code for target in targets if _might_be(target, path, texts))
        if likely:
            return Column(number, heading, "", confidence, Verdict.ASKED, "没有认出这一列", likely, samples)
        return Column(number, heading, "", confidence, Verdict.PASSED, "不像档案里的任何一项，不导入", (), samples)
    if confidence < SURE or confidence - second < 0.1:
        return Column(number, heading, target.code, confidence, Verdict.ASKED, why, others, samples)
    return Column(
        number,
        heading,
        target.code,
        confidence,
        Verdict.PASSED if target.is_passed else Verdict.TAKEN,
        why,
        others,
        samples,
    )


def _confidence(target: Target, path: tuple[str, ...], texts: Sequence[str]) -> tuple[float, str]:
    words = _by_words(target, path)
    looks = target.looks(texts) if target.looks is not None and texts else None
    if words >= 1.0:
        if looks is None:
            return 0.97, "表头一样"
        if looks >= 0.8:
            return 0.99, "表头和内容都对得上"
        return (0.9, "表头一样，个别内容要看") if looks >= 0.5 else (0.6, "表头像，内容不像")
    if words >= 0.6:
        if looks is None:
            return 0.86, "表头里有这个词"
        return (0.93, "表头里有这个词，内容也像") if looks >= 0.8 else (0.5, "表头里有这个词，内容不太像")
    if looks is not None and looks >= 0.9 and target.is_plain_by_looks and not _is_ruled_out(target, path):
        return (0.88, "内容一看就是") if not path else (0.7, "内容像，表头没见过")
    return 0.0, ""


def _might_be(target: Target, path: tuple[str, ...], texts: Sequence[str]) -> bool:
    """Whether an unknown column might hold the target after all: its cells give it away, or its words come near."""
    if target.is_passed or _is_ruled_out(target, path):
        return False
    if target.is_plain_by_looks and target.looks is not None and texts and target.looks(texts) >= 0.5:
        return True
    whole = "".join(path)
    return any(part in whole for part in target.parts) or (
        bool(path) and any(len(name) > 1 and name in whole for name in target.names)
    )


def _by_words(target: Target, path: tuple[str, ...]) -> float:
    """1.0 for a heading that says just this, 0.6 and more for one that contains it; 0.0 when the words rule it out."""
    if not path or _is_ruled_out(target, path):
        return 0.0
    spoken = {path[-1], "".join(path), "".join(path[-2:]), *(_bare(word) for word in path[-1:])}
    if spoken & target.names:
        return 1.0
    whole = "".join(path)
    hits = [part for part in target.parts if part in whole]
    return 0.6 + 0.3 * max(map(len, hits)) / len(whole) if hits else 0.0


def _is_ruled_out(target: Target, path: tuple[str, ...]) -> bool:
    return any(word in "".join(path) for word in target.never) or (
        bool(path) and path[-1].endswith(target.never_at_end)
    )


def _bare(word: str) -> str:
    """A heading without a bracketed remark: 出生日期(年月日)."""
    return re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", word)


def _without_rivals(columns: list[Column], targets: Mapping[str, Target]) -> list[Column]:
    """Of two columns that claim one element the surer keeps it. One that only looked like it is passed over; else it is asked."""
    claims: dict[str, list[Column]] = {}
    for column in columns:
        target = targets.get(column.code)
        if target is not None and not target.is_many and not target.is_passed:
            claims.setdefault(column.code, []).append(column)
    judged: dict[int, Column] = {}
    for rivals in claims.values():
        rivals.sort(key=lambda column: -column.confidence)
        first = rivals[0]
        for other in rivals[1:]:
            if first.confidence >= 0.97 and other.confidence <= 0.75:
                why = f"{targets[first.code].name}另有一列，这一列不导入"
                judged[other.number] = replace(other, code="", verdict=Verdict.PASSED, why=why)
                continue
            judged[other.number] = _asked(other)
            if first.confidence - other.confidence < 0.03:
                judged[first.number] = _asked(first)
    return [judged.get(column.number, column) for column in columns]


def _asked(column: Column) -> Column:
    return replace(column, confidence=min(column.confidence, 0.6), verdict=Verdict.ASKED, why="有两列都像，请选一列")


def with_their_kind(
    columns: list[Column],
    paths: Sequence[tuple[str, ...]],
    cells: Sequence[Sequence[str]],
    targets: Sequence[Target],
    about: str,
) -> list[Column]:
    """Headings that name no category (级别, 认定日期, 证号) say more of the one the sheet is about; asked, where only its title says which.

    A household's certificate is asked about where no column says who of it is of the kind.
    """
    of = {target.code: target for target in targets}
    taken = [
        (column, of[column.code].kind) for column in columns if column.verdict is Verdict.TAKEN and column.code in of
    ]
    says_who = {kind for column, kind in taken if kind and not of[column.code].is_of_household}
    has_words = any(column.code == "category.kind" for column, _ in taken)
    named = _kinds_named(about, targets)
    free = [target for target in targets if target.bare and target.code not in {column.code for column in columns}]
    judged = []
    for column in columns:
        target = of.get(column.code)
        if target is not None and target.is_of_household and column.verdict is Verdict.TAKEN:
            if target.kind not in says_who and not has_words:
                why = "这个证是一户的，只记给档案里已经是这一类的人；请看是不是这样"
                column = replace(column, verdict=Verdict.ASKED, confidence=0.6, why=why)
        elif target is None and column.heading:
            near = {
                kind for other, kind in taken if kind and _stand_together(paths[column.number], paths[other.number])
            }
            column = _of_its_kind(column, paths[column.number][-1], cells[column.number], free, near, says_who, named)
            free = [target for target in free if target.code != column.code]
        judged.append(column)
    return judged


def _of_its_kind(
    column: Column,
    word: str,
    texts: Sequence[str],
    targets: Sequence[Target],
    near: set[str],
    says_who: set[str],
    named: set[str],
) -> Column:
    is_sure = len(near) == 1 or (len(says_who) == 1 and named <= says_who)
    (kind,) = near if len(near) == 1 else says_who if is_sure else named if len(named) == 1 else {""}
    for target in targets:
        if kind and target.kind == kind and word in target.bare and not target.is_of_household:
            looks = target.looks(texts) if target.looks and texts else 0.0
            if looks < 0.5:
                continue
            if is_sure and looks >= 0.8:
                why = "这张表说的就是这一类"
                return replace(column, code=target.code, confidence=0.86, verdict=Verdict.TAKEN, why=why)
            return _maybe(column, target.code, "表头没说是哪一类的，看标题像是")
    return column


def _stand_together(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two columns stand under one wider heading."""
    return len(path) > 1 and path[:-1] == other[:-1]


def _kinds_named(about: str, targets: Sequence[Target]) -> set[str]:
    """The categories the words name; 低保边缘 does not name 低保."""
    marks = [(name, target.kind) for target in targets if target.code.startswith("category:") for name in target.names]
    said = {(name, kind) for name, kind in marks if name in about}
    return {
        kind
        for name, kind in said
        if not any(name != longer and name in longer for longer, other in said if other != kind)
    }


def text_of(value: object) -> str:
    """A cell as the text a person sees: dates as 1938-05-06, whole numbers without a point, "" for nothing."""
    from datetime import date, datetime

    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if not (value.hour or value.minute) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def known_words(targets: Sequence[Target]) -> frozenset[str]:
    """Every whole heading the targets know, as `headings.plain_words` writes them."""
    return frozenset(plain_words(name) for target in targets for name in target.names)
