"""Where a table begins: title lines, one to four rows of heading, merged or not, units, then rows until the sums and the signature.

Offices draw their tables by hand. The heading is found by what rows look like, not by words alone: short different texts with no number
among them, above rows that hold the same kind of thing column by column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

LOOK_AT = 40  # rows from the top in which a heading may begin
DEEPEST = 4  # rows of a heading
SUM_WORDS = re.compile(r"^(合计|总计|小计|共计|累计|总数)[:：]?$|^(合\s*计|总\s*计|小\s*计)")
FOOT_WORDS = re.compile(
    r"^(填表人|填报人|制表|审核|负责人|联系人|填报单位|单位负责人|备注|注|说明|填表说明|填报日期|统计时间|盖章)\s*[:：]"
)
UNIT_WORDS = re.compile(
    r"^[(（]?\s*(单位\s*[:：]?)?\s*(人|户|元|万元|平方米|平米|㎡|m2|周?岁|次|件|个|辆|只|台|套|天|%|％|mmHg|mmol|cm|kg)(/(月|天|年|次|人|L))?\s*[)）]?$"
)
EXAMPLE_WORDS = re.compile(r"^(示例|样例|例|范例|填写示例)[:：]?$")
CODE_WORDS = re.compile(r"^[0-9]{1,3}$|^[A-Za-z]$|^[甲乙丙丁]$|^\([0-9]{1,2}\)$")
PERIOD_WORDS = re.compile(
    r"^[0-9]{1,2}(月|日|月份|季度|周)$"
)  # over a column of a sheet that is signed each month or day
LABEL_WORDS = re.compile(r"^[^:：]{1,12}[:：]")  # 填报单位：…, a line above the table that is filled in
_MARKS = re.compile(r"[\s*＊☆★]+")
NUMBER_LIKE = re.compile(r"^[+-]?[0-9][0-9,.\-/年月日号 :：]*$|^[0-9]{6,}[0-9Xx]?$")

Cells = Sequence[Sequence[object]]
RowOf = TypeVar("RowOf", bound=Sequence[object])


@dataclass(frozen=True)
class Heading:
    """Where the heading stands and what it says. Rows from 0; `columns` has a path of words for each column, "" for none."""

    top: int
    bottom: int  # the last row of it
    first_row: int  # of the table under it
    columns: tuple[tuple[str, ...], ...]
    title: str = ""  # what stands above

    def words(self, column: int) -> str:
        """The whole path of a column: 家庭成员/姓名."""
        return "/".join(self.columns[column])


def plain_words(value: object) -> str:
    """A cell's words for comparing: NFKC, no space, no line break, no mark of a required field, no bracketed remark of a unit."""
    text = str(value) if value is not None else ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _MARKS.search(text):
        text = _MARKS.sub("", text)
    return text.strip(":：.。、")


def is_text(value: object) -> bool:
    """Whether a cell holds words rather than a number, a date or something written like one."""
    if value is None or isinstance(value, bool | int | float | date | datetime):
        return False
    words = str(value).strip()
    return bool(words) and not NUMBER_LIKE.match(unicodedata.normalize("NFKC", words))


def _may_head(value: object) -> bool:
    """Whether a cell may stand in a heading: words, or a month or day of a sheet kept by months or days."""
    return is_text(value) or (isinstance(value, str) and bool(PERIOD_WORDS.match(value.strip())))


def find_heading(
    rows: Cells, merged: Sequence[tuple[int, int, int, int]] = (), known: frozenset[str] = frozenset()
) -> Heading | None:
    """The heading of the (first) table of a sheet; None when nothing looks like one.

    `known` are plain words offices put over their columns; a row that holds some counts for more, but none need be there.
    """
    width = max(map(len, rows), default=0)
    filled = _filled(rows, merged, width)
    best: tuple[float, int, int] | None = None
    for top in range(min(LOOK_AT, len(rows))):
        for depth in range(1, DEEPEST + 1):
            if top + depth > len(rows):
                break
            score = _score(rows, filled, merged, top, depth, width, known)
            if score is not None and (best is None or score > best[0]):
                best = (score, top, depth)
    if best is None:
        return None
    _, top, depth = best
    bottom = top + depth - 1
    first = _skip_units(rows, bottom + 1)
    return Heading(top, bottom, first, _paths(filled, top, bottom, width), _title(rows, top))


class Row(StrEnum):
    """What a row under a heading is."""

    DATA = "data"
    EMPTY = "empty"
    SUM = "sum"
    HEADING = "heading"  # said again, for each printed page
    SECTION = "section"  # 1幢 over the rows of a building, a row that was numbered and left empty, an example of how to fill it in
    FOOT = "foot"  # the signature and what follows it


def kind_of_row(row: Sequence[object], heading: Heading) -> Row:
    """What one row under a heading is, by itself."""
    cells = [cell for cell in row if cell is not None and str(cell).strip()]
    if not cells:
        return Row.EMPTY
    if isinstance(cells[0], str):  # a number or a date says none of these words
        first = unicodedata.normalize("NFKC", cells[0].strip())
        if FOOT_WORDS.match(first) and len(cells) <= max(4, heading_width(heading) // 2):
            return Row.FOOT
        if EXAMPLE_WORDS.match(first):
            return Row.SECTION
    if any(isinstance(cell, str) and SUM_WORDS.match(plain_words(cell)) for cell in cells[:3]):
        return Row.SUM
    if _is_said_again(row, heading):
        return Row.HEADING
    return Row.SECTION if len(cells) == 1 and _is_section(row, heading) else Row.DATA


def _is_section(row: Sequence[object], heading: Heading) -> bool:
    """Whether nothing stands in a row but a number or a word in its first column, which is not the name's."""
    told = [column for column, cell in enumerate(row) if cell is not None and str(cell).strip()]
    first = next((column for column, path in enumerate(heading.columns) if path), 0)
    return (
        len(told) == 1
        and told[0] <= first
        and heading_width(heading) >= 3
        and (
            str(row[told[0]]).strip().endswith("。")
            or not any("名" in word.replace("排名", "") for word in heading.columns[first])
        )
    )


def body_rows(rows: Cells, heading: Heading, hidden: frozenset[int] = frozenset()) -> list[int]:
    """The rows of data under a heading, up to the signature, without the hidden ones."""
    return [number for number, _ in data_of(enumerate(rows), heading) if number not in hidden]


def data_of(rows: Iterable[tuple[int, RowOf]], heading: Heading) -> Iterator[tuple[int, RowOf]]:
    """The rows of data among numbered ones: up to the signature, and on after it where the heading is said again (each page is signed)."""
    is_over = False
    for number, row in rows:
        if number < heading.first_row:
            continue
        kind = kind_of_row(row, heading)
        if kind is Row.FOOT:
            is_over = True
        elif kind is Row.HEADING:
            is_over = False
        elif kind is Row.DATA and not is_over:
            yield number, row


def heading_width(heading: Heading) -> int:
    """How many columns have words over them."""
    return sum(1 for path in heading.columns if path)


def _is_said_again(row: Sequence[object], heading: Heading) -> bool:
    """A heading repeated for each printed page."""
    pairs = [(cell, path) for cell, path in zip(row, heading.columns, strict=False) if path and cell is not None]
    others = 0
    for cell, path in pairs:
        others += plain_words(cell) not in path
        if others > 0.2 * len(pairs):  # nearly every row is told by its first few cells
            return False
    return len(pairs) >= 2


def _filled(rows: Cells, merged: Sequence[tuple[int, int, int, int]], width: int) -> list[list[object]]:
    """The top of the sheet with the words of merged cells in every cell they cover."""
    top = [[*row, *[None] * (width - len(row))] for row in rows[: LOOK_AT + DEEPEST]]
    for upper, left, lower, right in merged:
        if upper >= len(top):
            continue
        for row in range(upper, min(lower, len(top) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                top[row][column] = rows[upper][left] if left < len(rows[upper]) else None
    return top


def _score(
    rows: Cells,
    filled: list[list[object]],
    merged: Sequence[tuple[int, int, int, int]],
    top: int,
    depth: int,
    width: int,
    known: frozenset[str],
) -> float | None:
    """How much rows top…top+depth-1 look like a heading; None when they cannot be one."""
    bottom = top + depth - 1
    if any(upper < top <= lower or upper <= bottom < lower for upper, _, lower, _ in merged):
        return None  # a merged cell is not cut in two
    first = _skip_units(rows, bottom + 1)
    own = [[cell for cell in row if cell is not None and str(cell).strip()] for row in rows[top : bottom + 1]]
    if any(not cells for cells in own) or not all(all(_may_head(cell) for cell in cells) for cells in own):
        return None
    if any(2 * sum(bool(LABEL_WORDS.match(str(cell).strip())) for cell in cells) >= len(cells) for cells in own):
        return None
    paths = _paths(filled, top, bottom, width)
    named = [path for path in paths if path]
    beside = {column for _, left, lower, right in merged if lower == bottom for column in range(left + 1, right + 1)}
    distinct = [path for column, path in enumerate(paths) if path and column not in beside]
    if len(named) < 2 or len(set(named)) < 0.7 * len(distinct):
        return None
    if depth > 1 and not _is_nested(rows, merged, top, bottom):
        return None
    if depth > 1 and any(
        upper == lower == bottom and 2 * (right - left) > len(named) for upper, left, lower, right in merged
    ):
        return None  # one cell under nearly all columns names a part of the list, 1幢, and no column
    leaves = [path[-1] for path in named]
    if sum(len(leaf) > 24 for leaf in leaves) > 0.3 * len(leaves):
        return None
    body = [row for row in rows[first : first + 30] if any(cell is not None for cell in row)]
    under = sum(
        bool(path) and any(column < len(row) and row[column] is not None for row in body[:10])
        for column, path in enumerate(paths)
    )
    heard = sum(any(word in known for word in {*path, "".join(path)}) for path in named)
    unlike = _unlike_body(paths, body)
    # A table fills the columns it names, says words that offices say, and its rows do not look like its heading.
    return (
        2.0 * heard / len(named)
        + unlike
        + under / max(1, len(named))
        + 0.02 * min(len(named), 30)
        - 0.01 * top
        - 0.05 * (depth - 1)
        - (0.2 if top and _groups_columns(rows, merged, top - 1) else 0.0)
    )


def _groups_columns(rows: Cells, merged: Sequence[tuple[int, int, int, int]], row: int) -> bool:
    """Whether a row puts words over groups of columns: at least two cells merged across, none of them 填报单位：…."""
    across = [
        str(rows[upper][left]) if left < len(rows[upper]) else ""
        for upper, left, lower, right in merged
        if upper == lower == row and right > left
    ]
    return len(across) >= 2 and not any(LABEL_WORDS.match(words.strip()) for words in across)


def _unlike_body(paths: Sequence[tuple[str, ...]], body: Sequence[Sequence[object]]) -> float:
    """The share of named columns whose cells below hold numbers, dates or repeated words: what a heading never does."""
    if not body:
        return 0.0
    told = 0
    for column, path in enumerate(paths):
        cells = [row[column] for row in body if path and column < len(row) and row[column] is not None]
        if cells and (any(not is_text(cell) for cell in cells) or len({str(cell) for cell in cells}) < len(cells)):
            told += 1
    return told / max(1, sum(1 for path in paths if path))


def _is_nested(rows: Cells, merged: Sequence[tuple[int, int, int, int]], top: int, bottom: int) -> bool:
    """Whether rows belong together as levels: merged cells span them, or an upper row leaves cells empty that the lower one fills."""
    if any(
        top <= upper and lower <= bottom and (lower > upper or right > left) for upper, left, lower, right in merged
    ):
        return True
    for number in range(top, bottom):
        upper, lower = rows[number], rows[number + 1]
        gaps = sum(
            1
            for column, cell in enumerate(lower)
            if cell is not None
            and str(cell).strip()
            and (column >= len(upper) or upper[column] is None or not str(upper[column]).strip())
        )
        if not gaps:
            return False
    return True


def _paths(filled: list[list[object]], top: int, bottom: int, width: int) -> tuple[tuple[str, ...], ...]:
    levels = [list(filled[row]) for row in range(top, min(bottom + 1, len(filled)))]
    for level, cells in enumerate(levels[:-1]):  # without merged cells an upper word holds until the next one
        last: object = None
        for column in range(width):
            below = any(levels[lower][column] is not None for lower in range(level + 1, len(levels)))
            if cells[column] is not None:
                last = cells[column]
            elif below and last is not None and _is_open(levels, level, column):
                cells[column] = last
    paths = []
    for column in range(width):
        path: list[str] = []
        for cells in levels:
            word = plain_words(cells[column])
            if word and not UNIT_WORDS.match(word) and (not path or path[-1] != word):
                path.append(word)
        paths.append(tuple(path))
    return tuple(paths)


def _is_open(levels: list[list[object]], level: int, column: int) -> bool:
    """Whether a gap in an upper level belongs to the word on its left: the level under it goes on without a word of its own above."""
    before = levels[level + 1][column - 1] if column else None
    return before is not None and levels[level + 1][column] is not None and before != levels[level][column - 1]


def _skip_units(rows: Cells, first: int) -> int:
    """Past a row of units (元, 平方米) or of column codes (1 2 3, 甲 乙) under a heading."""
    while first < len(rows):
        cells = [plain_words(cell) for cell in rows[first] if cell is not None and str(cell).strip()]
        is_units = bool(cells) and all(UNIT_WORDS.match(cell) for cell in cells)
        is_codes = len(cells) >= 3 and all(CODE_WORDS.match(cell) for cell in cells) and _counts_up(cells)
        if not is_units and not is_codes:
            return first
        first += 1
    return first


def _counts_up(cells: Sequence[str]) -> bool:
    numbers = [int(cell.strip("()")) for cell in cells if cell.strip("()").isdecimal()]
    return len(numbers) < 2 or all(after - before == 1 for before, after in pairwise(numbers))


def _title(rows: Cells, top: int) -> str:
    lines = []
    for row in rows[:top]:
        cells = [str(cell).strip() for cell in row if cell is not None and str(cell).strip()]
        if cells and is_text(cells[0]):
            lines.append(" ".join(cells))
    return " ".join(lines)
