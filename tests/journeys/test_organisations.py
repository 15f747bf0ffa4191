"""A partner unit from the stairwell to the list that is handed in."""

from __future__ import annotations

import io
import re

from playwright.sync_api import Browser, expect

from tests.journeys.people import DESK, PHONE, people
from tests.journeys.product import Product

LISTS = "desk/organisations/lists/"


def test_a_partner_unit_is_added_on_a_phone_and_printed_at_the_desk(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, DESK) as (lina, zhao):
        lina.sign_in_as_staff("李娜", LISTS)
        lina.press(lina.page.get_by_role("link", name="登记共建单位"))
        form = lina.page.locator("main")
        form.get_by_label("联系电话").fill("10020000031")
        form.get_by_label("名称").fill("青禾电力抢修队")
        form.get_by_label("做什么").fill("独居老人家线路检查")
        form.get_by_label("负责人或联系人").fill("余建平")
        lina.press_button("登记")
        expect(lina.page.locator("h1")).to_contain_text("青禾电力抢修队")
        expect(lina.page.locator("main")).to_contain_text("100****0031")

        zhao.sign_in_as_staff("赵敏", LISTS)
        row = zhao.page.locator("#partners tr", has_text="青禾电力抢修队")
        expect(row).to_contain_text("独居老人家线路检查")
        with zhao.page.expect_download() as taken:
            zhao.page.get_by_role("button", name="下载 Excel").click()
        assert re.fullmatch(r"东片区五张清单\d{8}\.xlsx", taken.value.suggested_filename)
        assert "青禾电力抢修队" in words_of(taken.value.path().read_bytes())

        sheets = zhao.page.pdf(prefer_css_page_size=True)
        assert sheets.count(b"/Type /Page\n") >= 4, "a sheet for each list that has something on it"

        zhao.go(LISTS + "?day=2024-03-02")
        expect(zhao.page.locator("h1")).to_contain_text("2024年3月2日的样子")
        expect(zhao.page.locator("#partners")).to_contain_text("清渠中医门诊部")
        expect(zhao.page.locator("#partners")).not_to_contain_text("青禾电力抢修队")


def words_of(book: bytes) -> str:
    """All words of a workbook."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return parts.read("xl/sharedStrings.xml").decode()


def test_the_next_secretary_takes_over_the_same_day(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (zhao,):
        zhao.sign_in_as_staff("赵敏", "desk/organisations/")
        zhao.press(zhao.page.get_by_role("link", name="东片区党总支").locator("visible=true"))
        step = zhao.open_step("登记一位任职的人")
        zhao.choose("书记")
        step.get_by_label("姓名").fill("周国英")
        step.get_by_label("接替现任").check()
        zhao.press_button("登记任职")
        expect(zhao.page.locator("[aria-labelledby=people]")).to_contain_text("周国英 书记")
        expect(zhao.page.locator("[aria-labelledby=history]")).to_contain_text("王芳不再担任书记")
