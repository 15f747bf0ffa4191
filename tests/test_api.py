"""The API from outside: who sees what, what may be done, and that every "no" is a sentence in problem+json."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

import config.urls
from linli.accounts.models import Scope
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.matters.models import Matter
from tests.api_factories import REPORT, Caller, caller, cast_for_a_module, matters_in_every_state, problem, shown

pytestmark = pytest.mark.django_db
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FULL_PHONE = re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])")
FULL_ID_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
needs_site_handlers = pytest.mark.skipif(
    not hasattr(config.urls, "handler404"), reason="config.urls names no handler404 yet (linli.core.api.not_found)"
)


@pytest.fixture(scope="module")
def cast(django_db_blocker):
    with cast_for_a_module(django_db_blocker) as made:
        yield made


@pytest.fixture
def specialist(cast) -> Caller:
    return caller(cast, "李娜")


@pytest.fixture
def wang(cast) -> Caller:
    return caller(cast, "王芳")


@pytest.fixture
def secretary(cast) -> Caller:
    return caller(cast, "赵敏")


@pytest.fixture
def nobody(cast) -> Caller:
    return caller(cast, None)


# --- who


def test_without_a_token_everything_is_401_and_says_how_to_sign_in(nobody):
    for path in (
        "/api/communities",
        "kinds",
        "matters",
        "residents",
        "buildings",
        "messages",
        "figures/month?month=2026-11",
    ):
        response = nobody.get(path)
        assert "口令" in problem(response, 401)["detail"] and response["WWW-Authenticate"] == "Bearer"
    problem(nobody.post("matters", REPORT), 401)


def test_a_token_that_nobody_made_is_401(cast):
    assert Caller("linli_" + "x" * 40, cast.here.code).get("kinds").status_code == 401


def test_communities_are_those_one_may_enter(cast, wang):
    assert shown(wang.get("/api/communities"))["items"] == [
        {"code": cast.here.code, "name": "仓基新村社区", "as_role": "居民"}
    ]
    official = shown(caller(cast, "周国平").get("/api/communities"))["items"]
    assert {one["code"] for one in official} == {cast.here.code, cast.sibling.code}


def test_a_token_for_one_community_reaches_no_other(cast):
    bound = caller(cast, "周国平", community=cast.here.community)
    assert [one["code"] for one in shown(bound.get("/api/communities"))["items"]] == [cast.here.code]
    assert bound.get("kinds").status_code == 200
    assert bound.get(f"/api/c/{cast.sibling.code}/kinds").status_code == 404


def test_a_token_for_looking_changes_nothing(cast):
    looking = caller(cast, "王芳", scopes=(Scope.READ,))
    assert looking.post("matters", REPORT).status_code == 403
    with active(cast.here.id):
        assert not Matter.objects.exists()


def test_a_browser_session_needs_the_csrf_token(cast):
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(cast.accounts["王芳"], backend="django.contrib.auth.backends.ModelBackend")
    url = f"/api/c/{cast.here.code}/matters"
    assert client.get(url).status_code == 200
    assert client.post(url, REPORT, content_type="application/json").status_code == 403


@needs_site_handlers
def test_an_unknown_community_is_404_in_json(specialist):
    problem(specialist.get("/api/c/999999999999/kinds"), 404)


def test_an_unknown_address_is_404_in_json(specialist, nobody):
    problem(specialist.get("nothing-here"), 404)
    problem(nobody.post("/api/nothing-here"), 404)
    problem(specialist.get("matters/not-a-uuid"), 404)


def test_a_method_nobody_offers_is_405_and_says_which_are(specialist):
    response = specialist.send("DELETE", "kinds")
    problem(response, 405)
    assert response["Allow"] == "GET"


# --- places, residents


def test_places_and_one_building_with_its_doors(cast, specialist, wang):
    areas = shown(specialist.get("sub-areas"))["items"]
    assert [(area["name"], area["buildings"]) for area in areas] == [("东片区", 2), ("西片区", 1)]
    east = shown(specialist.get(f"buildings?sub_area_id={areas[0]['id']}"))["items"]
    assert [building["name"] for building in east] == ["48幢", "49幢"]
    detail = shown(specialist.get(f"buildings/{east[0]['id']}"))
    doors = [[door["door"] for door in entrance["doors"]] for entrance in detail["entrances"]]
    assert len(doors) == 2 and doors[1][0] == "48-2-301"
    hers = shown(wang.get(f"buildings/{east[0]['id']}"))
    assert [entrance["doors"] for entrance in hers["entrances"]] == [[], []]


def test_residents_are_masked_and_bound_to_the_patch(cast, specialist, secretary, wang):
    everybody = shown(secretary.get("residents"))["items"]
    assert sorted(card["name"] for card in everybody) == ["王*", "王*英", "老*"]
    east = shown(specialist.get("residents"))["items"]
    assert {tuple(card["doors"]) for card in east} == {("48-2-301",), ("48-1-102",)}
    assert [card["phone"] for card in shown(wang.get("residents"))["items"]] == ["100****0001"]
    outside = cast.residents["老马"].id
    problem(specialist.get(f"residents/{outside}"), 404)
    assert shown(secretary.get(f"residents/{outside}"))["id"] == str(outside)
    assert [card["name"] for card in shown(secretary.get("residents?q=wangguiying"))["items"]] == ["王*英"]


def test_no_answer_holds_a_whole_phone_or_id_number(cast, secretary):
    matters_in_every_state(cast)
    said = {
        **REPORT,
        "words": "请打 10012340002 找王奶奶,身份证 990105193903010018",
        "contact_phone": "10012340002",
        "contact_name": "王桂英",
    }
    matter = shown(secretary.post("matters", {**said, "source": "desk"}), 201)
    secretary.post(f"matters/{matter['id']}/note", {"words": "x"})
    paths = [
        "residents",
        "matters?limit=100",
        "messages",
        f"matters/{matter['id']}",
        f"residents/{cast.residents['王桂英'].id}",
    ]
    for path in paths:
        body = UUID.sub("", secretary.get(path).content.decode())  # eleven figures of an id may look like a phone
        assert not FULL_PHONE.search(body) and not FULL_ID_NUMBER.search(body), path
    assert matter["words"] == "请打 100****0002 找王奶奶,身份证 990***********0018"
    assert matter["contact"] == "王*英 100****0002"


# --- a matter, end to end


def test_a_matter_from_report_to_rating(cast, wang, specialist):
    matter = shown(wang.post("matters", REPORT), 201)
    assert (matter["state"], matter["queue"], matter["place"], matter["is_mine"]) == (
        "reported",
        "front",
        "48幢2单元",
        True,
    )
    path = f"matters/{matter['id']}"
    assert shown(specialist.post(f"{path}/accept"))["state"] == "accepted"
    assert shown(specialist.post(f"{path}/note", {"words": "换了灯泡"}))["steps"][-1]["words"] == "换了灯泡"
    assert shown(specialist.post(f"{path}/answer", {"words": "亮了", "ending": "solved"}))["state"] == "fed_back"
    assert shown(wang.post(f"{path}/reopen", {"words": "又灭了"}))["reopened_count"] == 1
    assert shown(specialist.post(f"{path}/answer", {"words": "换了镇流器", "ending": "solved"}))["ending"] == "solved"
    closed = shown(wang.post(f"{path}/confirm", {"rating": 5, "words": "多谢"}))
    assert (closed["state"], closed["rating"]) == ("closed", 5)
    titles = [step["title"] for step in shown(wang.get(path))["steps"]]
    assert titles[0] == "已上报" and titles[-1] == "上报人评价" and len(titles) == 8
    with active(cast.here.id):
        assert set(TrailEntry.objects.filter(subject_id=matter["id"]).values_list("via", flat=True)) == {"api"}


def test_the_same_id_again_is_the_same_matter(cast, wang):
    key = str(uuid7())
    first = shown(wang.post("matters", {**REPORT, "id": key}), 201)
    again = shown(wang.post("matters", REPORT, **{"idempotency-key": key}), 201)
    assert first["id"] == again["id"] == key and first["number"] == again["number"]
    with active(cast.here.id):
        assert Matter.objects.count() == TrailEntry.objects.filter(verb="matter.reported").count() == 1
    problem(wang.post("matters", {**REPORT, "id": key, "words": "别的事"}), 409, "core.id_taken")
    problem(caller(cast, "王桂英").post("matters", {**REPORT, "id": key}), 409, "core.id_taken")
    problem(wang.post("matters", {**REPORT, "id": key}, **{"idempotency-key": str(uuid7())}), 409)


def test_a_refused_step_leaves_nothing_behind(cast, wang, specialist):
    matters = matters_in_every_state(cast)
    with active(cast.here.id):
        before = TrailEntry.objects.count()
    problem(
        specialist.post(f"matters/{matters['closed'].id}/answer", {"words": "好", "ending": "solved"}),
        409,
        "state.out_of_turn",
    )
    problem(wang.post(f"matters/{matters['reported'].id}/accept"), 403)
    problem(specialist.post(f"matters/{matters['passed'].id}/accept"), 403, "matter.not_yours")
    problem(caller(cast, "孙伟").post(f"matters/{matters['reported'].id}/accept"), 404)
    problem(specialist.post(f"matters/{matters['fed_back'].id}/confirm", {}), 403, "matter.not_the_reporter")
    with active(cast.here.id):
        assert TrailEntry.objects.count() == before


def test_pass_refuse_and_call_back(cast, specialist):
    matters = matters_in_every_state(cast)
    assert (
        shown(specialist.post(f"matters/{matters['reported'].id}/refuse", {"words": "请找物业"}))["state"] == "refused"
    )
    assert shown(specialist.post(f"matters/{matters['accepted'].id}/pass", {}))["queue"] == "back"
    assert (
        shown(specialist.post(f"matters/{matters['fed_back'].id}/call-back", {"words": "周二电话,满意"}))["state"]
        == "closed"
    )


def test_a_place_can_be_named_by_its_id(cast, wang, specialist):
    with active(cast.here.id):
        dwelling = cast.here.door("48-2-301")
        ids = {"48幢": dwelling.entrance.building_id, "48幢2单元": dwelling.entrance_id, "48幢2单元301室": dwelling.id}
    for label, place_id in ids.items():
        matter = shown(specialist.post("matters", {**REPORT, "where": "转角", "place_id": str(place_id)}), 201)
        assert matter["place"] == f"{label} 转角"
    problem(wang.post("matters", {**REPORT, "place_id": str(dwelling.id)}), 404)  # residents name a door in words
    assert problem(wang.post("matters", {**REPORT, "place_id": str(uuid4())}), 404)["field"] == "place_id"


def test_the_list_is_filtered_and_the_month_counts_the_same(cast, secretary, specialist):
    matters_in_every_state(cast)
    everything = shown(secretary.get("matters"))["items"]
    assert len(everything) == 6 and everything[0]["number"] > everything[-1]["number"]
    assert [m["state"] for m in shown(secretary.get("matters?state=closed"))["items"]] == ["closed"]
    assert shown(secretary.get("matters?kind=noise"))["items"] == []
    assert shown(secretary.get("matters?since=2999-01-01T00:00:00%2B08:00"))["items"] == []
    month = everything[0]["reported_at"][:7]
    figures = shown(secretary.get(f"figures/month?month={month}"))
    assert figures["total"]["total"] == 6 and figures["total"]["solved"] == 2 and figures["total"]["refused"] == 1
    problem(specialist.get(f"figures/month?month={month}"), 403)


def test_messages_are_for_who_may_see_them(specialist, secretary):
    problem(specialist.get("messages"), 403)
    assert shown(secretary.get("messages")) == {"items": [], "next": None}


def test_a_neighbouring_community_sees_nothing(cast):
    matters = matters_in_every_state(cast)
    outsider = caller(cast, "郑涛")
    for path in (f"matters/{matters['reported'].id}", f"residents/{cast.residents['王芳'].id}"):
        problem(outsider.get(path), 404)
    assert shown(outsider.get("matters"))["items"] == shown(outsider.get("residents"))["items"] == []
    next_door = caller(cast, "郑涛", cast.sibling)
    problem(next_door.get(f"matters/{matters['reported'].id}"), 404)


# --- what comes back


def test_chinese_comes_as_chinese(secretary):
    assert "公共设施" in secretary.get("kinds").content.decode()


def test_a_bug_is_500_with_the_requests_id_and_undoes_everything(cast, wang, monkeypatch):
    from linli.matters import actions

    def break_off(*args, **kwargs):
        Matter.objects.all().delete()
        raise ZeroDivisionError("a bug")

    matters_in_every_state(cast)
    monkeypatch.setattr(actions, "report_matter", break_off)
    body = problem(wang.post("matters", REPORT), 500)
    assert body["instance"].startswith("urn:uuid:") and "ZeroDivision" not in str(body)
    with active(cast.here.id):
        assert Matter.objects.count() == 6


def test_a_bug_flies_in_tests(cast, monkeypatch):
    from linli.matters import queries

    monkeypatch.setattr(queries, "kinds_to_report", lambda: 1 / 0)
    client = Client(headers={"host": "localhost", "authorization": f"Bearer {caller(cast, '王芳').secret}"})
    with pytest.raises(ZeroDivisionError):
        client.get(f"/api/c/{cast.here.code}/kinds")


def test_the_docs_page_needs_nobody_elses_server_and_no_script():
    page = Client(headers={"host": "localhost"}).get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200 and "上报" in text and "/api/c/{code}/matters" in text
    assert not re.search(r"(src|href)=\"(https?:)?//", text) and "<script" not in text and " style=" not in text
    assert "nonce" in page["Content-Security-Policy"] or "script-src 'self'" in page["Content-Security-Policy"]
