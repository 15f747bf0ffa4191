"""The demo's front door: one tap and one is somebody; in production there is neither the address nor the page."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import override_settings

from linli.accounts.models import Account
from linli.core.tenancy import PLATFORM, active
from linli.core.trail import TrailEntry
from linli.demo import cast as demo_cast
from linli.demo import door


@pytest.fixture
def lina(db):
    return Account.objects.create(username="lina", display_name="李娜")


def test_the_door_names_everybody_with_something_to_try(client, db):
    page = client.get("/demo/").content.decode()
    for visitor in (*door.VISITORS, *door.NEIGHBOURS):
        assert f'value="{visitor.key}"' in page and all(words in page for words in visitor.tries)


def test_whoever_is_at_the_door_is_in_the_demo():
    usernames = {colleague.username for colleague in demo_cast.COLLEAGUES if colleague.signs_in}
    shown = {visitor.key for visitor in (*door.VISITORS, *door.NEIGHBOURS) if not visitor.is_resident}
    assert shown <= usernames
    assert all(any(visitor.key in how for _, how in demo_cast.SIGN_INS) for visitor in door.VISITORS)


def test_one_tap_signs_in_and_leaves_a_trail(client, lina):
    client.force_login(Account.objects.create(username="somebody"), backend=door.BACKEND)
    assert client.post("/demo/enter/", {"who": "lina"})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(lina.pk)
    with active(PLATFORM):
        entry = TrailEntry.objects.order_by("-at").first()
    assert (entry.verb, entry.facts["how"]) == ("session.signed_in", "demo")


def test_only_those_at_the_door_can_be_chosen(client, db):
    Account.objects.create(username="root")
    for who in ("root", "lina", "", "10012340001"):
        response = client.post("/demo/enter/", {"who": who})
        assert response.status_code == 404 and "再点一次" in response.content.decode()
        assert "_auth_user_id" not in client.session


@override_settings(LINLI_PROFILE="demo")
def test_the_banner_is_put_away_until_the_browser_closes(client, db):
    page = client.get("/sign-in/").content.decode()
    assert "演示数据" in page and 'href="/demo/"' in page
    answer = client.post("/demo/quiet/", {"next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/" and not answer.cookies[door.QUIET_COOKIE]["max-age"]
    later = client.get("/sign-in/").content.decode()
    assert "演示数据" not in later and "演示：换个人看看" in later
    assert client.post("/demo/quiet/", {"next": "//elsewhere.example/"})["Location"] == "/"


@override_settings(IS_DEMO=False)
def test_the_views_refuse_outside_the_demo(client, lina):
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter/", {"who": "lina"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_production_has_no_such_address(tmp_path):
    secrets = tmp_path / "secrets.json"
    key = "bm8gc2VjcmV0OiBidWlsZG5vIHNlY3JldDogYnVpbGQ="
    secrets.write_text(
        f'{{"secret_key": "{key}", "field_keys": {{"1": "{key}"}}, "field_key_current": "1", "blind_key": "{key}"}}'
    )
    code = (
        "import django; django.setup(); from django.urls import resolve, Resolver404\n"
        "for path in ('/demo/', '/demo/enter/', '/styles/'):\n"
        "    try: resolve(path)\n"
        "    except Resolver404: continue\n"
        "    raise SystemExit(path)\n"
    )
    env = {
        **os.environ,
        "LINLI_PROFILE": "production",
        "LINLI_SECRETS": str(secrets),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
