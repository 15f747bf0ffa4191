"""How far a matter is, without signing in: for who knows its number and the phone's last digits, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from linli.core import clock
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import LookUpTry, MatterKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def matter(as_wang):
    kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
    return actions.report_matter(as_wang, kind=kind, words="厨房顶上滴水", spot=spot)


def look(number, tail="0001", address="10.0.0.1"):
    return actions.look_up(number=number, tail=tail, address=address)


def test_number_and_tail_tell_who_has_it_and_what_comes_next(matter, as_specialist):
    actions.accept_matter(as_specialist, matter=matter)
    found = look(matter.number)
    assert found.who == "李娜" and "承诺最晚" in found.next_step and not LookUpTry.objects.exists()


def test_a_wrong_tail_and_a_number_that_is_not_there_are_answered_alike(matter):
    for number, tail in ((matter.number, "9999"), ("991231-0001", "0001")):
        with pytest.raises(actions.NothingFound) as refused:
            look(number, tail)
        assert refused.value.facts == {}
    assert LookUpTry.objects.count() == 2


def test_guessing_is_slowed_by_number_and_by_address_and_then_even_the_right_tail_waits(matter):
    for guess in range(5):
        with pytest.raises(actions.NothingFound):
            look(matter.number, f"500{guess}", address=f"10.0.1.{guess}")
    with pytest.raises(actions.LookUpTooOften):
        look(matter.number)
    for guess in range(20):
        with pytest.raises(actions.NothingFound):
            look(f"991231-{guess:04d}", address="10.0.2.2")
    with pytest.raises(actions.LookUpTooOften):
        look("991231-0099", address="10.0.2.2")
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert look(matter.number).number == matter.number
        assert actions.forget_tries() == 25


def test_the_page_shows_no_word_of_what_was_reported_and_keeps_wrong_tries(matter, cast):
    client, address = Client(), f"/c/{cast.here.code}/look-up/"
    right = client.post(address, {"number": f"{matter.number[:6]} {matter.number[7:]}", "tail": "０００１"})
    page = right.content.decode()
    assert right.status_code == 200 and matter.number in page and "片区专员" in page
    for hidden in ("滴水", "48幢", "王芳", "10012340001"):
        assert hidden not in page
    wrong = client.post(address, {"number": matter.number, "tail": "4321"})
    assert wrong.status_code == 422 and "对不上" in wrong.content.decode()
    with active(cast.here.id):
        assert LookUpTry.objects.count() == 1, "a page that fails undoes what it wrote, but for this"
