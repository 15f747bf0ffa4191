"""What the API takes: each thing it cannot use is named, in a sentence; and lists page by page."""

from __future__ import annotations

import re

import pytest

from tests.api_factories import (
    MATTER_IDS,
    REPORT,
    Caller,
    caller,
    cast_for_a_module,
    matters_in_every_state,
    problem,
    shown,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cast(django_db_blocker):
    with cast_for_a_module(django_db_blocker) as made:
        yield made


@pytest.fixture
def wang(cast) -> Caller:
    return caller(cast, "王芳")


@pytest.fixture
def secretary(cast) -> Caller:
    return caller(cast, "赵敏")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "  \u3000"}, "words"),
        ({"words": "灯\x00泡"}, "words"),
        ({"words": "长" * 1001}, "words"),
        ({"words": 5}, "words"),
        ({"words": None}, "words"),
        ({"where": "x" * 121}, "where"),
        ({"id": "5"}, "id"),
        ({"id": 5}, "id"),
        ({"kind": "Repair!"}, "kind"),
        ({"source": "god"}, "source"),
        ({"contact_phone": "12345"}, "contact_phone"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_used_is_422_and_names_the_field(cast, wang, change, field):
    body = problem(wang.post("matters", {**REPORT, **change}), 422)
    assert body["field"] == field and body["errors"][0]["field"] == field
    assert not re.search(r"\b(input|should|valid|field required)\b", body["detail"], re.I)


def test_every_wrong_field_is_named_at_once(wang):
    errors = problem(wang.post("matters", {"colour": "red"}), 422)["errors"]
    assert {error["field"] for error in errors} == {"kind", "words", "where", "colour"}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"words": "\\ud800"}', b"NaN", b"[" * 2000])
def test_a_body_that_is_no_json_is_400(wang, body):
    problem(wang.send("POST", "matters", body), 400, "api.body_unreadable")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"5"])
def test_a_body_that_is_no_object_is_422(wang, body):
    assert problem(wang.send("POST", "matters", body), 422)["field"] == "body"


def test_no_body_at_all_is_422(wang):
    assert problem(wang.send("POST", "matters"), 422)["field"] == "body"


def test_a_body_too_big_is_413(wang):
    problem(wang.post("matters", {**REPORT, "words": "x" * (3 * 1024 * 1024)}), 413)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sate=open", "sate"),
        ("state=nearly", "state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=abc", "limit"),
        ("limit=１０", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=5&limit=6", "limit"),
        ("since=2026-11-22", "since"),
        ("since=2026-11-22T09:30:00", "since"),
        ("since=1700000000", "since"),
        ("since=2026-02-30T09:30:00Z", "since"),
        ("cursor=%00", "cursor"),
    ],
)
def test_a_query_that_cannot_be_used_is_422(wang, query, field):
    assert problem(wang.get(f"matters?{query}"), 422)["field"] == field


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-12:00",
        "0892-11-16T07:47:56%2B17:32",
        "2026-11-22T09:30:00-23:59",
    ],
)
def test_the_ends_of_time_are_no_bug(wang, moment):
    shown(wang.get(f"matters?since={moment}"))


# --- pages


def test_pages_join_without_gap_or_double_while_rows_are_added(cast, secretary, wang):
    matters_in_every_state(cast)
    seen, cursor = [], ""
    for round_ in range(10):
        page = shown(secretary.get(f"matters?limit=2{cursor}"))
        seen += [matter["id"] for matter in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        if round_ == 0:
            wang.post("matters", REPORT)  # newer: in front of what was read
    assert len(seen) == len(set(seen)) == 6


def test_pages_by_name_say_no_name(secretary, cast):
    first = shown(secretary.get("residents?limit=1"))
    assert first["items"][0]["name"] == "老*" and "lao" not in first["next"]
    second = shown(secretary.get(f"residents?limit=2&cursor={first['next']}"))
    assert [card["name"] for card in second["items"]] == ["王*", "王*英"] and second["next"] is None


def test_a_cursor_of_another_list_or_made_up_is_404(cast, secretary):
    matters_in_every_state(cast)
    cursor = shown(secretary.get("matters?limit=1"))["next"]
    problem(secretary.get(f"residents?cursor={cursor}"), 404, "api.page_unknown")
    problem(secretary.get(f"matters?cursor=x{cursor[1:]}"), 404, "api.page_unknown")
    forged = f"{MATTER_IDS['closed'].hex}.{cursor.split('.')[1]}"
    problem(secretary.get(f"matters?cursor={forged}"), 404, "api.page_unknown")
    problem(caller(cast, "郑涛", cast.sibling).get(f"matters?cursor={cursor}"), 404, "api.page_unknown")
