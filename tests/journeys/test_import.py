"""A roster from the file to the register and back, in the browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from linli.core.identifiers import check_digit
from tests.journeys.people import DESK, people
from tests.journeys.product import Product

HEADS = "序号,姓名,身份证号,联系电话,住址"


def roster() -> bytes:
    body = "990105194107080" + "31"
    rows = [f"1,沈阿宝,{body + check_digit(body)},10020000031,48-1-101", "2,郑阿毛,,,48-1-101"]
    return "\n".join(("街道高龄老人花名册", HEADS, *rows, "填表人：李娜")).encode("gb18030")


def test_a_roster_is_uploaded_judged_written_and_taken_back(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (zhaomin,):
        page = zhaomin.page
        zhaomin.sign_in_as_staff("赵敏", "/c/330105002053/desk/imports/")
        page.get_by_label("花名册", exact=True).set_input_files(
            {"name": "名册.csv", "mimeType": "text/csv", "buffer": roster()}
        )
        zhaomin.press_button("传上来看看")
        expect(page.locator("h1")).to_contain_text("5 列都认出来了")

        zhaomin.press_button("就这样，核对每一行")
        expect(page.locator("h1")).to_contain_text("共 2 行，新增 1 人、改动 0 人，1 行要您定", timeout=20_000)
        zhaomin.press_button("这行不导")
        expect(page.locator("h1")).not_to_contain_text("要您定")

        zhaomin.press_button("写入档案")
        expect(page.locator("h1")).to_contain_text("写入了 1 行", timeout=20_000)

        zhaomin.press_button("撤销这次导入")
        expect(page.locator("h1")).to_contain_text("这次导入已经撤销")
