"""The main line with scripts off: every form works before any script does."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.people import PHONE, people
from tests.journeys.product import Product

WORDS = "二楼楼道的灯不亮，晚上看不见台阶。"


def test_a_matter_is_reported_answered_and_rated_without_a_script(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, PHONE, java_script_enabled=False) as (ma, sunwei):
        ma.sign_in_by_phone("老马")
        ma.press(ma.page.get_by_role("link", name="我要上报"))
        ma.choose("公共设施")
        ma.page.get_by_label("说说情况").fill(WORDS)
        ma.press_button("提交")
        expect(ma.page.locator("h1")).to_contain_text("收到了")
        number = ma.page.locator(".result__number").inner_text()
        assert ma.taps <= 4

        sunwei.sign_in_as_staff("孙伟", "desk/")
        row = sunwei.page.locator("#matters tr", has_text=number)
        expect(row).to_contain_text(WORDS)
        sunwei.press(row.get_by_role("button", name=f"接单 {number}"))
        answer = sunwei.open_step("答复居民")
        answer.get_by_label("写给居民的话").fill("灯泡换好了，今晚就亮。")
        sunwei.press(answer.get_by_role("button", name="答复居民"))
        expect(sunwei.page.locator("#matter")).to_contain_text("已答复居民（已解决）")

        ma.go("")
        ma.press(ma.page.get_by_role("link", name=number))
        expect(ma.page.locator("#matter")).to_contain_text("灯泡换好了，今晚就亮。")
        ma.choose("很满意")
        ma.press_button("办好了，确认")
        expect(ma.page.locator("h1")).to_contain_text("办结了")
        expect(ma.page.locator(".matter__rated")).to_have_text("您评了 5 分")

        sunwei.go("desk/?box=all")
        expect(sunwei.page.locator("#matters tr", has_text=number)).to_contain_text("已办结")
