"""One matter from a resident's phone to the month's table, with the specialist's desk open beside it."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook

from linli.matters.rules import Outcome
from tests.journeys.people import DESK, PHONE, Person, people
from tests.journeys.product import Product

APPEARS_MS = 5_000
"""A change is on every open page within this long."""
WORDS = "厨房天花板在滴水，像是楼上的管子漏了。"
CANARY = b"CANARY 30.2958N 120.1480E"
GPS, MAKER = 0x8825, 0x010F
STEPS = ["已上报", "已受理", "处置记录", "已答复", "上报人要求接着办", "已答复", "上报人确认办结", "上报人评价"]


def photo(colour: str) -> bytes:
    """A phone's photo: it knows where it was taken, twice."""
    picture, exif = Image.new("RGB", (1200, 900), colour), Image.Exif()
    exif[MAKER] = CANARY.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 17.0, 44.9), 3: "E", 4: (120.0, 8.0, 52.8)})
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif, comment=CANARY)
    assert Image.open(buffer).getexif().get_ifd(GPS) and CANARY in buffer.getvalue()
    return buffer.getvalue()


def report(wang: Person) -> str:
    """王芳 reports a leak at home, with a photo, in four taps; the number she is given."""
    wang.press(wang.page.get_by_role("link", name="我要上报"))
    wang.choose("漏水渗水")
    wang.page.get_by_label("说说情况").fill(WORDS)
    expect(wang.page.get_by_label("我家（48-2-301）")).to_be_checked()
    wang.add_photo("photos", photo("#8899aa"))
    expect(wang.page.get_by_role("img", name="照片 1")).to_be_visible()
    wang.press_button("提交")
    expect(wang.page.locator("h1")).to_contain_text("收到了")
    assert wang.taps <= 4
    assert re.search(r"承诺最晚 \d+月\d+日办好", wang.page.locator("main").inner_text())
    number = wang.page.locator(".result__number").inner_text()
    assert re.fullmatch(r"\d{6}-\d{4}", number)
    return number


def has_no_place(page: Page, pictures: Locator, count: int) -> None:
    """The page shows `count` pictures, and none of them, as it is downloaded, says where or with what it was taken."""
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        fetched = page.evaluate(
            """async (url) => {
                const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
                return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
            }""",
            picture.get_attribute("src"),
        )
        content = b64decode(fetched)
        image = Image.open(io.BytesIO(content))
        assert image.size == (1200, 900)
        assert not dict(image.getexif()) and not image.getexif().get_ifd(GPS) and b"CANARY" not in content


def answer(lina: Person, words: str, *, photos: bool = False) -> None:
    step = lina.open_step("答复居民")
    expect(step.get_by_role("radio", name="已解决")).to_be_checked()
    step.get_by_label("写给居民的话").fill(words)
    if photos:
        lina.add_photo("before", photo("#443322"), within=step)
        lina.add_photo("after", photo("#ddeedd"), within=step)
    lina.press(step.get_by_role("button", name="答复居民"))
    expect(lina.page.locator("#matter")).to_contain_text("已答复居民（已解决）")


def test_a_matter_from_the_phone_to_the_month_table(product: Product, browser: Browser, tmp_path: Path) -> None:
    with people(product, browser, DESK, PHONE, DESK) as (lina, wang, zhaomin):
        lina.sign_in_as_staff("李娜", "desk/")
        expect(lina.page.locator("[data-live-state]")).to_contain_text("随时更新")
        wang.sign_in_by_phone("王芳")
        with lina.staying():
            number = report(wang)
            row = lina.page.locator("#matters tr", has_text=number)
            expect(row).to_be_visible(timeout=APPEARS_MS)
        expect(row).to_contain_text(WORDS)
        expect(row).to_contain_text("48幢2单元301室")

        # The specialist takes it; the resident's page says so by itself.
        wang.press(wang.page.get_by_role("link", name="看这一件"))
        head = wang.page.locator("#matter h1")
        expect(head).to_have_text("已经收到，等人接单")
        has_no_place(wang.page, wang.page.locator("#matter img"), 1)
        expect(wang.page.locator("[data-live-state]")).to_contain_text("随时更新")
        with wang.staying():
            lina.press(row.get_by_role("button", name=f"接单 {number}"))
            expect(head).to_have_text("李娜正在办", timeout=APPEARS_MS)

            # A note with photos before and after, then the answer.
            note = lina.open_step("记一笔处置")
            note.get_by_label("做了什么").fill("水工到场，关了楼上的阀门。")
            lina.add_photo("before", photo("#554433"), within=note)
            lina.add_photo("after", photo("#ccddee"), within=note)
            lina.press(note.get_by_role("button", name="记下"))
            expect(lina.page.locator("#matter .trail")).to_contain_text("关了楼上的阀门")
            answer(lina, "楼上软管换好了，天花板晾干后来刷白。", photos=True)
            expect(head).to_have_text("已经答复，请您看看", timeout=APPEARS_MS)
            expect(wang.page.locator("#matter")).to_contain_text("楼上软管换好了")
        has_no_place(wang.page, wang.page.locator("#matter .trail img"), 5)

        # Not yet: it goes back to her, and the second answer is the one confirmed.
        expect(lina.page.locator("[data-live-state]")).to_contain_text("随时更新")
        with lina.staying():
            again = wang.open_step("还没办好")
            again.get_by_label("还有什么没办好").fill("早上又滴了几滴。")
            wang.press(again.get_by_role("button", name="请接着办"))
            expect(head).to_have_text("李娜正在办")
            expect(lina.page.locator("#matter")).to_contain_text("早上又滴了几滴", timeout=APPEARS_MS)
            expect(lina.page.locator("#matter")).to_contain_text("重开过")
        answer(lina, "接头也换了，观察两天没有再滴。")
        expect(head).to_have_text("已经答复，请您看看", timeout=APPEARS_MS)
        wang.choose("很满意")
        wang.press_button("办好了，确认")
        expect(head).to_have_text("办结了，谢谢您")
        expect(wang.page.locator(".matter__rated")).to_have_text("您评了 5 分")
        assert wang.page.locator("#matter .trail__what").all_inner_texts() == STEPS[::-1]
        expect(lina.page.locator("#matter .handling__head")).to_contain_text("居民评 5 分", timeout=APPEARS_MS)
        assert lina.page.locator("#matter .trail__what").all_inner_texts() == STEPS[::-1]

        the_month_has_it(zhaomin, number, tmp_path)


def the_month_has_it(zhaomin: Person, number: str, folder: Path) -> None:
    """The secretary's table, the lists behind its figures and the file say the same."""
    zhaomin.sign_in_as_staff("赵敏", "desk/month/")
    page = zhaomin.page
    lines = map(_cells, page.locator(".month__table tbody tr, .month__table tfoot tr").all())
    many = len(Outcome)
    rows = {cells[0]: cells[1 : many + 3] for cells in lines}
    solved, total = int(rows["漏水渗水"][0]), int(rows["合计"][many])
    assert solved >= 1

    expect(page.locator("[data-live-state]")).to_contain_text("随时更新")
    zhaomin.press_button("生成 Excel")
    link = page.locator("#tables a.row")
    expect(link).to_be_visible(timeout=APPEARS_MS)  # a job made it; the page was told
    with page.expect_download() as download:
        zhaomin.press(link)
    file = folder / "month.xlsx"
    download.value.save_as(file)
    book = CalamineWorkbook.from_path(file)
    table = {
        row[0]: [int(str(value).removesuffix(".0")) for value in row[1 : many + 3]]
        for row in book.get_sheet_by_name("月表").to_python()[3:]
    }
    listed = book.get_sheet_by_name("清单").to_python()[1:]
    # The page: outcomes, sum, late. The file: sum, outcomes, late.
    assert table == {name: [int(r[many]), *map(int, r[:many]), int(r[many + 1])] for name, r in rows.items()}
    assert len(listed) == total
    (line,) = [row for row in listed if row[0] == number]
    assert (line[1], line[6], line[9]) == ("漏水渗水", "已解决", 5)
    assert sum((row[1], row[6]) == ("漏水渗水", "已解决") for row in listed) == solved

    zhaomin.press(page.locator("tr", has_text="漏水渗水").get_by_role("link").first)
    expect(page.locator("h1.worklist__news")).to_have_text(f"找到 {solved} 件")
    expect(page.locator("#matters tr", has_text=number)).to_be_visible()


def _cells(row: Locator) -> list[str]:
    return [re.sub(r"\s.*", "", text.strip(), flags=re.S) for text in row.locator("th, td").all_inner_texts()]


def test_what_the_front_passes_on_appears_in_the_back_office(product: Product, browser: Browser) -> None:
    reason = "要请物业和电力公司一起看。"
    with people(product, browser, PHONE, DESK) as (lina, chen):
        chen.sign_in_as_staff("陈建国", "desk/?box=open")
        expect(chen.page.locator("[data-live-state]")).to_contain_text("随时更新")
        lina.sign_in_as_staff("李娜", "desk/report/")
        lina.choose("公共设施")
        lina.page.get_by_label("在哪里").fill("48幢2单元")
        lina.page.get_by_label("情况").fill("电表箱的门关不上，雨天进水。")
        lina.page.get_by_label("居民称呼").fill("王桂英")
        lina.choose("本人当面同意")
        lina.press_button("记下，转给经办人")
        number = lina.page.locator(".slip__number").inner_text()
        lina.press(lina.page.get_by_role("link", name="看这一件"))
        row = chen.page.locator("#matters tr", has_text=number)
        with chen.staying():
            expect(row).to_contain_text("片区专员", timeout=APPEARS_MS)
            step = lina.open_step("转给后台办")
            step.get_by_label("为什么转后台").fill(reason)
            lina.press(step.get_by_role("button", name="转给后台"))
            lina.page.wait_for_url("**/desk/")
            expect(lina.page.locator("#matters")).not_to_contain_text(number)
            expect(row).to_contain_text("后台社工", timeout=APPEARS_MS)
        chen.press(row.get_by_role("button", name=f"接单 {number}"))
        expect(chen.page.locator("#matter .trail")).to_contain_text(reason)
        assert chen.page.locator("#matter .trail__what").all_inner_texts() == ["已受理", "转后台办理", "已上报"]
