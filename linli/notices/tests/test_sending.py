from __future__ import annotations

from datetime import timedelta

import pytest

from linli.accounts.tests.factories import make_resident_account, make_staff
from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.errors import NotAllowed, NotFound
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.notices import actions, jobs, queries, rules
from linli.notices.models import Channel, Message, MessageState
from linli.notices.port import NotTaken, Receipt, Simulator, send_code
from linli.residents.models import Resident

pytestmark = pytest.mark.django_db
FACTS = {"number": "20261120-0001"}


def send(account, once_key="k1", **more):
    return actions.send_message(
        SYSTEM, template="matter_accepted", to_account=account.pk, facts=FACTS, once_key=once_key, **more
    )


def work_until_quiet(community, *, hours=3):
    """What the worker does in the coming hours, minute by minute."""
    begin = clock.now()
    for minute in range(hours * 60):
        with clock.at(begin + timedelta(minutes=minute)):
            jobs.send_due(community_id=community.id)


def states():
    return [(row.channel, row.state) for row in Message.objects.order_by("id")]


@pytest.fixture
def wang(here):
    return make_resident_account()


def test_a_message_is_delivered_and_says_by_whom(in_here, wang, providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    message = send(wang)

    entry = TrailEntry.objects.get(verb="message.queued")
    jobs.deliver(community_id=in_here.id, entry_id=str(entry.pk))

    message.refresh_from_db()
    assert (message.state, message.provider, message.attempts) == (MessageState.DELIVERED, "sms", 1)
    assert message.ended_at is not None and sms.calls == [f"{in_here.id}:k1"]
    assert list(TrailEntry.objects.order_by("id").values_list("verb", flat=True))[-1] == "message.delivered"


def test_the_same_key_sends_once_and_following_twice_sends_once(in_here, wang, providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    assert send(wang).pk == send(wang).pk
    entry = TrailEntry.objects.get(verb="message.queued")
    for _ in range(3):
        jobs.deliver(community_id=in_here.id, entry_id=str(entry.pk))
    assert len(sms.calls) == 1


def test_a_failing_provider_is_tried_again_with_growing_pauses(in_here, wang, providers):
    sms = providers(sms=Simulator("sms", failures=2))["sms"]
    send(wang)
    work_until_quiet(in_here)
    assert len(sms.calls) == 3 and states() == [(Channel.SMS, MessageState.DELIVERED)]


def test_what_always_fails_goes_down_the_whole_ladder_and_ends_with_a_call(in_here, wang, providers):
    both = providers(wechat=Simulator("wechat", failures=None), sms=Simulator("sms", failures=None))
    send(wang)

    work_until_quiet(in_here)

    assert [len(both[channel].calls) for channel in ("wechat", "sms")] == [rules.TRIES, rules.TRIES]
    assert states() == [
        (Channel.WECHAT, MessageState.FAILED),
        (Channel.SMS, MessageState.FAILED),
        (Channel.PHONE_TASK, MessageState.QUEUED),
    ]
    last = Message.objects.order_by("id").last()
    assert last.after.channel == Channel.SMS and last.body.startswith("事项")


def test_every_message_ends_in_a_known_state_when_nothing_works(in_here, providers, as_back_office):
    providers(wechat=Simulator("wechat", failures=None), sms=Simulator("sms", failures=None))
    for n in range(12):
        send(make_resident_account(), once_key=f"k{n}")
    work_until_quiet(in_here)
    for call in queries.phone_tasks_visible_to(as_back_office):
        for _ in range(rules.CALLS):
            actions.finish_call(as_back_office, message=call, has_answered=False)
    assert all(row.is_over for row in Message.objects.all())
    assert {row.state for row in Message.objects.all()} == {MessageState.FAILED, MessageState.UNDELIVERABLE}


def test_a_number_that_does_not_exist_is_not_tried_again(in_here, wang, providers):
    class NoSuchNumber(Simulator):
        def send(self, to, body, once_key):
            super().send(to, body, once_key)
            raise NotTaken("no_such_number", is_final=True)

    sms = providers(sms=NoSuchNumber("sms"))["sms"]
    send(wang)
    work_until_quiet(in_here, hours=1)
    assert len(sms.calls) == 1
    assert states() == [(Channel.SMS, MessageState.FAILED), (Channel.PHONE_TASK, MessageState.QUEUED)]


def test_without_a_provider_or_an_address_it_is_a_call_from_the_start(in_here, wang, providers):
    providers()
    send(wang)
    providers(sms=Simulator("sms"))
    send(make_staff(), once_key="k2")
    assert states() == [(Channel.PHONE_TASK, MessageState.QUEUED)] * 2


def test_a_resident_is_reached_by_the_register_or_by_a_confirmed_account(in_here, providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    resident = Resident.objects.create(name="王芳", phone="10000000099", noted_at=clock.now())
    actions.send_message(SYSTEM, template="link_confirmed", to_resident=resident, once_key="r1")
    work_until_quiet(in_here, hours=1)
    assert sms.calls == [f"{in_here.id}:r1"]


def test_a_provider_that_answers_later_is_waited_for_and_its_receipt_ends_it(in_here, wang, providers):
    class Later(Simulator):
        def send(self, to, body, once_key):
            return Receipt("ref-1")

    providers(sms=Later("sms"))
    message = send(wang)
    jobs.send_one(in_here.id, message.pk)
    assert states() == [(Channel.SMS, MessageState.SENT)]

    for _ in range(2):
        actions.record_receipt(provider_ref="ref-1", has_arrived=True)
    assert states() == [(Channel.SMS, MessageState.DELIVERED)]
    with pytest.raises(NotFound):
        actions.record_receipt(provider_ref="ref-9", has_arrived=True)


def test_a_receipt_that_never_comes_ends_the_wait_after_three_days(in_here, wang, providers):
    class Silent(Simulator):
        def send(self, to, body, once_key):
            return Receipt("ref-2")

    providers(sms=Silent("sms"))
    jobs.send_one(in_here.id, send(wang).pk)
    with clock.at(clock.now() + rules.RECEIPT_WAIT):
        jobs.send_due(community_id=in_here.id)
    assert states() == [(Channel.SMS, MessageState.FAILED)]


def test_a_late_failure_does_not_undo_what_a_later_claim_does(in_here, wang, providers):
    providers(sms=Simulator("sms"))
    message = send(wang)
    first = actions.claim(message.pk)
    assert actions.claim(message.pk) is None, "a lease holds while it lasts"
    with clock.at(clock.now() + rules.LEASE):
        second = actions.claim(message.pk)
        assert second is not None and second.attempt == 2
        actions.mark_not_taken(first, "timeout", is_final=True)
        assert states() == [(Channel.SMS, MessageState.SENDING)]
        actions.mark_handed_over(second, Receipt("x", is_final=True), provider="sms")
    assert states() == [(Channel.SMS, MessageState.DELIVERED)]


def test_the_words_are_kept_encrypted(in_here, wang, providers):
    from django.db import connection

    providers(sms=Simulator("sms"))
    message = send(wang)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM notices_message WHERE id = %s", [message.pk])
        stored = bytes(cursor.fetchone()[0])
    assert "受理".encode() not in stored and message.body.encode() not in stored


def test_only_the_front_desk_finishes_calls_and_looking_at_a_number_is_noted(in_here, wang, providers, as_back_office):
    from linli.accounts.tests.factories import actor_of

    providers()
    call = send(wang)
    with pytest.raises(NotAllowed):
        actions.finish_call(actor_of(wang, in_here), message=call, has_answered=True)
    with pytest.raises(NotAllowed):
        actions.see_number(actor_of(wang, in_here), message=call)

    assert actions.see_number(as_back_office, message=call) == wang.phone
    actions.finish_call(as_back_office, message=call, has_answered=True)
    verbs = list(TrailEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-2:] == ["message.number_seen", "message.called"]
    with pytest.raises(actions.NotACall):
        actions.see_number(as_back_office, message=call)
    assert wang.phone not in str(list(TrailEntry.objects.values_list("facts", flat=True)))


def test_an_unanswered_call_is_made_again_and_ends_after_the_third(in_here, wang, providers, as_back_office):
    providers()
    call = send(wang)
    for _ in range(rules.CALLS):
        call = actions.finish_call(as_back_office, message=call, has_answered=False)
    assert call.state == MessageState.UNDELIVERABLE
    with pytest.raises(actions.NotACall):
        actions.finish_call(as_back_office, message=call, has_answered=True)


def test_people_see_their_own_messages_and_the_desk_its_own_communitys(
    in_here, next_door, wang, providers, as_back_office
):
    from linli.accounts.tests.factories import actor_of

    providers(sms=Simulator("sms"))
    send(wang)
    with active(next_door.id):
        send(wang)
        assert queries.messages_visible_to(as_back_office).count() == 1
    stranger = actor_of(make_resident_account(), in_here)
    counts = [queries.messages_visible_to(who).count() for who in (as_back_office, actor_of(wang, in_here), stranger)]
    assert counts == [1, 1, 0]


def test_a_code_goes_out_at_once_and_is_not_kept(providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    assert send_code("10000000001", "123456", "code:1") is True
    assert sms.calls == ["code:1"] and Message.across_communities.count() == 0
    providers(sms=Simulator("sms", failures=None))
    assert send_code("10000000001", "123456", "code:2") is False
    providers()
    assert send_code("10000000001", "123456", "code:3") is False


def test_a_decided_link_is_told_to_the_account(in_here, wang, providers, as_back_office):
    from linli.accounts.tests.factories import link_to

    providers(sms=Simulator("sms"))
    resident = Resident.objects.create(name="王芳", noted_at=clock.now())
    link_to(wang, resident, by=as_back_office, community=in_here)
    entry = TrailEntry.objects.get(verb="link.confirmed")
    for _ in range(2):
        jobs.tell_about_link(community_id=in_here.id, entry_id=str(entry.pk))
    assert [row.template for row in Message.objects.all()] == ["link_confirmed"]


def test_the_trails_followers_are_jobs_that_exist(db):
    from procrastinate.contrib.django import app

    from linli.core import trail

    for verb in ("message.queued", "link.confirmed", "link.refused"):
        for name in trail.followers_of(verb):
            assert name in app.tasks
