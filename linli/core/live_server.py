"""The live process: a small ASGI application of its own (`PORT`+1), so that open streams never hold up a page."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connections
from psycopg import sql

from . import live, tenancy
from .relay import CHANNEL

log = structlog.get_logger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

HEARTBEAT_SECONDS = 15
RECHECK_SECONDS = 60  # a session that ended, or a post that ran out, closes its streams within a minute
QUEUE_LENGTH = 1000


class Hub:
    """One LISTEN connection; hands each community's new notices to the clients that hear them."""

    def __init__(self) -> None:
        self.clients: dict[int, set[asyncio.Queue[live.Notice | None]]] = defaultdict(set)
        self.seen: dict[int, int] = {}
        self.listener: asyncio.Task[None] | None = None
        self.is_listening = asyncio.Event()

    async def join(self, community_id: int) -> asyncio.Queue[live.Notice | None]:
        """A queue that receives every notice of the community from now on."""
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen())
        await asyncio.wait_for(self.is_listening.wait(), timeout=10)
        queue: asyncio.Queue[live.Notice | None] = asyncio.Queue(QUEUE_LENGTH)
        self.clients[community_id].add(queue)
        if community_id not in self.seen:
            self.seen[community_id] = await in_database(_position, community_id)
        return queue

    def leave(self, community_id: int, queue: asyncio.Queue[live.Notice | None]) -> None:
        self.clients[community_id].discard(queue)
        if not self.clients[community_id]:
            del self.clients[community_id]
            self.seen.pop(community_id, None)

    async def _listen(self) -> None:
        while True:
            try:
                parameters = connections["default"].get_connection_params()
                parameters.pop("pool", None)
                wanted = {
                    key: parameters[key]
                    for key in ("host", "port", "user", "password", "dbname")
                    if parameters.get(key)
                }
                async with await psycopg.AsyncConnection.connect(**wanted, autocommit=True) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self.is_listening.set()
                    await self._refresh(list(self.clients))  # what was notified while nobody listened
                    async for notify in connection.notifies():
                        moved = orjson.loads(notify.payload)
                        await self._refresh([int(key) for key in moved] or list(self.clients))
            except (psycopg.Error, OSError) as error:
                log.warning("live.listen_lost", error=str(error))
                self.is_listening.clear()
                await asyncio.sleep(1)

    async def _refresh(self, community_ids: list[int]) -> None:
        for community_id in community_ids:
            if community_id not in self.clients or community_id not in self.seen:
                continue
            for notice in await in_database(live.notices_after, community_id, self.seen[community_id]):
                self.seen[community_id] = notice.n
                for queue in list(self.clients.get(community_id, ())):
                    if queue.full():  # too slow to follow: told to start again from its last id
                        queue.get_nowait()
                        queue.put_nowait(None)
                    else:
                        queue.put_nowait(notice)


def _position(community_id: int) -> int:
    with tenancy.active(community_id):
        return live.position()


async def in_database(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a blocking database function in a thread that gives its connection back."""

    def run() -> Any:
        try:
            return function(*arguments)
        finally:
            close_old_connections()
            connections["default"].close()  # with the pool: back into it

    return await sync_to_async(run, thread_sensitive=False)()


hub = Hub()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI: GET /live, GET /live/health. Everything else is 404."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    if scope["type"] != "http":
        return None
    path, headers = scope["path"].rstrip("/"), dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if path == "/live/health":
        return await _answer(send, 200, b"ok\n", None)
    if path != "/live" or scope["method"] != "GET":
        return await _answer(send, 404, b"", None)
    if origin and origin not in settings.CSRF_TRUSTED_ORIGINS:
        return await _answer(send, 403, b"", None)
    query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    asked = _asked(headers, query)
    stream = await in_database(live.authorise, *asked) if asked else None
    if asked is None or stream is None:
        return await _answer(send, 401, b"", origin)
    after = headers.get(b"last-event-id", query.get("after", "").encode()).decode("latin-1")
    await _serve(stream, asked, int(after) if after.isascii() and after.isdigit() else None, origin, receive, send)
    return None


def _asked(headers: dict[bytes, bytes], query: dict[str, str]) -> tuple[str, str, str | None, Any] | None:
    cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    if settings.SESSION_COOKIE_NAME not in cookies or "c" not in query:
        return None
    subject_id = tenancy.parse_uuid(query.get("id", ""))
    if query.get("id") and subject_id is None:
        return None
    return cookies[settings.SESSION_COOKIE_NAME].value, query["c"], query.get("kind"), subject_id


async def _serve(
    stream: live.Stream, asked: tuple[Any, ...], after: int | None, origin: str, receive: Receive, send: Send
) -> None:
    queue = await hub.join(stream.community_id)
    gone = asyncio.create_task(_disconnected(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers("text/event-stream", origin)})
        await send({"type": "http.response.body", "body": b"retry: 2000\n: hello\n\n", "more_body": True})
        last = await _replay(stream, after, send) if after is not None else -1
        next_check = asyncio.get_running_loop().time() + RECHECK_SECONDS
        while not gone.done():
            waiting = asyncio.create_task(queue.get())
            await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                await _body(send, b": still here\n\n")
            elif (notice := waiting.result()) is None:
                break
            elif notice.n > last and stream.hears(notice):
                last = notice.n
                await _body(send, _event(stream, notice))
            if asyncio.get_running_loop().time() > next_check:
                next_check += RECHECK_SECONDS
                if await in_database(live.authorise, *asked) != stream:
                    break
        if not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        hub.leave(stream.community_id, queue)


async def _replay(stream: live.Stream, after: int, send: Send) -> int:
    missed = await in_database(live.notices_after, stream.community_id, after)
    if len(missed) > live.REPLAY_AT_MOST:
        last = int(await in_database(_position, stream.community_id))
        await _body(send, f"id: {last}\nevent: reset\ndata: {{}}\n\n".encode())
        return last
    for notice in missed:
        if stream.hears(notice):
            await _body(send, _event(stream, notice))
    return missed[-1].n if missed else after


def _event(stream: live.Stream, notice: live.Notice) -> bytes:
    return b"id: %d\nevent: change\ndata: %b\n\n" % (notice.n, orjson.dumps(stream.tell(notice)))


async def _body(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _headers(content_type: str, origin: str | None) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    return headers


async def _answer(send: Send, status: int, body: bytes, origin: str | None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers("text/plain", origin)})
    await send({"type": "http.response.body", "body": body})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
