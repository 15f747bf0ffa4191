"""Races and crashes, with transactions that commit."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from linli.accounts.tests.factories import make_resident_account
from linli.core import clock
from linli.core.access import SYSTEM
from linli.core.tenancy import active
from linli.notices import actions, jobs, rules
from linli.notices.models import Message, MessageState
from linli.notices.port import Simulator
from linli.places.tests.factories import make_community
from tests.helpers import race


def queue(community, account, once_key="k1"):
    with active(community.id):
        return actions.send_message(SYSTEM, template="link_confirmed", to_account=account.pk, once_key=once_key)


def test_of_many_workers_one_sends(committed_db, providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    here, account = make_community(), make_resident_account()
    message = queue(here, account)

    race(16, lambda _: jobs.send_one(here.id, message.pk))

    assert len(sms.calls) == 1
    with active(here.id):
        assert Message.objects.get().state == MessageState.DELIVERED


def test_the_same_key_from_many_threads_is_one_message(committed_db, providers):
    providers(sms=Simulator("sms"))
    here, account = make_community(), make_resident_account()
    rows = race(8, lambda _: queue(here, account))
    assert len({row.pk for row in rows}) == 1


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing after it runs."""


def test_killed_between_send_and_mark_every_message_arrives_and_duplicates_are_at_most_the_kills(
    committed_db, providers, monkeypatch
):
    sms = providers(sms=Simulator("sms"))["sms"]
    here, account = make_community(), make_resident_account()
    messages = [queue(here, account, f"k{n}") for n in range(20)]
    mark, kills = actions.mark_handed_over, []

    def killed(claimed, receipt, *, provider):
        if claimed.attempt == 1 and int(claimed.once_key.rpartition("k")[2]) % 2:
            kills.append(claimed.once_key)
            raise Killed
        return mark(claimed, receipt, provider=provider)

    monkeypatch.setattr(actions, "mark_handed_over", killed)
    for message in messages:
        with suppress(Killed):
            jobs.send_one(here.id, message.pk)
    with active(here.id):
        assert Message.objects.filter(state=MessageState.SENDING).count() == len(kills) == 10

    jobs.send_due(community_id=here.id)
    assert len(sms.calls) == 20, "a lease is respected while it lasts"
    with clock.at(clock.now() + rules.LEASE + timedelta(seconds=1)):
        jobs.send_due(community_id=here.id)

    duplicates = len(sms.calls) - len(set(sms.calls))
    assert len(set(sms.calls)) == 20 and duplicates == len(kills)
    with active(here.id):
        assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DELIVERED}
        assert sum(Message.objects.values_list("attempts", flat=True)) == len(sms.calls), "every call is counted"


def test_nothing_is_sent_of_what_was_rolled_back(committed_db, providers):
    sms = providers(sms=Simulator("sms"))["sms"]
    here, account = make_community(), make_resident_account()
    with pytest.raises(ZeroDivisionError), active(here.id):
        actions.send_message(SYSTEM, template="link_confirmed", to_account=account.pk, once_key="k1")
        raise ZeroDivisionError
    jobs.send_due(community_id=here.id)
    assert sms.calls == []
    with active(here.id):
        assert not Message.objects.exists()


def test_the_sweep_asks_once_for_each_community(committed_db):
    from procrastinate.contrib.django.models import ProcrastinateJob

    make_community()
    make_community(7002, "330105002051", "卖鱼桥社区")
    for _ in range(2):
        jobs.sweep(timestamp=0)
    waiting = ProcrastinateJob.objects.filter(task_name="linli.notices.jobs.send_due")
    assert sorted(job.args["community_id"] for job in waiting) == [7001, 7002]
