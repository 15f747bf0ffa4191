"""Doing it for somebody: finding her, how she agreed, who is named, and the slip she takes home."""

from __future__ import annotations

import re

import pytest

from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters import actions
from linli.matters.models import Consent, Matter

from .test_pages import RESIDENT, SPECIALIST, house, text, title  # noqa: F401  # the fixture

pytestmark = pytest.mark.django_db
SENT = {"kind": "leak", "words": "厨房顶上滴水", "where": "48-1-102"}


def chosen(house, name):  # noqa: F811
    return str(house.cast.residents[name].id)


@pytest.mark.parametrize("words", ["王桂英", "wgy", "0002", "48-1-102"])
def test_she_is_found_by_what_she_says_of_herself_and_it_stands_in_no_address(house, words):  # noqa: F811
    page = house.post(SPECIALIST, "/desk/report/find/", {"who": words})
    assert f'href="/c/330105002053/desk/report/?resident={chosen(house, "王桂英")}"' in text(page)
    assert "王*英" in text(page) and "王桂英</" not in text(page) and "10012340002" not in text(page)
    part = house.browser(SPECIALIST).post(
        f"{house.root}/desk/report/find/", {"who": words}, headers={"HX-Request": "true"}
    )
    assert text(part).lstrip().startswith('<div id="people"')


def test_nobody_of_another_patch_is_found(house):  # noqa: F811
    page = house.post(SPECIALIST, "/desk/report/find/", {"who": "老马"})
    assert "这里没有登记过这样的人" in text(page)
    assert title(house.get(SPECIALIST, f"/desk/report/?resident={chosen(house, '老马')}")) == "替居民记下一件事"


def test_for_whom_one_does_it_is_plain_and_her_door_is_filled_in(house):  # noqa: F811
    page = text(house.get(SPECIALIST, f"/desk/report/?resident={chosen(house, '王桂英')}"))
    assert "正在替 王*英 办" in page and 'value="48-1-102"' in page
    assert 'name="contact_name"' not in page  # the register knows her


def test_what_is_already_open_at_that_door_is_shown_first(house):  # noqa: F811
    matter = house.report(name="王桂英", door="48-1-102", words="楼道灯不亮")
    page = text(house.get(SPECIALIST, f"/desk/report/?resident={chosen(house, '王桂英')}"))
    assert "这户有 1 件正在办" in page and matter.number in page


def test_how_she_agreed_is_asked_and_stands_on_the_matter_and_on_the_trail(house):  # noqa: F811
    sent = SENT | {"resident": chosen(house, "王桂英")}
    assert house.post(SPECIALIST, "/desk/report/", sent).status_code == 422
    page = house.post(SPECIALIST, "/desk/report/", sent | {"consent": "family"}, follow=True)
    assert title(page) == "记好了，把凭条交给王*英"
    with active(house.cast.here.id):
        matter = Matter.objects.get()
        entry = TrailEntry.objects.get(verb="matter.reported")
    assert matter.consent == Consent.FAMILY and matter.for_resident_id == house.cast.residents["王桂英"].id
    assert entry.on_behalf_of == matter.for_resident_id and entry.account_id == house.cast.accounts[SPECIALIST].id
    assert entry.facts["consent"] == "family" and "王" not in str(entry.facts)
    told = text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/"))
    assert "李娜替王*英，家属代为同意" in told
    assert "李娜替王*英" in text(house.get("王桂英", f"/matters/{matter.id}/"))  # she sees who spoke for her


def test_what_one_finds_on_a_round_needs_nobodys_consent(house):  # noqa: F811
    page = house.post(SPECIALIST, "/desk/report/", SENT | {"where": "东门口"}, follow=True)
    assert title(page) == "记好了，把凭条交给居民"


def test_whom_one_helped_lately_is_one_tap_away(house):  # noqa: F811
    assert "最近替他们办过" not in text(house.get(SPECIALIST, "/desk/report/"))
    house.post(SPECIALIST, "/desk/report/", SENT | {"resident": chosen(house, "王桂英"), "consent": "phone"})
    page = text(house.get(SPECIALIST, "/desk/report/"))
    assert "最近替他们办过" in page and f"?resident={chosen(house, '王桂英')}" in page


def test_the_slip_says_number_next_step_and_phone_and_leads_to_the_matter(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    page = text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/slip/"))
    assert re.search(rf"slip__number[^>]*>{matter.number}<", page) and "李娜正在办，承诺" in page
    assert "0571" in page and 'class="slip__code"' in page and "10012340001" not in page
    assert 'class="slip slip--a4"' in page
    assert 'class="slip slip--80"' in text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/slip/?paper=80"))
    assert house.get(RESIDENT, f"/desk/matters/{matter.id}/slip/").status_code == 404
    west = house.report(name="老马", door="9-1-101")
    assert house.get(SPECIALIST, f"/desk/matters/{west.id}/slip/").status_code == 404
