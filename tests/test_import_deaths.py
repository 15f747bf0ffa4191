"""A death in a roster is asked for, as on the page: nobody declares somebody dead alone, and taken back it was never asked."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.tenancy import active
from linli.imports.models import ImportRow, Verdict
from linli.residents import actions as residents
from linli.residents.models import CorrectionRequest, Residence, Resident
from linli.residents.models_requests import Asked
from tests.cast import make_cast
from tests.test_import_flow import check, judged, number_of, roster, undone, written

HEADS = ["序号", "姓名", "身份证号", "联系电话", "住址", "去世日期", "备注"]
HERS = number_of("19400102", 1)
DEAD = [1, "周阿大", HERS, "10020000001", "48-1-101", "2026-10-03", ""]
DIED = date(2026, 10, 3)


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


@pytest.fixture
def zhou(cast, here):
    plan = residents.ResidentPlan(
        name="周阿大", id_number=HERS, phone="10020000001", dwelling=here.door("48-1-101"), from_on=date(2020, 1, 1)
    )
    (row,) = residents.register_many(cast.actor("赵敏"), [plan])
    return row


def imported(chen):
    return written(chen, check(chen, judged(chen, roster(DEAD, heads=HEADS, title="殡葬减免名单"))))


def test_somebody_known_is_not_dead_before_a_second_person_says_so(cast, chen, zhou):
    imported(chen)

    zhou.refresh_from_db()
    asked = CorrectionRequest.objects.get(resident=zhou)
    assert zhou.died_on is None and (asked.field, asked.value) == ("died_on", "2026-10-03")
    with pytest.raises(residents.OwnRequest):
        residents.confirm_correction(chen, request=asked)
    residents.confirm_correction(cast.actor("赵敏"), request=asked)
    zhou.refresh_from_db()
    assert zhou.died_on == DIED and not Residence.objects.filter(resident=zhou, span__upper_inf=True).exists()


def test_the_row_says_that_it_will_wait(chen, zhou):
    batch = check(chen, judged(chen, roster(DEAD, heads=HEADS)))
    row = ImportRow.objects.get(batch=batch)
    assert row.verdict == Verdict.CHANGED and "另一位同事核准" in row.reasons[0][1]


def test_somebody_new_is_registered_and_asked_about_and_the_answer_can_be_yes(cast, chen):
    imported(chen)

    row = Resident.objects.get(name="周阿大")
    asked = CorrectionRequest.objects.get(resident=row)
    assert row.died_on is None
    residents.confirm_correction(cast.actor("赵敏"), request=asked)  # the home does not begin after the death
    row.refresh_from_db()
    assert row.died_on == DIED


def test_twice_is_once(chen, zhou):
    imported(chen)
    again = check(chen, judged(chen, roster(DEAD, heads=HEADS)))
    assert ImportRow.objects.get(batch=again).verdict == Verdict.SAME
    assert CorrectionRequest.objects.count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_taken_back_it_was_never_asked(request, chen, known):
    if known:
        request.getfixturevalue("zhou")
    batch = imported(chen)

    assert undone(chen, batch) == []

    assert not CorrectionRequest.objects.exists()
    assert Resident.objects.filter(name="周阿大").exists() is known


def test_what_was_confirmed_meanwhile_stays_and_is_listed(cast, chen, zhou):
    batch = imported(chen)
    residents.confirm_correction(cast.actor("赵敏"), request=CorrectionRequest.objects.get())

    assert undone(chen, batch) == [3]

    zhou.refresh_from_db()
    assert zhou.died_on == DIED and CorrectionRequest.objects.get().state == Asked.CONFIRMED
