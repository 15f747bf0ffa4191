"""The secretary's pages of kinds, rules and duty, and a report that asks: as a browser without a script meets them."""

from __future__ import annotations

import pytest
from django.test import Client

from linli.accounts.models import Absence
from linli.core import clock
from linli.core.tenancy import active
from linli.matters import actions
from linli.matters.models import Matter, MatterKind, RoutingRule

pytestmark = pytest.mark.django_db
UNIT = MatterKind._meta.get_field("promise_unit").default


@pytest.fixture
def house(cast):
    class House:
        root = f"/c/{cast.here.code}"

        def browser(self, name):
            client = Client()
            client.force_login(cast.accounts[name], backend="django.contrib.auth.backends.ModelBackend")
            return client

        def get(self, name, path):
            return self.browser(name).get(self.root + path)

        def post(self, name, path, data=None):
            return self.browser(name).post(self.root + path, data or {})

    with active(cast.here.id):
        actions.set_up_routing(cast.actor("赵敏"))
    return House()


def in_here(cast, ask):
    with active(cast.here.id):
        return ask()


def test_the_pages_open_for_the_secretary_and_nobody_else(house, cast):
    kind = in_here(cast, lambda: MatterKind.objects.get(code="leak").pk)
    rule = in_here(cast, lambda: RoutingRule.objects.first().pk)
    pages = ["kinds/", f"kinds/{kind}/", "routing/", "routing/add/", f"routing/{rule}/", "on-duty/"]
    for page in pages:
        assert house.get("赵敏", f"/desk/{page}").status_code == 200, page
        for name, status in (("李娜", 403), ("陈建国", 403), ("周国平", 403), ("王芳", 404), ("郑涛", 404)):
            assert house.get(name, f"/desk/{page}").status_code == status, (page, name)
    theirs = in_here(cast, lambda: kind)
    assert house.browser("郑涛").get(f"/c/{cast.sibling.code}/desk/kinds/{theirs}/").status_code == 404
    assert house.browser("郑涛").get(f"/c/{cast.sibling.code}/desk/routing/{rule}/").status_code == 404


def test_a_report_asks_what_its_kind_asks_and_comes_back_with_what_was_said(house, cast):
    page = house.get("王芳", "/report/?kind=leak").content.decode()
    assert "具体是" in page and "从什么时候开始" in page and "屋顶外墙渗水" in page
    part = house.get("王芳", "/report/kind/?kind=repair&what=repair-lift").content.decode()
    assert "里面有人吗" in part and "<html" not in part

    said = {"kind": "repair", "what": "repair-lift", "words": "电梯停在三楼", "place": "stairs"}
    refused = house.post("王芳", "/report/", said)
    assert refused.status_code == 422 and "请答一下：里面有人吗" in refused.content.decode()
    assert house.post("王芳", "/report/", {**said, "ask-trapped": "是"}).status_code == 302
    matter = in_here(cast, lambda: Matter.objects.select_related("kind").get())
    assert matter.kind.code == "repair-lift" and matter.answers[0]["said"] == "是"
    for name, path in (("王芳", f"/matters/{matter.pk}/"), ("李娜", f"/desk/matters/{matter.pk}/")):
        assert "里面有人吗" in house.get(name, path).content.decode()


def test_a_kind_is_added_filled_in_and_moved_on_its_pages(house, cast):
    added = house.post("赵敏", "/desk/kinds/", {"name": "宠物", "parent": "dispute"})
    assert added.status_code == 302
    said = {
        "name": "狗叫", "parent": "noise", "promise_days": "4", "promise_unit": UNIT, "is_offered": "on", "side": "front", "grade": "", "evidence": "",
        "q0-ask": "几点叫", "q0-type": "choice", "q0-options": "白天，夜里", "say-solved": "说好了。\n牵绳了。",
    }  # fmt: skip
    done = house.post("赵敏", added["Location"].removeprefix(house.root), said)
    assert done.status_code == 302, done.content.decode()[:2000]
    row = in_here(cast, lambda: MatterKind.objects.get(name="狗叫"))
    assert row.path[0] == "noise" and row.questions[0]["options"] == ["白天", "夜里"]
    assert row.templates == {"solved": ["说好了。", "牵绳了。"]}


def test_a_rule_is_tried_changed_and_switched_on_its_pages(house, cast):
    tried = house.post("赵敏", "/desk/routing/", {"kind": "other", "where": "48-2-301", "source": "resident"})
    assert "后台社工" in tried.content.decode() and "就是这条" in tried.content.decode()
    assert in_here(cast, lambda: Matter.objects.count()) == 0
    rule = in_here(cast, lambda: RoutingRule.objects.get(kind__code="other"))
    assert house.post("赵敏", f"/desk/routing/{rule.pk}/switch/", {"to": "off"}).status_code == 302
    tried = house.post("赵敏", "/desk/routing/", {"kind": "leak", "where": "48-2-301", "source": "resident"})
    assert "零散的事先由片区专员办" in tried.content.decode()
    assert house.post("赵敏", "/desk/routing/add/", {"name": "缺交给谁"}).status_code == 422


def test_who_is_away_is_noted_and_comes_back_on_the_page(house, cast):
    lina, sun = cast.accounts["李娜"].pk, cast.accounts["孙伟"].pk
    today = clock.today().isoformat()
    said = {"who": str(lina), "cover": str(sun), "from_on": today, "last_on": today}
    assert house.post("赵敏", "/desk/on-duty/", said).status_code == 302
    assert "孙伟顶岗" in house.get("赵敏", "/desk/on-duty/").content.decode()
    absence = in_here(cast, lambda: Absence.objects.get())
    assert house.post("赵敏", f"/desk/on-duty/{absence.pk}/end/").status_code == 302
    assert "没有人登记不在岗" in house.get("赵敏", "/desk/on-duty/").content.decode()
