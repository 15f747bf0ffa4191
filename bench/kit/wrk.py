"""Load by wrk, and the same requests made once by hand first: a round counts only when it was answered as a person would be."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.common import ToolMissing, Unmeasured, say

CLIENTS, THREADS = 8, 2
SCRIPT = Path(__file__).with_name("load.lua")
INSTALL = "没有压测工具 wrk。请先安装:sudo apt-get install wrk"


@dataclass(frozen=True)
class Round:
    """What one round of load came to; latencies in milliseconds."""

    requests: int
    rps: float
    bytes_each: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True)
class Answer:
    """One response to a request made by hand. `size` is its length on the wire, with the headers."""

    status: int
    location: str
    body: bytes
    size: int


def find() -> str:
    """The wrk program and nothing else; as root on Debian it is installed when it is missing.

    Raises:
        ToolMissing: with the line to type.
    """
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        say("没有 wrk,正在用 apt-get 安装……")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["-qq", "update"], ["-qq", "install", "-y", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", *words], env=env, check=False, capture_output=True)
    if found := shutil.which("wrk"):
        return found
    raise ToolMissing(INSTALL)


def cookie(session: str, token: str) -> str:
    """The Cookie header of a signed-in browser; `token` is its 32-letter CSRF secret."""
    return f"__Host-linli={session}; __Host-csrf={token}"


def load(
    port: int, mode: str, paths: Sequence[str], *, seconds: float, folder: Path, cookie: str, token: str = "-"
) -> Round:
    """`seconds` of load on 127.0.0.1:`port` from CLIENTS clients; for `mode` and `paths` see load.lua.

    Raises:
        Unmeasured: a connection broke, an answer of 400 or more, or the paths of an accepting round ran out.
    """
    listed = folder / "paths.txt"
    listed.write_text("".join(f"{path}\n" for path in paths))
    command = [find(), f"-t{THREADS}", f"-c{CLIENTS}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(SCRIPT)]
    command += [f"http://127.0.0.1:{port}", "--", mode, str(listed), cookie, token]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not line.startswith("{"):
        raise Unmeasured(f"wrk 没有跑完({mode}):\n{done.stderr.strip() or done.stdout.strip()}")
    told = json.loads(line)
    if told["refused"] or told["broken"]:
        raise Unmeasured(
            f"{mode} 这一轮有 {told['refused']} 次被拒、{told['broken']} 次断开(共 {told['requests']} 次),不作数。"
            "请看服务日志。"
        )
    if told["ran_out"]:
        raise Unmeasured("准备的事项不够这一轮受理,不作数。请加大 ACCEPT_MARGIN 再测。")
    if not told["requests"]:
        raise Unmeasured(f"{mode} 这一轮一次也没有答复。")
    took = told["duration"] / 1e6
    times = {f"{name}_ms": round(told[name] / 1000, 1) for name in ("p50", "p95", "p99", "max")}
    return Round(told["requests"], told["requests"] / took, told["bytes"] / told["requests"], **times)


def ask(port: int, path: str, *, cookie: str, form: dict[str, str] | None = None) -> Answer:
    """GET `path`, or POST `form` to it, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers, body = {"Cookie": cookie}, None
    if form is not None:
        boundary = "----linli-bench"
        fields = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form.items()
        )
        body = f"{''.join(fields)}--{boundary}--\r\n".encode()
        headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    try:
        connection.request("GET" if form is None else "POST", path, body, headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    head = sum(len(f"{name}: {value}\r\n") for name, value in response.getheaders())
    return Answer(response.status, response.headers.get("Location", ""), content, head + len(content))
