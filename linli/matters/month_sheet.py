"""The month's table as an xlsx workbook: the figures, and beside them the list they count."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from linli.core.clock import SHANGHAI

from .models import Matter, State, outcome_of
from .queries import MonthFigures, place_of
from .rules import OUTCOME_NAMES, MonthRow, Outcome

HEADS = ["类别", "受理数", *(OUTCOME_NAMES[outcome] for outcome in Outcome), "超时", "评价数", "平均满意度"]
LIST_HEADS = ["编号", "类别", "位置", "上报时间", "承诺办结", "答复时间", "结果", "状态", "是否超时", "满意度"]


def cells(row: MonthRow) -> list[Any]:
    """One row's values under HEADS; no rating is an empty cell, never a zero."""
    average = "" if row.average_rating is None else round(row.average_rating, 1)
    return [row.kind, row.total, *(row.by_outcome[outcome] for outcome in Outcome), row.late, row.rated, average]


def workbook(community: str, figures: MonthFigures, matters: Iterable[Matter]) -> bytes:
    """The xlsx file. Text is written as text, so no cell becomes a formula; the list holds no names or numbers of persons."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        styles = _styles(book)
        _figures_sheet(book, styles, community, figures)
        _list_sheet(book, styles, figures, matters)
    return buffer.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter"}
    return {
        "title": book.add_format({"font_name": "宋体", "font_size": 16, "bold": True, "align": "center"}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10}),
        "head": book.add_format({**base, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EEF1EF"}),
        "text": book.add_format(base),
        "number": book.add_format({**base, "align": "right"}),
        "mean": book.add_format({**base, "align": "right", "num_format": "0.0"}),
        "total": book.add_format({**base, "bold": True, "align": "right"}),
        "time": book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "center"}),
    }


def _figures_sheet(book: Any, styles: dict[str, Any], community: str, figures: MonthFigures) -> None:
    sheet = book.add_worksheet("月表")
    last = len(HEADS) - 1
    sheet.merge_range(0, 0, 0, last, f"{community}{figures.month:%Y年%-m月}事项办理月表", styles["title"])
    counted = figures.counted_at.astimezone(SHANGHAI)
    sheet.merge_range(
        1, 0, 1, last, f"口径：按上报月份计数。统计时间 {counted:%Y-%m-%d %H:%M}。单位：件", styles["note"]
    )
    sheet.write_row(2, 0, HEADS, styles["head"])
    for at, row in enumerate([*figures.rows, figures.total], start=3):
        is_total = row is figures.total
        for column, value in enumerate(cells(row)):
            style = "total" if is_total else "text" if column == 0 else "mean" if column == last else "number"
            sheet.write(at, column, value, styles[style])
    sheet.set_row(0, 28)
    sheet.set_row(2, 32)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, last, 10)
    _page(sheet, repeat_to=2)


def _list_sheet(book: Any, styles: dict[str, Any], figures: MonthFigures, matters: Iterable[Matter]) -> None:
    sheet = book.add_worksheet("清单")
    sheet.write_row(0, 0, LIST_HEADS, styles["head"])
    for at, matter in enumerate(matters, start=1):
        late = "是" if matter.is_late_at(figures.counted_at) else ""
        times = (matter.reported_at, matter.due_at, matter.fed_back_at)
        texts = [matter.number, matter.kind.name, place_of(matter)]
        for column, text in enumerate(texts):
            sheet.write_string(at, column, text, styles["text"])
        for column, moment in enumerate(times, start=3):
            if moment is None:
                sheet.write_blank(at, column, None, styles["text"])
            else:
                sheet.write_datetime(at, column, moment.astimezone(SHANGHAI).replace(tzinfo=None), styles["time"])
        sheet.write_string(at, 6, OUTCOME_NAMES[outcome_of(matter)], styles["text"])
        sheet.write_string(at, 7, State(matter.state).label, styles["text"])
        sheet.write_string(at, 8, late, styles["text"])
        sheet.write(at, 9, "" if matter.rating is None else matter.rating, styles["number"])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 26)
    sheet.set_column(3, 5, 17)
    sheet.set_column(6, 9, 10)
    _page(sheet, repeat_to=0)


def _page(sheet: Any, *, repeat_to: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, repeat_to)
    sheet.set_footer("&C第 &P 页 共 &N 页")
