"""Each page of matters as whom it is for sees it, without a script: what it says, what it offers, what it keeps."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.core import clock
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import Ending, Matter, MatterKind, State

pytestmark = pytest.mark.django_db
RESIDENT, SPECIALIST, SECRETARY = "王芳", "李娜", "赵敏"
HARD_WORDS = re.compile("无效|非法|禁止|系统错误|异常|操作失败")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


class House:
    """The cast with a browser each."""

    def __init__(self, cast):
        self.cast, self.root = cast, f"/c/{cast.here.code}"

    def browser(self, name=None):
        client = Client()
        if name:
            client.force_login(self.cast.accounts[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def get(self, name, path, **more):
        return self.browser(name).get(self.root + path, **more)

    def post(self, name, path, data=None, **more):
        return self.browser(name).post(self.root + path, data or {}, **more)

    def act(self, name, verb, **named):
        with active(self.cast.here.id):
            return verb(self.cast.actor(name), **named)

    def report(self, name=RESIDENT, kind="leak", words="厨房顶上滴水", door="48-2-301"):
        with active(self.cast.here.id):
            kind_row, spot = MatterKind.objects.get(code=kind), queries.spot_named(door)
            return actions.report_matter(self.cast.actor(name), kind=kind_row, words=words, spot=spot)

    def answered(self, **more):
        matter = self.act(SPECIALIST, actions.accept_matter, matter=self.report(**more))
        return self.act(SPECIALIST, actions.feed_back, matter=matter, ending=Ending.SOLVED, words="换了水管接头")

    def state_of(self, matter):
        with active(self.cast.here.id):
            return Matter.objects.get(pk=matter.pk).state


@pytest.fixture
def house(cast):
    return House(cast)


def text(response):
    return response.content.decode()


def title(response):
    """The page's news: its h1 without tags."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text(response), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""


def test_home_says_what_waits_and_offers_at_most_six_things(house):
    assert title(house.get(RESIDENT, "/")) == "有事找社区，点一下就行"
    house.report()
    assert title(house.get(RESIDENT, "/")) == "您有 1 件事正在办"
    house.answered(words="楼道灯不亮")
    page = house.get(RESIDENT, "/")
    assert title(page) == "有 1 件事等您看看"
    assert 0 < text(page).count('class="tile"') <= 6
    assert "楼道灯不亮" in text(page) and "厨房顶上滴水" in text(page)


def test_home_without_signing_in_offers_to_and_shows_nobodys_matters(house):
    house.report()
    page = house.get(None, "/")
    assert page.status_code == 200 and "登录后，办到哪一步都看得到" in text(page)
    assert "厨房顶上滴水" not in text(page)


def test_a_known_place_takes_kind_words_and_submit(house):
    page = text(house.get(RESIDENT, "/report/?kind=leak"))
    assert re.search(r'value="leak"[^>]*checked', page) and re.search(r'value="home"[^>]*checked', page)
    report_id = re.search(r'name="id" value="([0-9a-f-]{36})"', page).group(1)
    sent = {"id": report_id, "kind": "leak", "words": "厨房顶上滴水", "place": "home", "whom": "self"}
    saved = house.post(RESIDENT, "/report/", sent, follow=True)
    assert title(saved) == "收到了，我们会办好答复您"
    number = re.search(r'class="result__number">([\d-]+)<', text(saved)).group(1)
    assert (
        "0571" in text(saved)
        and re.search(r"承诺最晚 [0-9]+月[0-9]+日办好并答复您", text(saved))
        and f'data-copy="{number}"' in text(saved)
    )
    again = house.post(RESIDENT, "/report/", sent, follow=True)
    assert number in text(again)
    assert number in text(house.get(RESIDENT, "/matters/"))


def test_a_report_with_something_missing_keeps_what_was_typed(house):
    page = house.post(RESIDENT, "/report/", {"words": "三楼楼道灯不亮", "place": "elsewhere", "whom": "neighbour"})
    assert page.status_code == 422
    assert "三楼楼道灯不亮</textarea>" in text(page)
    for sentence in ("请选一类", "请写一下在哪里", "请写一下邻居怎么称呼"):
        assert text(page).count(sentence) == 2, sentence  # at the field and in the summary, in the same words
    assert re.search(r'value="neighbour"[^>]*checked', text(page))


def test_my_matter_says_who_has_it_and_asks_for_the_last_word(house):
    matter = house.answered()
    page = house.get(RESIDENT, f"/matters/{matter.id}/")
    assert title(page) == "已经答复，请您看看"
    for words in ("换了水管接头", "李娜", "已解决", "48幢2单元301室", matter.number):
        assert words in text(page), words
    for choice in ("办好了，确认", "还没办好", "很满意"):
        assert choice in text(page), choice
    done = house.post(RESIDENT, f"/matters/{matter.id}/confirm/", {"rating": "5", "words": ""}, follow=True)
    assert title(done) == "办结了，谢谢您" and "您评了 <b>5 分</b>" in text(done)


def test_reopening_without_a_word_unfolds_the_form_again(house):
    matter = house.answered()
    page = house.post(RESIDENT, f"/matters/{matter.id}/reopen/", {"reopen-words": " "})
    assert page.status_code == 422 and "请写一句还有什么没解决" in text(page)
    assert '<details class="step only-screen" open>' in text(page)
    assert house.state_of(matter) == State.FED_BACK


def test_a_late_matter_is_not_promised_for_a_day_gone_by(house):
    with clock.at(clock.now() - timedelta(days=30)):
        matter = house.report()
    page = text(house.get(RESIDENT, f"/matters/{matter.id}/"))
    assert "现在晚了，对不起" in page and "超时" in page


def test_the_desk_list_leads_with_what_is_to_be_done(house):
    with clock.at(clock.now() - timedelta(days=30)):
        late = house.report(words="早就该办的")
    house.report(words="刚刚报的")
    page = house.get(SPECIALIST, "/desk/")
    assert title(page) == "今天要办 2 件，1 件超时"
    assert text(page).index("早就该办的") < text(page).index("刚刚报的")
    assert text(page).count('class="is-late') == 1 and "超时 " in text(page)
    assert f'action="{house.root}/desk/matters/{late.id}/accept/"' in text(page)
    assert 'data-live="matter"' in text(page)
    taken = house.post(SPECIALIST, f"/desk/matters/{late.id}/accept/", follow=True)
    assert "李娜在办" in text(taken) and "答复居民" in text(taken)


def test_a_live_refresh_brings_the_part_alone(house):
    matter = house.report()
    for name, path, part in (
        (SPECIALIST, "/desk/", "matters"),
        (SPECIALIST, f"/desk/matters/{matter.id}/", "matter"),
        (RESIDENT, f"/matters/{matter.id}/", "matter"),
        (RESIDENT, "/matters/", "mine"),
        (SECRETARY, "/desk/month/", "tables"),
    ):
        answer = house.get(name, path, headers={"HX-Request": "true"})
        assert text(answer).lstrip().startswith(f'<div id="{part}"'), path
        assert "<html" not in text(answer) and "HX-Request" in answer["Vary"]


def test_the_desk_list_asks_a_fixed_number_of_questions(house):
    def questions():
        client = house.browser(SPECIALIST)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(house.root + "/desk/").status_code == 200
        return len(asked)

    house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    questions()  # the first request of a process also looks up whose address this is
    few = questions()
    for door in ("48-1-102", "48-2-301", "49-1-101", "48-2"):
        house.act(SPECIALIST, actions.accept_matter, matter=house.report(door=door))
    house.report(door="东门口")
    assert questions() == few


def test_only_the_steps_of_now_are_offered(house):
    def offered(matter):
        page = text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/"))
        return set(re.findall(rf'/desk/matters/{matter.id}/([a-z-]+)/"', page)) - {"slip", "like"}

    matter = house.report()
    assert offered(matter) == {"accept", "pass", "refuse", "kind", "contact"}
    house.act(SPECIALIST, actions.accept_matter, matter=matter)
    now = {"note", "answer", "hand-on", "pass", "kind", "put-back", "pause", "extend", "contact"}
    assert offered(matter) == now
    house.act(SPECIALIST, actions.feed_back, matter=matter, ending=Ending.EXPLAINED, words="讲清楚了")
    assert offered(matter) == {"call-back", "contact"}
    house.act(SPECIALIST, actions.close_by_call_back, matter=matter, words="居民说好了")
    assert offered(matter) == {"contact"}


@pytest.mark.parametrize(
    ("step", "field", "sentence"),
    [
        ("refuse", "refuse-words", "请写明为什么不受理"),
        ("note", "note-words", "请写一句处置情况"),
        ("answer", "answer-words", "请写一句给居民的答复"),
        ("call-back", "call-words", "请写明什么时候回访"),
    ],
)
def test_a_step_without_its_words_stays_unfolded_and_says_so(house, step, field, sentence):
    matter = house.report()
    if step in ("note", "answer"):
        house.act(SPECIALIST, actions.accept_matter, matter=matter)
    if step == "call-back":
        matter = house.answered()
    page = house.post(SPECIALIST, f"/desk/matters/{matter.id}/{step}/", {field: "", "answer-ending": "explained"})
    assert page.status_code == 422 and text(page).count(sentence) == 2
    unfolded = re.search(r'<details class="step[^"]*" open>.*?</details>', text(page), re.DOTALL).group(0)
    assert f'name="{field}"' in unfolded and 'aria-invalid="true"' in unfolded
    if step == "answer":
        assert re.search(r'value="explained"[^>]*checked', unfolded)


def test_a_step_keeps_what_was_typed(house):
    matter, typed = house.report(), "该找物业公司" + "。" * 1000
    page = house.post(SPECIALIST, f"/desk/matters/{matter.id}/refuse/", {"refuse-words": typed})
    assert page.status_code == 422 and f"{typed}</textarea>" in text(page)


def test_the_phone_number_is_shown_when_asked_for(house):
    matter = house.report()
    assert "10012340001" not in text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/"))
    shown = text(house.post(SPECIALIST, f"/desk/matters/{matter.id}/contact/"))
    assert 'href="tel:10012340001"' in shown


def test_the_desk_reports_for_somebody(house):
    short = house.post(SPECIALIST, "/desk/report/", {"words": "水管漏了", "contact_phone": "12"})
    assert short.status_code == 422 and "水管漏了</textarea>" in text(short) and "请写门牌或地点" in text(short)
    sent = {"kind": "leak", "words": "水管漏了", "where": "48-1-102"}
    sent |= {"contact_name": "王奶奶", "contact_phone": "10012340002"}
    unasked = house.post(SPECIALIST, "/desk/report/", sent)
    assert unasked.status_code == 422 and text(unasked).count("请选一下居民怎样同意您代办") == 2
    page = house.post(SPECIALIST, "/desk/report/", sent | {"consent": "phone"}, follow=True)
    assert title(page) == "记好了，把凭条交给居民" and "代居民，本人电话同意" in text(page)
    assert "10012340002" not in text(page) and "王奶奶" not in text(page)


def test_every_figure_of_the_month_opens_as_many_as_it_says(house):
    house.report()
    house.answered()
    house.answered(kind="noise")
    with clock.at(clock.now() - timedelta(days=9)):
        house.report(kind="fire")
    page = text(house.get(SECRETARY, "/desk/month/"))
    figures = re.findall(r'<td class="num"[^>]*><a href="([^"]+)">(\d+)</a>', page)
    assert len(figures) >= 8
    for address, count in figures:
        opened = house.browser(SECRETARY).get(address.replace("&amp;", "&"))
        assert title(opened) == f"找到 {count} 件", address


def test_asking_for_the_file_shows_that_it_is_being_made(house):
    page = house.post(SECRETARY, "/desk/month/ask/", {"month": f"{clock.today():%Y-%m}"}, follow=True)
    assert "月表，正在生成" in text(page)


def test_navigation_offers_what_one_may_do(house):
    def words(name, path):
        found = re.search(r'<nav class="(?:side|tabs)".*?</nav>', text(house.get(name, path)), re.DOTALL).group(0)
        return re.sub(r"<[^>]+>|\s", " ", found)

    assert "工作台" not in words(RESIDENT, "/") and "我的事项" in words(RESIDENT, "/")
    assert "工作台" in words(SPECIALIST, "/")
    side = words(SPECIALIST, "/desk/")
    assert "今天" in side and "居民页面" in side and "月表" not in side and "岗位" not in side
    assert "月表" in words(SECRETARY, "/desk/") and "岗位" in words(SECRETARY, "/desk/")


def test_pages_hold_no_inline_style_or_script_and_no_hard_word(house):
    matter, answered = house.report(), house.answered()
    accepted = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    paths = [(RESIDENT, path) for path in ("/", "/report/", "/matters/", f"/matters/{matter.id}/saved/")]
    paths += [(RESIDENT, f"/matters/{m.id}/") for m in (matter, accepted, answered)]
    paths += [(SPECIALIST, path) for path in ("/desk/", "/desk/?q=没有这句话", "/desk/report/")]
    paths += [(SPECIALIST, f"/desk/matters/{m.id}/") for m in (matter, accepted, answered)]
    for name, path in [*paths, (SECRETARY, "/desk/month/"), (None, "/")]:
        page = house.get(name, path)
        assert page.status_code == 200, path
        assert not INLINE.findall(text(page)), path
        assert not HARD_WORDS.findall(text(page)), path
