"""From the whole register to a list, a group and a file, in the browser; the same without scripts is in tests/test_lists.py."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.journeys.people import DESK, people
from tests.journeys.product import Product


def test_a_list_is_narrowed_kept_as_a_group_and_taken_out_as_a_file(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (zhaomin,):
        page = zhaomin.page
        zhaomin.sign_in_as_staff("赵敏", "/c/330105002053/desk/residents/")
        page.get_by_text("条件和栏目", exact=True).click()
        page.get_by_label("再加一个条件").select_option(label="年龄")
        zhaomin.press_button("加上")
        page.get_by_label("年龄的数").fill("80")
        zhaomin.press_button("照这样看")
        expect(page.locator("h1")).to_contain_text(re.compile(r"合条件的有 [0-9]+ 位"))

        page.get_by_role("link", name="存为分组").click()
        page.get_by_label("分组叫什么").fill("高龄老人")
        zhaomin.press_button("存下分组")
        expect(page.locator("h1")).to_contain_text(re.compile(r"高龄老人[0-9]+ 位"))

        page.get_by_role("link", name="导出", exact=True).click()
        page.get_by_label("用途").fill("报送街道高龄津贴核对")
        zhaomin.press_button("导出")
        expect(page.locator("h1")).to_contain_text("名单可以下载了", timeout=20_000)
        zhaomin.press_button("看打开密码")
        expect(page.locator(".lists__secret")).to_have_text(re.compile(r"^[a-z0-9]{4}(-[a-z0-9]{4}){3}$"))
        with page.expect_download() as waiting:
            page.get_by_role("button", name="下载文件").click()
        assert waiting.value.suggested_filename.endswith(".zip")
