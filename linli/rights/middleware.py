"""Round every page of a community: whom did it show to staff? Written down after the view, asked about before the next.

`Readings` stands inside the request's transaction, so that a reading and its line are one; `Pace` stands outside, so
that whoever is slowed holds no transaction open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from linli.accounts.queries import actor_for, communities_overseen_by
from linli.accounts.requests import Request
from linli.core import clock, reading, tenancy
from linli.core.access import Permission
from linli.core.api.problems import problem_response
from linli.core.errors import TooMany
from linli.places.queries import KnownCommunity

from . import actions, queries, rules
from .actions import Reading, limits_at

Handler = Callable[[Any], HttpResponseBase]
PEOPLE = {Permission.RESIDENTS_SEE, Permission.RESIDENTS_REVEAL}
ALSO = {"desk:find", "matters:find_person", "matters:desk_report"}
ABOVE = {"street:find"}
"""Pages over several communities that show people."""


class ReadingPaused(TooMany):
    code = "rights.reading_paused"
    message = "这一小时看的居民太多了。请登录工作台写一句原因，写完马上可以接着看。"


class Pace:
    """Waits as long as the watch asked for, after the transaction is over."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if wait := getattr(request, "reading_delay", 0):
            time.sleep(wait)
        return response


class Readings:
    """Whom the page showed is written down; who has read too much is asked why before reading on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        if getattr(request, "community", None) is None:
            return self._above(request)
        if not request.actor.is_staff:
            return self.get_response(request)
        with reading.watched() as seen:
            response = self.get_response(request)
        if seen.ids and response.status_code < 400:
            tally = actions.note_reading(request.actor, _reading_of(request, seen))
            if tally is not None:
                request.reading_delay = rules.delay_seconds(tally, limits_at(clock.now()))  # type: ignore[attr-defined]
        return response

    def _above(self, request: Request) -> HttpResponseBase:
        """A page over several communities: each keeps the line of its own people."""
        with reading.watched() as seen:
            response = self.get_response(request)
        if response.status_code < 400 and seen.ids and request.account is not None:
            overseen = {known.community.id: known for known in communities_overseen_by(request.account)}
            for community_id, ids in seen.by_community.items():
                self._note(request, overseen[community_id], ids)
        return response

    def _note(self, request: Request, known: KnownCommunity, ids: list[UUID]) -> None:
        match = request.resolver_match
        with tenancy.active(known.community.id):
            actor = actor_for(request.account, known.community, code=known.code, request_id=request.request_id)
            tally = actions.note_reading(actor, Reading(match.view_name if match else "", ids))
        if tally is not None:
            wait = rules.delay_seconds(tally, limits_at(clock.now()))
            request.reading_delay = max(wait, getattr(request, "reading_delay", 0))  # type: ignore[attr-defined]

    def process_view(self, request: Request, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if getattr(request, "community", None) is None:
            return _ask_why_above(request)
        if not request.actor.is_staff:
            return None
        is_api = request.path_info.startswith("/api/")
        match = request.resolver_match
        if is_api:
            if "/residents" not in request.path_info or not queries.is_paused(request.actor):
                return None
            return problem_response(request, ReadingPaused())
        shows_people = getattr(view, "needs", None) in PEOPLE or (match is not None and match.view_name in ALSO)
        if not shows_people or not queries.is_paused(request.actor):
            return None
        return _ask_why(request)


def _ask_why_above(request: Request) -> HttpResponseBase | None:
    """Who asks the whole street says why in the first community where too much was read."""
    match = request.resolver_match
    if match is None or match.view_name not in ABOVE or request.account is None or request.method != "POST":
        return None
    reader = actor_for(request.account, None)
    for known in communities_overseen_by(request.account):
        with tenancy.active(known.community.id):
            if queries.is_paused(reader):
                address = reverse("rights:paused", kwargs={"code": known.code})
                return HttpResponseRedirect(f"{address}?{urlencode({'next': request.path})}")
    return None


def _ask_why(request: Request) -> HttpResponseBase:
    address = reverse("rights:paused", urlconf=getattr(request, "urlconf", None))
    if request.method == "GET":
        address += f"?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=200, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _reading_of(request: Request, seen: reading.Seen) -> Reading:
    match = request.resolver_match
    page = "api" if request.path_info.startswith("/api/") else match.view_name if match else ""
    wanted = match.kwargs.get("resident_id") if match else None
    return Reading(page, seen.ids, wanted, seen.revealed)
