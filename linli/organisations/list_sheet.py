"""The five lists as an xlsx workbook, a sheet each, to be printed on A4 across."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import xlsxwriter

from .queries import FiveList

WIDTHS = (26, 14, 16, 18, 40, 12, 12)


def workbook(community: str, sub_area: str, day: date, lists: Iterable[FiveList]) -> bytes:
    """The xlsx file. Text is written as text, so no cell becomes a formula; it holds no numbers of persons."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        styles = _styles(book)
        for each in lists:
            _sheet(book, styles, f"{community}{sub_area}{each.kind.name}清单", day, each)
    return buffer.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter", "text_wrap": True}
    return {
        "title": book.add_format({"font_name": "宋体", "font_size": 16, "bold": True, "align": "center"}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10}),
        "head": book.add_format({**base, "bold": True, "align": "center", "bg_color": "#EEF1EF"}),
        "text": book.add_format(base),
    }


def _sheet(book: Any, styles: dict[str, Any], title: str, day: date, each: FiveList) -> None:
    sheet = book.add_worksheet(each.kind.name)
    heads = [*each.kind.heads, "起始", "最近核实"]
    last = len(heads) - 1
    sheet.merge_range(0, 0, 0, last, title, styles["title"])
    sheet.merge_range(1, 0, 1, last, f"截至 {day:%Y-%m-%d}，共 {len(each.rows)} 项", styles["note"])
    sheet.write_row(2, 0, heads, styles["head"])
    for at, row in enumerate(each.rows, start=3):
        days = (f"{row.since:%Y-%m-%d}", f"{row.confirmed_on:%Y-%m-%d}" if row.confirmed_on else "")
        for column, text in enumerate((row.name, *row.cells, *days)):
            sheet.write_string(at, column, text, styles["text"])
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 28)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.set_footer("&C第 &P 页 共 &N 页")
