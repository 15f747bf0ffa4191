"""The second step: enrolled, asked for, replayed, guessed, raced, lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection

from linli.accounts import actions, queries_signing_in, rules
from linli.accounts.actions import second_step
from linli.accounts.models import RecoveryCode, SecondStep
from linli.core import clock
from linli.core.access import Actor
from linli.places.tests.factories import HOME_CODE

from .factories import PASSWORD, make_staff

pytestmark = pytest.mark.django_db


def own(account):
    return Actor("own", account_id=account.pk)


def digits(secret: str, *, at=None) -> str:
    moment = (at or clock.now()).timestamp()
    return second_step._totp(secret).generate(moment).decode()


def enrol(account) -> tuple[str, list[str]]:
    """An app taken into use a minute ago, so that its present digits are not spent."""
    with clock.at(clock.now() - timedelta(minutes=2)):
        secret = actions.offer_app(own(account), account=account)
        return secret, actions.confirm_app(own(account), account=account, digits=digits(secret))


def step_one(browser, account, **more):
    return browser.post("/sign-in/staff/", {"username": account.username, "password": PASSWORD, **more})


@pytest.mark.parametrize(
    ("seconds", "shown"), [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")]
)
def test_the_digits_are_those_of_rfc_6238(seconds, shown):
    assert second_step._totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").generate(seconds).decode() == shown


def test_an_app_is_enrolled_on_its_page_and_asked_for_at_the_next_sign_in(browser, here, secretary):
    step_one(browser, secretary)
    page = browser.get("/account/app/").content.decode()
    assert "<svg" in page and "safety__code" in page
    secret = re.search(r"data-copy>([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    codes = browser.post("/account/app/", {"code": digits(secret)})
    assert len(re.findall(r'<code class="number">[A-Z2-9]{5}-[A-Z2-9]{5}</code>', codes.content.decode())) == 10
    browser.post("/sign-out/")

    asked = step_one(browser, secretary, next=f"/c/{HOME_CODE}/desk/posts/")
    assert asked["Location"] == "/sign-in/second/"
    assert browser.get("/who/").json()["account"] is None, "a right password alone opens nothing"
    with clock.at(clock.now() + timedelta(seconds=60)):
        answer = browser.post("/sign-in/second/", {"code": digits(secret)})
    assert answer["Location"] == f"/c/{HOME_CODE}/desk/posts/"
    assert browser.get("/who/").json()["account"] == str(secretary.pk)


def test_the_secret_and_the_codes_are_not_kept_in_plain(secretary):
    secret, codes = enrol(secretary)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(s)::text FROM accounts_secondstep s UNION ALL SELECT row_to_json(r)::text FROM accounts_recoverycode r"
        )
        kept = "".join(row[0] for row in cursor.fetchall())
    assert secret not in kept and not any(code.replace("-", "") in kept for code in codes)


def test_the_same_digits_are_refused_a_second_time(browser, secretary):
    secret, _ = enrol(secretary)
    shown = digits(secret)
    assert actions.check_second(secretary, typed=shown) == "app"
    with pytest.raises(second_step.DigitsUsed):
        actions.check_second(secretary, typed=shown)


def test_digits_of_the_half_minute_before_come_in_older_ones_and_earlier_than_a_used_one_do_not(secretary):
    secret, _ = enrol(secretary)
    now = clock.now()
    late = digits(secret, at=now - timedelta(seconds=30))
    old = digits(secret, at=now - timedelta(seconds=90))
    with clock.at(now):
        assert actions.check_second(secretary, typed=late) == "app"
        with pytest.raises(second_step.WrongSecond):
            actions.check_second(secretary, typed=old)
        actions.check_second(secretary, typed=digits(secret))
        with pytest.raises(second_step.DigitsUsed):
            actions.check_second(secretary, typed=late)


def test_the_sixth_wrong_one_is_refused_even_when_right_and_a_quarter_of_an_hour_later_not(browser, secretary):
    secret, codes = enrol(secretary)
    step_one(browser, secretary)
    wrong = "000000" if digits(secret) != "000000" else "111111"
    pages = [browser.post("/sign-in/second/", {"code": wrong}) for _ in range(rules.SECOND_TRIES)]
    assert [page.status_code for page in pages] == [422] * rules.SECOND_TRIES
    assert "还可以试 4 次" in pages[0].content.decode()

    locked = browser.post("/sign-in/second/", {"code": digits(secret)})
    assert locked.status_code == 429 and int(locked["Retry-After"]) <= 900
    assert browser.post("/sign-in/second/", {"code": codes[0]}).status_code == 429
    step_one(browser, secretary)
    assert browser.post("/sign-in/second/", {"code": codes[0]}).status_code == 429, "the password again is no way round"
    with clock.at(clock.now() + rules.SECOND_SPAN + timedelta(seconds=1)):
        assert actions.check_second(secretary, typed=digits(secret)) == "app"


def test_a_recovery_code_works_once_however_it_is_typed(secretary):
    _, codes = enrol(secretary)
    assert actions.check_second(secretary, typed=f" {codes[0].lower()} ") == "recovery"
    with pytest.raises(second_step.WrongSecond):
        actions.check_second(secretary, typed=codes[0])
    fresh = actions.make_codes(own(secretary), account=secretary)
    with pytest.raises(second_step.WrongSecond):
        actions.check_second(secretary, typed=codes[1])
    assert actions.check_second(secretary, typed=fresh[0]) == "recovery"
    assert RecoveryCode.objects.filter(account=secretary, used_at=None).count() == 9


def test_a_password_shown_waits_ten_minutes_and_not_past_a_new_password(browser, secretary):
    secret, _ = enrol(secretary)
    step_one(browser, secretary)
    with clock.at(clock.now() + rules.SECOND_WAIT + timedelta(seconds=1)):
        assert browser.post("/sign-in/second/", {"code": digits(secret)})["Location"] == "/sign-in/staff/"
    step_one(browser, secretary)
    actions.change_password(own(secretary), account=secretary, old=PASSWORD, new="another long one 5")
    assert browser.post("/sign-in/second/", {"code": digits(secret)})["Location"] == "/sign-in/staff/"


def test_a_planted_key_does_not_survive_either_step(browser, secretary):
    secret, _ = enrol(secretary)
    browser.post("/sign-in/", {"phone": "10000000001"})
    planted = browser.session.session_key
    step_one(browser, secretary)
    between = browser.session.session_key
    browser.post("/sign-in/second/", {"code": digits(secret)})
    assert len({planted, between, browser.session.session_key}) == 3


def test_where_it_is_required_nothing_else_opens_before_it_is_set(browser, here, secretary, settings):
    settings.LINLI_SECOND_STEP_REQUIRED = True
    step_one(browser, secretary)
    for path in ("/", f"/c/{HOME_CODE}/desk/probe/", f"/c/{HOME_CODE}/me/"):
        assert browser.get(path)["Location"] == "/account/app/", path
    assert browser.get("/api/mine/").status_code == 403
    assert browser.get("/account/").status_code == 200

    secret = SecondStep.objects.filter(pk=secretary.pk)
    browser.get("/account/app/")
    browser.post("/account/app/", {"code": digits(secret.get().new_secret)})
    assert browser.get(f"/c/{HOME_CODE}/desk/probe/").status_code == 200


def test_residents_have_no_second_step(browser, wang, here):
    browser.enter(wang)
    assert browser.get("/account/app/").status_code == 404
    assert not queries_signing_in.second_ways_of(wang).any
    assert "第二步" not in browser.get("/account/").content.decode()


def test_keys_are_changed_only_shortly_after_the_password(browser, secretary):
    step_one(browser, secretary)
    with clock.at(clock.now() + rules.FRESH_FOR + timedelta(seconds=1)):
        asked = browser.get("/account/app/")
        assert asked["Location"].startswith("/account/confirm/?next=")
        assert browser.post(asked["Location"], {"password": "not this one"}).status_code == 422
        assert browser.post(asked["Location"], {"password": PASSWORD})["Location"] == "/account/app/"
        assert browser.get("/account/app/").status_code == 200


def test_nobody_sets_another_accounts_second_step(secretary):
    from linli.core.errors import NotAllowed

    other = make_staff()
    for deed in (
        lambda: actions.offer_app(own(other), account=secretary),
        lambda: actions.confirm_app(own(other), account=secretary, digits="000000"),
        lambda: actions.make_codes(own(other), account=secretary),
        lambda: actions.begin_passkey(own(other), account=secretary),
    ):
        with pytest.raises(NotAllowed):
            deed()
