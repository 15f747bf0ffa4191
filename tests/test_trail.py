"""The trail: written with the deed, sealed by the relay, and any tampering found."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from dataclasses import replace

import psycopg
import pytest
from django.db import connections

from linli.core import trail
from linli.core.access import Actor
from linli.core.ids import uuid7
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry, TrailSeal
from linli.core.relay import Relay
from linli.core.seals import Heads, verify
from linli.core.tenancy import active
from linli.places.models import Community, SubArea
from tests.helpers import as_superuser

LI_NA = Actor("李娜", account_id=uuid7(), community_id=1)


@pytest.fixture(autouse=True)
def declared_verbs():
    trail.verbs({"test.done": "试过", "test.followed": "试后"})


@pytest.fixture
def heads(tmp_path):
    return Heads(tmp_path / "heads")


@pytest.fixture
def relay(committed_db, heads):
    for community_id, name in ((1, "仓基新村"), (2, "卖鱼桥")):
        Community.objects.create(id=community_id, name=name)
        with active(community_id):
            SubArea.objects.create(code="1", name="一片")
    return Relay(heads=heads)


def deeds(count, *, community_id=1, verb="test.done"):
    with active(community_id):
        row = SubArea.objects.first()
        for i in range(count):
            trail.record(LI_NA, verb, row, i=i, words=f"第{i}次", nested={"b": [1, 2], "a": None})


def seals(community_id=1):
    with active(community_id):
        return list(TrailSeal.objects.order_by("n").values_list("n", "entry_id"))


def test_an_entry_holds_who_what_when_and_ids_only(relay):
    deeds(1)
    with active(1):
        entry = TrailEntry.objects.get()
    assert (entry.verb, entry.account_id, entry.subject_kind, entry.via) == (
        "test.done",
        LI_NA.account_id,
        "places.subarea",
        "page",
    )
    assert entry.xact > 0


def test_an_undeclared_verb_is_refused(relay):
    with active(1), pytest.raises(LookupError):
        trail.record(LI_NA, "test.unknown", SubArea.objects.first())


def test_each_entry_is_sealed_once_in_its_own_community(relay, heads):
    deeds(3)
    deeds(2, community_id=2)
    assert relay.seal_new() == 5 and relay.seal_new() == 0
    assert [n for n, _ in seals(1)] == [1, 2, 3] and [n for n, _ in seals(2)] == [1, 2]
    assert verify(heads) == (5, [])
    assert heads.read(1)[-1].n == 3


def test_an_entry_that_commits_late_is_not_passed_over(relay, heads):
    has_written, may_commit = threading.Event(), threading.Event()

    def slow():
        try:
            with active(1):
                trail.record(LI_NA, "test.done", SubArea.objects.first(), late=True)
                has_written.set()
                may_commit.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    has_written.wait(10)
    deeds(2)
    assert relay.seal_new() == 2
    deeds(1)
    assert relay.seal_new() == 1
    may_commit.set()
    thread.join()
    assert relay.seal_new() == 1, "the slow transaction's entry has a lower id and transaction than those sealed before"
    assert relay.horizon > 0 and verify(heads) == (4, [])


def test_a_relay_that_restarts_goes_on_where_the_seals_end(relay, heads):
    deeds(2)
    relay.seal_new()
    deeds(2)
    again = Relay(heads=heads)
    assert again.seal_new() == 2
    assert [n for n, _ in seals()] == [1, 2, 3, 4] and verify(heads) == (4, [])


def test_two_relays_cannot_seal_at_once(relay):
    assert relay._has_lock()
    with psycopg.connect(os.environ["LINLI_DB_AUDIT"]) as other:
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [0x7365616C]).fetchone() == (False,)


def test_followers_are_deferred_with_the_seal_or_not_at_all(relay, monkeypatch):
    @tenant_task(name="tests.follow")
    def follow(community_id, entry_id):
        """Never run here: only deferring is shown."""

    trail.follow("test.followed", "tests.follow")
    deeds(2, verb="test.followed")
    monkeypatch.setattr(Relay, "_notify", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        relay.seal_new()
    assert seals() == [] and waiting_jobs() == []
    monkeypatch.undo()
    relay.seal_new()
    jobs = waiting_jobs()
    assert {job["entry_id"] for job in jobs} == {str(entry_id) for _, entry_id in seals()}
    assert {job["community_id"] for job in jobs} == {1} and len(jobs) == 2


def test_history_told_afterwards_is_sealed_but_wakes_nobody(relay):
    trail.follow("test.followed", "tests.follow")
    with active(1):
        trail.record(replace(LI_NA, via=trail.REPLAYED), "test.followed", SubArea.objects.first())
    assert relay.seal_new() == 1 and waiting_jobs() == []


def waiting_jobs():
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'tests.follow' ORDER BY id")
        return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in cursor.fetchall()]


def test_the_relay_notifies_where_each_stream_stands(relay):
    with psycopg.connect(os.environ["LINLI_DB_APP"], autocommit=True) as listener:
        listener.execute("LISTEN linli_live")
        deeds(2)
        relay.seal_new()
        notice = next(listener.notifies(timeout=5))
    assert notice.payload == '{"1":2}'


def test_the_running_relay_seals_within_a_second(relay, heads):
    is_stopping = threading.Event()

    def work():
        try:
            relay.run(is_stopping=is_stopping.is_set)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        deeds(5)
        deadline = time.monotonic() + 5
        while len(seals()) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        is_stopping.set()
        thread.join()
    assert len(seals()) == 5


TAMPERINGS = {
    "edit the verb": lambda e: as_superuser("UPDATE core_trailentry SET verb = 'test.other' WHERE id = %s", e),
    "edit who": lambda e: as_superuser("UPDATE core_trailentry SET account_id = %s WHERE id = %s", uuid7(), e),
    "edit when": lambda e: as_superuser("UPDATE core_trailentry SET at = at + interval '1 microsecond' WHERE id = %s", e),
    "edit a fact": lambda e: as_superuser("UPDATE core_trailentry SET facts = facts || '{\"i\": -1}' WHERE id = %s", e),
    "move the subject": lambda e: as_superuser("UPDATE core_trailentry SET subject_id = %s WHERE id = %s", uuid7(), e),
    "delete the entry": lambda e: as_superuser("DELETE FROM core_trailentry WHERE id = %s", e),
    "delete entry and seal": lambda e: (as_superuser("DELETE FROM core_trailseal WHERE entry_id = %s", e), as_superuser("DELETE FROM core_trailentry WHERE id = %s", e)),
    "edit the seal": lambda e: as_superuser("UPDATE core_trailseal SET hash = decode(md5('x') || md5('y'), 'hex') WHERE entry_id = %s", e),
}  # fmt: skip


def swap(first, second):
    return as_superuser(
        "UPDATE core_trailseal SET entry_id = CASE entry_id WHEN %s THEN %s::uuid ELSE %s::uuid END, n = n WHERE entry_id IN (%s, %s)",
        first, second, first, first, second,
    )  # fmt: skip


def truncate_from(n):
    as_superuser("DELETE FROM core_trailentry WHERE id IN (SELECT entry_id FROM core_trailseal WHERE n >= %s)", n)
    return as_superuser("DELETE FROM core_trailseal WHERE n >= %s", n)


def rehash_tail(entry_id):
    """The clever one: edit an entry and compute every later seal anew, as somebody who has read our code would."""
    from linli.core.seals import GENESIS, SELECT_ENTRY, link

    as_superuser("UPDATE core_trailentry SET verb = 'test.other' WHERE id = %s", entry_id)
    with connections["audit"].cursor() as cursor:
        cursor.execute(
            f"SELECT s.n, {SELECT_ENTRY} FROM core_trailseal s JOIN core_trailentry e ON e.id = s.entry_id ORDER BY s.n"
        )
        rows = cursor.fetchall()
    previous = GENESIS
    for n, *entry in rows:
        previous = link(previous, tuple(entry))
        as_superuser("UPDATE core_trailseal SET hash = %s WHERE n = %s", previous, n)


def test_two_hundred_tamperings_as_superuser_are_all_found(relay, heads):
    """Each is done, found, and undone by restoring both tables from a copy."""
    deeds(40)
    relay.seal_new()
    copies = {}
    for table in ("core_trailentry", "core_trailseal"):
        as_superuser(f"CREATE TABLE copy_{table} AS TABLE {table}")
        copies[table] = f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM copy_{table}"
    chance = random.Random(380)
    entries = [entry_id for _, entry_id in seals()]
    missed, tried = [], 0
    try:
        for name in [*TAMPERINGS] * 23 + ["swap"] * 12 + ["truncate"] * 12 + ["rehash"] * 4:
            entry = chance.choice(entries[:-1])
            if name == "swap":
                as_superuser("ALTER TABLE core_trailseal DROP CONSTRAINT IF EXISTS trail_seal_entry")
                swap(entry, chance.choice([e for e in entries if e != entry]))
            elif name == "truncate":
                truncate_from(chance.randint(2, 40))
            elif name == "rehash":
                rehash_tail(entry)
            else:
                TAMPERINGS[name](entry)
            tried += 1
            if not verify(heads)[1]:
                missed.append((name, entry))
            for restore in copies.values():
                as_superuser(restore.split(";")[0])
                as_superuser(restore.split(";")[1])
    finally:
        as_superuser("DROP TABLE copy_core_trailentry, copy_core_trailseal")
        as_superuser("ALTER TABLE core_trailseal DROP CONSTRAINT IF EXISTS trail_seal_entry")
        as_superuser("TRUNCATE core_trailseal")
        as_superuser("ALTER TABLE core_trailseal ADD CONSTRAINT trail_seal_entry UNIQUE (community_id, entry_id)")
    assert tried >= 200 and missed == []
