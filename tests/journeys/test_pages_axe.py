"""What axe-core finds on every page in every theme, before the person who uses the page most: nothing serious, nothing critical.

Each page is loaded once a mode. A dark theme has other colours and nothing else, so there only the contrast is read again.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.journeys.pages import DESK_PAGES, PAGES, ProductPage
from tests.journeys.people import DESK, PHONE
from tests.journeys.visitors import Look, Visitors, no_complaints

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """(only) => axe.run(document, { runOnly: only, resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, impact, help, nodes }) => nodes.map((node) => ({
        id, impact, help, where: node.target.join(" "), why: (node.any[0] || node.all[0] || node.none[0] || {}).message || "" }))))"""
LAY_OPEN = """() => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const element of document.body.querySelectorAll("*"))  // a bar over what one can scroll from under it is no small target
        if (["sticky", "fixed"].includes(getComputedStyle(element).position)) element.style.position = "static";
}"""
PUT_ON = """(theme) => {
    document.documentElement.dataset.theme = theme;
    for (const change of document.getAnimations()) change.finish();  // colours glide
}"""
EVERYTHING = {"type": "tag", "values": [*WCAG, "best-practice"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
GRAVE = {"serious", "critical"}

Finding = dict[str, str]


def findings_on(page: Page, mode: str) -> Iterable[tuple[str, Finding]]:
    """What axe says of a loaded page: (theme, finding)."""
    page.evaluate(AXE)  # from outside, so the page's own policy stays as strict as it is
    page.evaluate(LAY_OPEN)
    for theme, only in (("light", EVERYTHING), ("dark", CONTRAST)):
        page.evaluate(PUT_ON, theme)
        for finding in page.evaluate(RUN, only):
            yield f"{mode}.{theme}", finding


def report_on(visitors: Visitors, pages: Iterable[ProductPage]) -> dict[str, list[str]]:
    """Lines by impact: a rule and an element a line, with where it was seen."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in pages:
        for mode in ("normal", "care"):
            page = visitors.open(each, Look(mode), DESK if each in DESK_PAGES else PHONE)
            for look, finding in findings_on(page, mode):
                what = f"{finding['id']} {finding['where']}: {finding['why'] or finding['help']}"
                seen[finding["impact"], what].append(f"{each.name} {look}")
    told: dict[str, list[str]] = defaultdict(list)
    for (impact, what), places in sorted(seen.items()):
        told[impact].append(f"{impact} {what} ({len(places)}×, {places[0]})")
    return told


def assert_nothing_grave(visitors: Visitors, pages: Iterable[ProductPage]) -> None:
    with no_complaints(visitors):
        told = report_on(visitors, pages)
    for impact in set(told) - GRAVE:
        warnings.warn("\n".join([f"axe, {impact}:", *told[impact]]), stacklevel=1)
    grave = [line for impact in GRAVE for line in told[impact]]
    assert not grave, "\n" + "\n".join(grave)


def test_axe_finds_nothing_grave_on_the_most_used_pages(visitors: Visitors) -> None:
    assert_nothing_grave(visitors, [page for page in PAGES if page.most_used])


@pytest.mark.slow
def test_axe_finds_nothing_grave_on_the_other_pages(visitors: Visitors) -> None:
    assert_nothing_grave(visitors, [page for page in PAGES if not page.most_used])
