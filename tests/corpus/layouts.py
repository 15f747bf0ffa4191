"""A roster as an office draws it: title, headings, rows, sums, notes. Drawing it also tells where everything went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .cells import Cell, Pen, Sheet, Value
from .columns import Column
from .names import id_number
from .people import Row, Rows

Text = str | tuple[str, ...]
"""One text across the table, or several side by side."""


@dataclass
class Roster:
    columns: Sequence[Column | tuple[Column, ...]]
    rows: Rows
    name: str = "Sheet1"
    title: Sequence[Text] = ()
    """Lines above the headings: the first is the title, a tuple holds 填报单位 at the left and 填报日期 at the right."""
    at: tuple[int, int] = (0, 0)
    """Empty rows and columns before anything."""
    gap: int = 0
    """Empty rows between the title and the headings."""
    merge: bool = True
    """Wide cells are merged; without it the text stands in their first cell."""
    units: bool = False
    codes: bool = False
    example: bool = False
    total: str = ""
    """Where 合计 stands: end, top, or nowhere."""
    sections: Callable[[Row], str] | None = None
    """The rows are divided by this; each part begins with its name across the table, unless `section_names` is off."""
    section_names: bool = True
    subtotals: bool = False
    blank_every: int = 0
    page: int = 0
    """The headings are repeated after so many people, as they are printed."""
    page_title: bool = False
    foot: Sequence[Text] = ()
    numbered_rest: int = 0
    """Rows below the last person where only the serial number was filled in."""
    hide_share: float = 0
    """The share of rows hidden by a filter someone left on."""
    ghost_rows: int = 0

    def flat(self) -> list[Column]:
        return [c for item in self.columns for c in (item if isinstance(item, tuple) else (item,))]


@dataclass
class Plain:
    """A sheet that is no roster: a cover, how to fill in, sums by 小区, a list of codes."""

    name: str
    lines: Sequence[Sequence[Value]]
    hidden: bool = False


@dataclass
class _Drawing:
    """One roster on its way onto one sheet."""

    roster: Roster
    pen: Pen
    sheet: Sheet
    row: int = 0
    skipped: list[dict[str, int | str]] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    true: list[dict[str, Any]] = field(default_factory=list)
    households: int = 0
    sums: dict[int, float] = field(default_factory=dict)
    part_sums: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.roster.flat()
        self.left = self.roster.at[1]
        self.right = self.left + len(self.columns) - 1
        self.depth = max(len(c.heads) for c in self.columns)
        self.row = self.roster.at[0]

    # Above the people

    def text(self, text: Text, role: str) -> None:
        """A line across the table, or its parts at even distances."""
        if isinstance(text, str):
            self.sheet.put(self.row, self.left, Cell(text, role=role))
            if self.roster.merge:
                self.sheet.merge(self.row, self.left, self.row, self.right)
        else:
            width = len(self.columns)
            places = sorted({self.left + i * width // len(text) for i in range(len(text))})
            for place, part in zip(places, text, strict=False):
                self.sheet.put(self.row, place, Cell(part, role=role))
        self.row += 1

    def titles(self) -> None:
        for i, text in enumerate(self.roster.title):
            self.text(text, "title" if i == 0 else "note")

    def headings(self) -> None:
        for level in range(self.depth):
            start = 0
            while start < len(self.columns):
                start = self._heading(level, start)
        self.row += self.depth

    def _heading(self, level: int, start: int) -> int:
        """Draw the heading that begins at `start` on this level and return where the next one begins."""
        heads = self.columns[start].heads
        if level >= len(heads):
            return start + 1
        wide = heads[: level + 1]
        end = start + 1
        while end < len(self.columns) and self.columns[end].heads[: level + 1] == wide and wide[-1]:
            end += 1
        last = level == len(heads) - 1
        bottom = self.row + (self.depth - 1 if last else level)
        self.sheet.put(self.row + level, self.left + start, Cell(wide[-1] or None, role="heading"))
        if self.roster.merge:
            self.sheet.merge(self.row + level, self.left + start, bottom, self.left + end - 1)
        return end

    def row_of(self, values: Sequence[Value], why: str) -> None:
        for i, value in enumerate(values):
            if value is not None:
                self.sheet.put(
                    self.row, self.left + i, Cell(value, role="heading" if why in ("units", "codes") else "data")
                )
        self.skip(why)

    def skip(self, why: str, rows: int = 1) -> None:
        self.skipped += [{"row": self.row + i, "why": why} for i in range(rows)]
        self.row += rows

    def under_headings(self) -> None:
        if self.roster.units:
            self.row_of([c.unit or None for c in self.columns], "units")
        if self.roster.codes:
            words = ["甲", "乙", "丙", "丁"]
            self.row_of([words[i] if i < 3 else str(i - 2) for i in range(len(self.columns))], "codes")
        if self.roster.example:
            self.row_of([EXAMPLE.get(c.means) for c in self.columns], "example")

    # People, and what stands between them

    def body(self, rows: list[Row]) -> None:
        part = None
        count = 0
        for number, row in enumerate(rows, 1):
            here = self.roster.sections(row) if self.roster.sections else None
            if here != part:
                if part is not None and self.roster.subtotals:
                    self.sum_up("小计", count, "subtotal")
                if here and self.roster.section_names:
                    self.text(here, "data")
                    self.skipped.append({"row": self.row - 1, "why": "section"})
                part, count = here, 0
                self.pen.before = None
            if self.roster.page and number > 1 and number % self.roster.page == 1:
                self.new_page()
            if self.roster.blank_every and number > 1 and number % self.roster.blank_every == 1:
                self.skip("blank")
            self.person(number, row)
            count += 1
        if part is not None and self.roster.subtotals:
            self.sum_up("小计", count, "subtotal")

    def new_page(self) -> None:
        top = self.row
        if self.roster.page_title:
            self.titles()
            self.skipped += [{"row": r, "why": "title"} for r in range(top, self.row)]
            top = self.row
        self.headings()
        self.skipped += [{"row": r, "why": "heading"} for r in range(top, self.row)]

    def person(self, number: int, row: Row) -> None:
        self.pen.row = self.row
        self.households += row.run > 0
        for i, column in enumerate(self.columns):
            self.pen.column = place = self.left + i
            self.pen.number = self.households if column.down else number
            if column.down and row.run == 0:
                if column.means != "other":
                    self.pen.trouble("merged_above")
                continue
            written = column.write(row, self.pen)
            cell = written if isinstance(written, Cell) else Cell(written)
            if cell.value is not None:
                self.sheet.put(self.row, place, cell)
            if column.down and self.roster.merge:
                self.sheet.merge(self.row, place, self.row + row.run - 1, place)
            if column.adds_up and isinstance(cell.value, int | float):
                for sums in (self.sums, self.part_sums):
                    sums[place] = round(sums.get(place, 0) + cell.value, 2)
        self.people.append(self.row)
        self.true.append({"row": self.row, **row.person.truth})
        self.pen.before = row
        self.row += 1

    def sum_up(self, label: str, count: int, why: str) -> None:
        """小计 or 合计 in the first cell, how many people in the third, sums where there are amounts."""
        self.sheet.put(self.row, self.left, Cell(label, role="note"))
        if self.roster.merge and len(self.columns) > 3:
            self.sheet.merge(self.row, self.left, self.row, self.left + 1)
        if len(self.columns) > 3:
            self.sheet.put(self.row, self.left + 2, Cell(f"{count}人", role="note"))
        for place, total in (self.part_sums if why == "subtotal" else self.sums).items():
            if place > self.left + 2:
                self.sheet.put(self.row, place, Cell(total, role="note"))
        self.part_sums = {}
        self.skip(why)

    # Below the people

    def below(self) -> None:
        for i in range(self.roster.numbered_rest):
            for place, column in enumerate(self.columns):
                if column.means == "serial":
                    self.sheet.put(self.row, self.left + place, Cell(len(self.people) + i + 1))
            self.row += 1
        if self.roster.total == "end":
            self.sum_up("合计", len(self.people), "total")
        for text in self.roster.foot:
            self.text(text, "note")

    def expectation(self) -> dict[str, Any]:
        first, last = self.people[0], self.people[-1]
        return {
            "sheet": self.sheet.name,
            "heading_rows": [self.heading_top, self.heading_top + self.depth - 1],
            "first_data": first,
            "last_data": last,
            "data_rows": len(self.people),
            "under_heading": [s for s in self.skipped if int(s["row"]) < first],
            "skip_rows": [s for s in self.skipped if first < int(s["row"]) < last],
            "hidden_rows": self.sheet.hidden_rows,
            "columns": [
                {
                    "column": self.left + i,
                    "heads": list(c.heads),
                    "means": c.means,
                    **({"also": list(c.also)} if c.also else {}),
                    **({"hidden": True} if c.hidden else {}),
                }
                for i, c in enumerate(self.columns)
            ],
            "troubles": self.pen.troubles,
            "people": self.true,
        }

    def draw(self) -> dict[str, Any]:
        roster = self.roster
        rows = roster.rows(self.pen.rng)
        self.titles()
        self.row += roster.gap
        self.heading_top = self.row
        self.headings()
        self.under_headings()
        if roster.total == "top":
            self.sum_up("合计", len(rows), "total")
        self.body(rows)
        self.below()
        self.sheet.hidden_columns = [self.left + i for i, c in enumerate(self.columns) if c.hidden]
        if roster.hide_share:
            hidden = self.pen.rng.sample(self.people[1:-1], max(1, int(len(self.people) * roster.hide_share)))
            self.sheet.hidden_rows = sorted(hidden)
            self.sheet.filtered = (self.heading_top + self.depth - 1, self.left, self.people[-1], self.right)
        self.sheet.ghost_rows = roster.ghost_rows
        return self.expectation()


EXAMPLE: dict[str, Value] = {
    "serial": "例",
    "name": "张某某",
    "sex": "男",
    "birth": "1940-01-01",
    "id": id_number(date(1940, 1, 1), "男", 0),
    "phone": "10000000000",
    "address_lived": "XX小区X幢X单元XXX室",
    "age": 85,
}


def draw(roster: Roster, pen: Pen) -> tuple[Sheet, dict[str, Any]]:
    """The sheet and what a careful reader finds on it; all places are counted from 0 at cell A1."""
    sheet = Sheet(roster.name)
    return sheet, _Drawing(roster, pen, sheet).draw()


def draw_plain(plain: Plain) -> Sheet:
    sheet = Sheet(plain.name, hidden=plain.hidden)
    for r, line in enumerate(plain.lines):
        for c, value in enumerate(line):
            if value is not None:
                sheet.put(r, c, Cell(value))
    return sheet
