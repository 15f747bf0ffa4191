"""A morning's walk on a phone: from the list to the door, a routine visit in at most twelve taps and a minute, and on to the next."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, expect

from tests.journeys.origin import Product
from tests.journeys.people import PHONE, Person, people

MOST_TAPS, MOST_SECONDS = 12, 60


def to_the_door(lina: Person, name: str) -> None:
    lina.press(lina.page.locator("#visits a.row", has_text=name).first)
    expect(lina.page.locator("h1")).to_contain_text("走访")


def test_a_routine_visit_takes_few_taps_and_leads_on_to_the_next_door(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/visits/")
        lina.taps, began = 0, time.monotonic()
        to_the_door(lina, "王*英")
        lina.press(lina.page.get_by_role("link", name="和上次一样"))
        expect(lina.page.get_by_text("已填上次的回答")).to_be_visible()
        who = lina.page.locator(".visits__member", has_text="王*英").first
        lina.press(who.locator("label.choice", has_text="见到了"))
        lina.press(who.locator("label.choice", has_text="吃得好"))
        lina.press(who.locator("label.check", has_text="已核实"))
        lina.press_button("记下这一户")
        expect(lina.page.locator("h1")).to_contain_text("见到 1 人")
        assert lina.taps <= MOST_TAPS and time.monotonic() - began <= MOST_SECONDS
        expect(lina.page.get_by_text("吃饭：吃得好")).to_be_visible()
        lina.press(lina.page.get_by_role("link", name="下一户"))
        expect(lina.page.locator("h1")).to_contain_text("要走访")


def test_nobody_opened_and_the_door_is_back_on_the_way_of_the_day_without_scripts(
    product: Product, browser: Browser
) -> None:
    with people(product, browser, PHONE, java_script_enabled=False) as (lina,):
        lina.sign_in_as_staff("李娜", "desk/visits/")
        to_the_door(lina, "王*")
        who = lina.page.locator(".visits__member").first
        lina.press(who.locator("label.choice", has_text="没见到"))
        lina.press_button("记下这一户")
        expect(lina.page.locator("h1")).to_contain_text("没见到")
        lina.go("desk/visits/")
        expect(lina.page.get_by_text("没见到，当天再访").first).to_be_visible()
