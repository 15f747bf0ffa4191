"""`./run gallery`: pictures of the main pages, in four themes, on a phone and on a desk, into docs/gallery/.

    ./run gallery                       writes docs/gallery/ anew
    ./run gallery --contact DIR [NAME…] contact sheets of every page of tests/journeys/pages.py (or of those named), to look at

It starts the demo in a home of its own, with the clock held, and takes it away again. The same code makes the same pictures.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from linli.demo.cast import PASSWORD
from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.origin import Product, free_ports
from tests.journeys.pages import BEGUN, PAGES, ProductPage
from tests.journeys.people import DESK, PHONE
from tests.journeys.visitors import THEMES, Look, Visitors

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "docs/gallery"
NOW = "2026-11-25T10:05:00+08:00"
"""A Wednesday morning: the desk is open and something is late."""
QUALITY = 60
LIMIT_BYTES = 6 * 1024 * 1024
READY, SECONDS = "示范社区已就绪", 560

MAIN = {
    "sign-in": "登录",
    "home": "居民首页",
    "report-kind": "我要上报",
    "saved": "收到了",
    "mine": "我的事项",
    "matter-answered": "已经答复，请评价",
    "me": "我的信息",
    "desk": "今天",
    "desk-matter": "一件事项",
    "desk-report": "代人上报",
    "resident": "一位居民",
    "figures": "数字",
    "month": "月表",
    "street": "街道看板",
}
"""What docs/gallery shows, by the names of the page table; other documents point at these pictures."""
NAMES = {
    Look("normal", "light"): "light",
    Look("normal", "dark"): "dark",
    Look("care", "light"): "care",
    Look("care", "dark"): "care-dark",
}
TITLES = {"light": "标准版", "care": "长辈版", "dark": "标准版，深色", "care-dark": "长辈版，深色"}

FIND_ROWS = """
import json
from linli.core.tenancy import active
from linli.matters.models import Matter, State
from linli.places.models import Building
from django.db.models import Count
from linli.residents.models import Category, Household, Resident
with active(1):
    listed = list(Matter.objects.order_by("-reported_at", "id"))
    leak = next(m for m in listed if m.words.startswith("楼上 401 漏水"))
    mine = [m for m in listed if m.reporter == leak.reporter]
    taken = next(m for m in mine if m.state == State.ACCEPTED)
    homes = Household.objects.filter(dissolved_on=None, dwelling__door__startswith="48-")
    home = homes.annotate(many=Count("residences")).filter(many__gte=3).order_by("dwelling__door").first()
    one = home.residences.order_by("pk").first().resident
    rows = {
        "household": home, "dwelling": home.dwelling, "twin": one,
        "category": Category.objects.filter(kind="disabled", span__upper_inf=True,
            resident__residences__dwelling__door__startswith="48-").order_by("pk").first(),
        "closed": leak, "accepted": taken, "reported": taken,
        "fed_back": next(m for m in mine if m.state == State.FED_BACK),
        "late": next(m for m in listed if m.words.startswith("9幢2单元想加装电梯")),
        "new": next(m for m in listed if m.state == State.REPORTED and m.sub_area_id == leak.sub_area_id),
        "building": Building.objects.get(number=48),
        "resident": Resident.objects.filter(name="王桂英").order_by("id").first(),
    }
print("ROWS" + json.dumps({name: str(row.id) for name, row in rows.items()}))
"""


@contextmanager
def demo() -> Iterator[Product]:
    """The demo as `./run demo` starts it, in a home that is gone afterwards, its clock held at NOW."""
    port = free_ports()
    with tempfile.TemporaryDirectory(prefix="linli-gallery-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # the database runs as somebody else
        env = {**os.environ, "LINLI_HOME": str(home / "home"), "PORT": str(port), "LINLI_NOW": NOW}
        log = home / "gallery.log"
        with log.open("w") as out:
            running = subprocess.Popen(
                [sys.executable, "-m", "linli", "demo"], env=env, cwd=ROOT, stdout=out, stderr=out
            )
        try:
            _wait_for(running, log)
            yield Product(f"http://localhost:{port}", _rows(env), PASSWORD)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(timeout=60)


def _wait_for(running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while READY not in (said := log.read_text()):
        if running.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"the demo did not start:\n{said}")
        time.sleep(0.5)


def _rows(env: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "linli", "manage", "shell", "--no-imports", "-c", FIND_ROWS]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    found = next((line for line in done.stdout.splitlines() if line.startswith("ROWS")), None)
    if found is None:
        sys.exit(f"the demo holds other rows than the gallery looks for:\n{done.stderr}")
    rows: dict[str, str] = json.loads(found.removeprefix("ROWS"))
    return rows


def as_in_the_demo(page: ProductPage) -> ProductPage:
    """王桂英 has no phone in the demo; her daughter has."""
    return replace(page, who="王芳") if page.who == "王桂英" else page


def picture_of(
    visitors: Visitors, page: ProductPage, look: Look, size: ViewportSize, *, highest: int = 0
) -> Image.Image:
    """`page` as it stands, nothing moving; with `highest` as much of it as that, its bars at the ends."""
    shown: Page = visitors.open(as_in_the_demo(page), look, size)
    shown.wait_for_load_state("load")
    if highest:
        height = shown.evaluate("document.documentElement.scrollHeight")
        shown.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, highest))})
    if shown.locator("[data-live-state]").count():
        shown.wait_for_timeout(400)  # until it says that the page is live
    taken = shown.screenshot(animations="disabled", caret="hide")
    return Image.open(io.BytesIO(taken)).convert("RGB")


def write_gallery(visitors: Visitors) -> None:
    """docs/gallery/: one picture a page, a theme and a size, and the index."""
    shutil.rmtree(GALLERY, ignore_errors=True)
    GALLERY.mkdir(parents=True)
    pages = {page.name: page for page in PAGES}
    for name in MAIN:
        for look, theme in NAMES.items():
            for size, kind in ((PHONE, "phone"), (DESK, "desk")):
                picture = picture_of(visitors, pages[name], look, size)
                picture.save(GALLERY / f"{name}.{kind}.{theme}.webp", quality=QUALITY, method=6)
    (GALLERY / "README.md").write_text(index(), encoding="utf-8")
    weight = sum(path.stat().st_size for path in GALLERY.iterdir())
    sys.stderr.write(f"docs/gallery: {weight / 1024 / 1024:.1f} MB\n")
    if weight > LIMIT_BYTES:
        sys.exit("the gallery is heavier than 6 MB: lower QUALITY, or show fewer pages")


def index() -> str:
    """The page that shows them, in Chinese, as GitHub draws it."""
    lines = [
        "# 图册",
        "",
        "示范社区的主要页面：手机和电脑，标准版和长辈版，浅色和深色。由 `./run gallery` 生成，人和事都是编的。",
    ]
    for name, title in MAIN.items():
        lines += ["", f"## {title}", "", "| " + " | ".join(TITLES.values()) + " |", "|" + "---|" * len(TITLES)]
        for kind, width in (("phone", 195), ("desk", 360)):
            cells = [
                f'<img src="{name}.{kind}.{theme}.webp" width="{width}" alt="{title}，{words}">'
                for theme, words in TITLES.items()
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_sheets(visitors: Visitors, folder: Path, names: list[str]) -> None:
    """Contact sheets to look at: a page in its four themes side by side, on a phone and on a desk."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        if page.who == BEGUN or (names and page.name not in names):
            continue
        for size, kind, columns, highest in ((PHONE, "phone", 4, 1800), (DESK, "desk", 2, 1400)):
            pictures = [picture_of(visitors, page, look, size, highest=highest) for look in THEMES]
            _sheet(pictures, columns).save(folder / f"{page.name}.{kind}.png")
            sys.stderr.write(f"{page.name}.{kind}.png\n")


def _sheet(pictures: list[Image.Image], columns: int) -> Image.Image:
    """`pictures` in `columns`, each 1560 / columns wide."""
    width, gap = 1560 // columns, 8
    small = [picture.resize((width, round(picture.height * width / picture.width))) for picture in pictures]
    rows = [small[at : at + columns] for at in range(0, len(small), columns)]
    heights = [max(picture.height for picture in row) for row in rows]
    sheet = Image.new("RGB", (columns * (width + gap), sum(heights) + gap * len(rows)), "#888")
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            sheet.paste(picture, (column * (width + gap), top))
        top += height + gap
    return sheet


def main() -> None:
    """What the command line asks for."""
    parser = ArgumentParser(prog="./run gallery", description="界面图册")
    parser.add_argument(
        "--contact", metavar="DIR", type=Path, help="不写图册，只把每一页的四种样子拼在一起，放进 DIR 给人看"
    )
    parser.add_argument("names", nargs="*", help="只要这几页(tests/journeys/pages.py 里的名字)")
    asked = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        sys.exit("没有 chromium：请先 apt-get install chromium fonts-noto-cjk")
    with demo() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, "--lang=zh-CN"])
        visitors = Visitors(product, browser, now=datetime.fromisoformat(NOW))
        if asked.contact:
            write_sheets(visitors, asked.contact, asked.names)
        else:
            write_gallery(visitors)
        browser.close()


if __name__ == "__main__":
    main()
