"""One box finds a person, a door, a matter: by keys alone, while pinyin is composed, and with scripts off."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.people import DESK, PHONE, people
from tests.journeys.product import Product


def test_a_person_is_found_and_opened_by_keys_alone(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (zhaomin,):
        zhaomin.sign_in_as_staff("赵敏", "desk/")
        page = zhaomin.page
        box, found = page.locator("[data-find]"), page.locator("#found")
        box.focus()
        page.keyboard.type("wf")
        expect(found.get_by_role("link")).to_have_count(1)
        expect(found).to_contain_text("王*")
        page.keyboard.press("ArrowDown")
        expect(found.get_by_role("link")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(box).to_be_focused()
        page.keyboard.press("Escape")
        expect(found).to_be_hidden()
        box.fill("48-1-102")
        expect(found).to_contain_text("48幢1单元102室")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("48幢")
        assert "/places/buildings/" in page.url and "102" not in page.url


def test_nothing_is_asked_while_pinyin_is_composed(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (zhaomin,):
        zhaomin.sign_in_as_staff("赵敏", "desk/")
        page, asked = zhaomin.page, []
        page.on("request", lambda request: asked.append(request) if request.url.endswith("/find/") else None)
        page.locator("[data-find]").focus()
        composing = page.context.new_cdp_session(page)
        for text in ("w", "wang", "wang'gui"):
            composing.send(
                "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            )
            page.wait_for_timeout(350)
        assert asked == []
        composing.send("Input.insertText", {"text": "王桂"})
        expect(page.locator("#found")).to_contain_text("王*英")


def test_the_box_is_a_form_that_works_by_itself(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, java_script_enabled=False) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/")
        lina.press(lina.page.get_by_role("link", name="查找"))
        lina.page.get_by_label("姓名、门牌、电话、事项编号").fill("wgy")
        lina.press(lina.page.locator("main").get_by_role("button", name="查找"))
        lina.press(lina.page.locator("main").get_by_role("link").first)
        assert "/residents/" in lina.page.url
        assert lina.taps == 3
