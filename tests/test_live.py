"""Live notices end to end: a deed commits, the relay seals and notifies, the stream tells. In-process, real PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from linli.core import live, live_server, trail
from linli.core.access import Actor
from linli.core.ids import uuid7
from linli.core.relay import Relay
from linli.core.seals import Heads
from linli.core.tenancy import active
from linli.places.models import Community, SubArea
from tests.helpers import as_superuser

LI_NA = Actor("李娜", account_id=uuid7(), community_id=1)


@pytest.fixture
def relay(committed_db, tmp_path, monkeypatch):
    trail.verbs({"test.done": "试过"})
    for community_id in (1, 2):
        Community.objects.create(id=community_id, name=str(community_id))
        with active(community_id):
            SubArea.objects.create(code="1", name="一片")
    monkeypatch.setattr(live_server, "hub", live_server.Hub())
    return Relay(heads=Heads(tmp_path))


def deed(relay, community_id=1):
    with active(community_id):
        row = SubArea.objects.get()
        trail.record(LI_NA, "test.done", row)
    relay.seal_new()
    return row.id


def closing(function):
    def run(*arguments):
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    return sync_to_async(run, thread_sensitive=False)


class Client:
    """One open stream; `events` are what it was told."""

    def __init__(self):
        self.status, self.events, self.headers = None, asyncio.Queue(), {}
        self.is_gone = asyncio.Event()

    async def receive(self):
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        for block in message.get("body", b"").split(b"\n\n"):
            fields = dict(
                line.split(b": ", 1) for line in block.split(b"\n") if b": " in line and not line.startswith(b":")
            )
            if b"data" in fields:
                self.events.put_nowait((int(fields[b"id"]), fields[b"event"].decode(), orjson.loads(fields[b"data"])))

    async def next(self, seconds=3):
        return await asyncio.wait_for(self.events.get(), seconds)


@asynccontextmanager
async def stream(query="c=1", *, last_event_id=None, origin=None):
    client = Client()
    headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}=session".encode())]
    headers += [(b"last-event-id", str(last_event_id).encode())] if last_event_id is not None else []
    headers += [(b"origin", origin.encode())] if origin else []
    scope = {"type": "http", "method": "GET", "path": "/live", "query_string": query.encode(), "headers": headers}
    task = asyncio.create_task(live_server.application(scope, client.receive, client.send))
    deadline = asyncio.get_running_loop().time() + 5
    while client.status is None and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.01)
    try:
        yield client
    finally:
        client.is_gone.set()
        await asyncio.wait_for(task, 5)
        if live_server.hub.listener and not live_server.hub.clients:
            live_server.hub.listener.cancel()


@pytest.fixture
def may_hear(monkeypatch):
    """Let the streams below be opened; who really may is tested with the cast."""

    def allow(result):
        monkeypatch.setattr(live, "authorise", lambda *_: result)

    allow(live.Stream(1))
    return allow


def test_a_committed_deed_reaches_the_desk_stream(relay, may_hear):
    async def scenario():
        async with stream() as client:
            await closing(deed)(relay)
            await closing(deed)(relay, 2)  # another community's: never told
            await closing(deed)(relay)
            return [await client.next(), await client.next()]

    first, second = asyncio.run(scenario())
    assert [first[0], second[0]] == [1, 2]
    assert first[1:] == ("change", {"n": 1, "verb": "test.done", "kind": "places.subarea"})


def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(relay, may_hear):
    async def scenario():
        async with stream() as client:
            await closing(deed)(relay)
            last = (await client.next())[0]
        for _ in range(3):
            await closing(deed)(relay)
        async with stream(last_event_id=last) as client:
            await closing(deed)(relay)
            return [(await client.next())[0] for _ in range(4)], client.events.qsize()

    assert asyncio.run(scenario()) == ([2, 3, 4, 5], 0)


def test_one_who_missed_too_much_is_told_to_start_anew(relay, may_hear, monkeypatch):
    monkeypatch.setattr(live, "REPLAY_AT_MOST", 2)
    for _ in range(4):
        deed(relay)

    async def scenario():
        async with stream(last_event_id=0) as client:
            return await client.next()

    assert asyncio.run(scenario())[:2] == (4, "reset")


def test_a_subject_stream_hears_only_its_subject(relay, may_hear):
    may_hear(live.Stream(1, "places.subarea", uuid7()))

    async def scenario():
        async with stream() as client:
            await closing(deed)(relay)
            with pytest.raises(TimeoutError):
                await client.next(0.6)

    asyncio.run(scenario())


def test_the_listener_comes_back_after_its_connection_is_lost(relay, may_hear):
    async def scenario():
        async with stream() as client:
            await asyncio.sleep(0.2)
            as_superuser(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(query, %s) AND datname = current_database()",
                "LISTEN",
            )
            await closing(deed)(relay)
            return await client.next(5)

    assert asyncio.run(scenario())[0] == 1


def test_strangers_and_other_origins_are_turned_away(relay, monkeypatch):
    monkeypatch.setattr(live, "authorise", lambda *_: None)

    async def scenario():
        statuses = []
        for origin in (None, settings.LINLI_ORIGIN, "https://elsewhere.example"):
            async with stream(origin=origin) as client:
                statuses.append(client.status)
        return statuses

    assert asyncio.run(scenario()) == [401, 401, 403]


def test_our_own_origin_is_allowed_with_credentials(relay, may_hear):
    async def scenario():
        async with stream(origin=settings.LINLI_ORIGIN) as client:
            return client.status, client.headers

    status, headers = asyncio.run(scenario())
    assert status == 200 and headers[b"access-control-allow-origin"] == settings.LINLI_ORIGIN.encode()
    assert headers[b"access-control-allow-credentials"] == b"true"
