"""What a person does in a browser, and what must never happen while she does it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)

from tests.journeys.origin import PHONES, STAFF, Product

PHONE = ViewportSize(width=390, height=844)
SMALL_PHONE = ViewportSize(width=320, height=700)
DESK = ViewportSize(width=1440, height=900)

TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""


class Trouble:
    """Everything a browser complains of: errors in the console, refused content, failed requests, answers from 400 on."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"console {message.type}: {message.text} ({message.location})")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a stream that is left, a link that turns out to be a download
            self.found.append(f"failed: {request.method} {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"answered {response.status}: {response.request.method} {response.url}")


class Person:
    """One person with one browser of her own. `taps` counts what her finger did; typing is no tap."""

    def __init__(self, product: Product, context: BrowserContext, trouble: Trouble | None = None) -> None:
        self.product, self.context, self.trouble = product, context, trouble or Trouble()
        self.page: Page = context.new_page()
        self.taps = 0
        self.visits = 0
        self.page.on("request", self._count_visit)

    def _count_visit(self, request: Request) -> None:
        self.visits += request.is_navigation_request()

    def go(self, path: str) -> None:
        """Open an address; a path without a leading slash is inside 仓基新村."""
        self.page.goto(self.product.url(path))

    def press(self, target: Locator) -> None:
        """One tap (a click without a touch screen), once the target can be seen and is still."""
        self.taps += 1
        target.click()

    def press_button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def choose(self, name: str) -> None:
        """A radio button by its label."""
        self.press(self.page.locator("label.choice", has_text=re.compile(f"^[0-9]*{re.escape(name)}")).first)

    def add_photo(self, field: str, content: bytes, within: Locator | None = None) -> None:
        """Tap the camera of the form field `field` and pick a picture."""
        inside = within or self.page.locator("main")
        box = inside.locator("label", has=self.page.locator(f"input[type=file][name$={field}]"))
        with self.page.expect_file_chooser() as chooser:
            self.press(box)
        chooser.value.set_files({"name": "IMG_0380.jpg", "mimeType": "image/jpeg", "buffer": content})

    def open_step(self, summary: str) -> Locator:
        """Unfold one of the steps of a matter; the step."""
        step = self.page.locator("details.step", has=self.page.get_by_text(summary, exact=True))
        self.press(step.locator("summary").first)
        return step

    def ask_code(self, name: str) -> str:
        """A resident's first step: the phone number; the code, which the demo shows on the page."""
        self.go("/sign-in/")
        self.page.get_by_label("手机号").fill(PHONES[name])
        self.page.get_by_role("button", name="获取验证码").click()
        return self.page.locator(".banner--demo b").inner_text()

    def sign_in_by_phone(self, name: str) -> None:
        """A resident: phone number, then the code."""
        code = self.ask_code(name)
        self.page.get_by_label("验证码").fill(code)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page.locator("h1")).not_to_contain_text("验证码")
        self.taps = 0

    def sign_in_as_staff(self, name: str, path: str) -> None:
        """A colleague: username and password, and on to `path` (inside 仓基新村, where it begins with no slash)."""
        wanted = path if path.startswith("/") else f"/c/330105002053/{path}"
        self.go(f"/sign-in/staff/?next={wanted}")
        self.page.get_by_label("用户名").fill(STAFF[name])
        self.page.get_by_label("密码").fill(self.product.password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page.locator("body.face-desk")).to_be_visible()
        assert path == "/" or self.page.url == self.product.url(path)

    @contextmanager
    def being_refused(self) -> Iterator[None]:
        """What happens inside is answered by a form that comes back (422): the one complaint that is meant."""
        seen = len(self.trouble.found)
        yield
        told = [line for line in self.trouble.found[seen:] if "422" not in line]
        assert len(told) < len(self.trouble.found) - seen, "nothing was refused"
        self.trouble.found[seen:] = told

    @contextmanager
    def staying(self) -> Iterator[None]:
        """What happens inside must happen on the page as it is: no reload, no other address."""
        visits, address = self.visits, self.page.url
        self.page.evaluate("window.stayed = true")
        yield
        assert self.page.evaluate("window.stayed") is True, "the page was loaded again"
        assert (self.visits, self.page.url) == (visits, address), f"the page went elsewhere: {self.page.url}"


@contextmanager
def people(product: Product, browser: Browser, *viewports: ViewportSize, **options: Any) -> Iterator[list[Person]]:
    """One person a viewport; what their browsers complained of fails the test at the end."""
    trouble, contexts = Trouble(), []
    try:
        for viewport in viewports:
            is_phone = viewport["width"] < 600
            context = browser.new_context(
                viewport=viewport,
                is_mobile=is_phone,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                **{"has_touch": is_phone, **options},
            )
            context.set_default_timeout(20_000)
            if options.get("java_script_enabled", True):
                context.add_init_script(TELL_VIOLATIONS)
            trouble.listen(context)
            contexts.append(context)
        yield [Person(product, context, trouble) for context in contexts]
        assert not trouble.found, "\n".join(trouble.found)
    except Exception as error:
        addresses = [page.url for context in contexts for page in context.pages]
        error.add_note("\n".join(["The browsers saw:", *addresses, *trouble.found]))
        raise
    finally:
        for context in contexts:
            context.close()
