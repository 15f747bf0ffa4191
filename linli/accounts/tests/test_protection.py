"""Passwords under both profiles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.accounts import actions
from linli.accounts.actions.accounts import PasswordUsed, PasswordWeak
from linli.accounts.models import PastPassword
from linli.accounts.protection import ASVS, MLPS, kinds_in, password_fault
from linli.core import clock
from linli.places.tests.factories import HOME_CODE

from .factories import OPERATOR, PASSWORD, make_staff
from .test_second_step import own

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("profile", "password", "is_fine"),
    [
        (ASVS, "只有我知道的一句话很长很长", True),
        (ASVS, "elevencharsx", True),
        (ASVS, "elevenchars", False),
        (ASVS, "my zhaomin 2026", False),
        (ASVS, "aaaaaaaaaaaaaa", False),
        (MLPS, "Stairwell9", True),
        (MLPS, "stairwell9", False),
        (MLPS, "stairwell-9", True),
        (MLPS, "Stair-9", False),
    ],
)
def test_what_each_profile_takes(profile, password, is_fine):
    fault = password_fault(password, profile, username="zhaomin")
    assert (fault == "") is is_fine, fault
    assert is_fine or "请" in fault


def test_a_password_everybody_uses_is_refused(secretary):
    with pytest.raises(PasswordWeak, match="很多人在用"):
        actions.change_password(own(secretary), account=secretary, old=PASSWORD, new="qwertyuiop123")
    assert kinds_in("aB1 ") == 4


def test_under_mlps_the_last_five_do_not_come_back(settings):
    settings.LINLI_PROTECTION = MLPS
    account = make_staff(password="Stairwell-0")
    for n in range(1, 6):
        actions.change_password(own(account), account=account, old=f"Stairwell-{n - 1}", new=f"Stairwell-{n}")
    for used in ("Stairwell-1", "Stairwell-5"):
        with pytest.raises(PasswordUsed, match="最近 5 个"):
            actions.change_password(own(account), account=account, old="Stairwell-5", new=used)
    actions.change_password(own(account), account=account, old="Stairwell-5", new="Stairwell-0")
    assert PastPassword.objects.filter(account=account).count() == 5


def test_under_asvs_nothing_is_kept_and_nothing_turned(secretary):
    assert not PastPassword.objects.exists()
    with clock.at(clock.now() + timedelta(days=3650)):
        assert not ASVS.is_too_old(secretary.password_set_at, clock.now())


def test_an_old_password_leads_to_the_page_that_asks_for_a_new_one(browser, here, secretary, settings):
    settings.LINLI_PROTECTION = MLPS
    with clock.at(clock.now() + timedelta(days=91)):
        browser.post("/sign-in/staff/", {"username": secretary.username, "password": PASSWORD})
        assert browser.get(f"/c/{HOME_CODE}/desk/probe/")["Location"] == "/account/password/"
        assert "90 天" in browser.get("/account/password/").content.decode()
        answer = browser.post("/account/password/", {"old": PASSWORD, "new": "Another-long-1"})
        assert answer["Location"] == "/account/"
        assert browser.get(f"/c/{HOME_CODE}/desk/probe/").status_code == 200


def test_a_password_somebody_else_chose_opens_only_the_page_that_changes_it(browser, here, secretary):
    actions.reset_password(OPERATOR, account=secretary, new="said on the phone 7")
    browser.post("/sign-in/staff/", {"username": secretary.username, "password": "said on the phone 7"})
    assert browser.get(f"/c/{HOME_CODE}/desk/probe/")["Location"] == "/account/password/"
    browser.post("/account/password/", {"old": "said on the phone 7", "new": "another long one 5"})
    assert browser.get(f"/c/{HOME_CODE}/desk/probe/").status_code == 200
