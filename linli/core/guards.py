"""Who may open a page at all. What is shown on it is decided by the page's own query."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect

from .access import Permission
from .drafts_aside import set_aside
from .errors import Problem

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


class NotSignedIn(Problem):
    status, code = 401, "accounts.not_signed_in"
    message = "请先登录，再办这件事。登录后会回到这里。"


def sign_in_url(request: HttpRequest) -> str:
    """Where to sign in and come back from. A form that was being sent is set aside and comes back, filled, on its page."""
    here = request.get_full_path() if request.method == "GET" else set_aside(request)
    return f"{settings.LOGIN_URL}?{urlencode({'next': here})}" if here else settings.LOGIN_URL


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.path_info.startswith("/api/"):
        raise NotSignedIn()
    if request.headers.get("HX-Request") == "true":
        # A part of a page cannot be replaced by a sign-in page: htmx is sent there as a whole.
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in_url(request)})
    return HttpResponseRedirect(sign_in_url(request))


def signed_in(view: View[P]) -> View[P]:
    """Only for those signed in: pages lead to the sign-in page and back, the API and htmx answer 401."""

    @wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.actor.is_signed_in:
            return _ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def desk(permission: Permission | None = None) -> Callable[[View[Any]], View[Any]]:
    """Only for those with a duty in this community: everybody else is told nothing (404).

    With `permission`, a colleague whose duties do not grant it gets 403 and is told who could.
    """

    def guard(view: View[Any]) -> View[Any]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.actor.is_signed_in:
                return _ask_to_sign_in(request)
            if not request.actor.may(Permission.DESK_OPEN):
                raise Http404
            if permission is not None:
                request.actor.require(permission)
            return view(request, *args, **kwargs)

        guarded.needs = permission or Permission.DESK_OPEN  # type: ignore[attr-defined]  # read by the table of routes
        return guarded

    return guard
