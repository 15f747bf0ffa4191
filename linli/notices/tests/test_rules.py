from __future__ import annotations

from datetime import timedelta

import pytest

from linli.notices import rules
from linli.notices.port import signature
from linli.notices.wording import WORDINGS, words


@pytest.mark.parametrize("template", WORDINGS)
def test_every_text_fits_one_message_with_its_longest_facts_and_signature(template):
    text = words(template, WORDINGS[template].longest)
    assert "{" not in text
    for name in (signature(), "邻" * rules.SIGNATURE_LENGTH):
        assert len(rules.signed(name, text)) <= rules.SMS_LENGTH, text


def test_a_missing_fact_is_found_before_it_is_sent():
    with pytest.raises(KeyError):
        words("matter_accepted", {})


def test_eight_tries_take_about_an_hour_and_then_end():
    waits = [rules.wait_after(n) for n in range(1, rules.TRIES + 1)]
    assert waits[-1] is None and None not in waits[:-1]
    assert timedelta(minutes=50) < sum(waits[:-1], timedelta()) < timedelta(minutes=70)


def test_the_ladder_goes_down_only():
    assert rules.below("wechat") == ("sms", "phone_task")
    assert rules.below("phone_task") == ()
