"""Every page fits: a small phone, a phone, a desk; as usual and in 长辈版; zoomed, and with WeChat's large letters. Measured in the browser.

With LINLI_SHOTS=DIR in the environment a picture of each page in each condition is left in DIR.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.journeys.pages import DESK_PAGES, PUBLIC_PAGES, RESIDENT_PAGES, ProductPage
from tests.journeys.people import DESK, PHONE, SMALL_PHONE
from tests.journeys.visitors import Look, Visitors, no_complaints

MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
SHOTS = os.environ.get("LINLI_SHOTS", "")
NORMAL, CARE, LARGEST = Look(), Look("care"), Look("care", text=3)
ZOOMED = ViewportSize(width=720, height=450)  # a desk at 200 %
# The elder rules of the Ministry of Industry (2021): main controls 60 px and text 18 px on elder pages, controls 44 px elsewhere.
# Tables and the side of a desk are denser.
LEAST = {
    "normal": {"target": 44, "dense": 36, "text": 12, "gap": 0},
    "care": {"target": 60, "dense": 50, "text": 18, "gap": 8},
}


@dataclass(frozen=True)
class Condition:
    """`text` multiplies the letters as a browser's own setting does, `wechat` as the font size set in WeChat does (iOS: on the body)."""

    look: Look
    size: ViewportSize
    text: float = 1
    wechat: float = 1

    def __str__(self) -> str:
        more = f" text×{self.text:g}" * (self.text != 1) + f" WeChat×{self.wechat:g}" * (self.wechat != 1)
        return f"{self.look} {self.size['width']}{more}"


# Grouped by look: one loaded page a look.
CONDITIONS = [
    *(Condition(NORMAL, size) for size in (PHONE, SMALL_PHONE, DESK, ZOOMED)),
    Condition(NORMAL, PHONE, text=2),
    Condition(NORMAL, PHONE, wechat=1.5),
    *(Condition(CARE, size) for size in (PHONE, SMALL_PHONE, DESK, ZOOMED)),
    Condition(CARE, PHONE, wechat=1.5),
    Condition(LARGEST, SMALL_PHONE),
]
# The hardest look finds nearly every fault; the pages that are not opened every day are measured in the rest with `--all`.
SHORT = [Condition(CARE, PHONE)]
REST = [condition for condition in CONDITIONS if condition not in SHORT]
ENLARGE = """({text, wechat}) => {
    const root = document.documentElement.style;
    root.removeProperty("font-size");
    if (text !== 1) root.fontSize = `${parseFloat(getComputedStyle(document.documentElement).fontSize) * text}px`;
    document.body.style.setProperty("-webkit-text-size-adjust", `${wechat * 100}%`);
}"""


def faults_in(page: Page, condition: Condition) -> list[dict[str, str]]:
    page.set_viewport_size(condition.size)
    page.evaluate(ENLARGE, {"text": condition.text, "wechat": condition.wechat})
    asked = {"width": condition.size["width"], **LEAST[condition.look.mode]}
    found: list[dict[str, str]] = page.evaluate(MEASURE, asked)
    return found


def faults_of(visitors: Visitors, pages: list[ProductPage], conditions: list[Condition]) -> list[str]:
    """What does not fit in the conditions, a line a fault, with the pages it was seen on."""
    places: dict[str, list[str]] = defaultdict(list)
    for each in pages:
        for look, alike in groupby(conditions, key=lambda condition: condition.look):
            page = visitors.open(each, look)
            for condition in alike:
                where = f"{each.name} {condition}"
                for fault in faults_in(page, condition):
                    places[fault["what"]].append(f"{where} {fault['more']}")
                if SHOTS:
                    page.screenshot(path=f"{SHOTS}/{where.replace(' ', '-')}.png", full_page=True)
    return [f"{what}: {len(seen)}×, {seen[0]}; {seen[-1]}" for what, seen in sorted(places.items())]


EVERY_PAGE = [*PUBLIC_PAGES, *RESIDENT_PAGES, *DESK_PAGES]
MOST_USED = [page for page in EVERY_PAGE if page.most_used]
OTHERS = [page for page in EVERY_PAGE if not page.most_used]


def assert_fit(visitors: Visitors, pages: list[ProductPage], conditions: list[Condition]) -> None:
    with no_complaints(visitors):
        faults = faults_of(visitors, pages, conditions)
    assert not faults, "\n" + "\n".join(faults)


def test_the_most_used_pages_fit_whatever_the_screen_and_the_letters(visitors: Visitors) -> None:
    assert_fit(visitors, MOST_USED, CONDITIONS)


@pytest.mark.parametrize("pages", [PUBLIC_PAGES, RESIDENT_PAGES, DESK_PAGES], ids=["public", "resident", "desk"])
def test_every_page_fits(visitors: Visitors, pages: list[ProductPage]) -> None:
    assert_fit(visitors, [page for page in pages if not page.most_used], SHORT)


@pytest.mark.slow
def test_the_other_pages_fit_whatever_the_screen_and_the_letters(visitors: Visitors) -> None:
    assert_fit(visitors, OTHERS, REST)
