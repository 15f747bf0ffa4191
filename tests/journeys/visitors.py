"""One browser a person, signed in once, for everything that only looks at pages: the measure, axe, the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Browser, Page, ViewportSize

from tests.journeys.origin import PHONES, STAFF, Product
from tests.journeys.pages import AUDIT, CODE, SECURITY, ProductPage
from tests.journeys.people import PHONE, TELL_VIOLATIONS, Person, Trouble


@dataclass(frozen=True)
class Look:
    """What core.ui.Look writes into `<html>`; its string is the cookie."""

    mode: str = "normal"
    theme: str = "light"
    text: int = 1

    def __str__(self) -> str:
        return f"{self.mode}.{self.theme}.{self.text}"


DOORS = {SECURITY: "/keepers/", AUDIT: "/keepers/trail/"}
"""Where those begin who have no desk of a community."""
THEMES = [Look("normal", "light"), Look("normal", "dark"), Look("care", "light"), Look("care", "dark")]


class Visitors:
    """Everybody of the page table, each with a phone's browser (which a wide viewport turns into a desk's)."""

    def __init__(self, product: Product, browser: Browser, *, now: datetime | None = None) -> None:
        self.product, self.browser, self.now, self.trouble = product, browser, now, Trouble()
        self._known: dict[str, Person] = {}

    def open(self, page: ProductPage, look: Look, size: ViewportSize = PHONE) -> Page:
        """`page` before the person of its row, in `look`; she has that look from then on."""
        person = self._known.get(page.who) or self._arrive(page.who)
        self._put_on(person, look)
        person.page.set_viewport_size(size)
        seen = len(self.trouble.found)
        person.go(page.path.format(**self.product.rows))
        shown = person.page.evaluate("document.documentElement.dataset.mode")
        assert shown == look.mode, f"{page.name} is not in {look}: {person.page.url}"
        if page.status >= 400:  # the browser complains of an answer that is the point
            told = [line for line in self.trouble.found[seen:] if f"{page.status}" not in line]
            assert len(told) < len(self.trouble.found) - seen, f"{page.name} did not answer {page.status}"
            self.trouble.found[seen:] = told
        return person.page

    def _put_on(self, person: Person, look: Look) -> None:
        address = self.product.url("/").replace("http:", "https:")  # of a secure cookie; localhost takes it without
        person.context.add_cookies([{"name": "__Host-look", "value": str(look), "url": address, "secure": True}])

    def _arrive(self, who: str) -> Person:
        context = self.browser.new_context(
            viewport=PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            is_mobile=True,
            has_touch=True,
        )
        if self.now is not None:
            context.clock.set_fixed_time(self.now)
        context.set_default_timeout(20_000)
        context.add_init_script(TELL_VIOLATIONS)
        self.trouble.listen(context)
        person = self._known[who] = Person(self.product, context)
        if who == CODE:
            person.ask_code(who)
        elif who in PHONES:
            person.sign_in_by_phone(who)
        elif who in STAFF:
            person.sign_in_as_staff(who, DOORS.get(who, "desk/"))
        return person

    def leave(self) -> None:
        for person in self._known.values():
            person.context.close()


@contextmanager
def no_complaints(visitors: Visitors) -> Iterator[None]:
    """What happens inside must not make a browser complain."""
    visitors.trouble.found.clear()
    yield
    assert not visitors.trouble.found, "\n".join(visitors.trouble.found)
