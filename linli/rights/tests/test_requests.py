"""Asking about one's own data, the answer by a day, and what may not be deleted yet."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core import clock
from linli.core.errors import NotAllowed
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.residents.models import CorrectionRequest, Residence
from linli.rights import actions, jobs, queries, rules
from linli.rights.models import RightsRequest

WORDS = "电话换成尾号 0012 的了"


@pytest.fixture
def wang(cast):
    return cast.residents["王芳"]


def ask(actor, resident, kind="correct", words=WORDS):
    return actions.ask_request(actor, resident=resident, kind=kind, words=words)


def test_a_request_is_answered_by_a_day_and_told(cast, here, as_wang, as_secretary, wang):
    row = ask(as_wang, wang)
    assert row.due_on == rules.after_working_days(clock.today(), 15)

    actions.answer_request(as_secretary, request=row, outcome="done", answer="已经改好，谢谢您。")

    assert queries.requests_of(as_wang).get().answer == "已经改好，谢谢您。"
    entry = TrailEntry.objects.get(verb="rights.answered")
    assert WORDS not in str(entry.facts)
    jobs.tell_of_answer(community_id=here.id, entry_id=str(entry.id))
    with pytest.raises(OutOfTurn):
        actions.answer_request(as_secretary, request=row, outcome="done", answer="再答复一次看看。")


def test_fifteen_working_days_skip_weekends():
    assert rules.after_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert rules.after_working_days(date(2026, 11, 25), 15) == date(2026, 12, 16)


def test_one_of_a_kind_waits_at_a_time(as_wang, wang):
    row = ask(as_wang, wang)
    with pytest.raises(actions.RequestOpen):
        ask(as_wang, wang)
    actions.withdraw_request(as_wang, request=row)
    ask(as_wang, wang)


def test_nobody_asks_for_another_nor_answers_herself(cast, as_wang, as_secretary, wang):
    with pytest.raises(NotAllowed):
        ask(as_wang, cast.residents["王桂英"])
    row = ask(as_wang, wang)
    with pytest.raises(NotAllowed):
        actions.answer_request(as_wang, request=row, outcome="done", answer="已经改好，谢谢您。")
    RightsRequest.objects.filter(pk=row.pk).update(asked_by=as_secretary.account_id)
    with pytest.raises(NotAllowed):
        actions.answer_request(as_secretary, request=row, outcome="done", answer="已经改好，谢谢您。")


def test_deletion_is_not_promised_while_the_law_asks_to_keep(cast, as_wang, as_secretary, wang):
    row = ask(as_wang, wang, "delete", "请删除我的信息")
    with pytest.raises(actions.MustBeKept):
        actions.answer_request(as_secretary, request=row, outcome="done", answer="今天晚上就删除。")
    residence = Residence.objects.get(resident=wang)
    residents.move_out(as_secretary, residence=residence, on=date(2026, 1, 1))
    assert queries.reasons_to_keep(wang) == []


def test_a_specialist_answers_her_own_patch(cast, as_wang, wang):
    ask(as_wang, wang)
    assert queries.waiting_requests(cast.actor("李娜")).count() == 1
    assert queries.waiting_requests(cast.actor("孙伟")).count() == 0
    assert queries.waiting_requests(cast.actor("周国平")).count() == 0


def test_the_pages_ask_show_and_answer(cast, browse, wang):
    root = f"/c/{cast.here.code}"
    me, boss = browse(cast.accounts["王芳"]), browse(cast.accounts["赵敏"])
    assert "现在还不能全部删除" in me.get(f"{root}/me/requests/").content.decode()
    assert me.post(f"{root}/me/requests/", {"kind": "correct", "words": ""}).status_code == 422
    assert me.post(f"{root}/me/requests/", {"kind": "correct", "words": WORDS}).status_code == 302
    assert "1 个请求在等社区答复" in me.get(f"{root}/me/requests/").content.decode()

    with active(cast.here.id):
        row = RightsRequest.objects.get()
    assert "1 位居民在等答复" in boss.get(f"{root}/desk/rights/").content.decode()
    assert boss.post(f"{root}/desk/rights/{row.id}/", {"outcome": "done", "answer": ""}).status_code == 422
    answer = {"outcome": "done", "answer": "电话已经换好。"}
    assert boss.post(f"{root}/desk/rights/{row.id}/", answer).status_code == 302
    assert "社区答复：电话已经换好。" in me.get(f"{root}/me/requests/").content.decode()


def test_one_wrong_field_is_asked_for_and_put_right_by_a_colleague(cast, browse, wang):
    root = f"/c/{cast.here.code}"
    me = browse(cast.accounts["王芳"])
    address = f"{root}/me/data/{wang.id}/correct/phone/"
    assert f'href="{address}"' in me.get(f"{root}/me/data/").content.decode()
    assert me.post(address, {"value": "12", "because": "换号码了"}).status_code == 422
    assert me.post(address, {"value": "10012340088", "because": "换号码了"}).status_code == 302
    page = me.get(f"{root}/me/requests/").content.decode()
    assert "更正联系电话" in page or "更正电话" in page
    assert "等待核对" in page and "10012340088" not in page

    with active(cast.here.id):
        (row,) = CorrectionRequest.objects.all()
        residents.confirm_correction(cast.actor("赵敏"), request=row)
        wang.refresh_from_db()
        assert wang.phone == "10012340088"
    assert "已改好" in me.get(f"{root}/me/requests/").content.decode()
    assert me.get(f"{root}/me/data/{cast.residents['王桂英'].id}/correct/phone/").status_code == 404
    assert me.get(f"{root}/me/data/{wang.id}/correct/died_on/").status_code == 404
