"""Bulk inserts into tables with row-level security; residents stand for any table with encrypted columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, NotSupportedError, ProgrammingError, connection, transaction

from linli.core import clock
from linli.core.copy import FEW, add_rows, copy_rows
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.places.models import Community, SubArea
from linli.residents.models import Resident

HOME, NEXT_DOOR = 7001, 7002


@pytest.fixture(autouse=True)
def communities(db: None) -> None:
    for id in (HOME, NEXT_DOOR):
        Community.objects.create(id=id, name=f"社区{id}")


@pytest.fixture
def home() -> Iterator[None]:
    with active(HOME):
        yield


def person(i: int = 0, **fields: object) -> Resident:
    return Resident(name=f"王{i}", phone=f"1000000{i:04d}", noted_at=clock.now(), **fields)


def test_copy_into_a_table_with_row_level_security_is_refused(home: None) -> None:
    with (
        pytest.raises(NotSupportedError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy("COPY places_subarea (id) FROM STDIN"),
    ):
        pass


def test_rows_go_in_through_a_temporary_table_as_save_would_write_them(home: None) -> None:
    assert copy_rows(Resident, (person(i) for i in range(1000))) == 1000
    row = Resident.objects.get(phone_index="100 0000 0421")
    assert (row.name, row.phone, row.community_id, row.died_on) == ("王421", "10000000421", HOME, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM residents_resident WHERE id = %s", [row.pk])
        assert b"10000000421" not in bytes(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'copy\\_%%' AND relpersistence = 't'")
        assert cursor.fetchone()[0] == 0


def test_no_row_reaches_another_community(home: None) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        copy_rows(Resident, [person(1), person(2, community_id=NEXT_DOOR)])
    assert Resident.across_communities.count() == 0
    with active(NEXT_DOOR):
        assert Resident.objects.count() == 0


def test_one_bad_row_keeps_out_all(home: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Resident, [person(1), Resident(name="", noted_at=clock.now())])
    assert Resident.objects.count() == 0


def test_columns_the_database_fills_are_left_to_it(home: None) -> None:
    row = SubArea(code="E", name="东片")
    entry = TrailEntry(
        at=clock.now(),
        verb="x",
        subject_kind="places.subarea",
        subject_id=row.pk,
        via="job",
        facts={"n": [1]},
        touches=[row.pk],
    )
    assert copy_rows(TrailEntry, [entry]) == 1
    written = TrailEntry.objects.get()
    assert written.xact > 0
    assert (written.facts, written.touches) == ({"n": [1]}, [row.pk])


def test_nothing_is_nothing(home: None) -> None:
    assert copy_rows(SubArea, []) == 0
    add_rows(SubArea, [])


@pytest.mark.parametrize("count", [FEW - 1, FEW])
def test_few_rows_and_many_arrive_alike(home: None, count: int) -> None:
    add_rows(Resident, [person(i) for i in range(count)])
    assert Resident.objects.filter(phone_tail_index="0042").count() == 1
    assert Resident.objects.count() == count
