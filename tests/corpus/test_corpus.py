"""The corpus must be what it says: the same each time, about nobody real, and with everything where it is told to be."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.corpus import SKIPPED, TROUBLES, WORDS, all_books, write_corpus
from tests.corpus.cells import Pen
from tests.corpus.layouts import Roster, draw
from tests.corpus.names import PREFIX, check_digit
from tests.corpus.writers import KINDS

BOOKS = {book.file_name: book for book in all_books()}
MADE = {name: book.make() for name, book in BOOKS.items()}
ALL = [expected for _, expected in MADE.values()]
ROSTERS = [(one["file"], roster) for one in ALL for roster in (one, *one["also_rosters"])]

HABITS = {
    "title", "no title", "1 heading rows", "2 heading rows", "3 heading rows", "4 heading rows", "merged across", "merged down",
    "nothing merged", "empty rows first", "empty columns first", "units row", "codes row", "example row", "total at the end",
    "total on top", "subtotals", "sections", "blank rows", "headings repeated", "notes below", "numbered empty rows",
    "hidden rows", "hidden columns", "several sheets", "longer than it is", "line breaks in headings", "blanks in headings",
    "required marks", "remarks in headings", "a column without a heading", "door in columns", "flags in columns",
    "groups as text", "two people side by side",
}  # fmt: skip


class _Table(HTMLParser):
    """The cells of an HTML table, at the places their spans put them."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[tuple[int, int], str] = {}
        self.taken: set[tuple[int, int]] = set()
        self.row, self.place = -1, (0, 0)
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spans = {key: int(value or 1) for key, value in attrs if key.endswith("span")}
        if tag == "tr":
            self.row += 1
        if tag == "td":
            column = next(c for c in range(999) if (self.row, c) not in self.taken)
            self.place, self.inside = (self.row, column), True
            self.cells[self.place] = ""
            for r in range(spans["rowspan"]):
                self.taken |= {(self.row + r, column + c) for c in range(spans["colspan"])}

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[self.place] += data


def read(name: str, roster: dict[str, Any]) -> dict[tuple[int, int], Any]:
    """The cells of the roster's sheet as another program reads them, by row and column from 0."""
    content, expected = MADE[name]
    kind = expected["kind"]
    if kind == "xls-html":
        table = _Table()
        table.feed(content.decode())
        return table.cells
    if expected["encoding"]:
        text = content.decode(expected["encoding"])
        rows: list[list[Any]] = list(
            csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "txt" in kind else ",")
        )
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name(roster["sheet"]).to_python(skip_empty_area=False)
    return {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}


def columns_of(roster: dict[str, Any], word: str) -> list[int]:
    return [c["column"] for c in roster["columns"] if c["means"] == word]


def test_there_are_at_least_seventy_files_of_every_kind():
    assert len(BOOKS) == len(all_books()) >= 70
    assert {one["kind"] for one in ALL} == set(KINDS)


def test_every_word_trouble_and_habit_occurs_and_none_is_unknown():
    words = Counter(c["means"] for _, roster in ROSTERS for c in roster["columns"])
    also = {word for _, roster in ROSTERS for c in roster["columns"] for word in c.get("also", [])}
    assert set(words) == set(WORDS) >= also
    assert {t["what"] for _, roster in ROSTERS for t in roster["troubles"]} == set(TROUBLES)
    skipped = {s["why"] for _, roster in ROSTERS for s in (*roster["under_heading"], *roster["skip_rows"])}
    assert skipped == set(SKIPPED) and all(TROUBLES.values())
    assert {habit for one in ALL for habit in one["habits"]} == HABITS


def test_sizes_range_from_small_to_large():
    widths = [len(one["columns"]) for one in ALL]
    heights = [one["data_rows"] for one in ALL]
    assert (min(widths), max(widths)) == (2, 40)
    assert (min(heights), max(heights)) == (3, 400)


def test_another_process_writes_the_same_bytes(tmp_path: Path):
    program = (
        "import hashlib, sys; from pathlib import Path; from tests.corpus import write_corpus\n"
        "folder = Path(sys.argv[1]); write_corpus(folder)\n"
        "for path in sorted(folder.iterdir()): print(hashlib.sha256(path.read_bytes()).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "there")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    write_corpus(tmp_path / "here")
    here = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / "here").iterdir())]
    assert done.stdout.split() == here and len(here) == len(BOOKS) + 1


@pytest.mark.parametrize(("name", "roster"), ROSTERS, ids=[f"{n}-{r['sheet']}" for n, r in ROSTERS])
def test_headings_and_people_stand_where_the_expectation_says(name: str, roster: dict[str, Any]):
    cells = read(name, roster)
    top, bottom = roster["heading_rows"]
    for column in roster["columns"]:
        place, drawn = column["column"], []
        for row in range(top, bottom + 1):
            drawn.append(str(cells.get((row, place), "") or ""))
        leaf = column["heads"][-1].replace("\r\n", "\n")
        assert leaf in drawn or (drawn == [""] * len(drawn) and place > 0), (column, drawn)

    data = [p["row"] for p in roster["people"]]
    assert (data[0], data[-1], len(data)) == (roster["first_data"], roster["last_data"], roster["data_rows"])
    assert set(roster["hidden_rows"]) <= set(data)
    (place,) = columns_of(roster, "name")
    lost = {(t["row"], t["column"]) for t in roster["troubles"] if t["what"] == "character_lost"}
    for person in roster["people"]:
        written = re.sub(r"[\s•·]", "", cells[person["row"], place])
        true = re.sub(r"[\s•·]", "", person["name"])
        assert written == true or (person["row"], place) in lost, person
    between = set(range(data[0], data[-1])) - set(data)
    assert between == {s["row"] for s in roster["skip_rows"]}


@pytest.mark.parametrize(("name", "roster"), ROSTERS, ids=[f"{n}-{r['sheet']}" for n, r in ROSTERS])
def test_identity_numbers_are_the_person_s_unless_told_otherwise(name: str, roster: dict[str, Any]):
    cells = read(name, roster)
    troubled = {(t["row"], t["column"]) for t in roster["troubles"] if t["what"].startswith("id_")}
    for place in columns_of(roster, "id"):
        for person in roster["people"]:
            value = cells.get((person["row"], place), "")
            if isinstance(value, str) and value and (person["row"], place) not in troubled:
                number = value.translate(str.maketrans("０１２３４５６７８９Ｘ", "0123456789X", "\t' ")).upper()
                assert number == person["id"]
            elif value:
                assert (person["row"], place) in troubled, (person, value)


def test_no_two_merged_cells_overlap():
    for book in all_books():
        for drawing in book.sheets:
            if isinstance(drawing, Roster):
                sheet, _ = draw(drawing, Pen(Random(book.file_name)))
                inside = Counter(
                    (row, column)
                    for top, left, bottom, right in sheet.merges
                    for row in range(top, bottom + 1)
                    for column in range(left, right + 1)
                )
                assert max(inside.values(), default=1) == 1, book.file_name


def test_a_units_row_has_units():
    rosters = [drawing for book in all_books() for drawing in book.sheets if isinstance(drawing, Roster)]
    assert all(any(c.unit for c in r.flat()) for r in rosters if r.units)


def test_nobody_in_the_corpus_is_real():
    for name, roster in ROSTERS:
        for value in read(name, roster).values():
            text = f"{value:.0f}" if isinstance(value, float) else str(value)
            for number in re.findall(r"(?<![0-9A-Z])[1-9]\d{16}[\dXx](?!\d)", text):
                assert number.startswith(PREFIX), (name, number)
            for number in re.findall(r"(?<![0-9A-Z])1\d{10}(?!\d)", text):
                assert number.startswith("100"), (name, number)
    numbers = {p["id"] for _, roster in ROSTERS for p in roster["people"]}
    assert all(n.startswith(PREFIX) and n[17] == check_digit(n[:17]) for n in numbers) and len(numbers) > 1000
