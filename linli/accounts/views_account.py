"""登录与安全: one's own password, second step and sessions. Outside communities: a wrong try must stay counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.errors import Problem
from linli.core.guards import signed_in

from . import actions, devices, queries_signing_in, rules, sessions
from .entering import fails, safe_next
from .forms import AppForm, ConfirmForm, PasswordForm
from .models import Account
from .requests import Request
from .views_second import CHALLENGE, answer_in

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """For accounts with a password; residents, who have none, are told nothing."""

    @signed_in
    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not account_of(request).is_staff_account:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def freshly(view: View) -> View:
    """Only when the password was shown a short while ago: a desk left open gives nobody new keys to it."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shown = clock.now().timestamp() - request.session.get(sessions.FRESH, 0)
        if shown <= rules.FRESH_FOR.total_seconds():
            return view(request, *args, **kwargs)
        here = request.path if request.method == "GET" else reverse("accounts:safety")
        where = f"{reverse('accounts:confirm')}?{urlencode({'next': here})}"
        wants_json = request.headers.get("Accept", "").startswith("application/json")
        return JsonResponse({"next": where}, status=409) if wants_json else redirect(where)

    return guarded


def account_of(request: Request) -> Account:
    assert request.account is not None  # every view here is guarded
    return request.account


def _key(request: Request) -> str | None:
    return request.session.session_key


@require_safe
@signed_in
def safety(request: Request) -> HttpResponse:
    """What opens this account, and where it is open."""
    account = account_of(request)
    context = {
        "account": account,
        "ways": queries_signing_in.second_ways_of(account),
        "is_required": settings.LINLI_SECOND_STEP_REQUIRED,
        "places": queries_signing_in.places_signed_in(account, this=_key(request)),
        "profile": settings.LINLI_PROTECTION,
        "has_password": account.has_usable_password(),
        "password_due": _password_due(account),
        "must": request.session.get(sessions.MUST),
    }
    return render(request, "accounts/safety.html", context)


def _password_due(account: Account) -> Any:
    age = settings.LINLI_PROTECTION.max_age
    return (account.password_set_at or account.joined_at) + age if age else None


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def confirm(request: Request) -> HttpResponse:
    """The password once more, before keys are changed."""
    account, where = account_of(request), safe_next(request, request.GET.get("next", ""))
    form, status = ConfirmForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.check_password(
                    request,
                    username=account.username or "",
                    password=form.cleaned_data["password"],
                    address=request.META.get("REMOTE_ADDR", ""),
                )
                request.session[sessions.FRESH] = clock.now().timestamp()
                return redirect(where)
        except Problem as problem:
            problem.field = "password"
            status = fails(form, problem)
    return render(request, "accounts/confirm.html", {"form": form}, status=status)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
@freshly
def app(request: Request) -> HttpResponse:
    """Scan the code with an authenticator app, type what it shows; the answer prints recovery codes once."""
    account = account_of(request)
    form, status = AppForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                codes = actions.confirm_app(request.actor, account=account, digits=form.cleaned_data["code"])
                _done(request, "second")
                return _show_codes(request, codes) if codes else redirect("accounts:safety")
        except Problem as problem:
            status = fails(form, problem)
    secret = actions.offer_app(request.actor, account=account)
    context = {
        "form": form,
        "code": _picture(actions.app_address(account, secret)),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "must": request.session.get(sessions.MUST),
        "ways": queries_signing_in.second_ways_of(account),
    }
    return render(request, "accounts/app.html", context, status=status)


def _picture(address: str) -> SafeString:
    """A QR code as SVG, sized by the style sheet."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=3, light="#fff", svgclass="safety__code", lineclass=None))  # noqa: S308  # our own


def _show_codes(request: Request, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/codes.html", {"codes": codes, "account": account_of(request)})


def _done(request: Request, what: str) -> None:
    """Strike what a session had to do first."""
    left = [each for each in request.session.get(sessions.MUST, []) if each != what]
    if left:
        request.session[sessions.MUST] = left
    else:
        request.session.pop(sessions.MUST, None)


@require_POST
@staff_only
@freshly
def codes(request: Request) -> HttpResponse:
    """New recovery codes; the answer is the only page that ever shows them."""
    return _show_codes(request, actions.make_codes(request.actor, account=account_of(request)))


@require_POST
@staff_only
@freshly
def begin_passkey(request: Request) -> HttpResponse:
    try:
        options, request.session[CHALLENGE] = actions.begin_passkey(request.actor, account=account_of(request))
    except Problem as problem:
        return JsonResponse({"words": problem.message}, status=problem.status)
    return JsonResponse(options)


@require_POST
@staff_only
@freshly
def add_passkey(request: Request) -> HttpResponse:
    """The key a browser has made, named after the device it was made on."""
    state = request.session.pop(CHALLENGE, None)
    if state is None:
        return JsonResponse({"next": reverse("accounts:safety")}, status=409)
    name = devices.device_in_words(request.headers.get("User-Agent", ""))
    try:
        answer = answer_in(request)
        actions.add_passkey(request.actor, account=account_of(request), state=state, answer=answer, name=name)
    except Problem as problem:
        return JsonResponse({"words": problem.message}, status=problem.status)
    _done(request, "second")
    return JsonResponse({"next": reverse("accounts:safety")})


@require_POST
@staff_only
@freshly
def drop_passkey(request: Request, passkey_id: UUID) -> HttpResponse:
    actions.drop_passkey(request.actor, account=account_of(request), passkey_id=passkey_id)
    return redirect("accounts:safety")


@sensitive_post_parameters("old", "new")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def password(request: Request) -> HttpResponse:
    """A new password ends every other session; this one goes on under a new key."""
    form, status = PasswordForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                old, new = form.cleaned_data["old"], form.cleaned_data["new"]
                account = actions.change_password(request.actor, account=account_of(request), old=old, new=new)
                auth.update_session_auth_hash(request, account)
                actions.end_other_sessions(request.actor, account=account, but=_key(request))
                _done(request, "password")
                return redirect("accounts:safety")
        except Problem as problem:
            problem.field = {"password": "new"}.get(problem.field or "", problem.field)
            status = fails(form, problem)
    context = {"form": form, "must": request.session.get(sessions.MUST), "profile": settings.LINLI_PROTECTION}
    return render(request, "accounts/password.html", context, status=status)


@require_POST
@signed_in
def end_session(request: Request, handle: UUID) -> HttpResponse:
    actions.end_session(request.actor, account=account_of(request), handle=handle)
    return redirect("accounts:safety")


@require_POST
@signed_in
def end_others(request: Request) -> HttpResponse:
    actions.end_other_sessions(request.actor, account=account_of(request), but=_key(request))
    return redirect("accounts:safety")
