"""Sessions: listed, ended, over in time, never brought back."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.base import UpdateError

from linli.accounts import actions, protection, queries_signing_in, sessions
from linli.accounts.devices import device_in_words, network_in_words
from linli.accounts.models import Account, Session
from linli.accounts.queries import actor_of_session
from linli.core import clock
from linli.places.tests.factories import HOME_CODE

from .conftest import SecureClient
from .factories import PASSWORD, make_staff
from .test_second_step import own

pytestmark = pytest.mark.django_db
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; V2046A) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36 MicroMessenger/8.0.40"
)


def signed_in(account, **more):
    browser = SecureClient()
    browser.post("/sign-in/staff/", {"username": account.username, "password": PASSWORD}, **more)
    return browser


def test_a_session_says_where_it_is_without_saying_too_much(secretary):
    desk = signed_in(secretary, HTTP_USER_AGENT=EDGE, REMOTE_ADDR="10.20.30.40")
    page = desk.get("/account/").content.decode()
    assert "Windows 电脑上的 Edge" in page and "内网 10.20.*.*" in page and "就是这里" in page
    assert "30.40" not in page and desk.session.session_key not in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [(EDGE, "Windows 电脑上的 Edge"), (WECHAT, "安卓手机上的微信"), ("curl/8", "一台设备"), ("", "一台设备")],
)
def test_a_device_is_named_as_people_name_it(agent, words):
    assert device_in_words(agent) == words


@pytest.mark.parametrize(
    ("address", "words"),
    [("8.8.4.4", "网络 8.8.*.*"), ("192.168.1.7", "内网 192.168.*.*"), ("127.0.0.1", "本机"), ("", "本机"),
     ("2001:da8::1", "网络 2001:0da8:*")],
)  # fmt: skip
def test_a_network_is_shown_by_half(address, words):
    assert network_in_words(address) == words


def test_one_is_ended_from_another_and_stays_ended(secretary):
    here, there = signed_in(secretary), signed_in(secretary)
    handle = there.session["held"]["handle"]
    assert str(handle) in here.get("/account/").content.decode()
    there_store = there.session
    assert there_store["held"]["handle"] == handle  # loaded: a request that is under way when it is ended
    here.post(f"/account/sessions/{handle}/end/")

    assert there.get("/who/").json()["account"] is None
    assert here.get("/who/").json()["account"] == str(secretary.pk)
    there_store["late"] = 1
    with pytest.raises(UpdateError):
        there_store.save()
    assert not Session.objects.filter(pk=there_store.session_key).exists()


def test_all_others_are_ended_at_once(secretary):
    here, others = signed_in(secretary), [signed_in(secretary) for _ in range(3)]
    here.post("/account/sessions/end-others/")
    assert here.get("/who/").json()["account"]
    assert [other.get("/who/").json()["account"] for other in others] == [None] * 3


def test_another_accounts_session_is_out_of_reach(secretary):
    stranger, hers = signed_in(make_staff()), signed_in(secretary)
    assert stranger.post(f"/account/sessions/{hers.session['held']['handle']}/end/").status_code == 404
    assert hers.get("/who/").json()["account"]


def test_signing_out_everywhere_leaves_no_row(secretary):
    signed_in(secretary), signed_in(secretary)
    actions.sign_out_everywhere(own(secretary), account=secretary)
    assert not Session.objects.filter(account=secretary).exists()


@pytest.mark.parametrize("profile", protection.PROFILES.values(), ids=lambda each: each.name)
def test_a_staff_session_ends_when_nothing_is_done(secretary, here, settings, profile):
    settings.LINLI_PROTECTION = profile
    browser, start = signed_in(secretary), clock.now()
    with clock.at(start + profile.idle - timedelta(seconds=5)):
        assert browser.get("/who/").json()["account"], "a deed just in time"
    with clock.at(start + 2 * profile.idle - timedelta(seconds=10)):
        assert browser.get("/who/").json()["account"], "counts from the last deed"
    with clock.at(start + 3 * profile.idle):
        answer = browser.get(f"/c/{HOME_CODE}/desk/probe/")
        assert answer["Location"].startswith("/sign-in/?next=")
        door = browser.get(answer["Location"])
        assert door["Location"].startswith("/sign-in/staff/?next=")
        page = browser.get(door["Location"]).content.decode()
    assert f"{round(profile.idle.total_seconds() / 60)} 分钟没有操作" in page and f"/c/{HOME_CODE}/desk/probe/" in page


def test_a_page_left_open_does_not_keep_a_session(secretary, here):
    browser, start = signed_in(secretary), clock.now()
    idle = protection.ASVS.idle
    with clock.at(start + idle - timedelta(minutes=1)):
        browser.get(f"/c/{HOME_CODE}/live/poll/")
    with clock.at(start + idle + timedelta(minutes=1)):
        assert browser.get("/who/").json()["account"] is None


def test_a_staff_session_ends_after_its_longest_however_busy(secretary):
    browser, start = signed_in(secretary), clock.now()
    hours = protection.ASVS.longest // timedelta(hours=1)
    for half in range(1, 2 * hours):
        with clock.at(start + half * timedelta(minutes=30)):
            assert browser.get("/who/").json()["account"], half
    with clock.at(start + protection.ASVS.longest + timedelta(minutes=1)):
        assert browser.get("/who/").json()["account"] is None
        assert "12 小时" in browser.get("/sign-in/staff/").content.decode()


def test_a_residents_session_does_not_idle(browser, wang):
    browser.enter(wang)
    with clock.at(clock.now() + timedelta(days=3)):
        assert browser.get("/who/").json()["account"]


def test_a_live_stream_opens_for_no_session_that_is_over(secretary, here):
    browser = signed_in(secretary)
    key = browser.session.session_key
    assert actor_of_session(key, HOME_CODE)
    with clock.at(clock.now() + protection.ASVS.idle + timedelta(seconds=1)):
        assert actor_of_session(key, HOME_CODE) is None


def test_presence_is_noted_once_a_minute_not_at_every_request(secretary, django_assert_num_queries):
    browser = signed_in(secretary)
    before = Session.objects.get(account=secretary).seen_at
    browser.get("/who/")
    assert Session.objects.get(account=secretary).seen_at == before
    with clock.at(before + timedelta(seconds=61)):
        browser.get("/who/")
    assert Session.objects.get(account=secretary).seen_at == before + timedelta(seconds=61)
    assert queries_signing_in.places_signed_in(secretary)[0].seen_at > before


def columns_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_the_written_out_statement_reads_a_session_and_its_account_as_the_orm_does(
    secretary, django_assert_num_queries
):
    secretary.phone = "10012349999"  # an encrypted column: its converter must run
    secretary.save()
    store = sessions.SessionStore(signed_in(secretary).session.session_key)
    with django_assert_num_queries(1):
        account = sessions.account_of(SimpleNamespace(session=store, META={}))
    row = Session.objects.select_related("account").get(pk=store.session_key)
    assert columns_of(store.row) == columns_of(row)
    assert columns_of(account) == columns_of(row.account) and account.phone == "10012349999"


def test_an_expired_session_opens_nothing(secretary):
    desk = signed_in(secretary)
    Session.objects.filter(pk=desk.session.session_key).update(expire_date=clock.now() - timedelta(seconds=1))
    assert desk.get("/account/").status_code == 302


def test_a_password_changed_elsewhere_ends_a_session_whose_row_brought_its_account(secretary):
    desk = signed_in(secretary)
    secretary.set_password("另一个长长的新密码-7")
    secretary.save()
    assert desk.get("/account/").status_code == 302
    assert not Session.objects.filter(pk=desk.session.session_key, account=secretary).exists()


def test_an_account_that_was_ended_is_signed_out(secretary):
    desk = signed_in(secretary)
    Account.objects.filter(pk=secretary.pk).update(is_active=False)
    assert desk.get("/account/").status_code == 302
