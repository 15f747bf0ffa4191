"""The table of pages is whole: a page nobody measures is a page nobody has looked at."""

from __future__ import annotations

from collections import Counter

from django.urls import Resolver404, resolve

from tests.journeys.pages import NOWHERE, PAGES, WITHOUT_A_PAGE
from tests.routes import ROUTES


class _AnyRow(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return NOWHERE


def route_of(path: str) -> str:
    """The route in tests/routes.py that `path` of the table leads to; "" for none."""
    address = path.format_map(_AnyRow()).partition("?")[0]
    try:
        return resolve(address if address.startswith("/") else f"/c/330105002053/{address}").view_name
    except Resolver404:
        return ""


def test_every_page_of_the_product_is_in_the_table() -> None:
    shown = {route_of(page.path) for page in PAGES}
    pages = {
        name
        for name, route in ROUTES.items()
        if "GET" in route.verbs and (not name.startswith("api:") or name in WITHOUT_A_PAGE)
    }
    assert pages - shown - set(WITHOUT_A_PAGE) == set(), "give these pages a row in tests/journeys/pages.py"
    assert set(WITHOUT_A_PAGE) - pages == set(), "these are gone"


def test_each_picture_has_a_name_of_its_own() -> None:
    names = Counter(page.name for page in PAGES)
    assert [name for name, count in names.items() if count > 1] == []
