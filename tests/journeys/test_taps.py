"""How many taps the commonest tasks take: in 长辈版 four to report, at the desk two to take a matter on."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.origin import Product
from tests.journeys.people import PHONE, people


def test_reporting_in_care_mode_and_accepting_on_a_phone_take_few_taps(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, PHONE) as (granny, lina):
        granny.sign_in_by_phone("周奶奶")
        granny.page.locator(".bar button", has_text="长辈版").first.click()
        expect(granny.page.locator("html[data-mode=care]")).to_be_attached()
        granny.taps = 0
        granny.press(granny.page.get_by_role("link", name="我要上报"))
        granny.choose("助老求助")
        granny.page.get_by_label("说说情况").fill("想请人帮忙看看厨房的灯。")
        granny.press_button("提交")
        expect(granny.page.locator("h1")).to_contain_text("收到了")
        assert granny.taps <= 4
        number = granny.page.locator(".result__number").inner_text()

        lina.sign_in_as_staff("李娜", "desk/")
        lina.taps = 0
        lina.press(lina.page.get_by_role("button", name=f"接单 {number}"))
        expect(lina.page.locator("#matter")).to_contain_text("已受理")
        assert lina.taps <= 2
