"""The desk's pages that keep a record right, clicked through as their users would, without a script."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.tenancy import active
from linli.residents import actions
from linli.residents.models import Category, CorrectionRequest, Document, Resident
from linli.residents.models_requests import Asked

DESK = "/c/330105002053/desk/residents/"


@pytest.fixture
def wang(cast):
    return cast.residents["王桂英"]


def page_of(wang) -> str:
    return f"{DESK}{wang.pk}/"


def text(response) -> str:
    return response.content.decode()


def test_one_tap_says_that_the_whole_record_is_still_so(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    assert "还没有人核实过" in text(client.get(page_of(wang)))
    assert client.post(page_of(wang) + "confirm/", {"how": "self"}).status_code == 302
    page = text(client.get(page_of(wang)))
    assert "这份档案现在不用核实" in page and "核实于今天 · 居民本人说" in page
    with active(cast.here.id):
        kept = Resident.objects.get(pk=wang.pk)
        assert kept.check_by is not None and kept.check_by > date(2026, 1, 1)


def test_one_field_alone_is_confirmed_and_a_way_that_is_none_is_asked_for_again(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    assert client.post(page_of(wang) + "confirm/", {"how": "phone", "what": "phone"}).status_code == 302
    assert "核实于今天 · 电话核实" in text(client.get(page_of(wang)))
    refused = client.post(page_of(wang) + "confirm/", {"how": "guess"})
    assert refused.status_code == 422 and "请选一种核实方式" in text(refused)


def test_a_new_phone_is_a_change_since_a_day_and_keeps_the_old_one(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    url = page_of(wang) + "change/phone/"
    typed = {"value": "10012349999", "how": "self", "because": "换了号码"}
    asked = client.post(url, typed)
    assert asked.status_code == 422 and "情况变了，还是原来登记错了" in text(asked)
    assert client.post(url, typed | {"what": "change", "since": "2026-01-02"}).status_code == 302
    with active(cast.here.id):
        assert Resident.objects.get(pk=wang.pk).phone == "10012349999"
    assert "变更居民信息：电话" in text(client.get(page_of(wang)))


def test_a_name_goes_to_a_colleague_who_sees_what_differs_and_agrees(cast, browse, wang):
    lina, chen = browse(cast.accounts["李娜"]), browse(cast.accounts["陈建国"])
    typed = {"value": "王桂瑛", "what": "correct", "how": "papers", "because": "抄错一个字", "evidence": "身份证原件"}
    assert lina.post(page_of(wang) + "change/name/", typed).status_code == 302
    assert "1 项改动在等同事核准" in text(lina.get(page_of(wang)))
    with active(cast.here.id):
        request = CorrectionRequest.objects.get()
    queue = text(lina.get(DESK + "corrections/"))
    assert "撤回申请" in queue and f"{request.pk}/confirm/" not in queue
    queue = text(chen.get(DESK + "corrections/"))
    assert "王*英" in queue and "王*瑛" in queue and "王桂" not in queue and "身份证原件" in queue
    full = text(chen.post(f"{DESK}corrections/{request.pk}/show/"))
    assert "王桂瑛" in full and "王桂英" in full
    assert lina.post(f"{DESK}corrections/{request.pk}/confirm/").status_code == 403
    assert chen.post(f"{DESK}corrections/{request.pk}/confirm/").status_code == 302
    assert chen.post(f"{DESK}corrections/{request.pk}/confirm/").status_code == 409
    with active(cast.here.id):
        assert Resident.objects.get(pk=wang.pk).name == "王桂瑛"
    assert "已核准" in text(lina.get(DESK + "corrections/"))


def test_a_refusal_wants_a_reason_and_whoever_asked_reads_it(cast, browse, wang, as_specialist):
    request = actions.request_correction(as_specialist, wang, "name", "王桂瑛", "抄错一个字")
    zhao = browse(cast.accounts["赵敏"])
    assert zhao.post(f"{DESK}corrections/{request.pk}/refuse/", {"answer": ""}).status_code == 422
    assert zhao.post(f"{DESK}corrections/{request.pk}/refuse/", {"answer": "证件上是英字"}).status_code == 302
    assert "证件上是英字" in text(browse(cast.accounts["李娜"]).get(DESK + "corrections/"))


def test_a_permit_is_written_warned_of_put_right_and_dropped(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    url = page_of(wang) + "documents/add/"
    wrong = client.post(url, {"kind": "hmt_permit", "number": "12345", "how": "papers"})
    assert wrong.status_code == 422 and "香港 H" in text(wrong)
    typed = {"kind": "hmt_permit", "number": "H1234 5678", "how": "papers", "last_on": "2020-01-01"}
    assert client.post(url, typed).status_code == 302
    page = text(client.get(page_of(wang)))
    assert "已过期" in page and "H12345678" not in page
    with active(cast.here.id):
        held = Document.objects.get()
    fixed = {"number": "H12345679", "how": "papers", "last_on": "2099-01-01"}
    assert client.post(f"{DESK}documents/{held.pk}/", fixed).status_code == 302
    assert "已过期" not in text(client.get(page_of(wang)))
    assert client.post(f"{DESK}documents/{held.pk}/drop/").status_code == 302
    assert "没有登记别的证件" in text(client.get(page_of(wang)))


def test_a_check_digit_we_are_not_sure_of_asks_to_compare(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    typed = {"kind": "foreign_permanent_old", "number": "USA330180030210", "how": "papers"}
    asked = client.post(page_of(wang) + "documents/add/", typed)
    assert asked.status_code == 422 and 'name="is_compared"' in text(asked)
    assert client.post(page_of(wang) + "documents/add/", typed | {"is_compared": "on"}).status_code == 302


def test_a_volunteer_is_one_at_once_and_an_allowance_waits(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    url = page_of(wang) + "categories/add/"
    typed = {"from_on": "2026-01-01", "because": "街道批下来了"}
    assert client.post(url, typed | {"kind": "volunteer"}).status_code == 302
    assert client.post(url, typed | {"kind": "subsistence_allowance"}).status_code == 302
    with active(cast.here.id):
        assert [row.kind for row in Category.objects.filter(resident=wang)] == ["volunteer"]
        assert CorrectionRequest.objects.get(state=Asked.REQUESTED).field == "subsistence_allowance"
        volunteer = Category.objects.get()
    assert "登记类别：低保" in text(client.get(page_of(wang)))
    end = client.post(f"{DESK}categories/{volunteer.pk}/end/", {"on": "2026-06-01", "because": "搬走了"})
    assert end.status_code == 302
    assert "已经终止的 1 类" in text(client.get(page_of(wang)))


def test_a_specialist_of_another_patch_finds_nothing(cast, browse, wang, as_specialist):
    held = actions.add_document(as_specialist, resident=wang, kind="511", number="12345678")
    request = actions.request_correction(as_specialist, wang, "name", "王桂瑛", "抄错一个字")
    client = browse(cast.accounts["孙伟"])
    for url in (page_of(wang) + "change/phone/", f"{DESK}documents/{held.pk}/"):
        assert client.get(url).status_code == 404
    assert client.post(f"{DESK}corrections/{request.pk}/withdraw/").status_code == 404
    assert "王*" not in text(client.get(DESK + "corrections/"))


def test_a_death_is_reported_at_the_counter_and_waits_for_a_colleague(cast, browse, wang):
    lina, chen = browse(cast.accounts["李娜"]), browse(cast.accounts["陈建国"])
    assert "登记去世" in text(lina.get(page_of(wang)))
    typed = {"value": "2026-03-01", "what": "correct", "how": "papers", "because": "家属送来死亡证明"}
    assert lina.post(page_of(wang) + "change/died_on/", typed).status_code == 302
    with active(cast.here.id):
        request = CorrectionRequest.objects.get()
        assert Resident.objects.get(pk=wang.pk).died_on is None
    assert chen.post(f"{DESK}corrections/{request.pk}/confirm/").status_code == 302
    with active(cast.here.id):
        assert Resident.objects.get(pk=wang.pk).died_on == date(2026, 3, 1)


def test_a_category_that_changed_keeps_its_past_and_one_written_wrongly_has_none(cast, browse, wang):
    client = browse(cast.accounts["李娜"])
    with active(cast.here.id):
        keeper = cast.actor("赵敏")
        row = actions.grant_category(
            keeper, resident=wang, kind="care_dependent", from_on=date(2024, 1, 1), level="轻度"
        )
    url = f"{DESK}categories/{row.pk}/put/"
    assert "现在登记的：</b>轻度" in text(client.get(url))
    typed = {"level": "中度", "because": "复评", "from_on": "2024-01-01"}
    assert "情况变了，还是原来登记错了" in text(client.post(url, typed))
    same = client.post(url, typed | {"what": "correct", "level": "轻度"})
    assert same.status_code == 422 and "没有要改的" in text(same)
    assert client.post(url, typed | {"what": "change", "on": "2026-01-01"}).status_code == 302
    with active(cast.here.id):
        held = Category.objects.filter(resident=wang, kind="care_dependent").order_by("span")
        assert [(each.level, each.span.lower) for each in held] == [
            ("轻度", date(2024, 1, 1)),
            ("中度", date(2026, 1, 1)),
        ]
        last = held[1]
    page = f"{DESK}categories/{last.pk}/put/"
    assert (
        client.post(page, {"what": "correct", "level": "重度", "because": "抄错", "from_on": "2026-02-01"}).status_code
        == 302
    )
    with active(cast.here.id):
        last = Category.objects.get(pk=last.pk)
        assert (last.level, last.span.lower) == ("重度", date(2026, 2, 1))
        assert Category.objects.filter(resident=wang, kind="care_dependent").count() == 2
    assert browse(cast.accounts["孙伟"]).get(page).status_code == 404


def test_a_grade_that_a_benefit_hangs_on_is_changed_by_two(cast, browse, wang):
    with active(cast.here.id):
        row = actions.grant_category(
            cast.actor("赵敏"), resident=wang, kind="disabled", from_on=date(2024, 1, 1), level="三级"
        )
    client = browse(cast.accounts["李娜"])
    url = f"{DESK}categories/{row.pk}/put/"
    assert "要另一位同事核准" in text(client.get(url))
    typed = {"what": "change", "on": "2026-01-01", "level": "二级", "because": "复评", "evidence": "新发的残疾证"}
    assert client.post(url, typed).status_code == 302
    with active(cast.here.id):
        assert Category.objects.get(kind="disabled").level == "三级"
        request = CorrectionRequest.objects.get(field="disabled")
    queue = " ".join(text(browse(cast.accounts["赵敏"]).get(DESK + "corrections/")).split())
    assert "变更类别：残疾" in queue and "级别：三级" in queue and "级别：二级" in queue
    assert browse(cast.accounts["赵敏"]).post(f"{DESK}corrections/{request.pk}/confirm/").status_code == 302
    with active(cast.here.id):
        assert [each.level for each in Category.objects.filter(kind="disabled").order_by("span")] == ["三级", "二级"]
