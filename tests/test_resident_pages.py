"""What residents find on their own pages: who has it, by when, who looked, and what one can keep."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from linli.core import clock
from linli.core.models import StoredFile
from linli.core.tenancy import active
from linli.matters import actions, queries, rules
from linli.matters.models import Ending, MatterKind, Note, State
from linli.residents import actions as residents


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def root(cast):
    return f"/c/{cast.here.code}"


@pytest.fixture
def wang(cast, browse):
    return browse(cast.accounts["王芳"])


@pytest.fixture
def report(cast):
    def make(words="厨房顶上滴水", days_ago=0):
        with active(cast.here.id), clock.at(clock.now() - timedelta(days=days_ago)):
            kind, spot = MatterKind.objects.get(code="leak"), queries.spot_named("48-2-301")
            return actions.report_matter(cast.actor("王芳"), kind=kind, words=words, spot=spot)

    return make


@pytest.fixture
def by_lina(cast):
    def act(verb, matter, **more):
        with active(cast.here.id):
            return verb(cast.actor("李娜"), matter=matter, **more)

    return act


def test_mine_is_sorted_into_hers_in_hand_and_done(root, wang, report, by_lina):
    report("等人接的")
    by_lina(actions.accept_matter, report("在办的"))
    late = report("晚了的", days_ago=30)
    answered = by_lina(actions.accept_matter, report("答复了的"))
    by_lina(actions.feed_back, answered, ending=Ending.SOLVED, words="换了")
    by_lina(actions.refuse_matter, report("不归这里的"), reason="找物业")
    page = text(wang.get(f"{root}/matters/"))
    order = [
        page.index(words)
        for words in ("等您看看</h2>", "答复了的", "正在办</h2>", "在办的", "办完的</h2>", "不归这里的")
    ]
    assert order == sorted(order)
    for words in ("李娜在办，", "等人接单，", "李娜已经答复", "等人接单，晚了，在催", "不归社区办"):
        assert words in page, words
    assert late.number in page and "1 件事等您看看，3 件在办" in page


def test_mine_asks_a_fixed_number_of_questions(root, wang, report, django_assert_max_num_queries):
    for n in range(6):
        report(f"第 {n} 件")
    with django_assert_max_num_queries(14):
        wang.get(f"{root}/matters/")


def test_home_greets_names_the_specialist_and_has_six_tiles_at_most(root, wang, browse):
    page = text(wang.get(f"{root}/"))
    assert re.search("王芳，(早上|上午|中午|下午|晚上)好", page)
    assert "李娜</b> 您的小区专员" in page and "东片区的事都可以找她" in page
    assert page.count('class="tile"') <= 6
    stranger = text(browse().get(f"{root}/"))
    assert "您的小区专员" not in stranger and "登录后，办到哪一步都看得到" in stranger


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "晚上好"), (5, "早上好"), (10, "上午好"), (12, "中午好"), (15, "下午好"), (19, "晚上好")]
)
def test_greetings(hour, said):
    assert rules.greeting(hour) == said


def test_the_saved_page_keeps_the_number_the_day_and_the_phone(root, wang, report):
    matter = report()
    page = text(wang.get(f"{root}/matters/{matter.id}/saved/"))
    until = queries.promised_until(matter)
    assert f"{until:%-m月%-d日}" in page and "最晚" in page and f'href="{root}/matters/{matter.id}/promise.ics"' in page
    for words in (matter.number, "tel:057100000380", "data-print", "data-copy"):
        assert words in page, words


def test_the_promise_goes_into_a_calendar(root, wang, browse, cast, report):
    matter = report(words="家里的事不写进日历")
    answer = wang.get(f"{root}/matters/{matter.id}/promise.ics")
    body = answer.content.decode()
    until = queries.promised_until(matter)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    whole = body.replace("\r\n ", "")
    assert (
        f"DTSTART;VALUE=DATE:{until:%Y%m%d}\r\n" in whole
        and f"DTEND;VALUE=DATE:{until + timedelta(days=1):%Y%m%d}" in whole
    )
    assert matter.number in whole and f"/matters/{matter.id}/" in whole and "家里的事" not in whole
    assert browse(cast.accounts["老马"]).get(f"{root}/matters/{matter.id}/promise.ics").status_code == 404


def test_the_reporter_adds_words_and_photos_while_it_is_handled(cast, root, wang, report, by_lina):
    matter = by_lina(actions.accept_matter, report())
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "PNG")
    photo = SimpleUploadedFile("p.png", buffer.getvalue(), content_type="image/png")
    added = wang.post(
        f"{root}/matters/{matter.id}/add/", {"add-words": "下午三点以后家里有人", "add-photos": [photo]}, follow=True
    )
    page = text(added)
    assert "下午三点以后家里有人" in page and "上报人补充" in page and "补充的照片" in page
    with active(cast.here.id):
        assert StoredFile.objects.get(owner_id=matter.id).purpose == "added"
        assert Note.objects.get().verb == "matter.added"
        assert queries.may_put_back(cast.actor("李娜"), matter)  # it was not the handler's doing


def test_there_is_nothing_to_add_to_an_answer_and_nobody_else_adds(cast, root, wang, browse, report, by_lina):
    matter = by_lina(actions.accept_matter, report())
    empty = wang.post(f"{root}/matters/{matter.id}/add/", {"add-words": " "})
    assert empty.status_code == 422 and "请写一句要补充的" in text(empty)
    assert (
        browse(cast.accounts["李娜"]).post(f"{root}/matters/{matter.id}/add/", {"add-words": "我来"}).status_code == 403
    )
    assert (
        browse(cast.accounts["老马"]).post(f"{root}/matters/{matter.id}/add/", {"add-words": "我来"}).status_code == 404
    )
    by_lina(actions.feed_back, matter, ending=Ending.SOLVED, words="换了")
    late = wang.post(f"{root}/matters/{matter.id}/add/", {"add-words": "还滴"})
    assert late.status_code == 409 and "还没办好" in text(late)
    with active(cast.here.id):
        assert type(matter).objects.get(pk=matter.pk).state == State.FED_BACK
    assert "补充几句" not in text(wang.get(f"{root}/matters/{matter.id}/"))


def test_my_page_says_where_it_comes_from_and_who_looked(cast, root, wang):
    before = text(wang.get(f"{root}/me/"))
    assert "您登录时填的" in before and "社区登记" in before and "还没有人看过您的完整号码" in before
    with active(cast.here.id):
        residents.reveal(cast.actor("李娜"), resident=cast.residents["王芳"], field="phone", reason="核对漏水联系电话")
    assert "最近一次看全号码" in text(wang.get(f"{root}/me/"))
    page = text(wang.get(f"{root}/me/looks/"))
    assert "李娜" in page and "核对漏水联系电话" in page and "10012340001" not in page


# --- signing in


def test_another_code_is_sent_to_the_same_phone_after_a_minute(db):
    browser = Client(headers={"host": "localhost"})
    browser.post("/sign-in/", {"phone": "10012340777", "next": ""})
    page = text(browser.get("/sign-in/code/"))
    assert re.search(r'data-wait="(5\d|60)"', page) and "100****0777" in page
    too_soon = browser.post("/sign-in/resend/")
    assert too_soon.status_code == 429 and "后再获取" in text(too_soon)
    first = browser.session["sign_in"]
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert browser.post("/sign-in/resend/")["Location"] == "/sign-in/code/"
        again = browser.session["sign_in"]
        assert again["id"] != first["id"] and again["to"] == first["to"]
        wrong = browser.post("/sign-in/code/", {"code": "1"})
        assert "还可以试 4 次" in text(wrong)
        assert browser.post("/sign-in/code/", {"code": again["shown"]}).status_code == 302


def test_nothing_is_resent_to_who_has_asked_for_nothing(db):
    assert Client().post("/sign-in/resend/")["Location"] == "/sign-in/"


# --- 长辈版


def test_the_first_time_in_the_larger_version_is_explained_once(root, wang):
    assert "现在是长辈版" not in text(wang.get(f"{root}/"))
    page = text(wang.post("/look/", {"mode": "care", "next": f"{root}/"}, follow=True))
    for words in ("现在是长辈版", "能办的事一样多", "标准版", 'aria-label="打社区电话'):
        assert words in page, words
    assert "现在是长辈版" in text(wang.post("/look/", {"text": "3", "next": f"{root}/"}, follow=True))
    known = text(wang.post("/look/", {"care": "seen", "next": f"{root}/"}, follow=True))
    assert "现在是长辈版" not in known and 'data-text="3"' in known
    wang.post("/look/", {"mode": "normal"})
    assert "现在是长辈版" not in text(wang.post("/look/", {"mode": "care", "next": f"{root}/"}, follow=True))


def test_it_is_found_under_its_other_names(root, wang):
    page = text(wang.get(f"{root}/"))
    for name in ("关怀版", "亲情版", "关爱版"):
        assert name in page, name
