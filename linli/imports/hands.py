"""Two pairs of hands for a large import: orders are done by this process and by a second one beside it, whoever is free takes the next.

The second process is `python -m linli import-hand`: it is told one order a line, does it, and says so. It ends with the pipe it reads from, so
it cannot outlive the process that started it by more than the order it is doing; and since each order is one transaction that may be done
again, an order that was lost with it is simply done here.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO

import orjson
from django.db import transaction

WORTH_A_SECOND = 8000
"""Rows from which on a second process pays for being started."""


@dataclass(frozen=True)
class Order:
    """One chunk: judge these rows, write or take back those from `first` to `last`. `lines` are rows as the sandbox wrote them."""

    verb: str
    community_id: int
    batch: str
    first: int
    last: int
    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)


Do = Callable[[Order], None]


class Stopped(Exception):
    """The import is no longer in the state the order is for: somebody stopped it."""


def do_all(orders: Iterable[Order], do: Do, *, rows: int) -> None:
    """Do all orders, those of a large import by two processes. Raises what `do` raises here; Stopped when either met it."""
    if rows < WORTH_A_SECOND:
        _do_all(orders, do, rows=rows)
        return
    with _tidying_between():
        _do_all(orders, _tidily(do), rows=rows)


@contextmanager
def _tidying_between() -> Iterator[None]:
    """Python's search for circles of objects sees only what is new, and only between two orders: rows make none, and there are thousands."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _tidily(do: Do) -> Do:
    def do_and_tidy(order: Order) -> None:
        do(order)
        gc.collect()

    return do_and_tidy


def _do_all(orders: Iterable[Order], do: Do, *, rows: int) -> None:
    source = _Source(iter(orders))
    beside = None
    if rows >= WORTH_A_SECOND and (os.cpu_count() or 1) > 1 and not transaction.get_connection().in_atomic_block:
        beside = _Beside(source)
        beside.start()
    try:
        while (order := source.take()) is not None:
            do(order)
    except BaseException:
        if beside is not None:
            beside.end()
        raise
    if beside is not None:
        beside.join()
        if beside.is_stopped:
            raise Stopped()
        if beside.lost is not None:
            do(beside.lost)
        while (order := source.take()) is not None:
            do(order)


class _Source:
    """Orders, one by one, to whoever asks."""

    def __init__(self, orders: Iterator[Order]) -> None:
        self.orders, self.lock = orders, threading.Lock()

    def take(self) -> Order | None:
        with self.lock:
            return next(self.orders, None)


class _Beside(threading.Thread):
    """Feeds the second process; `lost` is the order it did not say it had done."""

    def __init__(self, source: _Source) -> None:
        super().__init__(name="import-hand", daemon=True)
        self.source, self.lost, self.is_stopped = source, None, False
        self.child = subprocess.Popen(
            [sys.executable, "-m", "linli", "import-hand"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    lost: Order | None

    def run(self) -> None:
        assert self.child.stdin is not None and self.child.stdout is not None
        try:
            while (order := self.source.take()) is not None:
                self.lost = order
                write(self.child.stdin, order)
                said = self.child.stdout.readline()
                if said == b"stopped\n":
                    self.is_stopped = True
                if said != b"done\n":
                    break
                self.lost = None
        except OSError:
            pass  # it died: the order is still `lost`
        finally:
            self.end()

    def end(self) -> None:
        self.child.kill()
        self.child.wait()


def write(out: IO[bytes], order: Order) -> None:
    told = asdict(order) | {"lines": len(order.lines)}
    out.write(orjson.dumps(told) + b"\n")
    out.writelines(order.lines)
    out.flush()


def orders_in(source: IO[bytes]) -> Iterator[Order]:
    """The orders told on a pipe, until it ends."""
    while line := source.readline():
        told = orjson.loads(line)
        yield Order(**told | {"lines": [source.readline() for _ in range(told["lines"])]})


def obey(do: Do) -> int:
    """The second process: do what is told on stdin, say `done` or `stopped` on stdout; the exit code."""
    with _tidying_between():
        for order in orders_in(sys.stdin.buffer):
            try:
                _tidily(do)(order)
            except Stopped:
                print("stopped", flush=True)  # noqa: T201 - the parent reads it
                return 0
            print("done", flush=True)  # noqa: T201
    return 0
