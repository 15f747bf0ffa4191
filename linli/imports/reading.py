"""Files of offices as they are: .xlsx, .xls, WPS and .csv to rows of plain values. See `sandbox` for who may run this.

Values are str, int, float, bool, date, datetime, time, timedelta or None; nothing is interpreted here.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from posixpath import normpath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from linli.core.errors import Invalid

Value = str | int | float | bool | date | datetime | time | timedelta | None
Row = list[Value]
Area = tuple[int, int, int, int]
"""Top, left, bottom, right of merged cells, from 0, all of them inside."""

DELIMITERS = "\t,;|"
ENCODINGS = ("utf-8", "gb18030")  # GB 18030 contains GBK and GB 2312
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, .et, and every office file with a password
ZIP = b"PK\x03\x04"


class FileUnreadable(Invalid):
    code = "import.file_unreadable"
    message = "这个文件打不开。请在 WPS 或 Excel 里打开它，另存为 .xlsx，再上传。"


class FileLocked(FileUnreadable):
    code = "import.file_locked"
    message = "这个文件加了密码。请在 WPS 或 Excel 里去掉密码，另存为 .xlsx，再上传。"


@dataclass(frozen=True)
class Sheet:
    """One table as it stands in the file. `rows` may be ragged; the first row is row 0 of the sheet, empty ones included."""

    name: str
    rows: list[Row]
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    is_hidden: bool = False

    def value(self, row: int, column: int) -> Value:
        """What stands in a cell; None outside the table."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def read_file(path: Path, *, most: int | None = None) -> Iterator[Sheet]:
    """The sheets of a file, in its order, with their first `most` rows; what it is is told by its content, not by its name.

    Raises:
        FileLocked: it has a password.
        FileUnreadable: it is none of the kinds known, or damaged.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith((ZIP, OLE)):
        yield from _sheets_of_book(path, most)
        return
    sheet = read_text(path.read_bytes())
    yield replace(sheet, rows=sheet.rows[:most])


def read_rows(path: Path, name: str) -> Iterator[Row]:
    """The rows of one sheet, one by one: a large one is never held whole. Raises what `read_file` does."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head.startswith((ZIP, OLE)):
        yield from read_text(path.read_bytes()).rows
        return
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_name(name)
        # It yields the empty rows above the table, but leaves out the empty columns beside it.
        indent: Row = [None] * (sheet.start[1] if sheet.start else 0)
        for row in sheet.iter_rows():
            yield [*indent, *map(_plain, row)]
    except CalamineError as error:
        raise FileUnreadable() from error


# -- books


def _sheets_of_book(path: Path, most: int | None) -> Iterator[Sheet]:
    try:
        book = CalamineWorkbook.from_path(path)
        hidden_rows = _hidden_rows(path)
        for meta in book.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            yield Sheet(
                name=meta.name,
                rows=[[_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False, nrows=most)],
                merged=tuple((*start, *end) for start, end in sheet.merged_cell_ranges or ()),
                hidden_rows=hidden_rows.get(meta.name, frozenset()),
                is_hidden=meta.visible is not SheetVisibleEnum.Visible,
            )
    except CalamineError as error:
        raise (FileLocked() if "password" in str(error).lower() else FileUnreadable()) from error


def _plain(value: Value) -> Value:
    """A number that is whole is whole: spreadsheets know only floats. Empty text is nothing."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None if isinstance(value, str) and not value.strip() else value


_SHEET = re.compile(rb'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_TARGET = re.compile(rb"<Relationship [^>]*>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
_ENTITIES = {b"&amp;": b"&", b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&apos;": b"'"}


def _hidden_rows(path: Path) -> dict[str, frozenset[int]]:
    """Rows hidden in each sheet of an .xlsx file (calamine does not say); {} for other kinds."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as book:
        try:
            workbook, links = book.read("xl/workbook.xml"), book.read("xl/_rels/workbook.xml.rels")
        except KeyError:
            return {}
        targets = {}
        for link in _TARGET.findall(links):
            told = dict(_ATTRIBUTE.findall(link))
            targets[told.get(b"Id", b"")] = told.get(b"Target", b"").decode()
        found = {}
        for name, link_id in _SHEET.findall(workbook):
            inside = normpath(f"xl/{targets.get(link_id, '')}").removeprefix("xl//") if link_id in targets else ""
            inside = inside.replace("xl/xl/", "xl/").lstrip("/")
            if inside in book.namelist():
                rows = frozenset(int(row) - 1 for row in _hidden_in(book, inside))
                found[_unescaped(name)] = rows
        return found


def _hidden_in(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    tail = b""
    with book.open(name) as file:
        while chunk := file.read(1 << 20):
            text = tail + chunk
            cut = text.rfind(b"<row ")
            text, tail = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
            yield from _HIDDEN_ROW.findall(text)
        yield from _HIDDEN_ROW.findall(tail)


def _unescaped(name: bytes) -> str:
    for entity, letter in _ENTITIES.items():
        name = name.replace(entity, letter)
    return name.decode()


# -- text


def read_text(content: bytes) -> Sheet:
    """A .csv or .txt file: UTF-8 or GB 18030, separated by tabs, commas, semicolons or bars. Raises FileUnreadable."""
    text = _decoded(content)
    if "\0" in text:
        raise FileUnreadable()
    lines = text.splitlines()[:50]
    counts = Counter({mark: _steadiness(lines, mark) for mark in DELIMITERS})
    mark, _ = counts.most_common(1)[0]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise FileUnreadable() from error
    return Sheet("", [[cell.strip() or None for cell in row] for row in rows])


def _steadiness(lines: list[str], mark: str) -> int:
    """How many lines hold the mark as often as most lines that hold it."""
    counted = Counter(line.count(mark) for line in lines if mark in line)
    return max((times for _, times in counted.items()), default=0)


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode text"
        return content.decode("utf-16")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise FileUnreadable()
