"""Who is told of what follows from others' deeds."""

from __future__ import annotations

from linli.accounts import actions as accounts
from linli.core.models import TrailEntry
from linli.core.trail import followers_of
from linli.notices import jobs
from linli.notices.models import Message


def test_who_looks_it_over_is_told_of_an_emergency_and_who_opened_it_is_not(cast, here):
    accounts.open_emergency(cast.actor("李娜"), reason="48幢2单元漏水，要找楼上住户")
    entry = TrailEntry.objects.get(verb="emergency.opened")

    for _ in range(2):  # a job may run twice
        jobs.tell_of_emergency.func(community_id=here.id, entry_id=str(entry.id))

    messages = Message.objects.filter(template="emergency_opened")
    told = sorted(messages.values_list("recipient_account", flat=True))
    assert told == sorted([cast.accounts["赵敏"].id, cast.accounts["审计员"].id])
    assert all("李娜" not in each.body and "漏水" not in each.body for each in messages)


def test_the_job_follows_the_deed():
    assert "linli.notices.jobs.tell_of_emergency" in followers_of("emergency.opened")
