"""Where a running product is, and who can sign in there. Imports nothing of it: the gallery walks a demo with the same people."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

PHONES = {
    "王芳": "10012340001",
    "王桂英": "10012340002",
    "老马": "10012340003",
    "路人": "10012340009",
    "周奶奶": "10012340011",
    "钱师傅": "10012340012",
    "孙阿姨": "10012340013",
    "吕奶奶": "10012340014",
    "冯奶奶": "10012340015",
    "陈明": "10020000010",
}
"""Residents of the cast and of the stage. One code a minute goes to a phone, so each journey has a resident of its own."""
STAFF = {
    "李娜": "lina",
    "孙伟": "sunwei",
    "陈建国": "chenjianguo",
    "赵敏": "zhaomin",
    "周国平": "zhouguoping",
    "管理员": "admin",
    "安全员": "security",
    "审计员": "audit",
    "沈红": "shenhong",
}


@dataclass(frozen=True)
class Product:
    """What a browser needs to know: the address, and the ids of the rows that are there, what staff sign in with."""

    origin: str
    rows: dict[str, str]
    password: str

    def url(self, path: str) -> str:
        """`path` on this origin; one without a leading slash is inside 仓基新村."""
        return f"{self.origin}{path}" if path.startswith("/") else f"{self.origin}/c/330105002053/{path}"


def free_ports() -> int:
    """A free port whose successor is free too, below those the kernel hands out by itself."""
    for port in range(21001 + os.getpid() % 500 * 20, 32000, 2):
        with socket.socket() as pages, socket.socket() as streams:
            try:
                pages.bind(("127.0.0.1", port))
                streams.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")
