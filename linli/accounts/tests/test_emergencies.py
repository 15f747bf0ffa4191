"""紧急查看: an hour's wider reading, with its reason on everything done meanwhile, looked over by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.accounts import actions, queries_emergencies
from linli.accounts.actions.emergencies import EmergencyOpen, ReasonShort, ReviewOwn
from linli.accounts.models import Emergency
from linli.core import clock, trail
from linli.core.access import GRANTS, Permission, Role
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.places.tests.factories import HOME_CODE
from linli.residents.queries import is_bound_to_patch

from .factories import OPERATOR, actor_of, make_holder
from .test_sessions import signed_in

pytestmark = pytest.mark.django_db
REASON = "48幢2单元漏水，要找楼上住户"
PAGE = f"/c/{HOME_CODE}/desk/emergency/"


@pytest.fixture
def lina(here):
    from linli.places import actions as places

    keeper = actor_of(make_holder(Role.ADMINISTRATOR), here)
    with active(here.id):
        patch = places.add_sub_area(keeper, code="1", name="东片区", order=1)
    return make_holder(Role.SPECIALIST, community=here, sub_area_id=patch.id)


def opened(lina, here):
    with active(here.id):
        return actions.open_emergency(actor_of(lina, here), reason=REASON)


def test_it_widens_reading_from_the_next_request_and_nothing_else(lina, here):
    before = actor_of(lina, here)
    row = opened(lina, here)
    meanwhile = actor_of(lina, here)
    assert is_bound_to_patch(before) and not is_bound_to_patch(meanwhile)
    assert meanwhile.because == row.pk
    assert meanwhile.permissions - before.permissions <= GRANTS[Role.EMERGENCY]
    writes = {Permission.POSTS_GRANT, Permission.REGISTER_IMPORT, Permission.FIGURES_EXPORT, Permission.TRAIL_SEE}
    assert not meanwhile.permissions & writes


def test_it_ends_by_itself_after_an_hour_and_by_hand_before(lina, here):
    row = opened(lina, here)
    with clock.at(row.until - timedelta(seconds=1)):
        assert actor_of(lina, here).because
    with clock.at(row.until):
        assert actor_of(lina, here).because is None
        again = opened(lina, here)
        with active(here.id):
            actions.close_emergency(actor_of(lina, here), emergency=again)
        assert actor_of(lina, here).because is None
        with active(here.id):
            row.refresh_from_db()
        assert row.closed_at == row.until


def test_what_is_done_meanwhile_says_why_on_the_trail(lina, here):
    row = opened(lina, here)
    with active(here.id):
        entry = trail.record(actor_of(lina, here), "link.requested", row)
        assert entry.facts["because"] == str(row.pk) and entry.role == Role.EMERGENCY
        (case,) = queries_emergencies.cases_for(actor_of(lina, here), [row])
        assert [done.pk for done, _ in case.deeds] == [entry.pk]
        actions.close_emergency(actor_of(lina, here), emergency=row)
        assert "because" not in trail.record(actor_of(lina, here), "link.requested", row).facts


def test_only_one_at_a_time_with_a_reason_by_those_who_need_it(lina, here, secretary):
    opened(lina, here)
    with active(here.id):
        with pytest.raises(EmergencyOpen):
            actions.open_emergency(actor_of(lina, here), reason=REASON)
        with pytest.raises(NotAllowed):
            actions.open_emergency(actor_of(secretary, here), reason=REASON)
        with pytest.raises(ReasonShort):
            actions.open_emergency(actor_of(lina, here), reason="急")


def test_it_falls_with_the_post(lina, here):
    opened(lina, here)
    actions.end_post(OPERATOR, post=lina.posts.get())
    actor = actor_of(lina, here)
    assert actor.because is None and not actor.permissions


def test_somebody_else_looks_it_over_and_that_ends_it(lina, here, secretary):
    row = opened(lina, here)
    with active(here.id):
        with pytest.raises(NotAllowed):
            actions.review_emergency(actor_of(lina, here), emergency=row, review="没事")
        boss = actor_of(secretary, here)
        assert queries_emergencies.unreviewed_count(boss) == 1
        actions.review_emergency(boss, emergency=row, review="情况属实")
        assert queries_emergencies.unreviewed_count(boss) == 0
    assert actor_of(lina, here).because is None
    with active(here.id):
        assert list(TrailEntry.objects.order_by("id").values_list("verb", flat=True))[-2:] == [
            "emergency.opened",
            "emergency.reviewed",
        ]


def test_nobody_looks_over_her_own_though_she_may_review(lina, here):
    row = opened(lina, here)
    actions.grant_post(OPERATOR, account=lina, role=Role.SECRETARY, community=here)
    with active(here.id), pytest.raises(ReviewOwn):
        actions.review_emergency(actor_of(lina, here), emergency=row, review="没事")
    with active(here.id), pytest.raises(IntegrityError, match="reviewed_by_another"), transaction.atomic():
        Emergency.objects.filter(pk=row.pk).update(reviewed_by=lina.pk)


def test_no_hour_is_longer_than_an_hour(lina, here):
    row = opened(lina, here)
    with active(here.id), pytest.raises(IntegrityError, match="emergency_is_brief"), transaction.atomic():
        Emergency.objects.filter(pk=row.pk).update(until=row.opened_at + timedelta(minutes=61))


def test_the_pages_from_opening_to_review(lina, here, secretary):
    her, boss = signed_in(lina), signed_in(secretary)
    assert her.post(PAGE, {"reason": ""}).status_code == 422
    assert her.post(PAGE, {"reason": REASON})["Location"] == PAGE
    page = her.get(PAGE).content.decode()
    assert "紧急查看开着" in page and "去结束" in page, "the banner stands on every page"
    row_id = her.get(PAGE).context["open"].pk
    assert REASON in boss.get(PAGE).content.decode()
    assert boss.post(f"{PAGE}{row_id}/review/", {"review": ""}).status_code == 422
    assert boss.post(f"{PAGE}{row_id}/review/", {"review": "情况属实"}).status_code == 302
    assert "复核过了" in boss.get(PAGE).content.decode()
    assert "紧急查看开着" not in her.get(PAGE).content.decode()
