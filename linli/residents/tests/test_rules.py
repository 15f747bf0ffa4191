from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.residents.rules import age_on, is_over, latest_birth_of, phone_tail, plain_id_number, plain_phone

round_leap_days = st.builds(
    lambda year, shift: date(year, 3, 1) + timedelta(days=shift), st.integers(1990, 2030), st.integers(-2, 1)
)
births = st.dates(date(1900, 1, 1), date(2030, 12, 31)) | round_leap_days
days = st.dates(date(1990, 1, 1), date(2090, 12, 31)) | round_leap_days
years = st.integers(0, 120)


@pytest.mark.parametrize(
    ("birth_on", "day", "age"),
    [
        (date(1945, 6, 1), date(2025, 5, 31), 79),
        (date(1945, 6, 1), date(2025, 6, 1), 80),
        (date(1944, 2, 29), date(2025, 2, 28), 80),
        (date(1944, 2, 29), date(2025, 3, 1), 81),
        (date(1944, 2, 29), date(2024, 2, 28), 79),
        (date(1944, 2, 29), date(2024, 2, 29), 80),
        (date(2020, 1, 1), date(2020, 1, 1), 0),
        (date(2020, 1, 2), date(2020, 1, 1), -1),
    ],
)
def test_a_year_is_completed_on_the_birthday(birth_on: date, day: date, age: int) -> None:
    assert age_on(birth_on, day) == age


@given(births, days)
def test_age_grows_by_one_within_a_year_and_never_falls(birth_on: date, day: date) -> None:
    assert age_on(birth_on, day + timedelta(days=1)) - age_on(birth_on, day) in {0, 1}
    assert age_on(birth_on, day + timedelta(days=366)) >= age_on(birth_on, day) + 1


@given(births, years)
def test_completing_a_year_of_life_happens_on_exactly_one_day(birth_on: date, completed: int) -> None:
    first = date(birth_on.year + completed, 3, 1)
    if (birth_on.month, birth_on.day) != (2, 29):
        first = birth_on.replace(year=birth_on.year + completed)
    elif (first.year % 4 == 0 and first.year % 100) or first.year % 400 == 0:
        first = date(first.year, 2, 29)
    assert is_over(birth_on, completed, first)
    assert not is_over(birth_on, completed, first - timedelta(days=1))


@given(births, years, days)
def test_the_databases_way_of_asking_means_the_same(birth_on: date, completed: int, day: date) -> None:
    assert (birth_on <= latest_birth_of(completed, day)) == is_over(birth_on, completed, day)


@given(st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_a_phone_has_one_form_however_it_is_written(digits: str) -> None:
    full_width = "".join(chr(ord(d) + 0xFEE0) for d in digits)
    for written in (f"+86 {digits}", f"0086{digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", full_width):
        assert plain_phone(written) == digits
    assert phone_tail(digits) == digits[-4:]


def test_an_id_number_has_one_form() -> None:
    assert plain_id_number("３３０105 1949-1231 002x") == "33010519491231002X"


@pytest.mark.parametrize(
    "day", [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 2, 28), date(2023, 3, 1)]
)
def test_and_so_it_does_round_the_end_of_february(day: date) -> None:
    for completed in range(9):
        for shift in range(-3, 2):
            birth_on = date(day.year - completed, 3, 1) + timedelta(days=shift)
            assert (birth_on <= latest_birth_of(completed, day)) == is_over(birth_on, completed, day)
