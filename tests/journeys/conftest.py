"""One running product and one browser for the journeys; both gone before any other test runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.product import Product
    from tests.journeys.visitors import Visitors

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Quiet: a test browser looks for no updates and calls nobody.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("journeys"))  # one product for all, where tests are dealt by group


@pytest.fixture(scope="package")
def chromium() -> str:
    """The system's browser; without one, or without Chinese letters, the journeys are skipped."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("no chromium: apt-get install chromium fonts-noto-cjk")
    asked = ["fc-list", ":lang=zh", "family"]
    if not shutil.which("fc-list") or not subprocess.run(asked, capture_output=True).stdout.strip():
        pytest.skip("no Chinese font: apt-get install fonts-noto-cjk fontconfig")
    if subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode:
        pytest.skip("Playwright's driver does not start: apt-get install libatomic1")
    return found


@pytest.fixture(scope="package")
def product(chromium: str) -> Iterator[Product]:
    from tests.journeys.product import running

    with running() as product:
        yield product


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    # Its event loop occupies this thread while it runs (Django would refuse the database): hence the package's scope.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def visitors(product: Product, browser: Browser) -> Iterator[Visitors]:
    """Everybody of the page table, signed in once for all tests that only look."""
    from tests.journeys.visitors import Visitors

    visitors = Visitors(product, browser)
    yield visitors
    visitors.leave()
