from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from linli.accounts.tests.factories import make_resident_account
from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.tenancy import active
from linli.notices import actions, jobs
from linli.notices.models import Message, MessageState
from linli.notices.port import Receipt, Simulator
from linli.notices.receipts import signature_of
from linli.places.tests.factories import HOME_CODE, SIBLING_CODE

pytestmark = pytest.mark.django_db
SECRET = "shared with the provider"


class Later(Simulator):
    def send(self, to, body, once_key):
        return Receipt("ref-1")


@pytest.fixture
def sent(here, providers, settings):
    """A message that waits for its receipt."""
    settings.LINLI_MESSAGE_RECEIPT_SECRET = SECRET
    providers(sms=Later("sms"))
    with active(here.id):
        message = actions.send_message(
            SYSTEM, template="link_confirmed", to_account=make_resident_account().pk, once_key="k"
        )
    jobs.send_one(here.id, message.pk)
    return here


def say(*, secret=SECRET, code=HOME_CODE, at=None, tamper=False, **data):
    body = json.dumps({"ref": "ref-1", "has_arrived": True, **data}).encode()
    timestamp = str(int((at or clock.now()).timestamp()))
    signature = signature_of(secret, id="evt-1", timestamp=timestamp, body=body)
    return Client().post(
        f"/api/c/{code}/messages/receipts",
        body + b" " if tamper else body,
        content_type="application/json",
        headers={"webhook-id": "evt-1", "webhook-timestamp": timestamp, "webhook-signature": f"v1,old {signature}"},
    )


def state(here):
    with active(here.id):
        return Message.objects.order_by("id").first().state


@pytest.fixture(autouse=True)
def real_urls(settings):
    settings.ROOT_URLCONF = "config.urls"


def test_a_signed_receipt_ends_the_message_and_again_changes_nothing(sent):
    assert [say().status_code, say().status_code, say(has_arrived=False).status_code] == [200, 200, 200]
    assert state(sent) == MessageState.DELIVERED


def test_what_did_not_arrive_becomes_a_call(sent):
    answer = say(has_arrived=False)
    assert answer.json()["state"] == MessageState.FAILED
    with active(sent.id):
        assert Message.objects.count() == 2


def test_an_unsigned_old_or_changed_receipt_is_refused(sent, settings, next_door):
    too_old = clock.now() - timedelta(minutes=6)
    refused = [say(secret="guessed"), say(at=too_old), say(tamper=True)]
    assert [answer.status_code for answer in refused] == [401, 401, 401]
    assert say(code=SIBLING_CODE).status_code == 404, "a reference is known in its own community only"
    settings.LINLI_MESSAGE_RECEIPT_SECRET = ""
    assert say(secret="").status_code == 401
    assert state(sent) == MessageState.SENT
