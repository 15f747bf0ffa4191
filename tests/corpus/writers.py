"""The same sheets in each file format. Every writer gives the same bytes for the same sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

import xlsxwriter
import xlwt

from .cells import DATE_LOOKS, Cell, Sheet, shown
from .wps import write_wps

MADE = datetime(2025, 9, 30, 8, 30)
LOOKS = {"text": "@", "0": "0", "0.00": "0.00", **DATE_LOOKS}


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """As Excel saves it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": MADE, "author": "Administrator"})
    formats: dict[tuple[str, str], Any] = {}

    def format_of(cell: Cell) -> Any:
        key = (cell.look, cell.role)
        if key not in formats:
            looks: dict[str, Any] = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
            if cell.role == "title":
                looks |= {"font_name": "方正小标宋简体", "font_size": 20, "align": "center"}
            elif cell.role != "note":
                looks |= {"border": 1, "align": "center", "text_wrap": True, "bold": cell.role == "heading"}
            if cell.look:
                looks["num_format"] = LOOKS[cell.look]
            formats[key] = book.add_format(looks)
        return formats[key]

    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for top, left, bottom, right in sheet.merges:
            page.merge_range(top, left, bottom, right, "", format_of(sheet.cells.get((top, left), Cell(None))))
        for (row, column), cell in sheet.cells.items():
            _xlsx_cell(page, row, column, cell, format_of(cell))
        for row in range(sheet.height, sheet.height + sheet.ghost_rows):
            for column in range(sheet.width):
                page.write_blank(row, column, None, format_of(Cell(None)))
        for row in sheet.hidden_rows:
            page.set_row(row, options={"hidden": True})
        for column in sheet.hidden_columns:
            page.set_column(column, column, options={"hidden": True})
        if sheet.filtered:
            page.autofilter(*sheet.filtered)
        if sheet.hidden:
            page.hide()
    visible = next(i for i, sheet in enumerate(sheets) if not sheet.hidden)
    book.worksheets()[visible].activate()
    book.worksheets()[visible].set_first_sheet()
    book.close()
    return out.getvalue()


def _xlsx_cell(page: Any, row: int, column: int, cell: Cell, look: Any) -> None:
    if cell.formula:
        page.write_formula(row, column, "=" + cell.formula, look, cell.value)
    elif isinstance(cell.value, str):
        page.write_string(row, column, cell.value, look)
    elif isinstance(cell.value, date):
        page.write_datetime(row, column, datetime(cell.value.year, cell.value.month, cell.value.day), look)
    elif cell.value is not None:
        page.write_number(row, column, cell.value, look)
    else:
        page.write_blank(row, column, None, look)


def as_xls(sheets: Sequence[Sheet]) -> bytes:
    """As Excel 97 to 2003 saves it."""
    book = xlwt.Workbook(encoding="utf-8")
    styles: dict[tuple[str, str], xlwt.XFStyle] = {}

    def style_of(cell: Cell) -> xlwt.XFStyle:
        key = (cell.look, cell.role)
        if key not in styles:
            style = xlwt.XFStyle()
            style.font.name = "宋体"
            style.font.bold = cell.role in ("title", "heading")
            style.alignment.wrap = 0 if cell.role == "note" else 1
            style.num_format_str = LOOKS.get(cell.look, "General")
            styles[key] = style
        return styles[key]

    for sheet in sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        for top, left, bottom, right in sheet.merges:
            page.merge(top, bottom, left, right)
        for (row, column), cell in sheet.cells.items():
            value = cell.value
            if isinstance(value, date):
                value = datetime(value.year, value.month, value.day)
            page.write(row, column, value, style_of(cell))
        for row in sheet.hidden_rows:
            page.row(row).hidden = True
        for column in sheet.hidden_columns:
            page.col(column).hidden = True
        if sheet.hidden:
            page.visibility = 1
    book.set_active_sheet(next(i for i, sheet in enumerate(sheets) if not sheet.hidden))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: Sheet) -> list[list[str]]:
    width = sheet.width
    rows = [[""] * width for _ in range(sheet.height)]
    for (row, column), cell in sheet.cells.items():
        rows[row][column] = shown(cell)
    return rows


def _separated(separator: str, encoding: str) -> Callable[[Sequence[Sheet]], bytes]:
    def write(sheets: Sequence[Sheet]) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(_rows(sheets[0]))
        return out.getvalue().encode(encoding, errors="replace")

    return write


def as_html(sheets: Sequence[Sheet]) -> bytes:
    """As many government systems export "Excel": an HTML table in a file called .xls."""
    sheet = sheets[0]
    inside = {
        (r, c) for t, le, b, ri in sheet.merges for r in range(t, b + 1) for c in range(le, ri + 1) if (r, c) != (t, le)
    }
    spans = {(t, le): (b - t + 1, ri - le + 1) for t, le, b, ri in sheet.merges}
    lines = []
    for r, row in enumerate(_rows(sheet)):
        cells = []
        for c, text in enumerate(row):
            if (r, c) in inside:
                continue
            down, across = spans.get((r, c), (1, 1))
            cells.append(
                f'<td rowspan="{down}" colspan="{across}" style="mso-number-format:\'\\@\'">{escape(text)}</td>'
            )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    page = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        f'<table border="1">\n{chr(10).join(lines)}\n</table></body></html>\n'
    )
    return page.encode()


KINDS: dict[str, tuple[str, str, Callable[[Sequence[Sheet]], bytes]]] = {
    "xlsx": ("xlsx", "", as_xlsx),
    "xlsx-wps": ("xlsx", "", write_wps),
    "xls": ("xls", "", as_xls),
    "xls-html": ("xls", "utf-8", as_html),
    "csv-utf8": ("csv", "utf-8", _separated(",", "utf-8")),
    "csv-bom": ("csv", "utf-8-sig", _separated(",", "utf-8-sig")),
    "csv-gbk": ("csv", "gbk", _separated(",", "gbk")),
    "csv-gb18030": ("csv", "gb18030", _separated(",", "gb18030")),
    "txt-gbk": ("txt", "gbk", _separated("\t", "gbk")),
    "txt-utf8": ("txt", "utf-8", _separated("\t", "utf-8")),
    "txt-utf16": ("txt", "utf-16", _separated("\t", "utf-16")),
}
"""Each kind's ending, its encoding if it is text, and its writer."""


def lose_characters(sheet: Sheet, kind: str) -> list[tuple[int, int]]:
    """Put ? for what the kind cannot hold, as the programs do; tell in which cells."""
    lost = []
    for place, cell in sheet.cells.items():
        if not isinstance(cell.value, str):
            continue
        if kind == "xls":
            kept = "".join(c if ord(c) < 0x10000 else "?" for c in cell.value)
        elif KINDS[kind][1] == "gbk":
            kept = cell.value.encode("gbk", errors="replace").decode("gbk")
        else:
            continue
        if kept != cell.value:
            sheet.cells[place] = Cell(kept, cell.look, cell.formula, cell.role)
            lost.append(place)
    return lost
