"""Pages for what did not work: what happened, what became of one's input, what to do, whom to ring, and a number to name.

Every request has a number (A7K2) that is on such a page and in each of its log lines. A page that cannot be drawn itself falls
back to `static/linli/down.html`, the same file a proxy shows when nothing of ours runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render

from .errors import Problem
from .ids import uuid7

Handler = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger("linli.problem")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that a voice on the telephone confuses: no 0 O, 1 I L
DOWN = Path(__file__).resolve().parent / "static/linli/down.html"
BACK_SOON_SECONDS = 60
PAGES = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def number_of(request_id: UUID) -> str:
    """Four letters for the telephone. One in 900,000 requests shares them: with the day, they find the log line."""
    rest, letters = int(request_id), ""
    for _ in range(4):
        rest, place = divmod(rest, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


class Numbered:
    """The outermost middleware: gives a request its id and its number, and both to every line it logs.

    It also gives an empty "method not allowed" its page: a form's address typed into the browser must not stay white.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid7()  # type: ignore[attr-defined]
        request.number = number_of(request.request_id)  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(request=str(request.request_id), number=request.number)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = failed(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response


class ProblemPages:
    """An expected `Problem` that no form caught becomes a page that says what to do next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Problem) or request.path.startswith("/api/"):
            return None
        return problem_page(request, error)


def problem_page(request: HttpRequest, error: Problem) -> HttpResponse:
    """The page of an expected problem, with the status and `Retry-After` it calls for."""
    response = failed(request, error.status, problem=error)
    if "retry_after" in error.facts:
        response["Retry-After"] = str(error.facts["retry_after"])
    return response


def failed(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The page of `status`, on the face the reader was on: the desk's, a resident's, or the public one."""
    problem = context.get("problem")
    template = f"{status}.html" if status in PAGES else "core/problem.html"
    log.info("problem page", status=status, problem=problem.code if problem else "")
    try:
        return render(request, template, {"face": face_of(request), "status": status, **context}, status=status)
    except Exception:
        log.exception("the page of a problem failed itself")
        return HttpResponse(down(), status=status if status >= 500 else 500)


def face_of(request: HttpRequest) -> str:
    """The base the page of a problem extends. Where something is broken it is the public one, which asks no database."""
    if getattr(request, "community", None) is None or getattr(request, "actor", None) is None:
        return "public/base.html"
    if "/desk/" in request.path_info and request.actor.is_staff:  # type: ignore[attr-defined]
        return "desk/base.html"
    return "resident/base.html"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent is too big, or cannot be read."""
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFilesSent)
    return failed(request, 413 if is_too_much else 400, face="public/base.html")


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failed(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failed(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug, or a database that is away for a moment; nothing here asks it anything."""
    if is_database_away(sys.exc_info()[1]):
        response = failed(request, 503, face="public/base.html")
        response["Retry-After"] = str(BACK_SOON_SECONDS)
        return response
    return failed(request, 500, face="public/base.html")


def is_database_away(error: BaseException | None) -> bool:
    """Whether `error` says that the database cannot be reached, is starting, stopping or full of connections."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in {"08", "53", "57"}


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: mostly a page left open over a sign-out, or cookies switched off."""
    log.info("problem page", status=403, problem="csrf", reason=reason)
    context = {"face": "public/base.html", "status": 403, "reason": reason}
    return render(request, "core/csrf_failed.html", context, status=403)


@cache
def down() -> str:
    """The page that needs nothing but itself and the style sheet."""
    return DOWN.read_text(encoding="utf-8").replace('href="linli.css"', f'href="{settings.STATIC_URL}linli/linli.css"')
