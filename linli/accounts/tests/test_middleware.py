from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from linli.accounts import actions
from linli.accounts.models import Scope
from linli.core import clock
from linli.core.access import Role
from linli.core.tenancy import active
from linli.places import actions as places
from linli.places.models import SubArea
from linli.places.tests.factories import HOME_CODE, SIBLING_CODE
from linli.places.tests.factories import OPERATOR as PLACES_OPERATOR

from .factories import OPERATOR, actor_of, make_holder, make_staff

pytestmark = pytest.mark.django_db
HERE = f"/c/{HOME_CODE}"


def test_a_page_inside_a_community_knows_it_and_views_do_not_receive_the_code(browser, here):
    answer = browser.get(f"{HERE}/who/").json()

    assert answer["community"] == answer["active"] == here.id
    assert answer["kwargs"] == []
    assert answer["here"] == f"{HERE}/who/", "reversing needs no code"


def test_outside_communities_nothing_is_active(browser, secretary):
    answer = browser.enter(secretary).get("/who/").json()

    assert (answer["community"], answer["active"], answer["roles"]) == (None, None, [])
    assert answer["account"] == str(secretary.pk)


def test_an_unknown_code_is_not_found(browser, here):
    assert browser.get("/c/330105002999/who/").status_code == 404
    assert browser.get("/c/nothing/who/").status_code == 404


def test_an_old_code_leads_to_the_present_one(browser, here):
    new = "330105002153"
    places.change_code(PLACES_OPERATOR, community=here, code=new, valid_from=clock.today())

    moved = browser.get(f"{HERE}/who/?a=1&b=%E7%8E%8B")

    assert (moved.status_code, moved["Location"]) == (301, f"/c/{new}/who/?a=1&b=%E7%8E%8B")
    assert browser.post(f"{HERE}/write/?name=x").status_code == 200, "a form left open still works"


@pytest.mark.parametrize("how", ["400", "404", "409", "422", "500", "problem", "raise"])
def test_a_failing_view_has_changed_nothing(browser, here, how):
    browser.raise_request_exception = False

    answer = browser.post(f"{HERE}/write/?name=x&how={how}")

    assert answer.status_code >= 400
    with active(here.id):
        assert not SubArea.objects.exists()


def test_a_view_that_succeeds_is_kept(browser, here):
    assert browser.post(f"{HERE}/write/?name=x&how=302").status_code == 302
    with active(here.id):
        assert SubArea.objects.count() == 1


def test_posts_open_their_own_community_only(here, next_door):
    with active(here.id):
        patch = SubArea.objects.create(code="E", name="东片")
    specialist = make_holder(Role.SPECIALIST, community=here, sub_area_id=patch.pk)

    assert actor_of(specialist, here).sub_area_ids == {patch.pk}
    assert not actor_of(specialist, next_door).is_staff


def test_a_street_officials_post_covers_the_streets_communities_by_their_present_codes(here, next_door):
    official = make_holder(Role.STREET_OFFICIAL, street_code=HOME_CODE[:9])

    assert actor_of(official, here).is_staff and actor_of(official, next_door).is_staff

    moved_on = clock.today()
    places.change_code(PLACES_OPERATOR, community=next_door, code="330106003001", valid_from=moved_on)
    assert not actor_of(official, next_door).is_staff


def test_an_administrator_covers_all(here, next_door):
    administrator = make_holder(Role.ADMINISTRATOR)
    assert actor_of(administrator, here).is_staff and actor_of(administrator, next_door).is_staff


def test_a_post_counts_from_its_first_day_up_to_not_including_its_last(here):
    account, today = make_staff(), clock.today()
    actions.grant_post(
        OPERATOR,
        account=account,
        role=Role.BACK_OFFICE,
        community=here,
        from_on=today + timedelta(days=1),
        until_on=today + timedelta(days=3),
    )
    noon = clock.now()

    def is_staff_in(days: int) -> bool:
        with clock.at(noon + timedelta(days=days)):
            return actor_of(account, here).is_staff

    assert [is_staff_in(days) for days in range(5)] == [False, True, True, False, False]


def test_strangers_to_a_desk_are_told_nothing(browser, here, next_door, secretary, wang):
    signed_out = browser.get(f"{HERE}/desk/probe/?x=1")
    assert signed_out.status_code == 302
    assert signed_out["Location"] == f"/sign-in/?next=%2Fc%2F{HOME_CODE}%2Fdesk%2Fprobe%2F%3Fx%3D1"
    assert Client().get(f"{HERE}/desk/probe/", HTTP_HX_REQUEST="true").status_code == 401

    browser.enter(secretary)
    assert browser.get(f"{HERE}/desk/probe/").status_code == 200
    assert browser.get(f"/c/{SIBLING_CODE}/desk/probe/").status_code == 404, "not 403: not even that it exists"
    assert browser.enter(wang).get(f"{HERE}/desk/probe/").status_code == 404


def test_a_colleague_without_the_permission_is_told_who_could(browser, here):
    browser.enter(make_holder(Role.BACK_OFFICE, community=here))
    assert browser.get(f"{HERE}/desk/trail-probe/").status_code == 403


def test_ending_a_post_or_closing_an_account_acts_at_the_next_request(browser, here, secretary):
    browser.enter(secretary)
    post = secretary.posts.get()
    assert browser.get(f"{HERE}/desk/probe/").status_code == 200

    actions.end_post(OPERATOR, post=post)
    assert browser.get(f"{HERE}/desk/probe/").status_code == 404

    actions.close_account(OPERATOR, account=secretary)
    assert browser.get(f"{HERE}/who/").json()["account"] is None


def test_a_token_opens_the_api_as_its_account_and_pages_ignore_it(here, secretary):
    _, secret = actions.make_token(OPERATOR, account=secretary, name="看板", scopes=[Scope.READ])
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    client = Client()

    answer = client.get(f"/api{HERE}/who/", **bearer).json()
    assert (answer["account"], answer["via"], answer["roles"]) == (str(secretary.pk), "api", ["secretary"])
    assert answer["kwargs"] == []
    assert client.get(f"{HERE}/who/", **bearer).json()["account"] is None


def test_an_unknown_expired_or_revoked_token_is_refused_in_plain_words(here, secretary):
    token, secret = actions.make_token(OPERATOR, account=secretary, name="看板", life=timedelta(days=1))
    client, path = Client(), f"/api{HERE}/who/"

    def answer(with_secret: str) -> int:
        return client.get(path, HTTP_AUTHORIZATION=f"Bearer {with_secret}").status_code

    assert answer(secret) == 200
    refused = client.get(path, HTTP_AUTHORIZATION="Bearer linli_nothing")
    assert refused.status_code == 401 and refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "accounts.token_unknown"
    with clock.at(clock.now() + timedelta(days=1)):
        assert answer(secret) == 401
    actions.revoke_token(OPERATOR, token=token)
    assert answer(secret) == 401


def test_a_token_goes_no_further_than_its_scopes_and_its_community(here, next_door):
    administrator = make_holder(Role.ADMINISTRATOR)
    _, secret = actions.make_token(OPERATOR, account=administrator, name="一处", scopes=[Scope.READ], community=here)
    _, wide = actions.make_token(OPERATOR, account=administrator, name="办理", scopes=[Scope.READ, Scope.WRITE])
    client = Client(enforce_csrf_checks=True)

    def status(method: str, code: str, with_secret: str) -> int:
        path, bearer = f"/api/c/{code}/who/", f"Bearer {with_secret}"
        return client.generic(method, path, HTTP_AUTHORIZATION=bearer).status_code

    assert status("GET", HOME_CODE, secret) == 200
    assert status("GET", SIBLING_CODE, secret) == 404
    assert status("POST", HOME_CODE, secret) == 403
    assert status("POST", SIBLING_CODE, wide) == 200


def test_the_api_asks_who_came_by_cookie_for_the_csrf_token(here, secretary):
    client = Client(enforce_csrf_checks=True)
    client.force_login(secretary, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/api{HERE}/who/"

    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 403
    assert client.post(path).json()["code"] == "accounts.csrf"

    client.get(f"{HERE}/me/")
    token = client.cookies["__Host-csrf"].value
    assert client.post(path, HTTP_X_CSRFTOKEN=token).status_code == 200


def test_the_last_use_of_a_token_is_noted_by_the_day(here, secretary, django_assert_num_queries):
    token, secret = actions.make_token(OPERATOR, account=secretary, name="看板")
    Client().get("/api/mine/", HTTP_AUTHORIZATION=f"Bearer {secret}")
    token.refresh_from_db()
    assert token.last_used_on == clock.today()


def test_a_request_inside_a_community_costs_few_queries(browser, here, secretary, django_assert_max_num_queries):
    browser.enter(secretary)
    browser.get(f"{HERE}/who/")
    with django_assert_max_num_queries(
        9
    ):  # session, account, code, SET LOCAL, posts, links; the test adds a savepoint's three
        browser.get(f"{HERE}/who/")
