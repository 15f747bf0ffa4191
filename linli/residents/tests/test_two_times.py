"""When it was true, and when it was known: two questions with two answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core import clock
from linli.core.access import Role
from linli.places.tests.factories import staff
from linli.residents import actions, history
from linli.residents.actions.facts import TIMED, put_fields, unwrite_fields
from linli.residents.codelists import code_list, code_lists
from linli.residents.models import Fact, Residence

from .factories import register

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.fixture
def keeper():
    return staff(Role.BACK_OFFICE)


@pytest.fixture
def home(here):
    return here.door("48-1-101")


@pytest.fixture
def wang(here, home):
    with clock.at(noon(1, 5)):
        return register("王小明", dwelling=home, from_on=date(2020, 1, 1), phone="10012340009")


def lived(home, on, known_at=None):
    rows = history.who_lived(Q(dwelling=home), on=on, known_at=known_at)
    return {row.resident_id for row in rows}


def test_a_death_entered_three_weeks_late_changes_what_was_true_and_not_what_was_known(keeper, home, wang):
    with clock.at(noon(3, 22)):
        actions.record_death(keeper, resident=wang, died_on=MARCH)
    assert lived(home, date(2026, 3, 10)) == set()
    assert lived(home, date(2026, 3, 10), known_at=noon(3, 15)) == {wang.pk}
    assert lived(home, MARCH) == {wang.pk}
    wang.refresh_from_db()
    assert history.value_of(wang, "died_on", on=date(2026, 3, 10)) == "2026-03-01"
    assert history.value_of(wang, "died_on", on=date(2026, 3, 10), known_at=noon(3, 15)) is None


def test_a_new_phone_holds_from_its_day_and_the_old_one_before(keeper, wang):
    with clock.at(noon(6, 1)):
        actions.change_phone(keeper, resident=wang, phone="10012340010")
    wang.refresh_from_db()
    assert history.value_of(wang, "phone", on=date(2026, 5, 31)) == "10012340009"
    assert history.value_of(wang, "phone", on=date(2026, 6, 1)) == "10012340010"
    assert history.value_of(wang, "phone", on=date(2026, 6, 1), known_at=noon(5, 1)) == "10012340009"


def test_a_correction_was_always_so(keeper, wang):
    with clock.at(noon(6, 1)):
        actions.correct_resident(keeper, resident=wang, to={"name": "王晓明"}, because="paper")
    wang.refresh_from_db()
    assert history.value_of(wang, "name", on=date(2021, 1, 1)) == "王晓明"
    assert history.value_of(wang, "name", on=date(2021, 1, 1), known_at=noon(5, 1)) == "王小明"


def test_nobody_was_known_before_they_were_registered(wang):
    assert history.value_of(wang, "name", on=MARCH, known_at=noon(1, 1)) is None


def test_a_move_written_by_mistake_leaves_no_version_behind(here, keeper, wang):
    stay = Residence.objects.get(resident=wang)
    with clock.at(noon(6, 1)):
        actions.move_out(keeper, residence=stay, on=date(2026, 6, 1))
    with clock.at(noon(6, 2)):
        made = actions.move_in(keeper, resident=wang, dwelling=here.door("48-1-102"), from_on=date(2026, 6, 1))
        actions.unmove(keeper, made=made.pk, ended=stay.pk)
    (row,) = Residence.of_all_times.filter(resident=wang)
    assert (row.pk, row.span.upper, row.known_from) == (stay.pk, None, noon(1, 5))


@given(days=st.lists(st.dates(date(2026, 2, 1), date(2026, 11, 1)), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_facts_of_a_field_cover_all_days_once_whatever_order_they_come_in(here, wang, days):
    Fact.of_all_times.filter(resident=wang).delete()
    wang.employer = ""
    with clock.at(noon(11, 2)):
        for number, day in enumerate(days):
            put_fields(wang, {"employer": f"第 {number} 家"}, since=day)
    spans = [fact.span for fact in Fact.objects.filter(resident=wang, field="employer").order_by("span")]
    spans.sort(key=lambda span: span.lower or date.min)
    assert spans[0].lower is None
    assert spans[-1].upper is None
    assert all(one.upper == after.lower for one, after in pairwise(spans))


def test_a_change_unwritten_leaves_no_facts(keeper, wang):
    with clock.at(noon(6, 1)):
        actions.change_phone(keeper, resident=wang, phone="10012340010")
    unwrite_fields(wang, ["phone"], since=noon(6, 1))
    assert not Fact.of_all_times.filter(resident=wang).exists()


def test_every_timed_field_is_one_of_a_resident(wang):
    assert all(hasattr(wang, name) for name in TIMED)


def test_code_lists_read_what_people_write():
    assert code_list("ethnicity").code_of("畲族") == code_list("ethnicity").code_of("畲") == "22"
    assert code_list("education").code_of(" 大 专 ") == "30"
    assert code_list("political_status").code_of("党员") == "01"
    assert code_list("marital_status").code_of("不清楚") is None
    assert len(code_list("ethnicity").codes) == 58
    assert {"sex", "relation", "document_kind"} <= code_lists().keys()


@pytest.mark.parametrize("key", sorted(code_lists()))
def test_no_word_of_a_code_list_means_two_codes(key):
    words = [word for code in code_list(key).codes.values() for word in (code.name, *code.aliases)]
    assert len(words) == len(set(words))
