from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli.accounts import rules

START = datetime(2026, 11, 20, tzinfo=UTC)
moments = st.lists(st.integers(0, 172_800).map(lambda s: START + timedelta(seconds=s)), max_size=40)


@given(moments)
def test_waiting_as_told_never_breaks_a_limit(asked_at):
    made: list[datetime] = []
    for moment in sorted(asked_at):
        wait = rules.wait_for_next(made, moment, rules.PER_PHONE)
        assert wait >= timedelta(0)
        if not wait:
            made.append(moment)
        else:
            assert not rules.wait_for_next(made, moment + wait, rules.PER_PHONE), "what it says is enough"
    for many, span in rules.PER_PHONE:
        for begin in made:
            assert sum(begin <= moment < begin + span for moment in made) <= many


@given(st.text())
def test_digits_are_plain_ascii_whatever_was_typed(text):
    assert all(character in "0123456789" for character in rules.plain_digits(text))


def test_waits_are_said_rounded_up():
    assert rules.in_words(timedelta(seconds=1.2)) == "2 秒"
    assert rules.in_words(timedelta(seconds=61)) == "2 分钟"
    assert rules.in_words(timedelta(hours=1, seconds=1)) == "2 小时"
