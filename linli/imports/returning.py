"""The rows that could not be taken, given back as they came: same heading, same columns, red cells, and one more column that says why."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter

from linli.core.access import Actor
from linli.core.trail import record

from . import sandbox
from .checking import content_of, heading_of, plain_file
from .models import Import, ImportRow, Verdict

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def wrong_rows(actor: Actor, batch: Import) -> bytes:
    """An .xlsx file of the rows judged wrong. What cannot be a formula is not one: everything textual is written as text."""
    reasons = {row.number: row.reasons for row in ImportRow.objects.filter(batch=batch, verdict=Verdict.WRONG)}
    record(actor, "import.returned", batch, count=len(reasons))
    with plain_file(content_of(batch)) as path:
        sheet = next((each for each in sandbox.look(path) if each.name == batch.sheet), None)
        body = [(n, row) for n, row in enumerate(sandbox.stream(path, batch.sheet), 1) if n in reasons]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        _write(book, batch, sheet, body, reasons)
    return buffer.getvalue()


def _write(
    book: Any, batch: Import, sheet: Any, body: list[tuple[int, list[Any]]], reasons: dict[int, list[list[str]]]
) -> None:
    base = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter", "text_wrap": True}
    plain, head = book.add_format(base), book.add_format({**base, "bold": True, "align": "center"})
    day = book.add_format({**base, "num_format": "yyyy-mm-dd"})
    red = book.add_format({**base, "bg_color": "#F8D5CE", "font_color": "#7E2113"})
    out = book.add_worksheet(batch.sheet[:31] or "要改的行")
    heading = heading_of(batch)
    width = max([len(heading.columns), *(len(row) for _, row in body)])
    merged = [area for area in (sheet.merged if sheet else ()) if area[2] < heading.first_row]
    for number, row in enumerate(sheet.rows[: heading.first_row] if sheet else []):
        for column, value in enumerate(row):
            if value is not None:
                _cell(out, number, column, value, head if heading.top <= number <= heading.bottom else plain, day)
    for top, left, bottom, right in merged:
        out.merge_range(top, left, bottom, right, str(sheet.value(top, left) or ""), head)
    out.write_string(heading.bottom, width, "要改的原因", head)
    by_code = {code: int(number) for number, code in batch.mapping.items()}
    for offset, (number, row) in enumerate(body):
        bad = {by_code[code] for code, _ in reasons[number] if code in by_code}
        for column in range(width):
            value = row[column] if column < len(row) else None
            _cell(
                out,
                heading.first_row + offset,
                column,
                value,
                red if column in bad else plain,
                red if column in bad else day,
            )
        out.write_string(heading.first_row + offset, width, "；".join(words for _, words in reasons[number]), red)
    out.set_column(0, width - 1, 14)
    out.set_column(width, width, 48)


def _cell(out: Any, row: int, column: int, value: Any, style: Any, day: Any) -> None:
    if value is None:
        out.write_blank(row, column, None, style)
    elif isinstance(value, datetime):
        out.write_datetime(row, column, value, day)
    elif isinstance(value, date):
        out.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a sheet has no zones
    elif isinstance(value, int | float) and not isinstance(value, bool):
        out.write_number(row, column, value, style)
    else:
        out.write_string(row, column, str(value), style)
