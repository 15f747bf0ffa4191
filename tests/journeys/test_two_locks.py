"""Staff come in with two things: an authenticator app, then a passkey of this very device; without scripts the six digits do."""

from __future__ import annotations

import base64
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import DESK, PHONE, Person, people
from tests.journeys.product import Product


def digits(secret: str, half_minutes: int = 0) -> str:
    """What her phone shows now, or some half minutes from now (which the server still takes, once)."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(time.time() + 30 * half_minutes).decode()


def password_of(person: Person, username: str) -> None:
    person.go("/sign-in/staff/")
    person.page.get_by_label("用户名").fill(username)
    person.page.get_by_label("密码").fill(person.product.password)
    person.page.get_by_role("button", name="登录", exact=True).click()


def bind_app(person: Person) -> str:
    """Scan, as it were, and type what the phone shows; the secret."""
    person.go("/account/app/")
    expect(person.page.locator(".safety__code")).to_be_visible()
    secret = (person.page.locator("[data-copy]").text_content() or "").replace(" ", "")
    person.page.get_by_label("手机上现在显示的 6 位数字").fill(digits(secret))
    person.page.get_by_role("button", name="绑定").click()
    expect(person.page.locator("h1")).to_have_text("备用码只显示这一次")
    return secret


def with_a_key_in_the_device(page: Page) -> None:
    """Chromium's own stand-in for a fingerprint reader."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    user = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **user}})


def test_an_app_and_its_codes_without_scripts(product: Product, browser: Browser) -> None:
    with people(product, browser, PHONE, java_script_enabled=False) as (he,):
        password_of(he, "heping")
        secret = bind_app(he)
        code = he.page.locator(".safety__codes code").first.inner_text()
        he.page.get_by_role("link", name="我收好了").click()
        expect(he.page.locator("h1")).to_have_text("您的账号有两道锁")
        he.page.get_by_role("button", name="退出登录").first.click()

        password_of(he, "heping")
        expect(he.page.locator("h1")).to_have_text("还有一步")
        he.page.get_by_label("验证器上的 6 位数字").fill(digits(secret, 1))
        he.page.get_by_role("button", name="登录", exact=True).click()
        expect(he.page.locator("body.face-desk")).to_be_visible()

        he.go("/account/")
        he.page.get_by_role("button", name="退出登录").first.click()
        password_of(he, "heping")
        he.page.get_by_label("验证器上的 6 位数字").fill(code.lower())
        he.page.get_by_role("button", name="登录", exact=True).click()
        expect(he.page.locator("body.face-desk")).to_be_visible()


def test_a_passkey_of_this_device(product: Product, browser: Browser) -> None:
    with people(product, browser, DESK) as (chen,):
        with_a_key_in_the_device(chen.page)
        password_of(chen, "chenjianguo")
        chen.go("/account/")
        chen.page.get_by_role("button", name="登记这台设备").click()
        expect(chen.page.locator("h1")).to_have_text("您的账号有两道锁")
        expect(chen.page.locator("main")).to_contain_text("还没用过")
        chen.page.get_by_role("button", name="退出登录").first.click()

        password_of(chen, "chenjianguo")
        chen.page.get_by_role("button", name="用通行密钥登录").click()
        expect(chen.page.locator("body.face-desk")).to_be_visible()
        chen.go("/account/")
        expect(chen.page.locator("main")).to_contain_text("最近使用")
        chen.page.get_by_role("button", name="删除").click()
        expect(chen.page.locator("h1")).to_have_text("您的账号只有密码一道锁")
