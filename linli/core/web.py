"""From query answers to pages. What went wrong has its pages in `core.problem_pages`, the API its JSON in `core.api`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from .access import Actor


class Request(HttpRequest):
    """A request after `accounts.middleware`: who acts, in which community (None outside `/c/<code>/`)."""

    actor: Actor
    community: Any
    community_code: str


Handler = Callable[[HttpRequest], HttpResponseBase]
NOBODY = UUID(int=0)


def address_of(request: HttpRequest, name: str) -> Callable[[UUID], str]:
    """The addresses of the page `name`, which takes one id: for lists, where reversing every row's takes longer than reading it."""
    pattern = _pattern(name, getattr(request, "urlconf", None))
    return lambda id: pattern.replace(str(NOBODY), str(id))


@cache
def _pattern(name: str, urlconf: Any) -> str:
    return reverse(name, args=[NOBODY], urlconf=urlconf)


def show(
    request: HttpRequest, page: str, part: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render `page`, or only its named `part` when htmx swaps that part in.

    Boosted and restored requests get the whole page, like everyone else.
    """
    headers = request.headers
    is_swap = headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") != "full"
    is_swap = is_swap and "HX-Boosted" not in headers and "HX-History-Restore-Request" not in headers
    response = render(request, f"{page}#{part}" if is_swap else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def keeping(response: HttpResponse) -> HttpResponse:
    """Let what the view wrote stand although `response` says that it failed: a draft, with its photos, and nothing else."""
    response.keeps_draft = True  # type: ignore[attr-defined]
    return response


def is_keeping(response: HttpResponseBase) -> bool:
    return getattr(response, "keeps_draft", False)


class PersonalPagesAreNotStored:
    """Pages of a signed-in person leave no copy in the browser's cache (ASVS 14.3.2)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
