"""Every request gets its account, its community and its Actor; a request inside a community is one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import include, path

from linli.core import clock, tenancy
from linli.core.api.problems import problem_response
from linli.core.errors import NotAllowed, Problem
from linli.core.web import is_keeping
from linli.places import queries as places

from . import actions, queries, sessions
from .models import Account, Scope, Token
from .requests import Request

IN_COMMUNITY = re.compile(r"^(/api)?/c/([0-9A-Za-z]{1,20})(?=/)")
SAFE = {"GET", "HEAD", "OPTIONS"}
ASKED_BY_ITSELF = "/live/poll/"  # a page left open asks this; nobody need sit before it
OPEN_MEANWHILE = ("/account/", "/sign-out/", "/look/", "/help/", "/demo/")
FIRST = {"password": "/account/password/", "second": "/account/app/"}


class TokenUnknown(Problem):
    status, code = 401, "accounts.token_unknown"
    message = "这个接口口令不能用：可能写漏了几位，或已到期、已停用。请在“我的”页面重新生成一个。"


class TokenTooNarrow(NotAllowed):
    code, message = "accounts.token_too_narrow", "这个接口口令只能查看。要办理事情，请生成一个带“办理”范围的口令。"


class FormNotOurs(NotAllowed):
    code, message = "accounts.csrf", "这次提交缺少页面的凭证。请刷新页面再提交；程序请改用接口口令。"


class FirstThings(NotAllowed):
    code, message = "accounts.first_things", "这个账号要先换密码或设好第二步验证。请在网页上登录一次，照提示做完。"


class _Undo(Exception):
    """Leaves the transaction of a request that failed, carrying its response out."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


class ActorMiddleware:
    """Sets request.account, request.community and request.actor; opens the community round the whole view.

    A response of 400 or more, and an error nobody caught, undo everything the view wrote: a page that says it failed
    has changed nothing. But for `keeping`: a form that comes back with its errors has changed nothing but its draft, which stays.
    Streamed bodies run after the transaction and must not read rows.
    """

    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.community, request.token = None, None
        is_api = request.path_info.startswith("/api/")
        try:
            request.account = _account_of(request, is_api=is_api)
        except Problem as problem:
            return problem_response(request, problem)
        if request.token is None and (first := _must_first(request)):
            return _lead_to(request, first, is_api=is_api)
        inside = IN_COMMUNITY.match(request.path_info)
        if inside is None:
            request.actor = queries.actor_for(request.account, None, via=_via(is_api), request_id=request.request_id)
            return self.get_response(request)
        return self._in_community(request, inside, is_api=is_api)

    def _in_community(self, request: Request, inside: re.Match[str], *, is_api: bool) -> HttpResponseBase:
        asked = inside.group(2)
        found = places.community_in_address(asked)
        if found is None or not _token_reaches(request.token, found.community.id):
            raise Http404
        if asked != found.code and request.method in SAFE:
            return HttpResponsePermanentRedirect(_with_code(request, inside, found.code))
        if (urls := urls_of(found.code)) and not is_api:
            request.urlconf = urls
        request.community, request.community_code = found.community, found.code
        try:
            with tenancy.active(found.community.id):
                request.actor = queries.actor_for(
                    request.account, found.community, code=found.code, via=_via(is_api), request_id=request.request_id
                )
                response = self.get_response(request)
                if response.status_code >= 400 and not is_keeping(response):
                    raise _Undo(response)
                return response
        except _Undo as undo:
            return undo.response

    def process_view(
        self, request: Request, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Views do not receive the community's code: they have request.community."""
        if request.community is not None:
            kwargs.pop("code", None)
        if request.path_info.startswith("/api/") and request.method not in SAFE:
            return _refuse_unsafe(request)
        return None


def _via(is_api: bool) -> str:
    return "api" if is_api else "page"


def _account_of(request: Request, *, is_api: bool) -> Account | None:
    """The account of the bearer token (API only) or else of the session."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if is_api and scheme.lower() == "bearer":
        token = queries.token_by_secret(secret.strip())
        if token is None:
            raise TokenUnknown()
        Token.objects.filter(pk=token.pk).exclude(last_used_on=clock.today()).update(last_used_on=clock.today())
        request.token = token
        return token.account
    # Where `request.user` looks first.
    account = request._cached_user = sessions.account_of(request)  # type: ignore[attr-defined]
    if not isinstance(account, Account):
        return None
    if why := sessions.why_over(request.session, is_staff=account.is_staff_account):
        actions.outlived(account, why=why)
        auth.logout(request)
        request.session[sessions.ENDED] = why
        return None
    if not request.path_info.endswith(ASKED_BY_ITSELF):
        sessions.note_seen(request.session)
    return account


def _must_first(request: Request) -> str:
    """What this session has to do before it opens anything else: "password", "second", or "" for nothing."""
    if request.account is None or request.path_info.startswith(OPEN_MEANWHILE):
        return ""
    must = request.session.get(sessions.MUST)
    return must[0] if must else ""


def _lead_to(request: Request, first: str, *, is_api: bool) -> HttpResponseBase:
    if is_api:
        return problem_response(request, FirstThings())
    where = FIRST[first]
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)


def _token_reaches(token: Token | None, community_id: int) -> bool:
    return token is None or token.community_id in (None, community_id)


def _with_code(request: Request, inside: re.Match[str], code: str) -> str:
    full = request.get_full_path()
    start = full.index(inside.group(0))
    return f"{full[:start]}{inside.group(1) or ''}/c/{code}{full[start + len(inside.group(0)) :]}"


def _refuse_unsafe(request: Request) -> HttpResponseBase | None:
    """The API's views are exempt from CSRF, for tokens' sake; who came by cookie is asked for it all the same."""
    if request.token is not None:
        return None if Scope.WRITE in request.token.scopes else problem_response(request, TokenTooNarrow())
    if request.account is not None and _Csrf(lambda _: None).process_view(request, None, (), {}):  # type: ignore[arg-type]
        return problem_response(request, FormNotOurs())
    return None


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


class _CommunityUrls:
    """The site's addresses as they are inside one community: `{% url %}` and `redirect` need not name the code.

    What the site answers when something fails (`handler404` and its kin) is the same here as everywhere.
    """

    def __init__(self, code: str, root: Any) -> None:
        self.urlpatterns = [path(f"c/{code}/", include(root.community_patterns)), *root.urlpatterns]
        for name in ("handler400", "handler403", "handler404", "handler500"):
            if hasattr(root, name):
                setattr(self, name, getattr(root, name))


@cache
def urls_of(code: str) -> _CommunityUrls | None:
    """The URLconf inside the community with `code`; None when the root URLconf names no `community_patterns`."""
    root = import_module(settings.ROOT_URLCONF)
    return _CommunityUrls(code, root) if hasattr(root, "community_patterns") else None
