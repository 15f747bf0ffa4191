"""The second step of a staff member's sign-in: the password was right, now the app's digits, a passkey or a recovery code."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from linli.core import clock
from linli.core.errors import Invalid, Problem

from . import actions, queries_signing_in, rules
from .entering import enter, fails
from .forms import SecondForm
from .models import Account
from .requests import Request

WAITING = "second"  # the session's note of who has shown a password here, and where to go afterwards
CHALLENGE = "passkey"


class AnswerUnreadable(Invalid):
    code, message = "accounts.answer_unreadable", "浏览器的回答没有读懂。请刷新页面再试，或用 6 位数字登录。"


def wait_for_second(request: Request, account: Account, where: str) -> HttpResponse:
    """Note, under a new key, who has shown the password; nobody is signed in yet."""
    request.session.cycle_key()
    at = clock.now().timestamp()
    # With the password's own mark: changed meanwhile, the note is worth nothing.
    mark = account.get_session_auth_hash()
    request.session[WAITING] = {"account": str(account.pk), "mark": mark, "next": where, "at": at}
    return redirect("accounts:second")


def _waiting(request: Request) -> tuple[Account, str] | None:
    """Who has shown the password in this browser, not too long ago, and where to go."""
    note: dict[str, Any] | None = request.session.get(WAITING)
    if note is None or clock.now().timestamp() - note["at"] > rules.SECOND_WAIT.total_seconds():
        return None
    account = Account.objects.filter(pk=note["account"], is_active=True).first()
    if account is None or not constant_time_compare(note["mark"], account.get_session_auth_hash()):
        return None
    return account, note["next"]


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: Request) -> HttpResponse:
    """The digits, or a recovery code."""
    waiting = _waiting(request)
    if waiting is None:
        return redirect("accounts:staff")
    account, where = waiting
    form, status, wait = SecondForm(request.POST or None), 200, None
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                how = actions.check_second(account, typed=form.cleaned_data["code"])
                return enter(request, account, where, how=f"password+{how}")
        except Problem as problem:
            status, wait = fails(form, problem), problem.facts.get("retry_after")
    ways = queries_signing_in.second_ways_of(account)
    response = render(request, "accounts/second.html", {"form": form, "ways": ways}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@require_POST
def ask_passkey(request: Request) -> HttpResponse:
    """What the browser needs to show a passkey. The challenge works once."""
    waiting = _waiting(request)
    if waiting is None:
        return JsonResponse({"next": "/sign-in/staff/"}, status=409)
    options, request.session[CHALLENGE] = actions.ask_passkey(waiting[0])
    return JsonResponse(options)


@require_POST
def check_passkey(request: Request) -> HttpResponse:
    """The browser's answer."""
    waiting, state = _waiting(request), request.session.pop(CHALLENGE, None)
    if waiting is None or state is None:
        return JsonResponse({"next": "/sign-in/staff/"}, status=409)
    account, where = waiting
    try:
        actions.check_passkey(account, state=state, answer=answer_in(request))
    except Problem as problem:
        return JsonResponse({"words": problem.message}, status=problem.status)
    enter(request, account, where, how="password+passkey")
    return JsonResponse({"next": where})


def answer_in(request: Request) -> Any:
    """The JSON a passkey page has sent."""
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise AnswerUnreadable() from error
