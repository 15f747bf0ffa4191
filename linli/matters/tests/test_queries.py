from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from linli.core import clock, files
from linli.core.access import Actor
from linli.core.models import TrailEntry
from linli.matters import actions, jobs, month_sheet, queries
from linli.matters.models import Ending, MatterKind, MonthTable
from linli.matters.queries import DeskFilter
from linli.matters.rules import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(cast, here, as_wang, as_specialist, as_back_office):
    """Eleven matters of this month in every outcome, two of last month."""
    kinds = list(MatterKind.objects.all())

    def report(i, door="48-2-301", actor=as_wang):
        return actions.report_matter(actor, kind=kinds[i % 4], words=f"第{i}件", spot=queries.spot_named(door))

    with clock.at(clock.now() - timedelta(days=40)):
        report(20), report(21)
    matters = [report(i, "9-1-101" if i == 10 else "48-2-301") for i in range(11)]
    for i, ending in ((0, Ending.SOLVED), (1, Ending.SOLVED), (2, Ending.EXPLAINED), (3, Ending.IMPOSSIBLE)):
        actions.accept_matter(as_specialist, matter=matters[i])
        actions.feed_back(as_specialist, matter=matters[i], ending=ending, words="答复")
    actions.confirm_matter(as_wang, matter=matters[0], rating=5)
    actions.confirm_matter(as_wang, matter=matters[2], rating=2)
    actions.refuse_matter(as_specialist, matter=matters[4], reason="找物业")
    actions.accept_matter(as_specialist, matter=matters[5])
    actions.pass_to_back_office(as_specialist, matter=matters[6])
    return matters


def test_everybody_sees_their_own_patch_and_no_more(
    story, cast, as_wang, as_specialist, as_other_specialist, as_secretary, as_outsider
):
    assert queries.matters_visible_to(as_wang).count() == 13
    assert queries.matters_visible_to(cast.actor("老马")).count() == 0
    assert queries.matters_visible_to(as_specialist).count() == 12
    assert queries.matters_visible_to(as_other_specialist).count() == 1
    assert queries.matters_visible_to(as_secretary).count() == 13
    assert queries.matters_visible_to(as_outsider).count() == 0
    assert queries.matters_visible_to(Actor("路过")).count() == 0


def test_the_open_list_is_what_the_specialist_has_to_do(story, as_specialist, as_secretary):
    mine = queries.desk_list(as_specialist, DeskFilter())
    assert story[6] not in mine and story[0] not in mine and story[5] in mine and story[7] in mine
    assert story[6] in queries.desk_list(as_secretary, DeskFilter())
    now = clock.now()
    assert list(mine) == sorted(mine, key=lambda m: (not m.is_late_at(now), m.state != "reported", m.due_at, m.id))


def test_counts_are_the_lengths_of_the_lists(story, as_specialist):
    for days in (0, 30):
        with clock.at(clock.now() + timedelta(days=days)):
            counts = queries.desk_counts(as_specialist)
            assert counts.open == queries.desk_list(as_specialist, DeskFilter()).count()
            assert counts.late == queries.desk_list(as_specialist, DeskFilter(is_late=True)).count()
            assert counts.mine == queries.desk_list(as_specialist, DeskFilter(box="mine")).count()
            assert counts.waiting == queries.desk_list(as_specialist, DeskFilter(box="waiting")).count()
    assert counts.late > 0


def test_every_cell_of_the_month_table_is_the_length_of_its_list(story, as_secretary):
    month = clock.today()
    figures = queries.month_figures(month)
    assert figures.total.total == 11 and figures.total.by_outcome[Outcome.SOLVED] == 2
    for code, row in zip(figures.codes, figures.rows, strict=True):
        assert row.total == queries.desk_list(as_secretary, DeskFilter("all", kind=code, month=month)).count()
        assert (
            row.late == queries.desk_list(as_secretary, DeskFilter("all", kind=code, month=month, is_late=True)).count()
        )
        for outcome, count in row.by_outcome.items():
            assert (
                count
                == queries.desk_list(as_secretary, DeskFilter("all", kind=code, outcome=outcome, month=month)).count()
            )


def test_the_file_a_job_makes_says_what_the_page_says(story, as_secretary, cast):
    table = actions.ask_for_month_table(as_secretary, month=clock.today())
    entry = TrailEntry.objects.get(subject_id=table.id)
    for _ in range(2):  # a job may run twice
        jobs.make_month_table(community_id=cast.here.id, entry_id=str(entry.id))
    table.refresh_from_db()
    (stored,) = files.files_of(table)
    book = CalamineWorkbook.from_filelike(io.BytesIO(_content(stored)))
    shown, listed = book.get_sheet_by_name("月表").to_python(), book.get_sheet_by_name("清单").to_python()
    figures = queries.month_figures(clock.today())
    assert shown[2] == month_sheet.HEADS
    assert [[str(c) for c in row] for row in table.rows] == [
        [str(c) for c in month_sheet.cells(row)] for row in [*figures.rows, figures.total]
    ]
    assert [row[:7] for row in shown[3:]] == [month_sheet.cells(row)[:7] for row in [*figures.rows, figures.total]]
    assert len(listed) - 1 == figures.total.total == 11
    for row in figures.rows:
        assert sum(line[1] == row.kind for line in listed[1:]) == row.total
    assert table.state == MonthTable.Making.READY


def _content(stored):
    from django.conf import settings

    from linli.core.uploads import open_stored

    with open_stored(settings.LINLI_FILES, stored.path) as file:
        return file.read()


def test_a_words_that_look_like_a_formula_stay_text(as_wang, here, as_secretary):
    kind = MatterKind.objects.first()
    actions.report_matter(as_wang, kind=kind, words="=1+1", spot=queries.Spot(note="=cmd|' /C calc'!A0"))
    listed = queries.desk_list(as_secretary, DeskFilter("all", month=clock.today()))
    content = month_sheet.workbook("=社区", queries.month_figures(clock.today()), listed)
    import zipfile

    sheets = zipfile.ZipFile(io.BytesIO(content))
    assert not any(b"<f>" in sheets.read(name) for name in sheets.namelist() if "worksheets" in name)


@pytest.mark.parametrize(
    ("text", "door", "note"),
    [
        ("48-2-301", "48-2-301", ""),
        ("48幢2单元301室", "48-2-301", ""),
        ("４８幢２单元３０１", "48-2-301", ""),
        ("48幢2单元 三楼转角", None, "三楼转角"),
        ("小区东门口", None, "小区东门口"),
        ("999-1-101", None, "999-1-101"),
    ],
)
def test_places_are_understood_as_people_write_them(here, text, door, note):
    spot = queries.spot_named(text)
    assert (spot.dwelling.door if spot.dwelling else None, spot.note) == (door, note)
    assert (spot.building is not None) == text.startswith(("48", "４８"))


def test_the_page_of_a_matter_loads_in_a_fixed_number_of_queries(story, as_specialist, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        list(queries.desk_list(as_specialist, DeskFilter())[:30])
    matter = queries.matters_visible_to(as_specialist).get(pk=story[0].pk)
    with django_assert_max_num_queries(6):
        page = queries.page_of(as_specialist, matter)
    assert [step.title for step in page.steps] == ["已上报", "已受理", "已答复", "上报人确认办结", "上报人评价"]
    assert [step.who for step in page.steps[:3]] == ["上报人", "李娜", "李娜"]


def test_a_promise_in_working_days_skips_the_weekend_and_one_in_hours_the_night(here):
    friday = datetime(2026, 11, 27, 16, 0, tzinfo=clock.SHANGHAI)
    kind = MatterKind.objects.get(code="policy")
    kind.promise_days, kind.promise_unit = 2, "working_days"
    assert queries.promised_at(kind, friday) == datetime(2026, 12, 2, tzinfo=clock.SHANGHAI)
    kind.promise_unit = "working_hours"
    assert queries.promised_at(kind, friday) == datetime(2026, 11, 30, 9, 30, tzinfo=clock.SHANGHAI)
    kind.promise_unit = "calendar_days"
    assert queries.promised_at(kind, friday) == datetime(2026, 11, 30, tzinfo=clock.SHANGHAI)
