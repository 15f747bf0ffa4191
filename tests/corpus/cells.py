"""A sheet before any file format: cells, merges and what is hidden; and the pen that writes one cell at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from .people import Row

Value = str | int | float | date | None


@dataclass(frozen=True)
class Cell:
    value: Value
    look: str = ""
    """How a number or date is shown: "" General, "text" @, "0", "0.00", or one of DATE_LOOKS."""
    formula: str = ""
    """Written where the format can; `value` is then the remembered result."""
    role: str = "data"
    """title, heading, data or note: only for its looks."""


DATE_LOOKS = {
    "iso": "yyyy-mm-dd",
    "slash": "yyyy/m/d",
    "cn": 'yyyy"年"m"月"d"日"',
    "cn_month": 'yyyy"年"m"月"',
}


def shown(cell: Cell) -> str:
    """The cell as Excel shows it, which is what a .csv or .txt file keeps."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, date):
        if cell.look == "cn":
            return f"{value.year}年{value.month}月{value.day}日"
        if cell.look == "cn_month":
            return f"{value.year}年{value.month}月"
        return f"{value:%Y-%m-%d}" if cell.look == "iso" else f"{value.year}/{value.month}/{value.day}"
    if isinstance(value, int | float):
        if cell.look == "" and value >= 1e11:
            return f"{value:.5E}"
        if cell.look == "0.00":
            return f"{value:.2f}"
        return str(int(value)) if float(value).is_integer() else str(value)
    return value


@dataclass
class Sheet:
    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Top, left, bottom, right."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    hidden: bool = False
    filtered: tuple[int, int, int, int] | None = None
    ghost_rows: int = 0
    """Empty rows below the last one that carry borders, so that the file claims to be longer than it is."""

    def put(self, row: int, column: int, cell: Cell) -> None:
        self.cells[row, column] = cell

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))

    @property
    def height(self) -> int:
        return 1 + max((row for row, _ in self.cells), default=-1)

    @property
    def width(self) -> int:
        return 1 + max((column for _, column in self.cells), default=-1)


@dataclass
class Pen:
    """Who fills in the table: its own dice, the place it writes at, and what went wrong there."""

    rng: Random
    row: int = 0
    column: int = 0
    number: int = 0
    """The row's number in the list, from 1."""
    troubles: list[dict[str, int | str]] = field(default_factory=list)
    before: Row | None = None
    """The row above, if it is a person of the same list."""

    def trouble(self, what: str) -> None:
        self.troubles.append({"row": self.row, "column": self.column, "what": what})
