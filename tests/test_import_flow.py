"""A roster from an office's file to the register and back: nothing is written unseen, nothing twice, and all of it can be taken back."""

from __future__ import annotations

import io
from datetime import date
from itertools import pairwise

import pytest
import xlsxwriter
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.identifiers import check_digit
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.imports import actions, applying, jobs, queries, returning
from linli.imports.models import Decision, Import, ImportRow, State, Verdict
from linli.residents import actions as residents
from linli.residents.models import Category, Document, Fact, Household, Residence, Resident
from tests.cast import make_cast

HEADS = ["序号", "姓名", "身份证号", "联系电话", "住址", "是否独居", "备注"]


def number_of(birth: str, sequence: int) -> str:
    """A number that holds together and belongs to nobody: no district is called 990105."""
    body = f"990105{birth}{sequence:03d}"
    return body + check_digit(body)


def roster(*rows: list, heads: list = HEADS, title: str = "仓基新村高龄老人花名册") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.merge_range(0, 0, 0, len(heads) - 1, title)
        sheet.write_row(1, 0, heads)
        for at, row in enumerate(rows, 2):
            sheet.write_row(at, 0, row)
        sheet.write(len(rows) + 2, 0, "合计")
        sheet.write(len(rows) + 3, 0, "填表人：李娜")
    return buffer.getvalue()


NEW = [1, "周阿大", number_of("19400102", 1), "10020000001", "48-1-101", "是", ""]
AGAIN = [2, "周阿大", number_of("19400102", 1), "10020000001", "48-1-101", "是", ""]
NOWHERE = [3, "吴小妹", number_of("19410203", 2), "10020000002", "77-1-101", "否", ""]
UNKNOWN = [4, "王桂英", "", "", "48-1-102", "是", ""]


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def here(cast):
    with active(cast.here.id):
        yield cast.here


@pytest.fixture
def chen(cast, here):
    return cast.actor("陈建国")


def judged(chen, content, **columns):
    (batch,) = actions.take_in(chen, content=content, name="高龄.xlsx", sender="街道民政办")
    return check(chen, batch, **columns)


def check(chen, batch):
    mapping = {int(number): code for number, code in batch.mapping.items()}
    actions.confirm_columns(chen, batch=batch, mapping=mapping)
    jobs.check.func(community_id=batch.community_id, entry_id=str(entry("import.mapped", batch)))
    return Import.objects.get(pk=batch.pk)


def entry(verb, batch):
    return TrailEntry.objects.filter(verb=verb, subject_id=batch.pk).order_by("-id").values_list("pk", flat=True)[0]


def written(chen, batch):
    actions.start(chen, batch=batch)
    jobs.run.func(community_id=batch.community_id, entry_id=str(entry("import.started", batch)))
    return Import.objects.get(pk=batch.pk)


def undone(chen, batch):
    """The numbers of the rows that were left as they are."""
    actions.undo(chen, batch=batch)
    jobs.undo.func(community_id=batch.community_id, entry_id=str(entry("import.undoing", batch)))
    return list(ImportRow.objects.filter(batch=batch, is_applied=True).values_list("number", flat=True))


def verdicts(batch):
    return dict(ImportRow.objects.filter(batch=batch).values_list("number", "verdict"))


SEALED = ("phone", "id_number", "value", "number", "certificate_number", "permit_number")
"""Encrypted columns: the same words never have the same bytes; each has its blind index beside it."""


def every_row():
    """Every row of every register table as the database holds it, ids, moments, former versions and all."""
    found = {}
    for model in (Resident, Fact, Household, Residence, Category, Document):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {model._meta.db_table} t", [list(SEALED)])
            found[model.__name__] = sorted(row[0] for row in cursor.fetchall())
    return found


def register():
    """Everything an import may touch, without what a second run would make anew (ids, moments)."""
    return {
        "people": sorted(
            Resident.objects.values_list("name", "sex", "birth_on", "phone_index", "id_number_index"), key=str
        ),
        "homes": sorted(Residence.objects.values_list("resident__name", "dwelling__door", "span", "kind"), key=str),
        "kinds": sorted(Category.objects.values_list("resident__name", "kind", "span"), key=str),
        "households": Household.objects.count(),
    }


def test_columns_are_recognised_and_what_is_not_ours_is_asked(chen):
    (batch,) = actions.take_in(chen, content=roster(NEW), name="高龄.xlsx")
    codes = {column.heading: (column.code, column.verdict.value) for column in queries.columns_of(batch)}
    assert codes["姓名"] == ("resident.name", "taken")
    assert codes["身份证号"] == ("resident.id_number", "taken")
    assert codes["住址"] == ("residence.dwelling", "taken")
    assert codes["是否独居"] == ("category:living_alone", "taken")
    assert codes["序号"][1] == "passed"
    assert batch.state == State.READ and not ImportRow.objects.exists()


def test_every_row_gets_a_verdict_and_the_register_is_not_touched(chen):
    before = register()
    batch = judged(chen, roster(NEW, AGAIN, NOWHERE, UNKNOWN))
    assert verdicts(batch) == {3: Verdict.NEW, 4: Verdict.WRONG, 5: Verdict.WRONG, 6: Verdict.DOUBTFUL}
    assert batch.counts["new"] == 1 and batch.counts["undecided"] == 1
    assert register() == before


def test_nothing_starts_while_a_row_is_undecided(chen):
    batch = judged(chen, roster(NEW, UNKNOWN))
    with pytest.raises(actions.StillUndecided):
        actions.start(chen, batch=batch)
    actions.decide(chen, batch=batch, numbers=[4], decision=Decision.SKIP)
    assert written(chen, batch).rows_done == 1


def test_new_people_come_with_home_and_category(chen, here):
    written(chen, judged(chen, roster(NEW)))
    person = Resident.objects.get(name="周阿大")
    assert person.birth_on == date(1940, 1, 2) and person.phone == "10020000001"
    assert Residence.objects.get(resident=person).dwelling.door == "48-1-101"
    assert Category.objects.get(resident=person).kind == "living_alone"
    assert TrailEntry.objects.filter(subject_id=person.pk, verb="resident.registered").exists()


def test_importing_twice_is_importing_once(chen):
    written(chen, judged(chen, roster(NEW)))
    once = register()
    again = judged(chen, roster(NEW))
    assert verdicts(again) == {3: Verdict.SAME}
    with pytest.raises(actions.NothingToImport):
        actions.start(chen, batch=again)
    assert register() == once


def test_what_changed_is_written_and_only_that(chen):
    written(chen, judged(chen, roster(NEW)))
    moved = [1, "周阿大", NEW[2], "10020000009", "48-2-201", "否", ""]
    batch = judged(chen, roster(moved))
    assert verdicts(batch) == {3: Verdict.CHANGED}
    written(chen, batch)
    person = Resident.objects.get(name="周阿大")
    assert person.phone == "10020000009"
    assert queries.held_facts([person])[person.pk].door == "48-2-201"
    assert Category.objects.filter(resident=person).exists()  # 否 takes nothing away


def test_undoing_is_as_if_it_had_never_been(chen, cast):
    first = judged(chen, roster([1, "王阿二", number_of("19500506", 7), "10020000007", "48-1-201", "否", ""]))
    written(chen, first)
    before, rows_before = register(), every_row()
    changed = [1, "王阿二", number_of("19500506", 7), "10020000008", "48-2-202", "是", ""]
    batch = written(chen, judged(chen, roster(NEW, changed)))
    assert register() != before
    assert undone(chen, batch) == []
    assert register() == before and every_row() == rows_before
    assert Import.objects.get(pk=batch.pk).state == State.UNDONE


def test_undoing_leaves_alone_whom_somebody_has_written_about_since(chen):
    batch = written(chen, judged(chen, roster(NEW)))
    person = Resident.objects.get(name="周阿大")
    residents.change_phone(chen, resident=person, phone="10020000005")
    assert undone(chen, batch) == [3]
    assert Resident.objects.filter(pk=person.pk).exists()


def test_after_thirty_days_an_import_stands(chen):
    batch = written(chen, judged(chen, roster(NEW)))
    with clock.at(clock.now() + queries.UNDO_DAYS * clock.ONE_DAY), pytest.raises(actions.TooLateToUndo):
        actions.undo(chen, batch=batch)


def test_a_run_that_stopped_goes_on_and_writes_nothing_twice(chen, monkeypatch):
    rows = [[n, "周" + "零一二三四五六七"[n], number_of("19400102", n), "", "48-1-101", "否", ""] for n in range(1, 8)]
    monkeypatch.setattr(applying, "CHUNK", 3)
    batch = judged(chen, roster(*rows))
    actions.start(chen, batch=batch)
    real, calls = applying.write_chunk, []

    def dying(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(applying, "write_chunk", dying)
    started = str(entry("import.started", batch))
    with pytest.raises(KeyboardInterrupt):
        jobs.run.func(community_id=batch.community_id, entry_id=started)
    jobs.run.func(community_id=batch.community_id, entry_id=started)
    jobs.run.func(community_id=batch.community_id, entry_id=started)
    assert Resident.objects.filter(name__startswith="周").count() == 7
    assert Import.objects.get(pk=batch.pk).rows_done == 7


def test_two_neighbouring_chunks_are_never_under_way_together():
    order = jobs.apart(range(1, 20001, 2000))
    assert sorted(order) == list(range(1, 20001, 2000))
    assert all(abs(one - next) > 2000 for one, next in pairwise(order))


def test_a_household_that_was_formed_meanwhile_is_joined_and_nobody_is_refused(chen, monkeypatch):
    really, told = residents.register_many, []

    def beside_another(actor, plans):
        told.append(len(plans))
        if len(told) == 1:
            raise residents.HouseholdFormedMeanwhile()
        return really(actor, plans)

    monkeypatch.setattr(applying.residents, "register_many", beside_another)
    batch = written(chen, judged(chen, roster(NEW, [5, "吴小二", number_of("19410203", 3), "", "48-1-101", "", ""])))
    assert verdicts(batch) == {3: Verdict.NEW, 4: Verdict.NEW}
    assert told == [2, 2]  # together, and together once more


def test_wrong_rows_come_back_in_their_own_layout_with_the_reason(chen):
    batch = judged(chen, roster(NEW, NOWHERE))
    book = CalamineWorkbook.from_filelike(io.BytesIO(returning.wrong_rows(chen, batch)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1] == [*HEADS, "要改的原因"]
    assert rows[2][1] == "吴小妹" and "77-1-101" in rows[2][-1]
    assert len(rows) == 3


def test_a_text_file_has_no_sheet_name_and_its_wrong_rows_find_their_layout(chen):
    content = "\n".join(",".join(map(str, row)) for row in (HEADS, NEW, NOWHERE)).encode()
    (batch,) = actions.take_in(chen, content=content, name="高龄.csv")
    assert batch.sheet == ""  # the name of the copy it was read from is no sheet's, and is another one each time
    book = CalamineWorkbook.from_filelike(io.BytesIO(returning.wrong_rows(chen, check(chen, batch))))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == [*HEADS, "要改的原因"]
    assert rows[1][1] == "吴小妹" and len(rows) == 2


def test_a_layout_confirmed_once_asks_nothing_again(chen):
    (first,) = actions.take_in(chen, content=roster(NEW), name="十月.xlsx", sender="街道民政办")
    assert "6" not in first.mapping or first.mapping["6"] != "resident.name"
    check(chen, first)
    (second,) = actions.take_in(chen, content=roster(NOWHERE), name="十一月.xlsx", sender="街道民政办")
    assert {column.verdict.value for column in queries.columns_of(second)} <= {"taken", "passed"}


@pytest.mark.parametrize("name", ["王芳", "李娜", "周国平", "管理员"])
def test_only_those_who_keep_the_register_import(cast, here, name):
    with pytest.raises(NotAllowed):
        actions.take_in(cast.actor(name), content=roster(NEW), name="x.xlsx")


def test_a_roster_is_readable_nowhere_on_disk(chen, settings):
    before = set(settings.LINLI_FILES.rglob("*"))  # a month's table, say, is kept as it is
    actions.take_in(chen, content=roster(NEW), name="x.xlsx")
    kept = [path for path in settings.LINLI_FILES.rglob("*") if path.is_file() and path not in before]
    assert kept
    assert not any(path.read_bytes().startswith(b"PK") for path in kept)


def test_of_several_namesakes_a_person_says_which_one_it_is(chen, cast, browse):
    two = [[n, "周小明", number_of(f"19{40 + n}0102", n), "", f"48-1-10{n}", "否", ""] for n in (1, 2)]
    written(chen, judged(chen, roster(*two)))
    told = [1, "周晓明", "", "10020000009", "", "否", ""]  # sounds the same, and says nothing that tells them apart
    batch = judged(chen, roster(told))
    row = ImportRow.objects.get(batch=batch)
    assert row.verdict == Verdict.DOUBTFUL and len(row.candidates) == 2
    (shown,) = queries.rows_shown(chen, [row])
    assert [each.id for each in shown.candidates] == row.candidates
    client = browse(cast.accounts["陈建国"])
    page = client.get(f"/c/{cast.here.code}/desk/imports/{batch.pk}/").content.decode()
    assert page.count('name="person"') == 2 and "周小明" not in page
    second = row.candidates[1]
    assert actions.decide(chen, batch=batch, numbers=[3], decision=Decision.SAME_PERSON, resident=second) == 1
    written(chen, batch)
    assert Resident.objects.get(pk=second).phone == "10020000009"


def test_doubts_of_one_kind_are_decided_together_and_only_those(chen):
    rows = [[n, f"吴小{'零一二三'[n]}", "", "", "", "否", ""] for n in (1, 2, 3)]
    batch = judged(chen, roster(*rows, UNKNOWN))
    (doubts,) = queries.doubts_of(batch)
    assert doubts.count == 3 and not doubts.have_somebody
    alike = queries.undecided_like(batch, doubts.sample)
    assert alike == [3, 4, 5]
    assert actions.decide(chen, batch=batch, numbers=alike, decision=Decision.NEW_PERSON) == 3
    assert queries.counts_of(batch)["undecided"] == 1


people = st.builds(
    lambda n, surname, born, phone, door, alone: [
        n, f"{surname}小{'零一二三四五六七八九'[n]}", number_of(f"19{40 + n}0102", n) if born else "",
        f"1002000000{phone}" if phone else "", door, alone, "",
    ],
    n=st.integers(0, 9),
    surname=st.sampled_from("周吴张章"),
    born=st.booleans(),
    phone=st.integers(0, 9),
    door=st.sampled_from(["48-1-101", "48-1-102", "48-2-201", "77-1-101", ""]),
    alone=st.sampled_from(["是", "否", ""]),
)  # fmt: skip
rosters = st.lists(people, min_size=1, max_size=6)


def settled(chen, rows):
    """The rows written, every doubt decided one way or the other; None where nothing is to be written."""
    batch = judged(chen, roster(*rows))
    doubtful = ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL)
    actions.decide(chen, batch=batch, numbers=[r.number for r in doubtful if r.resident], decision=Decision.SAME_PERSON)
    rest = [row.number for row in doubtful.filter(decision="")]
    actions.decide(chen, batch=batch, numbers=rest, decision=Decision.SKIP)
    while twice := queries.rows_about_one_person(batch):
        with pytest.raises(actions.SamePersonTwice):
            actions.start(chen, batch=batch)
        if not actions.decide(chen, batch=batch, numbers=twice, decision=Decision.SKIP):
            return None
    try:
        return written(chen, batch)
    except actions.NothingToImport:
        return None


@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=rosters, then=rosters)
def test_twice_is_once_and_undone_is_never_whatever_the_rosters_say(chen, before, then):
    save = transaction.savepoint()
    note(f"{before} then {then}")
    settled(chen, before)
    untouched = every_row()
    batch = settled(chen, then)
    once = register()
    settled(chen, then)
    assert register() == once
    if batch is not None and Import.objects.filter(state=State.DONE).latest("made_at").pk == batch.pk:
        assert undone(chen, batch) == []
        assert every_row() == untouched
    transaction.savepoint_rollback(save)
