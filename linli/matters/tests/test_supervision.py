"""督办: who may ask after a matter, who answers, who ends it, and what the resident sees of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import Ending, MatterKind, Supervision, SupervisionState

pytestmark = pytest.mark.django_db


@pytest.fixture
def matter(as_wang, as_specialist):
    kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
    row = actions.report_matter(as_wang, kind=kind, words="厨房顶上滴水", spot=spot)
    return actions.accept_matter(as_specialist, matter=row)


def supervise(actor, matter, **changed):
    asked = {"why": "居民催了三次，请说清哪天能好", "answer_by": clock.today() + timedelta(days=1)}
    return actions.supervise(actor, matter=matter, **{**asked, **changed})


def test_the_street_asks_the_handler_answers_and_the_street_ends_it(matter, as_official, as_specialist):
    row = supervise(as_official, matter)
    assert row.state == SupervisionState.OPEN and not row.is_late_at(clock.now())
    row = actions.answer_supervision(as_specialist, supervision=row, words="配件明天到，后天修好")
    assert (row.state, row.answer) == (SupervisionState.ANSWERED, "配件明天到，后天修好")
    again = actions.answer_supervision(as_specialist, supervision=row, words="今天修好了")
    assert again.answer == "今天修好了"
    assert actions.end_supervision(as_official, supervision=row).ended_at


def test_one_at_a_time_with_a_reason_and_a_day_to_come(matter, as_secretary, as_official):
    with pytest.raises(actions.WordsMissing):
        supervise(as_secretary, matter, why=" ")
    with pytest.raises(actions.DayPast):
        supervise(as_secretary, matter, answer_by=clock.today() - timedelta(days=1))
    first = supervise(as_secretary, matter)
    with pytest.raises(actions.SupervisedAlready):
        supervise(as_official, matter)
    actions.end_supervision(as_secretary, supervision=first)
    assert supervise(as_official, matter).pk != first.pk


def test_only_they_may_and_only_while_it_is_open(matter, as_wang, as_specialist, as_back_office, as_secretary):
    for actor in (as_wang, as_specialist, as_back_office):
        with pytest.raises(NotAllowed):
            supervise(actor, matter)
    actions.feed_back(as_specialist, matter=matter, ending=Ending.SOLVED, words="好了")
    with pytest.raises(actions.NothingToSupervise):
        supervise(as_secretary, matter)


def test_another_patch_does_not_answer_it(matter, as_secretary, as_other_specialist):
    row = supervise(as_secretary, matter)
    with pytest.raises(actions.NotYours):
        actions.answer_supervision(as_other_specialist, supervision=row, words="好")
    assert not queries.supervisions_visible_to(as_other_specialist).exists()


def test_the_resident_sees_that_somebody_asks_and_not_what_is_said(matter, as_secretary, as_wang, as_specialist):
    supervise(as_secretary, matter)
    hers = queries.page_of(as_wang, queries.matters_visible_to(as_wang).get(pk=matter.pk))
    assert hers.steps[-1].title == "督办" and not hers.steps[-1].words
    desk = queries.page_of(as_specialist, queries.matters_visible_to(as_specialist).get(pk=matter.pk))
    assert desk.supervision and "催了三次" in desk.steps[-1].words


def test_the_desk_pages_take_it_through(matter, cast):
    def browser(name):
        client = Client()
        client.force_login(cast.accounts[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    root, street, lina = f"/c/{cast.here.code}/desk", browser("周国平"), browser("李娜")
    page = f"{root}/matters/{matter.pk}/"
    assert "督办这件事" in street.get(page).content.decode() and "督办这件事" not in lina.get(page).content.decode()
    wrong = street.post(f"{page}supervise/", {"supervise-words": "", "supervise-answer_by": str(clock.today())})
    assert wrong.status_code == 422 and "为什么督办" in wrong.content.decode()
    sent = {"supervise-words": "请说清哪天能好", "supervise-answer_by": str(clock.today())}
    assert street.post(f"{page}supervise/", sent).status_code == 302
    with active(cast.here.id):
        row = Supervision.objects.get()
    assert "督办" in lina.get(f"{root}/").content.decode() and "周国平在督办" in lina.get(page).content.decode()
    assert lina.post(f"{root}/supervisions/{row.pk}/answer/", {"reply-words": "后天修好"}).status_code == 302
    assert "后天修好" in street.get(f"{root}/supervisions/").content.decode()
    assert street.post(f"{root}/supervisions/{row.pk}/end/").status_code == 302
    assert "周国平在督办" not in lina.get(page).content.decode()
