"""The desk as it is used all day: list and matter side by side, the keyboard alone, pinyin being composed, rows that come by themselves."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import DESK, PHONE, Person, people
from tests.journeys.product import Product

APPEARS_MS = 8_000
FOCUS = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const [style, after] = [getComputedStyle(one), getComputedStyle(one, "::after")];
    const hasLine = (it) => it.outlineStyle !== "none" && parseFloat(it.outlineWidth) >= 2;
    const x = Math.min(innerWidth - 1, Math.max(0, box.x + Math.min(box.width / 2, 40)));
    const y = Math.min(innerHeight - 1, Math.max(0, box.y + box.height / 2));
    const top = document.elementFromPoint(x, y);
    return {
        name: one.tagName, words: one.textContent.trim().slice(0, 20), isShown: hasLine(style) || hasLine(after),
        isClear: box.height > 0 && (one.contains(top) || top.contains(one) || one.closest("tr, li, label") === top.closest("tr, li, label")),
    };
}"""


def focus(page: Page) -> dict[str, object]:
    """What has the focus; it must be marked and not covered."""
    seen: dict[str, object] = page.evaluate(FOCUS)
    assert seen["isShown"] and seen["isClear"], seen
    return seen


def report(lina: Person, words: str, kind: str = "公共设施") -> str:
    """A matter found on a round, reported at the desk; its number."""
    lina.go("desk/report/")
    lina.choose(kind)
    lina.page.get_by_label("在哪里").fill("48幢2单元")
    lina.page.get_by_label("情况").fill(words)
    lina.press_button("记下，转给经办人")
    return lina.page.locator(".slip__number").inner_text()


def test_the_chosen_matter_opens_beside_a_list_that_stays_where_it_was(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/?box=all")
        page = lina.page
        links = page.locator("#matters .worklist__words a")
        heights = "() => [...document.querySelectorAll('#matters [data-row]')].map((row) => Math.round(row.getBoundingClientRect().top))"
        before = page.evaluate(heights)
        first, second = links.nth(0).inner_text(), links.nth(1).inner_text()
        page.evaluate("window.stayed = true")

        lina.press(links.nth(0))
        expect(page.locator("#pane .handling__words")).to_contain_text(first[:20])
        expect(page.locator("#matters tr.is-chosen")).to_have_count(1)
        assert "open=" in page.url and page.evaluate(heights) == before
        opened = page.url
        lina.press(links.nth(1))
        expect(page.locator("#pane .handling__words")).to_contain_text(second[:20])

        page.go_back()
        expect(page.locator("#pane .handling__words")).to_contain_text(first[:20])
        assert page.url == opened
        page.go_back()
        expect(page.locator("#pane")).to_be_hidden()
        page.go_forward()
        expect(page.locator("#pane .handling__words")).to_contain_text(first[:20])
        assert page.evaluate("window.stayed") is True

        page.reload()  # the address alone opens the same
        expect(page.locator("#pane .handling__words")).to_contain_text(first[:20])
        page.keyboard.press("Escape")
        expect(page.locator("#pane")).to_be_hidden()
        expect(links.nth(0)).to_be_focused()


def test_on_a_phone_the_matter_is_a_page(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/?box=all")
        lina.press(lina.page.locator("#matters .worklist__words a").first)
        lina.page.wait_for_url(re.compile("/desk/matters/"))
        lina.page.go_back()
        expect(lina.page.locator("#matters tr[data-row]").first).to_be_visible()


def test_a_matter_is_handled_with_the_keyboard_alone(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/")
        number = report(lina, "三楼转角的灯罩松了，怕掉下来。")
        lina.go("desk/")
        page, press = lina.page, lina.page.keyboard.press

        press("?")
        expect(page.get_by_role("dialog", name="键盘能做的")).to_be_visible()
        press("Escape")
        press("/")
        assert page.evaluate("document.activeElement.type") == "search"
        page.keyboard.type("jka?")  # letters, not deeds
        assert page.evaluate("document.activeElement.value") == "jka?"
        page.evaluate("document.activeElement.value = ''")
        press("Escape")
        press("Escape")

        row = page.locator("#matters tr", has_text=number)
        for _ in range(30):
            press("j")
            focus(page)
            if row.locator("a:focus").count():
                break
        press("k")
        press("j")
        expect(row.locator("a")).to_be_focused()
        press("Enter")
        expect(page.locator("#pane .handling__head")).to_contain_text(number)
        press("a")
        expect(page.locator("#pane .handling__head")).to_contain_text("李娜在办")

        walk(page, "记一笔处置")
        press("Enter")
        press("Tab")
        page.keyboard.type("灯罩拧紧了。")
        press("Control+s")
        expect(page.locator("#pane .trail")).to_contain_text("灯罩拧紧了。")
        walk(page, "答复居民")
        press("Enter")
        page.locator("#pane details[open] textarea").wait_for()
        while page.evaluate("document.activeElement.tagName") != "TEXTAREA":
            press("Tab")
        page.keyboard.type("灯罩已经拧紧，不会再掉。")
        press("Control+s")
        expect(page.locator("#pane .handling__head")).to_contain_text("已答复居民（已解决）")
        press("Escape")
        expect(page.locator("#pane")).to_be_hidden()


def walk(page: Page, words: str) -> None:
    """Tab to the summary that says `words`; on the way each stop is marked and not covered."""
    page.locator("#pane h1").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if str(focus(page)["words"]).startswith(words):
            return
    raise AssertionError(f"no way to {words}")


def test_pinyin_being_composed_is_nobodys_command(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (sunwei,):
        sunwei.sign_in_as_staff("孙伟", "desk/?box=all")
        page = sunwei.page
        client = page.context.new_cdp_session(page)
        page.keyboard.press("/")
        address = page.url
        client.send("Input.imeSetComposition", {"text": "jie'd", "selectionStart": 5, "selectionEnd": 5})
        for key, code in (("Enter", 13), ("j", 74), ("a", 65), ("?", 191)):
            event = {"type": "rawKeyDown", "key": key, "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": code}
            client.send("Input.dispatchKeyEvent", event)
        client.send("Input.insertText", {"text": "接单"})
        assert page.evaluate("document.activeElement.value") == "接单" and page.url == address
        assert page.locator("dialog[open]").count() == 0

        sunwei.go("desk/report/")
        name = page.get_by_label("居民称呼")
        name.focus()
        client.send("Input.imeSetComposition", {"text": "wang", "selectionStart": 4, "selectionEnd": 4})
        client.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229})
        client.send("Input.insertText", {"text": "王"})
        expect(name).to_have_value("王")
        assert page.url.endswith("/desk/report/") and page.locator(".errors").count() == 0


def test_what_is_new_waits_until_one_who_reads_asks_for_it(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK, PHONE) as (chen, lina):
        chen.sign_in_as_staff("陈建国", "desk/")
        page = chen.page
        expect(page.locator("[data-live-state]")).to_contain_text("随时更新")
        order = "() => [...document.querySelectorAll('#matters [data-row]')].map((row) => row.dataset.row).join()"
        page.keyboard.press("j")  # she stands on a row
        before, title = page.evaluate(order), page.title()
        lina.sign_in_as_staff("李娜", "desk/")
        number = report(lina, "门口的井盖翘起来了。")

        bar = page.locator(".rows-bar")
        expect(bar).to_contain_text("新的，点一下看", timeout=APPEARS_MS)
        assert page.evaluate(order) == before and re.match(r"\(\d+\) ", page.title())
        assert page.locator("#say").inner_text().count("。") <= 1
        chen.press(bar)
        row = page.locator("#matters tr", has_text=number)
        expect(row.locator(".row-mark")).to_have_text("新")
        expect(bar).to_have_count(0)
        assert page.title() == title
        page.keyboard.press("Escape")
        chen.press(row.locator(".worklist__words a"))  # opened is seen
        expect(row.locator(".row-mark")).to_have_count(0)


def test_doing_it_for_somebody_ends_with_a_slip(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/report/")
        page = lina.page
        page.get_by_label("姓名、拼音、手机尾号或门牌").fill("48-1-102")
        lina.press_button("找人")
        lina.press(page.locator("#people a.row", has_text="王*英"))
        expect(page.locator(".behalf")).to_contain_text("正在替 王*英 办")
        expect(page.get_by_label("在哪里")).to_have_value("48-1-102")
        lina.choose("助老求助")
        page.get_by_label("情况").fill("想请人陪她去医院拿药。")
        lina.choose("本人电话同意")
        lina.press_button("记下，转给经办人")
        assert lina.taps <= 5
        expect(page.locator("h1")).to_have_text("记好了，把凭条交给王*英")
        expect(page.locator(".slip")).to_contain_text("李娜替王*英，本人电话同意")
        page.wait_for_load_state("load")  # without its style sheet the paper has the browser's size
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
        lina.press(page.get_by_role("link", name="80 毫米小票"))
        expect(page.locator(".slip--80")).to_be_visible()
        page.wait_for_load_state("load")
        receipt = page.pdf(prefer_css_page_size=True)
        width, _height = re.findall(rb"/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]", receipt)[0]
        assert round(float(width) / 72 * 25.4) == 80 and len(re.findall(rb"/Type\s*/Page\b", receipt)) == 1
