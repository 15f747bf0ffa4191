"""A street official signs in, sees which community is behind, and is on that list with one tap."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.people import DESK, people
from tests.journeys.product import Product


def test_from_signing_in_to_the_late_list_of_a_community(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (official,):
        official.sign_in_as_staff("周国平", "/")
        page = official.page
        expect(page.locator("h1")).to_contain_text("3 个社区，1 个有超时")
        row = page.locator(".street tbody tr").first
        expect(row).to_contain_text("仓基新村社区")
        official.press(row.get_by_role("link", name="看是哪几件"))
        expect(page).to_have_url(product.url("desk/?box=open&late=1"))
        expect(page.locator("h1").first).to_contain_text("1 件")
        official.press(page.get_by_role("link", name="街道看板"))
        expect(page.locator("h1")).to_contain_text("3 个社区")
