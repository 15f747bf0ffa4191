"""A house with nothing in it: the real supervisor, database and servers around pages and streams of one line each.

`python -m tests.stand_in` with LINLI_HOME and PORT set; for tests of how processes start and stop.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from linli.ops.home import Database, Home
from linli.ops.processes import Child, die_with_server
from linli.ops.supervisor import Supervisor

if __name__ != "__main__":
    die_with_server()  # a granian worker loads this module, as it loads config.wsgi


WAIT = "import time; time.sleep(600)"


class StandIn(Supervisor):
    """The supervisor with stand-ins for what it starts."""

    pages, streams = "tests.stand_in:page", "tests.stand_in:stream"

    def _migrate(self, database: Database) -> None:
        """No schema."""

    def _python(self, word: str, *roles: str, **options: Any) -> Child:
        child = super()._python(word, *roles, **options)
        deed = "import sys; sys.exit(3)" if word == "seed" and "STAND_IN_SEED_FAILS" in os.environ else WAIT
        child.command = [sys.executable, "-c", deed, f"stand-in:{word}"]
        return child


def page(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"page"]


async def stream(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """An endless stream, as a browser's EventSource holds it; it never notices that it should stop."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    while True:
        try:
            await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            await asyncio.to_thread(time.sleep, 0.2)


if __name__ == "__main__":
    options = {"lan": "--lan" in sys.argv, "reset": "--reset" in sys.argv}
    sys.exit(StandIn(Home.of_environment("demo"), port=int(os.environ["PORT"]), **options).run())
