from __future__ import annotations

import pytest
from django.urls import include, path

from linli.accounts.tests import urls as accounts_urls
from linli.accounts.tests.factories import actor_of, make_holder, make_resident_account
from linli.core.access import SYSTEM, Role
from linli.core.tenancy import active
from linli.notices import actions
from linli.notices.models import Message, MessageState
from linli.notices.port import Simulator
from linli.places.tests.factories import HOME_CODE

community_patterns = [*accounts_urls.community_patterns, path("desk/messages/", include("linli.notices.urls"))]
urlpatterns = [path("c/<slug:code>/", include(community_patterns)), path("", include("linli.accounts.urls"))]

pytestmark = pytest.mark.django_db
MESSAGES = f"/c/{HOME_CODE}/desk/messages/"


@pytest.fixture(autouse=True)
def these_urls(settings):
    from linli.accounts.middleware import urls_of

    settings.ROOT_URLCONF = __name__
    urls_of.cache_clear()
    yield
    urls_of.cache_clear()


def queue(here, account, template="matter_accepted"):
    with active(here.id):
        return actions.send_message(
            SYSTEM, template=template, to_account=account.pk, facts={"number": "1"}, once_key=f"{account.pk}{template}"
        )


def test_the_desk_sees_messages_masked_and_filters_them(browser, here, providers):
    providers(sms=Simulator("sms"))
    wang = make_resident_account()
    queue(here, wang)
    browser.enter(make_holder(Role.BACK_OFFICE, community=here))

    words = browser.get(MESSAGES).content.decode()
    assert "事项已受理" in words and "等待发送" in words and wang.phone not in words and "****" in words
    assert "事项已受理" not in browser.get(f"{MESSAGES}?state=delivered").content.decode()
    part = browser.get(MESSAGES, HTTP_HX_REQUEST="true", HTTP_HX_REQUEST_TYPE="partial").content.decode()
    assert "<html" not in part and "事项已受理" in part


def test_the_administrator_sees_that_something_was_sent_not_what(browser, here, providers):
    providers(sms=Simulator("sms"))
    message = queue(here, make_resident_account())
    browser.enter(make_holder(Role.ADMINISTRATOR))
    assert message.body not in browser.get(MESSAGES).content.decode()


def test_a_call_is_made_step_by_step(browser, here, providers):
    providers()
    wang = make_resident_account()
    call = queue(here, wang)
    browser.enter(make_holder(Role.BACK_OFFICE, community=here))

    assert wang.phone not in browser.get(f"{MESSAGES}calls/").content.decode()
    assert wang.phone in browser.post(f"{MESSAGES}{call.pk}/number/").content.decode()
    assert browser.post(f"{MESSAGES}{call.pk}/no-answer/").status_code == 302
    assert browser.post(f"{MESSAGES}{call.pk}/done/").status_code == 302
    with active(here.id):
        row = Message.objects.get()
        assert (row.state, row.attempts) == (MessageState.DELIVERED, 2)
    assert browser.post(f"{MESSAGES}{call.pk}/no-answer/").status_code == 409


def test_specialists_and_residents_do_not_see_the_messages_page(browser, here, providers):
    assert browser.enter(make_resident_account()).get(MESSAGES).status_code == 404
    official = make_holder(Role.STREET_OFFICIAL, street_code=HOME_CODE[:9])
    assert browser.enter(official).get(MESSAGES).status_code == 403
    assert actor_of(official, here).is_staff
