"""Every page fits: a small phone, a phone, a desk; as usual and in 长辈版. Measured in the browser, not in the style sheet.

With LINLI_SHOTS=DIR in the environment a picture of each page is left in DIR.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import DESK, PHONE, SMALL_PHONE, Person, people
from tests.journeys.product import Product

MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
SHOTS = os.environ.get("LINLI_SHOTS", "")
NORMAL, CARE, LARGEST = "normal.auto.1", "care.auto.1", "care.auto.3"
# The elder rules of the Ministry of Industry (2021): main controls 60 px and text 18 px on elder pages, controls 44 px elsewhere.
# Tables and the side of a desk are denser.
LEAST = {
    NORMAL: {"target": 44, "dense": 36, "text": 12},
    CARE: {"target": 60, "dense": 50, "text": 18},
    LARGEST: {"target": 60, "dense": 50, "text": 18},
}
SIZES = {NORMAL: [PHONE, SMALL_PHONE, DESK], CARE: [PHONE, SMALL_PHONE, DESK], LARGEST: [SMALL_PHONE]}

EVERYBODY = {"sign-in": "/sign-in/", "staff": "/sign-in/staff/"}
RESIDENT = {
    "home": "",
    "report": "report/",
    "report-kind": "report/?kind=leak",
    "saved": "matters/{reported}/saved/",
    "mine": "matters/",
    "matter": "matters/{reported}/",
    "matter-late": "matters/{late}/",
    "matter-answered": "matters/{fed_back}/",
    "matter-closed": "matters/{closed}/",
    "me": "me/",
    "link": "me/link/",
}
DESK_PAGES = {
    "desk": "desk/",
    "desk-nothing": "desk/?q=nothing",
    "desk-open": "desk/?open={accepted}",
    "desk-matter-new": "desk/matters/{reported}/",
    "desk-matter": "desk/matters/{accepted}/",
    "desk-matter-late": "desk/matters/{late}/",
    "desk-matter-answered": "desk/matters/{fed_back}/",
    "desk-matter-closed": "desk/matters/{closed}/",
    "desk-report": "desk/report/",
    "find": "desk/find/",
    "figures": "desk/figures/",
    "month": "desk/month/",
    "residents": "desk/residents/",
    "resident": "desk/residents/{resident}/",
    "buildings": "desk/places/",
    "building": "desk/places/buildings/{building}/",
    "organisations": "desk/organisations/",
    "messages": "desk/messages/",
    "calls": "desk/messages/calls/",
    "links": "desk/links/",
    "posts": "desk/posts/",
    "trail": "desk/trail/",
}
STREET = {"street": "/street/"}


def put_on(person: Person, look: str) -> None:
    """Choose the look with the form at the foot of each page; the page then has it."""
    mode, _, text = look.split(".")
    person.page.set_viewport_size(PHONE)
    wanted = "[name=mode][value=normal]" if mode == "normal" else f"[name=text][value='{text}']"
    person.page.locator(f"#help button{wanted}").click()
    person.page.wait_for_selector(f"html[data-mode={mode}]" + (f"[data-text='{text}']" if text != "1" else ""))


def faults_of(person: Person, pages: dict[str, str]) -> list[str]:
    """What does not fit, a line a fault, with the pages it was seen on."""
    places: dict[str, list[str]] = defaultdict(list)
    for look, sizes in SIZES.items():
        put_on(person, look)
        for name, path in pages.items():
            person.page.set_viewport_size(sizes[0])
            person.go(path.format(**person.product.rows))
            for size in sizes:
                person.page.set_viewport_size(size)
                where = f"{name} {look} {size['width']}"
                if SHOTS:
                    person.page.screenshot(path=f"{SHOTS}/{where.replace(' ', '-')}.png", full_page=True)
                for fault in person.page.evaluate(MEASURE, {"width": size["width"], **LEAST[look]}):
                    places[fault["what"]].append(f"{where} {fault['more']}")
    return [f"{what}: {len(seen)}×, {seen[0]}; {seen[-1]}" for what, seen in sorted(places.items())]


@pytest.mark.parametrize(
    "who", ["everybody", "王桂英", "赵敏", "周国平"], ids=["everybody", "resident", "secretary", "official"]
)
def test_every_page_fits(product: Product, browser: Browser, who: str) -> None:
    with people(product, browser, DESK, has_touch=True) as (person,):
        if who == "everybody":
            person.go("/sign-in/")
            faults = faults_of(person, EVERYBODY)
        elif who == "赵敏":
            person.sign_in_as_staff(who, "desk/")
            faults = faults_of(person, DESK_PAGES)
        elif who == "周国平":
            person.sign_in_as_staff(who, "/street/")
            faults = faults_of(person, STREET)
        else:
            person.sign_in_by_phone(who)
            faults = faults_of(person, RESIDENT)
    assert not faults, "\n" + "\n".join(faults)
