"""The way out: one POST to one checked address. No redirect is followed; the answer's words are not read."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from . import rules

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True)
class Answer:
    """How it went: taken by the other side (any 2xx), and in short words what it said."""

    is_taken: bool
    words: str


def post(url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Send it. Never raises for what the other side or the network does."""
    where = urlsplit(url)
    if where.scheme not in ("https", "http") or not where.hostname:
        return Answer(False, "地址不对")
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        address = _checked(where.hostname, port)
        if address is None:
            return Answer(False, "这个网段没有开放")
        connection = _connection(where.scheme, where.hostname, port, address)
        try:
            path = (where.path or "/") + (f"?{where.query}" if where.query else "")
            connection.request("POST", path, body.encode(), dict(headers))
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return Answer(False, type(error).__name__[:60])
    return Answer(200 <= status < 300, str(status))


def _checked(host: str, port: int) -> str | None:
    """The address to connect to, resolved once, so that it cannot be another one a moment later."""
    allowed = [ipaddress.ip_network(each) for each in settings.LINLI_HOOK_NETWORKS]
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return found[0] if found and all(rules.may_go_to(each, allowed) for each in found) else None


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    plain = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    if scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    else:
        connection.sock = plain
    return connection
