"""Pages of what did not work: each says what happened, what became of the input, what to do, and a number that is in the log."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.test import Client, RequestFactory

from linli.core import planned, problem_pages
from linli.core.clock import now
from linli.core.errors import Conflict, TooMany
from linli.core.ids import uuid7
from linli.core.planned import Stop

TITLE = re.compile(r'id="what">(.*?)</h1>', re.S)
NUMBER = re.compile(r'failed__number">.*?<b class="number">([2-9A-Z]{4})</b>', re.S)


def asked(method="get", **cookies):
    request = getattr(RequestFactory(), method)("/x/")
    request.COOKIES.update(cookies)
    request.number = problem_pages.number_of(uuid7())
    return request


@pytest.fixture
def home(settings, tmp_path):
    settings.LINLI_HOME = tmp_path


def page_of(response):
    return response.content.decode()


@pytest.mark.parametrize("status", sorted(problem_pages.PAGES))
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("look", ["normal.dark.1", "care.light.2"])
def test_every_page_says_what_happened_what_to_do_and_whom_to_ring(status, method, look):
    request = asked(method, **{"__Host-look": look})
    page = page_of(problem_pages.failed(request, status, problem=Conflict() if status in (409, 422, 429) else None))
    assert re.sub(r"<.*?>", "", TITLE.search(page).group(1)).strip()
    assert "tel:" in page and ("回首页" in page or "再打开一次" in page)
    assert NUMBER.search(page).group(1) == request.number
    assert f'data-theme="{look.split(".")[1]}"' in page and f'data-mode="{look.split(".")[0]}"' in page
    if method == "post":
        assert "failed__kept" in page, "says what became of what one wrote"
    assert 'class="drawing"' in page and page.count("<h1") == 1


def test_a_swapped_part_is_short_and_says_that_the_words_are_still_there():
    request = asked("post")
    request.META["HTTP_HX_REQUEST"] = "true"
    page = page_of(problem_pages.problem_page(request, Conflict()))
    assert "您填的还在这一页" in page and 'class="drawing"' not in page and "回首页" not in page


def test_too_often_says_when_to_come_back():
    response = problem_pages.problem_page(asked("post"), TooMany(retry_after=90))
    assert response.status_code == 429 and response["Retry-After"] == "90"


def test_too_much_at_once_is_told_from_an_address_cut_short():
    assert problem_pages.bad_request(asked("post"), RequestDataTooBig()).status_code == 413
    assert problem_pages.bad_request(asked(), SuspiciousOperation()).status_code == 400


def test_a_database_that_is_away_is_a_pause_and_a_bug_is_a_bug():
    for state, status in [(None, 503), ("57P03", 503), ("53300", 503), ("40P01", 500)]:
        try:
            raise OperationalError from _database_says(state)
        except OperationalError:
            response = problem_pages.server_error(asked("post"))
        assert response.status_code == status, state
        assert response.has_header("Retry-After") == (status == 503)
    assert problem_pages.server_error(asked()).status_code == 500


def _database_says(state):
    error = Exception()
    error.sqlstate = state
    return error


def test_a_page_that_cannot_be_drawn_falls_back_to_one_that_needs_nothing(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no templates")

    monkeypatch.setattr(problem_pages, "render", broken)
    response = problem_pages.server_error(asked())
    page = page_of(response)
    assert (
        response.status_code == 500 and "没有丢" in page and "/static/linli/linli.css" in page and "<script" not in page
    )


def test_numbers_are_easy_to_say_on_the_telephone():
    numbers = {problem_pages.number_of(uuid7()) for _ in range(500)}
    assert len(numbers) > 490 and not set("".join(numbers)) & set("01OIL")


def test_the_number_on_the_page_is_in_the_log(client: Client, db, monkeypatch):
    lines = []
    monkeypatch.setattr(
        problem_pages, "log", SimpleNamespace(info=lambda event, **facts: lines.append((event, facts, bound())))
    )
    page = page_of(client.get("/nothing/"))
    assert [(event, facts["status"], held["number"]) for event, facts, held in lines] == [
        ("problem page", 404, NUMBER.search(page).group(1))
    ]


def bound():
    import structlog

    return structlog.contextvars.get_contextvars()


# -- in the product --------------------------------------------------------------------------------------------------


def test_an_unknown_address_keeps_the_face_one_was_on(browse, cast):
    staff = browse(cast.accounts["李娜"])
    at_desk = page_of(staff.get(f"/c/{cast.here.code}/desk/nothing/"))
    assert 'class="side"' in at_desk and "没有找到这一页" in at_desk
    at_home = page_of(browse(cast.accounts["王芳"]).get(f"/c/{cast.here.code}/nothing/"))
    assert 'class="tabs"' in at_home and 'class="side"' not in at_home
    assert 'class="side"' not in page_of(browse(cast.accounts["王芳"]).get(f"/c/{cast.here.code}/desk/nothing/"))


def test_who_may_and_who_can_open_it_are_named(browse, cast):
    response = browse(cast.accounts["李娜"]).get(f"/c/{cast.here.code}/desk/trail/")
    page = page_of(response)
    assert response.status_code == 403
    assert "这一步由社区书记、审计管理员来办" in page and "<b>赵敏</b>" in page


def test_an_address_for_buttons_does_not_stay_white(client, db):
    response = client.get("/look/")
    assert response.status_code == 405 and response["Allow"] == "POST" and "这里要从按钮进来" in page_of(response)


# -- a planned stop --------------------------------------------------------------------------------------------------


def test_a_planned_stop_is_told_a_day_before_and_not_earlier(home, client, db):
    planned.plan(Stop(now() + timedelta(hours=30), now() + timedelta(hours=31), "装新版本。"))
    assert "停机维护" not in page_of(client.get("/sign-in/"))
    planned.plan(Stop(now() + timedelta(hours=3), now() + timedelta(hours=4), "装新版本。"))
    page = page_of(client.get("/sign-in/"))
    assert "起停机维护" in page and "装新版本。" in page


def test_while_it_lasts_every_address_says_when_it_ends_and_asks_no_database(home, client):
    planned.plan(Stop(now() - timedelta(minutes=1), now() + timedelta(minutes=29)))
    response = client.get("/sign-in/")  # no `db`: a query would fail this test
    assert response.status_code == 503 and 1700 < int(response["Retry-After"]) <= 1740
    assert "正在维护，" in page_of(response) and "没有丢" in page_of(response)
    answer = client.get("/api/communities")
    assert answer.status_code == 503 and answer["Retry-After"] and json.loads(answer.content)["code"] == "stopped"


def test_a_stop_that_is_over_taken_back_or_unreadable_stops_nothing(home, client, db):
    planned.plan(Stop(now() - timedelta(minutes=9), now() - timedelta(minutes=1)))
    assert client.get("/sign-in/").status_code == 200
    planned.file().write_text("{", encoding="utf-8")
    assert client.get("/sign-in/").status_code == 200
    planned.plan(None)
    assert planned.planned() is None


def test_the_command_reads_times_as_people_write_them(home, capsys):
    from linli.core import cli

    def run(*words):
        starts_at, until = [*words, None, None][:2]
        return cli._stop(SimpleNamespace(starts_at=starts_at, until=until, words="", off=False))

    assert run("2026-11-25T22:00", "00:30") == 0
    assert "11-25 22:00 停机，11-26 00:30 恢复" in capsys.readouterr().out
    assert run("十点", "22:30") == 1 and run("22:00") == 1 and run("2026-11-25T22:00", "2026-11-25T21:00") == 1
    assert cli._stop(SimpleNamespace(starts_at=None, until=None, words="", off=True)) == 0 and planned.planned() is None
