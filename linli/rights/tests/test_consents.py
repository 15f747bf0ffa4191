"""Agreeing in known words, taking it back as easily, and a child whose guardian was confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from linli.core import clock
from linli.core.errors import NotAllowed, NotFound
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.rights import actions, consents, queries
from linli.rights.models import Consent, Way
from tests.helpers import race

BEFORE = datetime(2026, 9, 1, 4, tzinfo=UTC)
AFTER = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def wang(cast):
    return cast.residents["王芳"]


@pytest.fixture
def child(cast, here):
    """A girl of nine behind 王芳's door, whom her account is linked to."""
    from linli.accounts import actions as accounts

    plan = residents.ResidentPlan(
        name="王小雨", birth_on=date(2017, 3, 1), dwelling=here.door("48-2-301"), from_on=date(2020, 1, 1)
    )
    (row,) = residents.register_many(cast.actor("赵敏"), [plan])
    link = accounts.request_link(cast.actor("王芳"), name="王小雨", door="48-2-301")
    accounts.confirm_link(cast.actor("李娜"), link=link, resident=row)
    return row


def test_consent_is_given_and_taken_back_and_both_stay_written(as_wang, wang):
    given = actions.give_consent(as_wang, resident=wang, purpose="care", version=1)
    assert queries.has_consent(wang, "care")
    assert actions.give_consent(as_wang, resident=wang, purpose="care", version=1) == given

    actions.withdraw_consent(as_wang, resident=wang, purpose="care")

    assert not queries.has_consent(wang, "care")
    assert Consent.objects.get().withdrawn_way == Way.PAGE
    verbs = TrailEntry.objects.filter(verb__startswith="consent.").order_by("at", "id").values_list("verb", flat=True)
    assert list(verbs) == ["consent.given", "consent.withdrawn"]


def test_a_changed_text_is_asked_again_and_the_old_consent_no_longer_counts(as_wang, wang):
    with clock.at(BEFORE):
        actions.give_consent(as_wang, resident=wang, purpose="photos", version=1)
    with clock.at(AFTER):
        assert not queries.has_consent(wang, "photos")
        assert {line.purpose.code: line.state for line in queries.consents_of(wang)}["photos"] == "again"
        with pytest.raises(actions.ConsentChanged):
            actions.give_consent(as_wang, resident=wang, purpose="photos", version=1)
        actions.give_consent(as_wang, resident=wang, purpose="photos", version=2)
        assert queries.has_consent(wang, "photos")
    assert Consent.objects.filter(withdrawn_at=None).count() == 1


def test_nobody_agrees_for_another_grown_person(cast, as_wang):
    with pytest.raises(NotFound):
        actions.give_consent(as_wang, resident=cast.residents["王桂英"], purpose="care", version=1)


def test_staff_write_down_signed_paper_of_their_own_patch(cast, as_specialist, wang):
    actions.give_consent(as_specialist, resident=wang, purpose="care", version=1, way=Way.PAPER, note="2026 年第 3 盒")
    assert Consent.objects.get().note == "2026 年第 3 盒"
    with pytest.raises(NotFound):
        actions.give_consent(as_specialist, resident=cast.residents["老马"], purpose="care", version=1, way=Way.PAPER)
    with pytest.raises(NotAllowed):  # the page is for the person alone
        actions.give_consent(as_specialist, resident=wang, purpose="partners", version=1)


def test_for_a_child_only_a_confirmed_guardian_agrees(cast, as_wang, as_specialist, wang, child):
    as_mother = cast.actor("王芳")  # her account is linked to the child too: not enough by itself
    with pytest.raises(actions.NeedsGuardian):
        actions.give_consent(as_mother, resident=child, purpose="child", version=1)

    residents.name_guardian(as_specialist, resident=child, guardian=wang, on=date(2026, 1, 1))

    assert actions.give_consent(as_mother, resident=child, purpose="child", version=1).guardian == wang


def test_a_child_is_asked_other_things_than_a_grown_person(wang, child):
    assert [line.purpose.code for line in queries.consents_of(child)] == ["photos", "child"]
    assert [line.purpose.code for line in queries.consents_of(wang)] == ["care", "partners", "photos"]


def test_versions_are_in_order_and_their_texts_differ():
    for purpose in consents.purposes().values():
        assert [v.number for v in purpose.versions] == list(range(1, len(purpose.versions) + 1))
        days = [v.valid_from for v in purpose.versions]
        assert days == sorted(set(days)) and len({v.text for v in purpose.versions}) == len(days)


def test_agreeing_twice_at_once_is_one_consent(committed_cast):
    def agree(_):
        with active(committed_cast.here.id):
            actions.give_consent(
                committed_cast.actor("王芳"), resident=committed_cast.residents["王芳"], purpose="care", version=1
            )

    errors = [error for error in race(8, agree) if error]
    assert all(isinstance(error, actions.ConsentGiven) for error in errors)
    with active(committed_cast.here.id):
        assert Consent.objects.count() == 1


def test_the_pages_agree_take_back_and_write_down_paper(cast, browse):
    root, wang = f"/c/{cast.here.code}", cast.residents["王芳"]
    me, lina = browse(cast.accounts["王芳"]), browse(cast.accounts["李娜"])

    assert me.post(f"{root}/me/consents/{wang.id}/care/give/", {"version": 1}).status_code == 302
    assert "您同意了 1 项" in me.get(f"{root}/me/consents/").content.decode()
    assert me.post(f"{root}/me/consents/{wang.id}/care/withdraw/").status_code == 302
    assert "已撤回" in me.get(f"{root}/me/consents/").content.decode()
    assert me.post(f"{root}/me/consents/{cast.residents['王桂英'].id}/care/give/", {"version": 1}).status_code == 404

    paper = {"purpose": "partners", "version": 1, "way": "paper", "note": "第 3 盒"}
    assert lina.post(f"{root}/desk/rights/people/{wang.id}/", paper).status_code == 302
    assert "书面，社工登记" in me.get(f"{root}/me/consents/").content.decode()
