"""What happens in lives, on a specialist's phone: two people marry and live together, and their household moves."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.people import PHONE, people
from tests.journeys.product import Product


def test_two_people_marry_live_together_and_move(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE) as (lina,):
        page, record = lina.page, f"desk/residents/{product.rows['bridegroom']}/"
        lina.sign_in_as_staff("李娜", record)
        lina.press(page.get_by_role("link", name="登记结婚"))
        page.get_by_label("哪一天结婚").fill("2026-05-20")
        page.get_by_label("对方", exact=True).fill("何秀英")
        lina.choose("对方搬到本人这一户")
        with lina.being_refused():
            lina.press_button("登记结婚")
            expect(page.locator(".errors")).to_contain_text("请点选是哪一位")  # nobody is guessed
        lina.choose("何*英")
        lina.press_button("登记结婚")

        expect(page.locator(".toast")).to_contain_text("已登记结婚。")
        expect(page.locator("[aria-labelledby=family]")).to_contain_text("何*英")
        expect(page.get_by_role("link", name="登记离婚")).to_be_visible()
        lina.press(page.get_by_role("link", name="看这一户"))
        expect(page.locator("h1")).to_have_text("许*山一户 2 人")
        expect(page.locator("[aria-labelledby=members]")).to_contain_text("配偶")

        lina.press(page.get_by_role("link", name="办理迁居"))
        page.get_by_label("搬到哪里").fill("49-2-101")
        page.get_by_label("从哪一天起").fill("2026-10-01")
        lina.press_button("办理迁居")
        expect(page.locator(".news__more")).to_contain_text("49幢2单元101室")
        expect(page.locator("[aria-labelledby=trail]")).to_contain_text("整户迁居")
        lina.press(page.get_by_role("link", name="何*英"))
        expect(page.locator(".news__more")).to_contain_text("49-2-101")
