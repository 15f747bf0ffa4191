from __future__ import annotations

import re

import pytest

from linli.accounts import actions
from linli.accounts.models import LinkState, ResidentLink, Token
from linli.core import clock
from linli.core.access import Role
from linli.core.tenancy import active
from linli.places.models import SubArea
from linli.places.tests.factories import HOME_CODE, SIBLING_CODE
from linli.residents.models import Resident

from .factories import actor_of, link_to, make_holder, make_resident_account, make_staff

pytestmark = pytest.mark.django_db
HERE = f"/c/{HOME_CODE}"
BANNED = re.compile("无效|非法|禁止|系统错误|异常|操作失败")


def text_of(answer) -> str:
    words = answer.content.decode()
    assert not BANNED.search(words)
    return words


def test_my_page_shows_what_is_held_masked(browser, here, wang, as_secretary):
    with active(here.id):
        resident = Resident.objects.create(name="王芳", phone=wang.phone, noted_at=clock.now())
    link_to(wang, resident, by=as_secretary, community=here)

    words = text_of(browser.enter(wang).get(f"{HERE}/me/"))

    assert "王*" in words and f"{wang.phone[:3]}****{wang.phone[-4:]}" in words and "已确认" in words
    assert wang.phone not in words


def test_my_page_asks_who_is_not_signed_in_to_do_so(browser, here):
    assert browser.get(f"{HERE}/me/")["Location"].startswith("/sign-in/?next=")
    assert browser.post(f"{HERE}/me/link/", {"name": "王芳"})["Location"] == "/sign-in/"


def test_asking_to_be_linked_and_being_confirmed_on_the_desk(browser, here, wang, secretary):
    with active(here.id):
        resident = Resident.objects.create(name="王芳", phone=wang.phone, noted_at=clock.now())
    browser.enter(wang)
    short = browser.post(f"{HERE}/me/link/", {"name": "王芳", "door": ""})
    assert short.status_code == 422 and "请写上门牌" in text_of(short) and 'value="王芳"' in text_of(short)
    assert browser.post(f"{HERE}/me/link/", {"name": "王芳", "door": "48-2-301"}).status_code == 302
    again = browser.post(f"{HERE}/me/link/", {"name": "王芳", "door": "48-2-301"})
    assert again.status_code == 409 and "不用再交一次" in text_of(again)
    assert "等待确认" in text_of(browser.get(f"{HERE}/me/"))

    browser.enter(secretary)
    words = text_of(browser.get(f"{HERE}/desk/links/"))
    assert "电话一致" in words and "姓名一致" in words and wang.phone not in words
    with active(here.id):
        link = ResidentLink.objects.get()
    done = browser.post(f"{HERE}/desk/links/{link.pk}/confirm/", {"resident": str(resident.pk)})
    assert done["Location"] == f"{HERE}/desk/links/"
    assert actor_of(wang, here).speaks_for == {resident.pk}


def test_refusing_without_a_reason_keeps_the_page(browser, here, wang, secretary):
    with active(here.id):
        link = actions.request_link(actor_of(wang, here), name="王芳", door="9-1-101")
    browser.enter(secretary)
    page = browser.post(f"{HERE}/desk/links/{link.pk}/refuse/", {"reason": ""})
    assert page.status_code == 422 and "请写一句原因" in text_of(page)
    browser.post(f"{HERE}/desk/links/{link.pk}/refuse/", {"reason": "门牌对不上"})
    with active(here.id):
        assert ResidentLink.objects.get().state == LinkState.REFUSED
    assert "门牌对不上" in text_of(browser.enter(wang).get(f"{HERE}/me/"))


def test_another_communitys_request_and_resident_are_not_found(browser, here, next_door, wang, secretary):
    with active(next_door.id):
        link = actions.request_link(actor_of(wang, next_door), name="王芳", door="9-1-101")
        theirs = Resident.objects.create(name="王芳", noted_at=clock.now())
    with active(here.id):
        own = actions.request_link(actor_of(wang, here), name="王芳", door="9-1-101")
    browser.enter(secretary)
    assert browser.post(f"{HERE}/desk/links/{link.pk}/confirm/", {"resident": str(theirs.pk)}).status_code == 404
    assert browser.post(f"{HERE}/desk/links/{own.pk}/confirm/", {"resident": str(theirs.pk)}).status_code == 404
    assert browser.post(f"{HERE}/desk/links/{own.pk}/confirm/", {"resident": "x"}).status_code == 404
    assert browser.get(f"/c/{SIBLING_CODE}/desk/links/").status_code == 404


def test_a_token_is_shown_once_and_revoked(browser, here, secretary):
    browser.enter(secretary)
    made = text_of(browser.post(f"{HERE}/me/tokens/make/", {"name": "看板", "scopes": ["read"]}))
    secret = re.search(r"linli_[\w-]{40,}", made)[0]
    assert secret not in text_of(browser.get(f"{HERE}/me/"))
    token = Token.objects.get()
    assert token.community_id == here.id
    stranger = make_resident_account()
    assert browser.enter(stranger).post(f"{HERE}/me/tokens/{token.pk}/revoke/").status_code == 404
    assert browser.enter(secretary).post(f"{HERE}/me/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_secretary_appoints_on_the_desk_what_is_hers_to_appoint(browser, here, secretary):
    with active(here.id):
        patch = SubArea.objects.create(code="E", name="东片")
    colleague = make_staff("lina")
    browser.enter(secretary)
    page = text_of(browser.get(f"{HERE}/desk/posts/"))
    assert "全能社工" in page and 'value="secretary"' not in page

    unknown = browser.post(f"{HERE}/desk/posts/", {"username": "nobody", "role": "back_office"})
    assert unknown.status_code == 422 and "没有这个用户名" in text_of(unknown)
    typed = {"username": "lina", "role": "specialist", "sub_area": str(patch.pk)}
    assert browser.post(f"{HERE}/desk/posts/", typed | {"sub_area": ""}).status_code == 422
    assert browser.post(f"{HERE}/desk/posts/", typed).status_code == 302
    assert browser.post(f"{HERE}/desk/posts/", typed | {"role": "secretary"}).status_code == 422
    assert "东片" in text_of(browser.get(f"{HERE}/desk/posts/"))

    post = colleague.posts.get()
    assert browser.post(f"{HERE}/desk/posts/{post.pk}/end/").status_code == 302
    assert not actor_of(colleague, here).is_staff


def test_posts_are_for_those_who_may_grant_them(browser, here):
    assert browser.enter(make_holder(Role.BACK_OFFICE, community=here)).get(f"{HERE}/desk/posts/").status_code == 403


def test_the_first_page_offers_a_choice_only_where_there_is_one(browser, here, next_door, wang):
    assert browser.get("/")["Location"] == "/sign-in/"
    words = text_of(browser.enter(wang).get("/"))
    assert "仓基新村社区" in words and "卖鱼桥社区" in words
    administrator = make_holder(Role.ADMINISTRATOR)
    assert f"/c/{SIBLING_CODE}/desk/" in text_of(browser.enter(administrator).get("/"))


def test_every_unsafe_page_asks_for_the_csrf_token(here, secretary):
    from .conftest import SecureClient

    client = SecureClient(enforce_csrf_checks=True).enter(secretary)
    some = "00000000-0000-7000-8000-000000000000"
    for path in (
        "/sign-in/",
        "/sign-in/code/",
        "/sign-in/staff/",
        "/sign-out/",
        f"{HERE}/me/link/",
        f"{HERE}/me/link/{some}/end/",
        f"{HERE}/me/tokens/make/",
        f"{HERE}/me/tokens/{some}/revoke/",
        "/sign-in/second/",
        "/sign-in/second/passkey/",
        "/account/password/",
        "/account/app/",
        "/account/codes/",
        "/account/passkeys/begin/",
        f"/account/sessions/{some}/end/",
        "/account/sessions/end-others/",
        f"{HERE}/me/sign-out-everywhere/",
        f"{HERE}/desk/links/{some}/confirm/",
        f"{HERE}/desk/links/{some}/refuse/",
        f"{HERE}/desk/posts/",
        f"{HERE}/desk/posts/{some}/end/",
    ):
        answer = client.post(path)
        assert answer.status_code == 403 and "放得太久" in answer.content.decode(), path
