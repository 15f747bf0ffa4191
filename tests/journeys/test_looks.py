"""How light the first page is, how it bears the phone's own text size, what controls do, and what paper shows. Measured in the browser."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import DESK, PHONE, SMALL_PHONE, people
from tests.journeys.product import Product
from tests.journeys.test_pages_fit import MEASURE

FIRST_VIEW_BYTES = 150_000
SAMPLE = "/styles/sample/?name={}&theme=light&mode={}"
# WeChat's largest text is half as large again; WCAG 1.4.4 asks for twice.
PHONE_TEXTS = (150, 200)


def test_the_first_view_of_a_resident_is_light(product: Product, browser: Browser) -> None:
    """Page, style, scripts and icons as they come over the wire; a 2G corner of the estate gets the same page."""
    with people(product, browser, PHONE) as (person,):
        devtools = person.context.new_cdp_session(person.page)
        devtools.send("Network.enable")
        names: dict[str, str] = {}
        weight: Counter[str] = Counter()
        devtools.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))
        devtools.on(
            "Network.loadingFinished",
            lambda told: weight.update({names.get(told["requestId"], "?"): int(told["encodedDataLength"])}),
        )
        person.go("")
        person.page.wait_for_load_state("networkidle")
    kinds = " ".join(weight)
    assert "linli.css" in kinds and "htmx" in kinds and "icons.svg" in kinds, "counted something else"
    assert sum(weight.values()) < FIRST_VIEW_BYTES, weight.most_common()


def test_first_visit_offers_the_larger_version_once(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE) as (person,):
        person.go("/sign-in/")
        offer = person.page.locator(".first-look")
        expect(offer).to_be_visible()
        assert all(
            box["height"] >= 60
            for box in (button.bounding_box() for button in offer.get_by_role("button").all())
            if box
        )
        person.press(offer.get_by_role("button", name="换成长辈版"))
        expect(person.page.locator("html[data-mode=care]")).to_be_visible()
        expect(offer).to_have_count(0)
        person.go("")
        expect(person.page.locator("html[data-mode=care]")).to_be_visible()
        assert person.page.locator(".tile").count() <= 6, "six tiles at most"


@pytest.mark.parametrize("mode", ["normal", "care"])
def test_pages_hold_at_the_phones_own_text_size(product: Product, browser: Browser, mode: str) -> None:
    faults = []
    with people(product, browser, PHONE) as (person,):
        person.go("/sign-in/")
        person.page.locator(f".first-look button[value={mode}]").click()
        for path in ("", "/sign-in/", "/sign-in/staff/"):
            person.go(path)
            for percent in PHONE_TEXTS:
                person.page.evaluate(f"document.documentElement.style.setProperty('--root-size', '{percent}%')")
                asked = {"width": PHONE["width"], "target": 44, "dense": 36, "text": 12}
                found = person.page.evaluate(MEASURE, asked)
                faults += [f"{path or 'home'} {percent}% {fault['what']} {fault['more']}" for fault in found]
    assert faults == []


def test_a_dialog_is_opened_and_left_by_keyboard_and_by_address(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (person,):
        page = person.page
        person.go(SAMPLE.format("dialog", "normal"))
        page.locator("[data-dialog]").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="盖章后不能再改")).to_be_visible()
        expect(page.get_by_text("再看一遍", exact=True)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_be_hidden()
        expect(page.locator("[data-dialog]")).to_be_focused()
    with people(product, browser, PHONE, java_script_enabled=False) as (person,):
        person.go(SAMPLE.format("dialog", "care"))
        person.page.locator("[data-dialog]").click()
        expect(person.page.locator("dialog")).to_be_visible()
        person.page.get_by_text("再看一遍", exact=True).click()
        expect(person.page.locator("dialog")).to_be_hidden()


def test_a_sheet_is_walked_with_the_arrows_and_a_stepper_stops_at_its_end(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (person,):
        page = person.page
        person.go(SAMPLE.format("sheet", "normal"))

        def cell(name: str) -> None:
            expect(page.get_by_label(name, exact=True)).to_be_focused()

        page.get_by_label("东片，上门").click()
        for key, name in (
            ("ArrowRight", "东片，陪同就医"),
            ("ArrowDown", "西片，陪同就医，没有记录，要问"),
            ("ArrowLeft", "西片，上门"),
            ("ArrowUp", "东片，上门"),
            ("Enter", "西片，上门"),
            ("Shift+Enter", "东片，上门"),
            ("Control+End", "西片，陪同就医，没有记录，要问"),
        ):
            page.keyboard.press(key)
            cell(name)
        person.go(SAMPLE.format("stepper", "normal"))
        more = page.get_by_role("button", name="带几个孩子加一")
        for _ in range(9):
            more.click(force=True)
        expect(page.get_by_label("带几个孩子", exact=True)).to_have_value("5")
        assert more.get_attribute("aria-disabled") == "true"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (3840, 1080), (3840, 2160), (1280, 1024)])
def test_the_wall_fits_every_screen_without_stretching(
    product: Product, browser: Browser, width: int, height: int
) -> None:
    with people(product, browser, DESK) as (person,):
        person.page.set_viewport_size({"width": width, "height": height})
        person.go("/styles/sample/?name=wall&theme=dark")
        box = person.page.locator(".wall").bounding_box()
        assert box and box["x"] >= -1 and box["width"] <= width + 1 and box["height"] <= height + 1
        shape = 3840 / 1080 if width / height > 2.6 else 1920 / 1080
        assert abs(box["width"] / box["height"] - shape) < 0.01
        assert box["width"] > width - 2 or box["height"] > height - 2, "as large as it can be"
        least = person.page.evaluate(
            "Math.min(...[...document.querySelectorAll('.wall h2, .wall p, .wall li, .wall span')].map("
            "(e) => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert least >= 24 * box["height"] / 1080 - 0.1
        clipped = (
            "[...document.querySelectorAll('.wcard, .wall__top')].filter((e) => e.scrollHeight > e.clientHeight + 1)"
        )
        assert person.page.evaluate(f"{clipped}.length") == 0


# == paper ==


def printed(page: Page) -> None:
    """The page as paper shows it, in 版心 of GB/T 9704: 156 mm wide."""
    page.emulate_media(media="print")
    page.evaluate("document.querySelector('.official').style.width = '156mm'")


def test_an_official_document_has_22_lines_of_28_characters(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (person,):
        page = person.page
        person.go(SAMPLE.format("official", "care"))
        printed(page)
        lines = page.evaluate("""() => {
            const paragraph = document.createElement('p');
            paragraph.textContent = '邻里'.repeat(28 * 15);
            document.querySelector('.official').append(paragraph);
            const range = document.createRange(), count = new Map();
            for (let i = 0; i < paragraph.firstChild.length; i++) {
                range.setStart(paragraph.firstChild, i); range.setEnd(paragraph.firstChild, i + 1);
                const top = Math.round(range.getBoundingClientRect().top);
                count.set(top, (count.get(top) || 0) + 1);
            }
            return [...count];
        }""")
        tops, counts = [line[0] for line in lines], [line[1] for line in lines]
        assert counts[0] == 26, "two characters are indented"
        assert set(counts[1:-1]) == {28}
        millimetres = (tops[22] - tops[0]) / 96 * 25.4
        assert abs(millimetres - 225) < 1, "22 lines fill 225 mm"
        rules = page.evaluate("""() => {
            const found = {};
            const walk = (rules) => { for (const rule of rules) {
                if (rule instanceof CSSPageRule) found[rule.selectorText] = rule.style.margin;
                else if (rule.cssRules) walk(rule.cssRules);
            } };
            for (const sheet of document.styleSheets) walk(sheet.cssRules);
            return found;
        }""")
        assert rules["official"] == "37mm 26mm 35mm 28mm" and re.match(r"20mm 18mm", rules[""])


def test_paper_is_white_and_holds_no_button(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (person,):
        person.go("/sign-in/")
        person.page.locator(".first-look button[value=care]").click()
        person.page.locator(".bar__form button").first.wait_for()
        for path in ("/styles/sample/?name=table-cards&theme=dark&mode=care", ""):
            person.go(path)
            person.page.emulate_media(media="print")
            shown = person.page.evaluate("""() => ({
                back: getComputedStyle(document.body).backgroundColor, ink: getComputedStyle(document.body).color,
                buttons: [...document.querySelectorAll('button, .bar, .tabs, .foot, .toast')].filter((e) => e.getClientRects().length).length,
                table: [...document.querySelectorAll('.table--cards')].map((e) => getComputedStyle(e).display),
            })""")
            assert shown["ink"] == "rgb(0, 0, 0)" and shown["buttons"] == 0
            assert set(shown["table"]) <= {"table"}, "on paper a table stays a table"
            person.page.emulate_media(media="screen")
            person.page.set_viewport_size(SMALL_PHONE)
