"""A planned stop: told on every page from a day before, then a page that says when it ends, with Retry-After.

It lies in a file of the home (`linli stop` writes it), because it must be readable while the database is away.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from . import clock
from .errors import Problem
from .problem_pages import failed

TOLD_BEFORE = timedelta(days=1)
Handler = Callable[[HttpRequest], HttpResponseBase]


class Stopped(Problem):
    status, code = 503, "stopped"
    message = "正在维护，这一步没有办成。请在恢复以后再试，同一个编号不会记两遍。"


@dataclass(frozen=True)
class Stop:
    """From `starts_at` up to, not including, `until`; `words` is what the operator adds, maybe nothing."""

    starts_at: datetime
    until: datetime
    words: str = ""

    @property
    def is_on(self) -> bool:
        return self.starts_at <= clock.now() < self.until

    @property
    def is_near(self) -> bool:
        """Whether people should be told: it begins within a day, and has not ended."""
        return self.starts_at - TOLD_BEFORE <= clock.now() < self.until

    @property
    def seconds_left(self) -> int:
        return max(1, round((self.until - clock.now()).total_seconds()))


def file() -> Path:
    """Where the stop is written down."""
    return settings.LINLI_HOME / "planned-stop.json"


def planned() -> Stop | None:
    """The stop that people should know of now; None without one. What cannot be read is no stop."""
    try:
        held = json.loads(file().read_text(encoding="utf-8"))
        stop = Stop(
            datetime.fromisoformat(held["starts_at"]), datetime.fromisoformat(held["until"]), str(held.get("words", ""))
        )
        return stop if stop.is_near else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def plan(stop: Stop | None) -> None:
    """Write the stop down, or take it back with None."""
    if stop is None:
        file().unlink(missing_ok=True)
        return
    held = {"starts_at": stop.starts_at.isoformat(), "until": stop.until.isoformat(), "words": stop.words}
    half_written = file().with_suffix(".new")
    half_written.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
    half_written.replace(file())


class PlannedStop:
    """While the stop lasts, every address answers with its page (the API with problem JSON); nothing asks the database."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        stop = planned()
        request.planned = stop  # type: ignore[attr-defined]
        if stop is None or not stop.is_on:
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            from .api.problems import problem_response

            return problem_response(request, Stopped(retry_after=stop.seconds_left))
        response = failed(request, 503, planned=stop)
        response["Retry-After"] = str(stop.seconds_left)
        return response
