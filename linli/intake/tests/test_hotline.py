"""The hotline's sheets: each order one matter, however often it is sent; nothing guessed, nothing lost."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import NotAllowed
from linli.core.tenancy import active
from linli.intake import actions, rules
from linli.intake.models import HotlineOrder, HotlineSheet
from linli.matters.models import Matter, Queue, Source
from tests.helpers import race

HEADING = ["序号", "工单编号", "来电时间", "诉求人", "联系电话", "诉求类型", "诉求地址", "诉求内容", "办理期限"]
ROW = [
    1, "GD26030100017", "2026-03-01 09:12:33", "陈女士", "10012340201", "噪音扰民", "仓基新村48幢2单元", "楼上半夜装修",
    "2026-03-08 17:00",
]  # fmt: skip
SHANGHAI = rules.SHANGHAI


def sheet_of(*rows, title="拱墅区12345政务服务便民热线转办工单"):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("工单")
        page.write(0, 0, title)
        for number, row in enumerate([HEADING, *rows], start=1):
            page.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.mark.django_db
def test_an_order_becomes_a_matter_with_the_hotlines_own_deadline(here, as_secretary, cast):
    sheet = actions.take_in_sheet(as_secretary, content=sheet_of(ROW), name="工单.xlsx")
    matter = Matter.objects.get()
    assert (matter.source, matter.kind.code, matter.words) == (Source.HOTLINE, "noise", "楼上半夜装修")
    assert matter.due_at == datetime(2026, 3, 8, 17, tzinfo=SHANGHAI)
    assert (matter.contact_name, matter.contact_phone) == ("陈女士", "10012340201")
    assert matter.queue == Queue.FRONT and matter.building.number == 48
    assert (sheet.known, sheet.wrong) == (0, []) and HotlineOrder.objects.get().number == "GD26030100017"


@pytest.mark.django_db
def test_the_same_sheet_again_makes_nothing_twice(here, as_secretary):
    actions.take_in_sheet(as_secretary, content=sheet_of(ROW), name="工单.xlsx")
    again = actions.take_in_sheet(as_secretary, content=sheet_of(ROW, [2, "GD2", *ROW[2:]]), name="工单.xlsx")
    assert again.known == 1 and Matter.objects.count() == 2


@pytest.mark.django_db
def test_rows_that_are_no_orders_are_named_with_their_reason_and_lose_nothing_of_the_others(here, as_secretary):
    rows = [
        ROW,
        [2, "", *ROW[2:]],
        [3, "GD3", *ROW[2:7], "", ROW[8]],
        [4, "GD4", *ROW[2:8], "下周三"],
        [5, "GD5", *ROW[2:4], "12", *ROW[5:]],
        [6, ROW[1], *ROW[2:]],
    ]
    sheet = actions.take_in_sheet(as_secretary, content=sheet_of(*rows), name="工单.xlsx")
    assert [row for row, _ in sheet.wrong] == [4, 5, 6, 7, 8]
    told = dict(map(tuple, sheet.wrong))
    assert "缺工单编号" in told[4] and "缺诉求内容" in told[5] and "下周三" in told[6] and "第 3 行" in told[8]
    assert Matter.objects.count() == 1


@pytest.mark.django_db
def test_a_file_without_orders_says_which_columns_it_looked_for(here, as_secretary):
    with pytest.raises(actions.NoOrders, match="工单编号"):
        actions.take_in_sheet(as_secretary, content="姓名,电话\n王芳,1\n".encode(), name="x.csv")
    assert not HotlineSheet.objects.exists()


@pytest.mark.django_db
def test_a_specialist_does_not_take_the_hotlines_sheets(here, as_specialist):
    with pytest.raises(NotAllowed):
        actions.take_in_sheet(as_specialist, content=sheet_of(ROW), name="x.xlsx")


def test_two_who_send_the_same_sheet_at_once_make_each_matter_once(committed_cast):
    cast = committed_cast
    content = sheet_of(*[[n, f"GD{n}", *ROW[2:]] for n in range(8)])
    with active(cast.here.id):
        secretary = cast.actor("赵敏")

    def send(_):
        with active(cast.here.id):
            return actions.take_in_sheet(secretary, content=content, name="工单.xlsx")

    sheets = race(3, send)
    with active(cast.here.id):
        assert Matter.objects.count() == HotlineOrder.objects.count() == 8
    assert sum(sheet.known for sheet in sheets) == 16


@pytest.mark.parametrize(
    ("cell", "is_end", "moment"),
    [
        ("2026-03-08 17:00", True, datetime(2026, 3, 8, 17)),
        ("2026/3/8 9:05:30", False, datetime(2026, 3, 8, 9, 5, 30)),
        ("2026年3月8日17时30分", True, datetime(2026, 3, 8, 17, 30)),
        ("2026-03-08T17:00:00.000", True, datetime(2026, 3, 8, 17)),
        ("2026.3.8", True, datetime(2026, 3, 8, 23, 59)),
        (date(2026, 3, 8), False, datetime(2026, 3, 8)),
        (datetime(2026, 3, 8, 1, 2), True, datetime(2026, 3, 8, 1, 2)),
        ("2026-02-30", True, None),
        ("三天内", True, None),
        (None, True, None),
    ],
)
def test_moments_as_hotlines_write_them(cell, is_end, moment):
    assert rules.moment_in(cell, is_end=is_end) == (moment and moment.replace(tzinfo=SHANGHAI))


@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats()), max_size=9), max_size=12)
)
def test_every_row_is_an_order_or_named_as_wrong_or_empty(rows):
    columns = {name: at for at, name in enumerate(rules.COLUMNS)}
    orders, wrong = rules.read_orders(list(enumerate(rows, start=1)), columns)
    told = {each.row for each in [*orders, *wrong]}
    filled = {
        n for n, row in enumerate(rows, start=1) if any(c is not None and str(c).strip() for c in row[: len(columns)])
    }
    assert told == filled and len(orders) + len(wrong) == len(told)
    assert len({order.number for order in orders}) == len(orders)
