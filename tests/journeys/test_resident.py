"""A resident writes: in four taps, on a phone that dies, on a sign-in that runs out, without network, without scripts; and listens."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.people import PHONE, people
from tests.journeys.product import Product

WHO = "吕奶奶"
A_LETTER_MS = 100
MOST_LOST_SECONDS = 5


@pytest.fixture(scope="module")
def signed_in(product: Product, browser: Browser) -> Any:
    """Her browser's memory after signing in: one code a minute goes to a phone."""
    with people(product, browser, PHONE) as (person,):
        person.sign_in_by_phone(WHO)
        return person.context.storage_state()


@contextmanager
def phone(browser: Browser, state: Any, **options: Any) -> Iterator[BrowserContext]:
    """A phone of hers that may lose its network or its sign-in: what its browser says of that is no fault."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", storage_state=state, **options)
    context.set_default_timeout(20_000)
    try:
        yield context
    finally:
        context.close()


def begin_anew(product: Product, page: Page) -> None:
    page.goto(product.url("report/"))
    again = page.get_by_role("button", name="重新写")
    if again.count():
        again.click()
        expect(again).to_have_count(0)


def sign_in_again(context: BrowserContext, session: Any) -> None:
    kept = {key: session[key] for key in ("name", "value", "domain", "path", "secure", "httpOnly", "sameSite")}
    context.add_cookies([kept])  # type: ignore[list-item]


def words_on(page: Page) -> str:
    return page.get_by_label("说说情况").input_value()


def test_in_the_larger_version_a_report_from_home_takes_four_taps(
    product: Product, browser: Browser, signed_in: Any
) -> None:
    with people(product, browser, PHONE, storage_state=signed_in) as (granny,):
        begin_anew(product, granny.page)
        granny.go("")
        granny.page.get_by_role("button", name="长辈版").first.click()
        granny.page.get_by_role("button", name="知道了").click()
        expect(granny.page.locator("html")).to_have_attribute("data-mode", "care")
        expect(granny.page.get_by_role("link", name=re.compile("打社区电话")).last).to_be_visible()
        granny.taps = 0
        granny.press(granny.page.get_by_role("link", name="我要上报"))
        granny.choose("助老求助")
        granny.page.get_by_label("说说情况").fill("药吃完了，想请人帮忙配一下。")
        granny.press_button("提交")
        expect(granny.page.locator("h1")).to_contain_text("收到了")
        assert granny.taps <= 4
        assert granny.page.locator(".result__number").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 30
        with granny.page.expect_download() as download:
            granny.page.get_by_role("link", name="加到日历").click()
        assert download.value.suggested_filename.endswith(".ics")


def test_a_phone_that_dies_loses_five_seconds_at_most(product: Product, browser: Browser, signed_in: Any) -> None:
    with phone(browser, signed_in) as dying:
        page = dying.new_page()
        begin_anew(product, page)
        page.locator("label.choice", has_text="公共设施").click()
        page.get_by_label("说说情况").press_sequentially("灯" * 80, delay=A_LETTER_MS)  # eight seconds, never pausing
        typed = len(words_on(page))
        page.evaluate(
            "void (window.fetch = () => new Promise(() => {}))"
        )  # no last word on leaving: the battery is empty
    with phone(browser, signed_in) as another:
        page = another.new_page()
        page.goto(product.url("report/"))
        lost = typed - len(words_on(page))
        assert 0 <= lost * A_LETTER_MS / 1000 <= MOST_LOST_SECONDS
        expect(page.get_by_label("公共设施")).to_be_checked()
        expect(page.locator(".draft-note")).to_contain_text("没写完的")


def test_it_says_when_it_was_saved_and_forgets_what_is_begun_anew(
    product: Product, browser: Browser, signed_in: Any
) -> None:
    with phone(browser, signed_in) as context:
        page = context.new_page()
        begin_anew(product, page)
        page.get_by_label("说说情况").fill("水管滴水。")
        page.get_by_label("说说情况").blur()
        expect(page.locator("[data-kept]")).to_have_text(re.compile(r"已保存 \d\d:\d\d"))
        page.reload()
        assert words_on(page) == "水管滴水。"
        page.get_by_role("button", name="重新写").click()
        expect(page.locator(".draft-note")).to_have_count(0)
        page.reload()
        assert words_on(page) == ""


def test_a_sign_in_that_ran_out_costs_no_word(product: Product, browser: Browser, signed_in: Any) -> None:
    with phone(browser, signed_in) as context:
        page = context.new_page()
        begin_anew(product, page)
        page.locator("label.choice", has_text="环境卫生").click()
        (session,) = [cookie for cookie in context.cookies() if cookie["name"] == "__Host-linli"]
        context.clear_cookies(name="__Host-linli")
        page.get_by_label("说说情况").fill("垃圾桶满了三天。")
        page.get_by_label("说说情况").blur()
        expect(page.locator("[data-kept]")).to_contain_text("已留在这一页")
        page.get_by_role("button", name="提交").click()
        page.wait_for_url("**/sign-in/?next=*")
        # She signs in again; with her old cookie, which saves waiting for another code.
        context.clear_cookies(name="__Host-linli")
        sign_in_again(context, session)
        page.goto(product.url("report/"))
        assert words_on(page) == "垃圾桶满了三天。"
        expect(page.get_by_label("环境卫生")).to_be_checked()
        begin_anew(product, page)


def test_what_is_written_without_network_is_sent_when_it_is_back(
    product: Product, browser: Browser, signed_in: Any
) -> None:
    with phone(browser, signed_in) as context:
        page = context.new_page()
        begin_anew(product, page)
        context.set_offline(True)
        page.get_by_label("说说情况").fill("楼道里没有信号。")
        page.get_by_label("说说情况").blur()
        expect(page.locator("[data-kept]")).to_contain_text("已留在这一页")
        context.set_offline(False)
        expect(page.locator("[data-kept]")).to_contain_text("已保存")
    with phone(browser, signed_in) as another:
        page = another.new_page()
        page.goto(product.url("report/"))
        assert words_on(page) == "楼道里没有信号。"
        begin_anew(product, page)


def photo() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(buffer, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_more_answers_are_checked_and_one_is_changed(
    product: Product, browser: Browser, signed_in: Any, scripts: bool
) -> None:
    with people(product, browser, PHONE, storage_state=signed_in, java_script_enabled=scripts) as (lv,):
        begin_anew(product, lv.page)
        lv.choose("公共设施")
        lv.page.get_by_label("说说情况").fill("路灯一闪一闪的。")
        lv.choose("别的地方")
        lv.page.get_by_label("楼栋门牌或地点").fill("小区东门")
        lv.page.locator("input[type=file]").set_input_files([photo()])  # type: ignore[list-item]
        lv.press_button("提交")
        expect(lv.page.locator("h1")).to_have_text("请看一遍，对了就提交")
        expect(lv.page.locator(".answers img")).to_have_count(1)
        lv.press(lv.page.get_by_role("link", name=re.compile("改.*在哪里")))
        assert words_on(lv.page) == "路灯一闪一闪的。"
        expect(lv.page.locator(".photo--kept img")).to_have_count(1)
        lv.page.get_by_label("楼栋门牌或地点").fill("小区西门")
        lv.press_button("提交")
        expect(lv.page.locator(".answers")).to_contain_text("小区西门")
        lv.press_button("对的，提交")
        expect(lv.page.locator("h1")).to_contain_text("收到了")
        expect(lv.page.locator("main")).to_contain_text("小区西门")
        expect(lv.page.locator(".matter__photos img")).to_have_count(1)
        lv.go("report/")
        assert words_on(lv.page) == ""


SPEAKS = """
window.spoken = []; window.cancelled = 0;
class Words { constructor(text) { this.text = text; } }
Object.defineProperty(window, "SpeechSynthesisUtterance", { value: Words });
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "zh-CN" }], addEventListener() {}, cancel() { window.cancelled += 1; },
  speak(words) { window.spoken.push(words.text); window.last = words; },
} });
"""


def test_a_page_is_read_aloud_in_its_order_and_stops_at_the_second_tap(
    product: Product, browser: Browser, signed_in: Any
) -> None:
    with people(product, browser, PHONE, storage_state=signed_in) as (lv,):
        lv.context.add_init_script(SPEAKS)
        lv.go("")
        button = lv.page.get_by_role("button", name="朗读这一页")
        lv.press(button)
        for _ in range(3):
            lv.page.evaluate("window.last.onend()")
        spoken = lv.page.evaluate("window.spoken")
        assert (
            spoken[0].startswith("吕奶奶，") and spoken[1] == lv.page.locator("h1").inner_text() and "星期" in spoken[2]
        )
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(lv.page.locator(".is-aloud")).to_have_count(1)
        lv.press(button)
        expect(button).to_have_attribute("aria-pressed", "false")
        said = len(spoken)
        lv.page.evaluate("window.last.onend()")
        assert lv.page.evaluate("window.spoken.length") == said and lv.page.locator(".is-aloud").count() == 0
