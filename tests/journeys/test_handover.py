"""A matter that the property company settles: reported, handed on, answered on the company's phone, checked, confirmed."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.journeys.people import DESK, PHONE, people
from tests.journeys.product import Product
from tests.journeys.test_matter import photo

WORDS = "二楼的声控灯坏了，晚上看不见台阶。"


def test_the_company_settles_it_on_its_phone_and_the_desk_checks(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, DESK, PHONE) as (granny, lina, company):
        granny.sign_in_by_phone("冯奶奶")
        granny.go("report/?kind=repair")
        granny.page.get_by_label("说说情况").fill(WORDS)
        granny.press_button("提交")
        expect(granny.page.locator("h1")).to_contain_text("收到了")
        number = granny.page.locator(".result__number").inner_text()

        lina.sign_in_as_staff("李娜", "desk/")
        lina.page.get_by_role("link", name=WORDS).click()
        lina.press(lina.page.get_by_role("button", name="接单，我来办"))
        lina.press(lina.page.get_by_role("link", name="转给单位办"))
        expect(lina.page.get_by_label("仓基新村安居物业服务有限公司（联系人 周师傅）")).to_be_checked()
        lina.press_button("转出去")
        expect(lina.page.locator("#matter")).to_contain_text("仓基新村安居物业服务有限公司在办")
        link = lina.page.get_by_role("link", name="对方的接办链接").get_attribute("href")
        assert link

        company.go(link)
        company.press_button("发验证码")
        company.page.get_by_label("验证码").fill(company.page.locator(".banner--demo b").inner_text())
        company.page.get_by_role("button", name="登录", exact=True).click()
        company.page.get_by_role("link").filter(has_text="待接收").first.click()
        expect(company.page.locator("main")).to_contain_text(WORDS)
        company.press_button("接收，我们来办")
        company.add_photo("handover-photos", photo("#ddeedd"))
        company.page.get_by_label("办得怎样了").fill("灯换好了，试过了。")
        company.press_button("办好了，告诉社区")
        expect(company.page.locator("main")).to_contain_text("社区核查后会告诉居民")

        expect(lina.page.locator("#matter")).to_contain_text("灯换好了，试过了。")
        lina.press(lina.page.get_by_role("button", name="核查通过"))
        step = lina.open_step("答复居民")
        step.get_by_label("写给居民的话").fill("灯换好了，一走上来就亮。")
        lina.press(step.get_by_role("button", name="答复居民"))
        expect(lina.page.locator("#matter")).to_contain_text("已答复居民")

        granny.go("matters/")
        granny.page.get_by_role("link").filter(has_text=number).click()
        expect(granny.page.locator("main")).to_contain_text("核查通过：仓基新村安居物业服务有限公司办好了")
        expect(granny.page.locator(".trail img")).to_have_count(1)
        granny.press_button("办好了，确认")
        expect(granny.page.locator("h1")).to_contain_text("办结了")
