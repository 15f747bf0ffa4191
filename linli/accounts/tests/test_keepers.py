"""The three administrators: apart from one another, and what each may do to other people's signing in."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from linli.accounts import actions
from linli.accounts.actions.keepers import ResetAsked, ResetDone, ResetTakesTwo
from linli.accounts.actions.posts import KeepersApart
from linli.accounts.models import Post, SecondReset, Session
from linli.accounts.queries import actor_above
from linli.accounts.queries_signing_in import second_ways_of
from linli.core.access import GRANTS, KEEPERS, Permission, Role
from linli.core.errors import NotAllowed
from linli.places.tests.factories import HOME_CODE

from .conftest import SecureClient
from .factories import OPERATOR, PASSWORD, make_holder, make_passkey, make_staff
from .test_second_step import enrol
from .test_sessions import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def system():
    return make_holder(Role.ADMINISTRATOR)


@pytest.fixture
def security():
    return make_holder(Role.SECURITY_ADMINISTRATOR)


@pytest.fixture
def audit():
    return make_holder(Role.AUDIT_ADMINISTRATOR)


@pytest.mark.parametrize("second", KEEPERS)
@pytest.mark.parametrize("first", KEEPERS)
def test_nobody_is_two_of_them_at_once(first, second):
    account = make_holder(first)
    if first == second:
        return
    with pytest.raises(KeepersApart):
        actions.grant_post(OPERATOR, account=account, role=second)
    with pytest.raises(IntegrityError, match="post_keepers_apart"), transaction.atomic():
        Post.objects.create(account=account, role=second)  # past the action: the database says so itself


def test_one_may_follow_upon_another(system):
    actions.end_post(OPERATOR, post=system.posts.get(), on=date(2099, 1, 1))
    actions.grant_post(OPERATOR, account=system, role=Role.AUDIT_ADMINISTRATOR, from_on=date(2099, 1, 1))


def test_what_each_holds_no_other_does_and_none_reads_the_register():
    alone = {
        Permission.ACCOUNTS_KEEP: {Role.ADMINISTRATOR},
        Permission.SECURITY_KEEP: {Role.SECURITY_ADMINISTRATOR},
    }
    for permission, holders in alone.items():
        assert {role for role in Role if permission in GRANTS[role]} == holders
    for role in KEEPERS:
        assert not GRANTS[role] & {Permission.RESIDENTS_SEE, Permission.RESIDENTS_REVEAL, Permission.MATTERS_SEE_ALL}
    assert GRANTS[Role.AUDIT_ADMINISTRATOR] <= {
        Permission.DESK_OPEN,
        Permission.TRAIL_SEE,
        Permission.EMERGENCY_REVIEW,
    }
    assert Permission.TRAIL_SEE not in GRANTS[Role.ADMINISTRATOR]


def test_security_ends_a_session_anywhere_and_others_may_not(security, system, secretary):
    hers = signed_in(secretary)
    with pytest.raises(NotAllowed):
        actions.end_sessions_of(actor_above(system), account=secretary)
    keeper = signed_in(security)
    page = keeper.get(f"/keepers/{secretary.pk}/").content.decode()
    assert hers.session["held"]["handle"] in page
    keeper.post(f"/keepers/{secretary.pk}/sessions/", {"session": hers.session["held"]["handle"]})
    assert hers.get("/who/").json()["account"] is None
    assert keeper.get("/who/").json()["account"] == str(security.pk)


def test_security_lets_somebody_try_again_at_once(security, secretary, settings):
    stranger = SecureClient()
    for n in range(settings.AXES_FAILURE_LIMIT):
        stranger.post("/sign-in/staff/", {"username": secretary.username, "password": f"guess {n}"})
    known = {"username": secretary.username, "password": PASSWORD}
    assert stranger.post("/sign-in/staff/", known).status_code == 429
    actions.unlock(actor_above(security), account=secretary)
    assert stranger.post("/sign-in/staff/", known).status_code == 302


def test_a_lost_second_step_takes_two_administrators(system, security, secretary):
    enrol(secretary)
    make_passkey(secretary)
    signed_in(secretary)
    first, second = signed_in(system), signed_in(security)
    assert first.post(f"/keepers/{secretary.pk}/second/", {"reason": "手机丢失，本人到场"}).status_code == 302
    reset = SecondReset.objects.get()
    assert first.post(f"/keepers/{secretary.pk}/second/{reset.pk}/").status_code == 404
    with pytest.raises(ResetAsked):
        actions.ask_second_reset(actor_above(security), account=secretary, reason="再来")
    assert "手机丢失" in second.get(f"/keepers/{secretary.pk}/").content.decode()

    assert second.post(f"/keepers/{secretary.pk}/second/{reset.pk}/").status_code == 302

    assert not second_ways_of(secretary).any and second_ways_of(secretary).codes_left == 0
    assert not Session.objects.filter(account=secretary).exists()
    with pytest.raises(ResetDone):
        actions.do_second_reset(actor_above(security), reset=reset)


def test_one_person_cannot_be_both_nor_help_herself(security, secretary):
    as_security, other = actor_above(security), actor_above(make_holder(Role.SECURITY_ADMINISTRATOR))
    with pytest.raises(ResetTakesTwo):
        actions.ask_second_reset(as_security, account=security, reason="我的")
    asked = actions.ask_second_reset(as_security, account=secretary, reason="丢了")
    with pytest.raises(ResetTakesTwo):
        actions.do_second_reset(as_security, reset=asked)
    with pytest.raises(IntegrityError, match="second_reset_takes_two"), transaction.atomic():
        SecondReset.objects.filter(pk=asked.pk).update(done_by=security.pk)
    mine = actions.ask_second_reset(other, account=security, reason="丢了")
    with pytest.raises(ResetTakesTwo):
        actions.do_second_reset(as_security, reset=mine)


def test_the_system_administrator_opens_an_account_whose_first_password_works_once(browser, system):
    import re

    page = signed_in(system).post("/keepers/", {"name": "何平", "username": "heping"}).content.decode()
    said = re.search(r"data-copy>([a-z-]+[0-9]{2})<", page)[1]
    browser.post("/sign-in/staff/", {"username": "heping", "password": said})
    assert browser.get("/")["Location"] == "/account/password/"


def test_the_audit_administrator_reads_and_changes_nothing(audit, secretary, here):
    reader = signed_in(audit)
    page = reader.get("/keepers/trail/").content.decode()
    assert "登录" in page and "各社区之上" in page
    assert reader.get(f"/c/{HOME_CODE}/desk/trail/").status_code == 200
    assert reader.get("/keepers/").status_code == 404
    assert reader.post(f"/keepers/{secretary.pk}/password/").status_code == 404


def test_administrators_land_where_their_work_is(security, audit, here):
    assert signed_in(security).get("/")["Location"] == "/keepers/"
    assert "/keepers/trail/" in signed_in(audit).get("/").content.decode()
    assert signed_in(make_staff()).get("/keepers/").status_code == 404
