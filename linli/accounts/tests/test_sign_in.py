from __future__ import annotations

import re
from datetime import timedelta

import pytest

from linli.accounts import actions, rules
from linli.accounts.entering import safe_next
from linli.accounts.models import Account, SignInCode
from linli.accounts.views_public import address_of
from linli.core import clock
from linli.core.models import TrailEntry
from linli.core.tenancy import PLATFORM, active
from linli.places.tests.factories import HOME_CODE

from .factories import OPERATOR, PASSWORD, make_resident_account, make_staff, phone_number

pytestmark = pytest.mark.django_db
ADDRESS = "192.0.2.1"


def ask(browser, phone, **more):
    return browser.post("/sign-in/", {"phone": phone, **more})


def shown_code(browser) -> str:
    return re.search(r'class="number">([0-9]{6})<', browser.get("/sign-in/code/").content.decode())[1]


def platform_verbs():
    with active(PLATFORM):
        return list(TrailEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_phone_and_its_code_open_an_account_and_come_back_to_where_one_was(browser, here):
    phone, wanted = phone_number(), f"/c/{HOME_CODE}/me/"
    assert browser.get(f"/sign-in/?next={wanted}").status_code == 200
    assert ask(browser, f" +86 {phone[:3]} {phone[3:]}", next=wanted)["Location"] == "/sign-in/code/"
    before = browser.session.session_key

    answer = browser.post("/sign-in/code/", {"code": shown_code(browser)})

    assert answer["Location"] == wanted
    account = Account.objects.get(phone_index=phone)
    assert account.phone == phone and not account.has_usable_password()
    assert browser.session.session_key != before, "the key rotates"
    assert browser.get(wanted).status_code == 200
    assert platform_verbs() == ["session.signed_in"]


def test_full_width_and_spaced_digits_are_understood(browser):
    ask(browser, phone_number())
    code = shown_code(browser)
    typed = " ".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert browser.post("/sign-in/code/", {"code": typed}).status_code == 302


def test_the_answer_is_the_same_whether_or_not_the_phone_is_known(browser, client):
    known, unknown = make_resident_account().phone, phone_number()

    def trace(visitor, phone):
        asked = ask(visitor, phone)
        page = visitor.get("/sign-in/code/").content.decode()
        wrong = visitor.post("/sign-in/code/", {"code": "0"}).content.decode()
        hidden = r'(csrfmiddlewaretoken" value="|X-CSRFToken": "|nonce=")[^"]*|[0-9]{6}|100\*{4}[0-9]{4}'
        return asked.status_code, asked["Location"], re.sub(hidden, "", page), re.sub(hidden, "", wrong)

    from .conftest import SecureClient

    assert trace(browser, known) == trace(SecureClient(), unknown)
    assert Account.objects.filter(phone_index=unknown).count() == 0, "asking alone opens nothing"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_is_refused_even_when_right(browser):
    ask(browser, phone_number())
    code = shown_code(browser)
    wrong = "000000" if code != "000000" else "111111"
    pages = [browser.post("/sign-in/code/", {"code": wrong}) for _ in range(5)]

    assert [page.status_code for page in pages] == [422] * 5
    assert "还可以试 4 次" in pages[0].content.decode()
    assert browser.post("/sign-in/code/", {"code": code}).status_code == 422
    assert Account.objects.count() == 0


def test_a_code_is_used_once(browser):
    asked = actions.ask_code(phone=phone_number(), address=ADDRESS)
    actions.check_code(code_id=asked.id, digits=asked.shown)
    with pytest.raises(actions.sign_in.CodeSpent):
        actions.check_code(code_id=asked.id, digits=asked.shown)


def test_a_code_lives_ten_minutes():
    asked = actions.ask_code(phone=phone_number(), address=ADDRESS)
    with clock.at(clock.now() + rules.CODE_LIFE), pytest.raises(actions.sign_in.CodeSpent):
        actions.check_code(code_id=asked.id, digits=asked.shown)


def test_another_browser_can_neither_use_a_code_nor_spend_its_tries(browser):
    from .conftest import SecureClient

    phone = phone_number()
    ask(browser, phone)
    code = shown_code(browser)
    stranger = SecureClient()
    assert stranger.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
    assert SignInCode.objects.get().tries_left == rules.CODE_TRIES
    assert browser.post("/sign-in/code/", {"code": code}).status_code == 302


@pytest.mark.parametrize(
    ("many", "apart"), [(1, timedelta(seconds=59)), (5, timedelta(minutes=11)), (10, timedelta(hours=2))]
)
def test_one_phone_gets_one_code_a_minute_five_an_hour_ten_a_day(many, apart):
    phone, start = phone_number(), clock.now()
    for i in range(many):
        with clock.at(start + i * apart):
            actions.ask_code(phone=phone, address=f"192.0.2.{i}")
    with (
        clock.at(start + (many - 1) * apart + timedelta(seconds=58)),
        pytest.raises(actions.sign_in.CodeTooOften) as refused,
    ):
        actions.ask_code(phone=phone, address="192.0.2.99")
    assert refused.value.facts["retry_after"] > 0
    assert "后再获取" in refused.value.message


def test_a_landline_and_a_half_number_are_told_what_to_do(browser):
    assert "11 位手机号" in ask(browser, "0571-86660380").content.decode()
    assert ask(browser, "12345").status_code == 422
    assert ask(browser, "").status_code == 422
    assert SignInCode.objects.count() == 0


def test_the_code_is_not_kept_in_plain_anywhere(browser):
    from django.db import connection

    phone = phone_number()
    asked = actions.ask_code(phone=phone, address=ADDRESS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM accounts_signincode c")
        kept = cursor.fetchone()[0]
    assert asked.shown not in kept.replace(str(asked.id), "") and phone not in kept and ADDRESS not in kept


def test_a_closed_account_does_not_come_in_by_code_and_is_told():
    account = make_resident_account()
    actions.close_account(OPERATOR, account=account)
    asked = actions.ask_code(phone=account.phone, address=ADDRESS)
    with pytest.raises(actions.sign_in.AccountClosed):
        actions.check_code(code_id=asked.id, digits=asked.shown)


def test_staff_sign_in_with_username_and_password(browser, here, secretary):
    answer = staff(browser, secretary.username, PASSWORD)

    assert answer["Location"] == "/"
    assert browser.get("/")["Location"] == f"/c/{HOME_CODE}/desk/"
    assert platform_verbs()[-1] == "session.signed_in"


def staff(browser, username, password, **more):
    return browser.post("/sign-in/staff/", {"username": username, "password": password, **more})


def test_unknown_wrong_and_closed_read_the_same(browser):
    make_staff("known")
    actions.close_account(OPERATOR, account=make_staff("closed"))
    pages = {
        re.sub(
            r'(csrfmiddlewaretoken" value="|X-CSRFToken": "|name="username" value=")[^"]*', "", page.content.decode()
        )
        for page in (
            staff(browser, "known", "wrong password"),
            staff(browser, "nobody", "wrong password"),
            staff(browser, "closed", PASSWORD),
        )
    }
    assert len(pages) == 1
    assert platform_verbs().count("session.refused") == 3


def test_unknown_wrong_and_closed_cost_one_password_hash_each(browser, monkeypatch, settings):
    from django.contrib.auth.hashers import Argon2PasswordHasher

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    make_staff("known")
    actions.close_account(OPERATOR, account=make_staff("closed"))
    hashed: list[str] = []
    for name in ("encode", "verify"):
        plain = getattr(Argon2PasswordHasher, name)

        def counting(self, *args, plain=plain, name=name, **more):
            hashed.append(name)
            return plain(self, *args, **more)

        monkeypatch.setattr(Argon2PasswordHasher, name, counting)
    for username, password in (("known", "x"), ("nobody", "x"), ("closed", PASSWORD)):
        hashed.clear()
        staff(browser, username, password)
        assert len(hashed) == 1, f"{username}: {hashed}; the time of an answer would tell them apart"


def test_the_lock_says_when_to_come_back_holds_even_the_right_password_and_ends(browser, settings):
    make_staff("zhaomin")
    for i in range(settings.AXES_FAILURE_LIMIT):
        staff(browser, "zhaomin", f"guess {i}")

    locked = staff(browser, "zhaomin", PASSWORD)
    assert locked.status_code == 429
    assert "15 分钟后再来" in locked.content.decode()
    assert int(locked["Retry-After"]) <= 900

    elsewhere = browser.post(
        "/sign-in/staff/", {"username": "zhaomin", "password": PASSWORD}, REMOTE_ADDR="198.51.100.7"
    )
    assert elsewhere.status_code == 302, "the owner is not locked out by somebody else's guesses"


def test_one_guess_on_each_of_many_accounts_is_stopped_too(browser):
    statuses = [staff(browser, f"user{i}", "Summer2026!").status_code for i in range(rules.GUESSES_PER_ADDRESS + 3)]
    assert statuses.count(422) == rules.GUESSES_PER_ADDRESS and set(statuses[-3:]) == {429}


def test_signing_out_ends_the_session_and_its_replay(browser, here, secretary):
    staff(browser, secretary.username, PASSWORD)
    kept = browser.cookies["__Host-linli"].value
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"

    browser.cookies["__Host-linli"] = kept
    assert browser.get("/who/").json()["account"] is None
    assert "session.signed_out" in platform_verbs()


def test_a_planted_session_key_does_not_survive_signing_in(browser, here, secretary):
    ask(browser, phone_number())
    planted = browser.session.session_key
    staff(browser, secretary.username, PASSWORD)
    assert browser.session.session_key != planted


def test_signing_out_everywhere_and_a_new_password_end_the_other_sessions(here, secretary):
    from .conftest import SecureClient

    one, other = SecureClient().enter(secretary), SecureClient().enter(secretary)
    changed = one.post("/account/password/", {"old": PASSWORD, "new": "another long one 5"})
    assert changed.status_code == 302
    assert one.get("/who/").json()["account"] and not other.get("/who/").json()["account"]

    secretary.refresh_from_db()
    other.enter(secretary)
    one.post(f"/c/{HOME_CODE}/me/sign-out-everywhere/")
    assert not one.get("/who/").json()["account"] and not other.get("/who/").json()["account"]


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example", ""],
)
def test_next_leads_only_to_pages_of_ours(rf, wanted):
    assert safe_next(rf.get("/", secure=True), wanted) == "/"


def test_next_keeps_a_page_of_ours(rf):
    assert safe_next(rf.get("/", secure=True), "/c/1/report/?a=1") == "/c/1/report/?a=1"


def test_addresses_are_kept_as_a_home_has_them(rf):
    assert address_of(rf.get("/", REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"
    one, other = (address_of(rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}")) for n in (1, 2))
    assert one == other == "2001:db8:1:2::/64"
    assert address_of(rf.get("/", REMOTE_ADDR="")) == ""


def test_the_sign_in_forms_let_a_phone_help(browser):
    page = browser.get("/sign-in/").content.decode()
    assert 'type="tel"' in page and 'inputmode="tel"' in page
    ask(browser, phone_number())
    page = browser.get("/sign-in/code/").content.decode()
    assert 'autocomplete="one-time-code"' in page and "演示：验证码" in page
    assert 'autocomplete="current-password"' in browser.get("/sign-in/staff/").content.decode()


def test_in_production_the_code_is_not_shown_and_an_unsent_one_is_told(browser, settings, monkeypatch):
    from linli.accounts.actions import sign_in

    monkeypatch.setattr(sign_in, "_sender", [lambda phone, code, key: True])
    settings.IS_DEMO = False
    assert ask(browser, phone_number()).status_code == 302
    assert "演示" not in browser.get("/sign-in/code/").content.decode()

    monkeypatch.setattr(sign_in, "_sender", [lambda phone, code, key: False])
    assert ask(browser, phone_number()).status_code == 503


def test_old_codes_and_the_phones_in_them_are_forgotten():
    actions.ask_code(phone=phone_number(), address=ADDRESS)
    assert actions.forget_codes() == 0
    with clock.at(clock.now() + rules.LONGEST_SPAN):
        assert actions.forget_codes() == 1
    assert not SignInCode.objects.exists()
