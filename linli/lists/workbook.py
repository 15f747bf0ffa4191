"""A list as an xlsx workbook that says on every page who took it out, when and what for."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from linli.core import clock
from linli.residents.listing import COLUMNS, Column
from linli.residents.queries import card_of, with_cards

from .models import Export

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FONT = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}


def written(export: Export, rows: Any, *, who: str, words: str) -> tuple[bytes, int]:
    """The workbook, and how many people are in it. Text is written as text: no cell becomes a formula."""
    columns = [COLUMNS["name"], *(COLUMNS[code] for code in export.columns if code in COLUMNS)]
    mark = f"{who} {clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M} 导出，用途：{export.reason}"
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        sheet = book.add_worksheet("名单")
        count = _fill(book, sheet, columns, with_cards(rows).iterator(chunk_size=2000), export.is_unmasked)
        _head(
            book, sheet, columns, f"{export.name}（{count} 人）", f"{mark}。条件：{words}", is_full=export.is_unmasked
        )
        _page(sheet, mark)
    return buffer.getvalue(), count


def _fill(book: Any, sheet: Any, columns: list[Column], rows: Iterable[Any], is_full: bool) -> int:
    # Every other row stands on a faint ground with the mark's colour: a photograph of the screen shows where it is from.
    formats = [book.add_format({**FONT, "border": 1, "bg_color": ground}) for ground in ("#FFFFFF", "#F3F6F4")]
    count = 0
    for count, row in enumerate(rows, 1):
        card, style = card_of(row), formats[count % 2]
        for at, column in enumerate(columns):
            text = column.full(row) if is_full and column.full else column.masked(row, card)
            if column.code == "age" and text:
                sheet.write_number(count + 2, at, int(text), style)
            else:
                sheet.write_string(count + 2, at, text, style)
    return count


def _head(book: Any, sheet: Any, columns: list[Column], title: str, mark: str, *, is_full: bool) -> None:
    last = max(len(columns) - 1, 1)
    sheet.merge_range(0, 0, 0, last, "", None)
    sheet.write_string(0, 0, title, book.add_format({**FONT, "font_size": 16, "bold": True, "align": "center"}))
    sheet.merge_range(1, 0, 1, last, "", None)
    faint = book.add_format({**FONT, "font_size": 10, "font_color": "#6B7471", "text_wrap": True})
    sheet.write_string(1, 0, mark if is_full else f"{mark}。姓名和号码已遮盖", faint)
    style = book.add_format(
        {**FONT, "border": 1, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EEF1EF"}
    )
    for at, column in enumerate(columns):
        sheet.write_string(2, at, column.label, style)
        sheet.set_column(at, at, column.width)
    sheet.set_row(0, 28)
    sheet.set_row(1, 34)
    sheet.freeze_panes(3, 1)


def _page(sheet: Any, mark: str) -> None:
    plain = mark.replace("&", "&&")[:180]  # what a header of a workbook holds; & begins its commands
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_header(f"&R&9{plain}")
    sheet.set_footer(f"&L&9{plain[:120]}&R第 &P 页 共 &N 页")
