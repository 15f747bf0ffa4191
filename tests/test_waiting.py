"""What waits for somebody's decision: for whom it counts, for whom it does not, and what asking costs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.accounts import actions as accounts
from linli.accounts.queries import actor_for
from linli.core import clock
from linli.core.ids import uuid7
from linli.core.tenancy import active
from linli.core.waiting import kinds_for, waiting_for
from linli.imports import actions as imports
from linli.lists.models import Export
from linli.residents import asked, queries
from linli.residents.actions.asking import request_correction
from linli.residents.models import CorrectionRequest
from linli.rights import actions as rights

pytestmark = pytest.mark.django_db
DESK = "/c/330105002053/desk/"


def counts(actor):
    return {each.kind.code: each.count for each in waiting_for(actor)}


@pytest.fixture
def begun(cast, here):
    """One of each kind: 李娜 asks to correct a name and opens an emergency, 路人 wants to be linked, 王芳 asks and corrects her own
    phone, 赵敏 sends a roster, and somebody else an export."""
    li, wang = cast.actor("李娜"), cast.residents["王芳"]
    request_correction(li, wang, "name", "王方", "证件上是方字", evidence="身份证")
    request_correction(cast.actor("王芳"), wang, "former_name", "王小芳", "小时候的名字")
    accounts.open_emergency(li, reason="老人电话里说胸口疼，家人联系不上")
    accounts.request_link(actor_for(cast.accounts["路人"], cast.here.community), name="老马", door="9-1-101")
    rights.ask_request(cast.actor("王芳"), resident=wang, kind="explain", words="请说明电话从哪里来的")
    imports.take_in(cast.actor("赵敏"), content="姓名,电话\n王芳,10000000001\n".encode(), name="名册.csv")
    export = Export(name="全部居民", reason="台风转移核对", count=900, state="waiting", made_by=uuid7())
    export.made_at = clock.now()
    export.save(force_insert=True)


def test_each_is_told_what_is_theirs_to_decide(cast, begun):
    all_kinds = {"corrections": 2, "links": 1, "rights": 1, "exports": 1, "imports": 1, "emergencies": 1}
    assert counts(cast.actor("赵敏")) == all_kinds
    assert counts(cast.actor("陈建国")) == {code: n for code, n in all_kinds.items() if code != "emergencies"}
    assert counts(cast.actor("审计员")) == {"emergencies": 1}
    assert counts(cast.actor("周国平")) == counts(cast.actor("管理员")) == counts(cast.actor("王芳")) == {}


def test_a_specialist_is_told_of_her_patch_and_never_of_her_own_asking(cast, begun):
    assert counts(cast.actor("李娜")) == {"corrections": 1, "links": 1, "rights": 1}
    assert counts(cast.actor("孙伟")) == {"links": 1}


@pytest.mark.parametrize("who", ["李娜", "孙伟", "陈建国", "赵敏"])
def test_what_is_counted_is_what_one_may_decide(cast, begun, who):
    actor = cast.actor(who)
    one_by_one = {
        row.pk for row in CorrectionRequest.objects.filter(state="requested") if queries.may_decide(actor, row)
    }
    assert {row.pk for row in asked.to_decide(actor)} == one_by_one


def test_the_next_community_has_nothing_to_do_with_it(cast, begun):
    with active(cast.sibling.id):
        assert counts(cast.actor("郑涛", cast.sibling)) == {}


def test_asking_costs_one_statement_while_nothing_is_open_and_two_otherwise(cast, here, request):
    actor = cast.actor("赵敏")
    with CaptureQueriesContext(connection) as before:
        assert waiting_for(actor) == []
    request.getfixturevalue("begun")
    with CaptureQueriesContext(connection) as after:
        assert waiting_for(actor)
    assert (len(before), len(after)) == (1, 2)


def test_what_is_open_in_the_community_is_never_less_than_what_is_mine(cast, begun):
    """The first question only spares the second: it must not hide anything."""
    for who in ("李娜", "陈建国", "赵敏", "审计员"):
        actor = cast.actor(who)
        for kind in kinds_for(actor):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {kind.table} WHERE community_id = 1 AND {kind.where}")
                assert cursor.fetchone()[0] >= kind.rows(actor).count()


def test_the_page_names_each_and_the_side_says_the_same_number(cast, begun, browse):
    page = browse(cast.accounts["赵敏"]).get(DESK + "waiting/").content.decode()
    assert "7 件等您处理，" in page
    side = page.split('<nav class="side"')[1].split("</nav>")[0]
    assert re.search(r'等您处理\s*<span class="side__count">7</span>', side)
    assert side.count("side__count") == 1
    main = page.split("<main")[1]
    for address in ("residents/corrections/", "links/", "rights/", "lists/exports/", "imports/", "emergency/"):
        assert f'href="{DESK}{address}' in main, address


def test_nothing_to_do_is_said_kindly(cast, here, browse):
    page = browse(cast.accounts["赵敏"]).get(DESK + "waiting/").content.decode()
    assert "没有等您处理的" in page and "都处理完了" in page
    assert browse(cast.accounts["王芳"]).get(DESK + "waiting/").status_code == 404
