"""A whole matter with the keyboard alone. Wherever Tab goes, one can see where one is (WCAG 2.4.7, 2.4.11)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.journeys.origin import PHONES, STAFF, Product
from tests.journeys.people import DESK, Person, people

FOCUS = (Path(__file__).parent / "focus.js").read_text(encoding="utf-8").split("\n", 1)[1]
IS_HERE = "(element) => element === document.activeElement"
FARTHEST = 90
"""Presses of Tab from anywhere on a page to anywhere else."""


class Keys:
    """One person without a mouse."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def tab(self) -> None:
        self.page.evaluate(f"{FOCUS}.remember()")
        self.press("Tab")
        wrong = self.page.evaluate(f"{FOCUS}.judge()")
        assert not wrong, f"{wrong} ({self.page.url})"

    def to(self, target: Locator) -> None:
        """Tab until `target` has the focus."""
        expect(target).to_be_attached()
        for _ in range(FARTHEST):
            if target.evaluate(IS_HERE):
                return
            self.tab()
        raise AssertionError(f"{target} cannot be reached in {FARTHEST} presses of Tab ({self.page.url})")

    def enter(self, target: Locator) -> None:
        self.to(target)
        self.press("Enter")

    def write(self, label: str, words: str, within: Locator | None = None) -> None:
        self.to((within or self.page.locator("body")).get_by_label(label, exact=True))
        self.page.keyboard.type(words)

    def choose(self, field: str, name: str) -> None:
        """A radio button of `field`: Tab leads to the group, the arrows through it."""
        group = self.page.locator(f"input[type=radio][name={field}]")
        chosen = self.page.locator(f"input[type=radio][name={field}]:checked")
        self.to(chosen if chosen.count() else group.first)
        self.press("Space")
        for _ in range(group.count()):
            words = self.page.evaluate("document.activeElement.closest('label').textContent")
            if name in words:
                return
            self.press("ArrowRight")
        raise AssertionError(f"the arrows do not reach {name}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


def report(keys: Keys, name: str) -> str:
    """From the first page to the number of what was reported."""
    keys.person.go("/sign-in/")
    keys.write("手机号", PHONES[name])
    keys.press("Enter")
    code = keys.page.locator(".banner--demo b").inner_text()
    keys.write("验证码", code)
    keys.press("Enter")
    keys.enter(keys.page.get_by_role("link", name="我要上报"))
    keys.choose("kind", "漏水渗水")
    keys.write("说说情况", "水管接头滴水，桶接了半桶。")
    keys.enter(keys.button("提交"))
    expect(keys.page.locator("h1")).to_contain_text("收到了")
    return keys.page.locator(".result__number").inner_text()


def handle(keys: Keys, number: str) -> None:
    """A specialist finds it in her list, takes it, notes and answers."""
    keys.person.go("/sign-in/staff/?next=/c/330105002053/desk/")
    keys.write("用户名", STAFF["李娜"])
    keys.write("密码", keys.person.product.password)
    keys.press("Enter")
    keys.enter(keys.page.get_by_role("button", name=f"接单 {number}"))
    page = keys.page
    keys.enter(page.locator("summary", has_text="记一笔处置"))
    keys.write("做了什么", "关了总阀，换了接头。")
    keys.enter(keys.button("记下"))
    expect(page.locator("#matter .trail")).to_contain_text("关了总阀")
    keys.enter(page.locator("summary", has_text="答复居民"))
    keys.write("写给居民的话", "接头换好了，不滴了。")
    keys.enter(page.locator("details.step--main").get_by_role("button", name="答复居民"))
    expect(page.locator("#matter")).to_contain_text("已答复居民（已解决）")


def rate(keys: Keys, number: str) -> None:
    """The reporter says that it is settled, and how well."""
    keys.person.go("")
    keys.enter(keys.page.get_by_role("link", name=number))
    expect(keys.page.locator("#matter")).to_contain_text("接头换好了")
    keys.choose("rating", "很满意")
    keys.enter(keys.button("办好了，确认"))
    expect(keys.page.locator("h1")).to_contain_text("办结了")
    expect(keys.page.locator(".matter__rated")).to_have_text("您评了 5 分")


def test_a_matter_is_reported_handled_and_rated_by_keys_alone(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK, DESK) as (qian, lina):
        number = report(Keys(qian), "钱师傅")
        handle(Keys(lina), number)
        rate(Keys(qian), number)
