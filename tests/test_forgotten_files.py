"""Who is forgotten is forgotten in uploaded rosters, exports and after a restore, too; and what is old goes by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.ids import uuid7
from linli.core.models import StoredFile, TrailEntry
from linli.core.tenancy import active
from linli.imports import actions as imports
from linli.imports import checking, forgetting, returning
from linli.imports.models import Import, ImportRow, State, Verdict
from linli.residents import actions as residents
from linli.residents.models import Resident
from linli.rights import actions as rights
from linli.rights import forgotten, retention
from tests.cast import make_cast
from tests.test_import_flow import check, judged, number_of, roster, undone, written

HERS = number_of("19390301", 207)
GRANNY = [1, "何秀珍", HERS, "10020000077", "48-1-101", "是", ""]
OTHER = [2, "周阿大", number_of("19400102", 1), "10020000001", "48-1-102", "是", ""]


@pytest.fixture(autouse=True)
def apart(settings, tmp_path):
    settings.LINLI_FORGOTTEN, settings.LINLI_BACKUP_NOTE = tmp_path / "forgotten", tmp_path / "backup.json"
    settings.LINLI_FILES = tmp_path / "files"


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


def kept_files(settings) -> list[Path]:
    return [path for path in Path(settings.LINLI_FILES).rglob("*") if path.is_file()]


def granny() -> Resident:
    return Resident.objects.get(name="何秀珍")


@pytest.fixture
def keeper(cast, here):
    return cast.actor("赵敏")


def forget(row: Resident):
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL DEFERRED"
        )  # as in the night's own transaction, which no import was written in
    return rights.forget(SYSTEM, resident=row, rule=retention.retention().people["died"])


def test_her_roster_goes_when_she_is_forgotten_and_the_others_can_still_be_taken_back(
    chen, keeper, settings, django_capture_on_commit_callbacks
):
    batch = written(chen, check(chen, judged(chen, roster(GRANNY, OTHER))))
    assert kept_files(settings)

    with django_capture_on_commit_callbacks(execute=True):
        proof = forget(granny())

    assert proof.is_clean, proof.left
    assert proof.files == 1 and not kept_files(settings) and not StoredFile.objects.filter(purpose="roster").exists()
    assert HERS not in Import.objects.get(pk=batch.pk).columns
    with pytest.raises(checking.FileGone):
        returning.wrong_rows(chen, batch)
    undone(chen, Import.objects.get(pk=batch.pk))
    assert not Resident.objects.filter(name="周阿大").exists()


def test_she_is_found_in_a_roster_that_nobody_has_judged_yet(chen, settings, django_capture_on_commit_callbacks):
    written(chen, check(chen, judged(chen, roster(GRANNY))))
    (waiting,) = imports.take_in(chen, content=roster(OTHER, GRANNY), name="再来一份.xlsx")

    with django_capture_on_commit_callbacks(execute=True):
        proof = forget(granny())

    waiting.refresh_from_db()
    assert waiting.state == State.DROPPED and "已按规定删除的人" in waiting.trouble
    assert proof.is_clean and proof.files == 2 and not kept_files(settings)


def test_a_roster_without_her_stays(chen, settings, django_capture_on_commit_callbacks):
    written(chen, check(chen, judged(chen, roster(GRANNY))))
    (other,) = imports.take_in(chen, content=roster(OTHER), name="别人.xlsx")

    with django_capture_on_commit_callbacks(execute=True):
        forget(granny())

    other.refresh_from_db()
    assert other.state == State.READ and len(kept_files(settings)) == 1


def test_her_row_with_a_mistake_in_it_goes_too(chen, keeper):
    wrong = [3, "何秀珍", HERS, "10020000077", "77-1-101", "", ""]  # no such door: never taken for her
    batch = written(chen, check(chen, judged(chen, roster(OTHER, wrong))))
    row = ImportRow.objects.get(batch=batch, verdict=Verdict.WRONG)
    plan = residents.ResidentPlan(name="何秀珍", id_number=HERS)
    (her,) = residents.register_many(keeper, [plan])

    proof = forget(her)

    assert proof.is_clean, proof.left
    assert not ImportRow.objects.filter(pk=row.pk).exists()


def test_after_thirty_days_only_the_numbers_of_an_import_are_left(
    cast, chen, browse, settings, django_capture_on_commit_callbacks
):
    batch = written(chen, check(chen, judged(chen, roster(GRANNY, OTHER))))
    imports.take_in(chen, content=roster(OTHER), name="没做完.xlsx")
    assert forgetting.let_old_go(SYSTEM) == 0

    with clock.at(clock.now() + timedelta(days=31)), django_capture_on_commit_callbacks(execute=True):
        assert forgetting.let_old_go(SYSTEM) == 2 and forgetting.let_old_go(SYSTEM) == 0

    assert not kept_files(settings) and not ImportRow.objects.exists()
    batch.refresh_from_db()
    assert batch.state == State.DONE and batch.columns == "[]" and batch.rows_total == 2
    assert Resident.objects.filter(name="何秀珍").exists()  # the register is another matter
    browser = browse(cast.accounts["陈建国"])
    page = browser.get(f"/c/{cast.here.code}/desk/imports/{batch.pk}/")
    assert (
        page.status_code == 200 and "已经按规定删除" in page.content.decode() and "写入了 2 行" in page.content.decode()
    )
    assert browser.get(f"/c/{cast.here.code}/desk/imports/{batch.pk}/wrong/").status_code == 409


def test_who_comes_back_with_a_restore_is_forgotten_again(chen, django_capture_on_commit_callbacks):
    written(chen, check(chen, judged(chen, roster(GRANNY, OTHER))))
    her = granny()
    with django_capture_on_commit_callbacks(execute=True):
        forget(her)
    assert forgotten.listed(1) == {her.pk: "died"}
    her.save(force_insert=True)  # an older state of the data

    (proof,) = rights.forget_again(SYSTEM)

    assert proof.is_clean and not Resident.objects.filter(pk=her.pk).exists()
    assert rights.forget_again(SYSTEM) == []
    assert Resident.objects.filter(name="周阿大").exists()


def test_the_list_catches_up_with_the_trail_after_a_crash(chen):
    written(chen, check(chen, judged(chen, roster(GRANNY))))
    her = granny()
    forget(her)  # its commit never tells: killed in between
    assert forgotten.listed(1) == {}

    assert forgotten.catch_up(1) == 1 and forgotten.catch_up(1) == 0
    assert forgotten.listed(1) == {her.pk: "died"}


def test_a_torn_last_line_spoils_nothing():
    forgotten.note(1, uuid7(), "died")
    with forgotten._file(1).open("a") as file:
        file.write('{"id": "01a2')
    assert len(forgotten.listed(1)) == 1


def test_the_proof_says_until_when_a_backup_may_hold_her(chen, settings):
    settings.LINLI_BACKUP_NOTE.write_text('{"directory": "/mnt/backup", "keep": 7, "days": 21}')
    written(chen, check(chen, judged(chen, roster(GRANNY))))

    proof = forget(granny())

    assert proof.in_backups_until == clock.today() + timedelta(days=21)
    entry = TrailEntry.objects.get(verb="resident.forgotten")
    assert entry.facts["in_backups_until"] == proof.in_backups_until.isoformat()
