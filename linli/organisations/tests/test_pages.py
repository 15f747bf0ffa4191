"""The desk's pages of organisations, without a script: what is sent, what comes back, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from linli.core import clock
from linli.core.access import Role
from linli.core.tenancy import active
from linli.organisations import actions
from linli.organisations.models import Organisation, Venue
from linli.places.tests.factories import staff

BASE = "/c/330105002053/desk/organisations/"


@pytest.fixture
def branch(cast) -> Organisation:
    with active(cast.here.id):
        zhao, since, area = staff(Role.SECRETARY), date(2024, 1, 1), cast.here.sub_areas[0]
        committee = actions.add_organisation(zhao, kind="committee", name="社区党委", from_on=since)
        row = actions.add_organisation(
            zhao, kind="general_branch", name="东片总支", parent=committee, sub_area=area, from_on=since
        )
        wang = cast.residents["王芳"]
        actions.give_post(zhao, organisation=row, role="secretary", resident=wang, from_on=since)
    return row


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(cast, browse) -> None:
    lina = browse(cast.accounts["李娜"])
    answer = lina.post(f"{BASE}add/", {"kind": "partner_unit", "phone": "10020000031", "words": "义诊"})
    said = answer.content.decode()
    assert answer.status_code == 422 and "请写上组织的名称" in said and "也写上是谁的电话" in said
    assert "请选服务的片区" in said and 'value="义诊"' in said
    where = f"area:{cast.here.sub_areas[1].pk}"
    elsewhere = {"kind": "partner_unit", "name": "清渠诊所", "where": where}
    assert lina.post(f"{BASE}add/", elsewhere).status_code == 422, "not among the specialist's own"


def test_a_wrong_phone_leaves_no_half_organisation(cast, browse) -> None:
    lina = browse(cast.accounts["李娜"])
    where = f"area:{cast.here.sub_areas[0].pk}"
    sent = {"kind": "partner_unit", "name": "清渠诊所", "where": where, "contact": "陈明", "phone": "12345"}
    assert lina.post(f"{BASE}add/", sent).status_code == 422
    with active(cast.here.id):
        assert not Organisation.objects.exists()
    assert lina.post(f"{BASE}add/", sent | {"phone": "10020000031"}).status_code == 302


def test_a_taken_seat_is_said_and_the_successor_found_by_name_and_door(cast, browse, branch) -> None:
    zhao = browse(cast.accounts["赵敏"])
    sent = {"post-role": "secretary", "post-name": "王桂英", "post-door": "48-1-102", "post-from_on": "2026-01-01"}
    taken = zhao.post(f"{BASE}{branch.pk}/posts/", sent)
    assert taken.status_code == 409 and "已经有人担任这个职务" in taken.content.decode()
    assert (
        "这一户没有登记这位居民"
        in zhao.post(f"{BASE}{branch.pk}/posts/", sent | {"post-door": "48-2-301"}).content.decode()
    )
    assert zhao.post(f"{BASE}{branch.pk}/posts/", sent | {"post-succeeding": "on"}).status_code == 302
    told = zhao.get(f"{BASE}{branch.pk}/").content.decode()
    assert "王桂英任书记" in told and "王芳不再担任书记" in told


def test_a_number_is_shown_once_for_a_reason(cast, browse) -> None:
    with active(cast.here.id):
        zhao = staff(Role.SECRETARY)
        unit = actions.add_organisation(zhao, kind="partner_unit", name="清渠诊所", from_on=date(2024, 1, 1))
        post = actions.give_post(
            zhao, organisation=unit, role="contact", name="陈明", phone="10020000031", from_on=date(2024, 1, 1)
        )
    chen = browse(cast.accounts["陈建国"])
    assert "10020000031" not in chen.get(f"{BASE}{unit.pk}/").content.decode()
    assert chen.post(f"{BASE}posts/{post.pk}/reveal/", {"reason": ""}).status_code == 422
    shown = chen.post(f"{BASE}posts/{post.pk}/reveal/", {"reason": "联系共建活动"}).content.decode()
    assert "10020000031" in shown
    assert "10020000031" not in chen.get(f"{BASE}{unit.pk}/").content.decode()


def test_a_venue_is_registered_put_right_and_given_up(cast, browse) -> None:
    lina, where = browse(cast.accounts["李娜"]), f"area:{cast.here.sub_areas[0].pk}"
    sent = {"name": "议事厅", "kind": "meeting", "where": where, "building": "48幢", "from_on": "2025-01-01"}
    assert "没有找到这个地方" in lina.post(f"{BASE}venues/add/", sent | {"building": "999幢"}).content.decode()
    page = lina.post(f"{BASE}venues/add/", sent)["Location"]
    assert lina.post(page, sent | {"capacity": "40"}).status_code == 302
    assert "40 人" in lina.get(f"{BASE}lists/").content.decode()
    assert browse(cast.accounts["孙伟"]).post(page, sent | {"name": "改了"}).status_code in (403, 422)
    assert lina.post(f"{page}end/", {"end-on": "2026-02-01"}).status_code == 302
    assert "议事厅" not in lina.get(f"{BASE}lists/").content.decode()
    assert "议事厅" in lina.get(f"{BASE}lists/?day=2026-01-31").content.decode()
    with active(cast.here.id):
        assert Venue.objects.get().until == date(2026, 2, 1)


def test_the_lists_are_taken_as_a_workbook_and_the_trail_knows(cast, browse, branch) -> None:
    sent = {"sub_area": cast.here.sub_areas[0].code, "day": f"{clock.today():%Y-%m-%d}"}
    answer = browse(cast.accounts["李娜"]).post(f"{BASE}lists/sheet/", sent)
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    trail = browse(cast.accounts["赵敏"]).get("/c/330105002053/desk/trail/").content.decode()
    assert "导出五张清单" in trail


def test_the_one_box_finds_by_name_pinyin_and_initials(cast, browse, branch) -> None:
    lina = browse(cast.accounts["李娜"])
    for typed in ("东片总", "dpzz", "dong pian"):
        assert f"{BASE}{branch.pk}/" in lina.post("/c/330105002053/desk/find/", {"q": typed}).content.decode()


def test_a_line_that_is_due_is_confirmed_by_one_tap_on_the_list(cast, browse) -> None:
    area = cast.here.sub_areas[0]
    with active(cast.here.id):
        zhao = cast.actor("赵敏")
        with clock.at(clock.now() - timedelta(days=400)):
            mine = actions.add_organisation(
                zhao, kind="partner_unit", name="清渠诊所", from_on=date(2024, 1, 1), sub_area=area
            )
            everyones = actions.add_organisation(zhao, kind="partner_unit", name="全域公司", from_on=date(2024, 1, 1))
    lists, tap = f"{BASE}lists/?sub_area={area.code}", f"{BASE}{mine.pk}/confirm/"
    lina = browse(cast.accounts["李娜"])
    page = lina.get(lists).content.decode()
    assert f'formaction="{tap}"' in page and f'formaction="{BASE}{everyones.pk}/confirm/"' not in page
    assert "formaction" not in lina.get(f"{lists}&day=2026-01-01").content.decode(), "a past day is not confirmed"
    assert "formaction" not in browse(cast.accounts["周国平"]).get(lists).content.decode()
    back = lina.post(tap, {"sub_area": area.code, "list": "partners"})
    assert back["Location"].endswith(f"lists/?sub_area={area.code}#partners")
    assert f'formaction="{tap}"' not in lina.get(lists).content.decode()
