"""The three administrators' own pages, outside communities: accounts, their signing in, and the platform's trail."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import tenancy, trail
from linli.core.access import Permission
from linli.core.errors import Problem
from linli.core.guards import signed_in

from . import actions, queries, queries_keepers, queries_signing_in
from .entering import fails
from .forms import AccountForm, ResetForm
from .models import Account, SecondReset
from .requests import Request
from .views_trail import PAGE_SIZE, trail_context

View = Callable[..., HttpResponseBase]
LETTERS = "abcdefghjkmnpqrstuvwxyz"


def keeper(*permissions: Permission) -> Callable[[View], View]:
    """Only for administrators with one of these; everybody else is told nothing (404)."""

    def guard(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.actor = queries.actor_above(request.account, request_id=request.request_id)
            if not any(request.actor.may(each) for each in permissions):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


ANY = (Permission.ACCOUNTS_KEEP, Permission.SECURITY_KEEP)


@require_http_methods(["GET", "HEAD", "POST"])
@keeper(*ANY)
def accounts(request: Request) -> HttpResponse:
    """Staff accounts, who waits for help first; the system administrator opens new ones."""
    may_add = request.actor.may(Permission.ACCOUNTS_KEEP)
    form, status = AccountForm(request.POST or None), 200
    if request.method == "POST" and may_add:
        status = 422
        try:
            if form.is_valid():
                password, typed = _spoken(), form.cleaned_data
                account = actions.add_account(
                    request.actor, username=typed["username"], password=password, display_name=typed["name"]
                )
                actions.reset_password(request.actor, account=account, new=password)  # hers is the next one
                return _page(request, account, password=password)
        except Problem as problem:
            status = fails(form, problem)
    asked = request.GET.get("q", "").strip()
    shown = Paginator(queries_keepers.staff_accounts(request.actor, asked), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": shown, "q": asked, "form": form, "may_add": may_add, "rows": queries_keepers.lines_of(shown)}
    return render(request, "accounts/keepers/accounts.html", context, status=status)


def _spoken() -> str:
    """A password that can be said on the telephone; it opens the account once."""
    words = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return f"{words}-{secrets.randbelow(90) + 10}"


@require_safe
@keeper(*ANY)
def account(request: Request, account_id: UUID) -> HttpResponse:
    return _page(request, _account(request, account_id))


def _account(request: Request, account_id: UUID) -> Account:
    return get_object_or_404(queries_keepers.staff_accounts(request.actor), pk=account_id)


def _page(request: Request, row: Account, *, status: int = 200, **more: Any) -> HttpResponse:
    reset = queries_keepers.open_reset_of(row)
    context = {
        "row": row,
        "line": queries_keepers.lines_of([row])[0],
        "ways": queries_signing_in.second_ways_of(row),
        "places": queries_signing_in.places_signed_in(row),
        "reset": reset,
        "asked_by": queries.display_names([reset.asked_by]).get(reset.asked_by, "") if reset else "",
        "may_do": reset is not None and request.actor.account_id not in (reset.asked_by, row.pk),
        "may_account": request.actor.may(Permission.ACCOUNTS_KEEP),
        "may_security": request.actor.may(Permission.SECURITY_KEEP),
        "is_self": request.actor.account_id == row.pk,
        "form": ResetForm(),
        **more,
    }
    return render(request, "accounts/keepers/account.html", context, status=status)


@require_POST
@keeper(Permission.ACCOUNTS_KEEP)
def reset_password(request: Request, account_id: UUID) -> HttpResponse:
    """The answer is the only page that shows the password."""
    row, password = _account(request, account_id), _spoken()
    return _page(request, actions.reset_password(request.actor, account=row, new=password), password=password)


@require_POST
@keeper(Permission.ACCOUNTS_KEEP)
def close(request: Request, account_id: UUID) -> HttpResponse:
    actions.close_account(request.actor, account=_account(request, account_id))
    return redirect("keepers:account", account_id)


@require_POST
@keeper(*ANY)
def ask_reset(request: Request, account_id: UUID) -> HttpResponse:
    row, form = _account(request, account_id), ResetForm(request.POST)
    try:
        if form.is_valid():
            actions.ask_second_reset(request.actor, account=row, reason=form.cleaned_data["reason"])
            return redirect("keepers:account", account_id)
    except Problem as problem:
        return _page(request, row, status=fails(form, problem), form=form)
    return _page(request, row, status=422, form=form)


@require_POST
@keeper(Permission.SECURITY_KEEP)
def do_reset(request: Request, account_id: UUID, reset_id: UUID) -> HttpResponse:
    row = get_object_or_404(SecondReset.objects.select_related("account"), pk=reset_id, account_id=account_id)
    actions.do_second_reset(request.actor, reset=row)
    return redirect("keepers:account", account_id)


@require_POST
@keeper(Permission.SECURITY_KEEP)
def end_sessions(request: Request, account_id: UUID) -> HttpResponse:
    """All of them, or the one a button names."""
    handle = tenancy.parse_uuid(request.POST.get("session", ""))
    actions.end_sessions_of(request.actor, account=_account(request, account_id), handle=handle)
    return redirect("keepers:account", account_id)


@require_POST
@keeper(Permission.SECURITY_KEEP)
def unlock(request: Request, account_id: UUID) -> HttpResponse:
    actions.unlock(request.actor, account=_account(request, account_id))
    return redirect("keepers:account", account_id)


@require_safe
@keeper(Permission.TRAIL_SEE)
def platform_trail(request: Request) -> HttpResponse:
    """What happens above the communities: sign-ins, accounts, keepers."""
    with tenancy.active(tenancy.PLATFORM):
        context = trail_context(request, trail.entries_visible_to(request.actor))
    return render(request, "accounts/desk/trail.html", context)
