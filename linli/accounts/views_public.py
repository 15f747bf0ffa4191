"""Before anybody is known: signing in, signing out, and the first page, which leads to where one belongs."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock, tenancy
from linli.core.errors import Problem
from linli.core.masking import mask_phone

from . import actions, queries, queries_signing_in, rules, sessions
from .entering import enter, fails, safe_next
from .forms import CodeForm, PhoneForm, StaffForm
from .requests import Request
from .views_second import wait_for_second

ASKED = "sign_in"  # the session's note of the code this browser waits for


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, for limits: an IPv4 address, or the /64 an IPv6 address is one of."""
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return text  # a socket has no address
    return text if address.version == 4 else str(ip_network(f"{text}/64", strict=False))


@require_safe
def home(request: Request) -> HttpResponse:
    """One way to go: there at once. Several: choose. None yet: which community one lives in.

    An official of a street goes to its board; `?choose=1` shows the others.
    """
    account = request.account
    if account is None:
        return redirect("accounts:sign_in")
    if "choose" not in request.GET and queries.leads_a_street(account):
        return redirect(queries.STREET)
    above = (queries.board_door_of(account), queries.keeper_door_of(account))
    doors = [*(door for door in above if door), *queries.doors_of(account)]
    if len(doors) == 1:
        return redirect(doors[0].url)
    return render(
        request, "accounts/home.html", {"doors": doors, "others": [] if doors else queries.open_communities()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """A resident's phone."""
    if request.method != "POST":
        if request.account is not None:
            return redirect(safe_next(request, request.GET.get("next", "")))
        if sessions.ENDED in request.session:  # only staff sessions end in time: back to their own door
            return redirect(f"{reverse('accounts:staff')}?{request.GET.urlencode()}")
        form = PhoneForm(initial={"next": request.GET.get("next", "")})
        return render(request, "accounts/sign_in.html", {"form": form})
    form, status = PhoneForm(request.POST), 422
    try:
        if form.is_valid():
            phone = form.cleaned_data["phone"]
            asked = actions.ask_code(phone=phone, address=address_of(request))
            wait_for_code(request, asked, to=mask_phone(phone), where=safe_next(request, form.cleaned_data["next"]))
            return redirect("accounts:code")
    except Problem as problem:
        status = fails(form, problem)
    return render(request, "accounts/sign_in.html", {"form": form}, status=status)


def wait_for_code(request: Request, asked: actions.AskedCode, *, to: str, where: str) -> None:
    """Note in the session which code this browser waits for, since when, and where it goes afterwards."""
    at = clock.now().timestamp()
    request.session[ASKED] = {"id": str(asked.id), "to": to, "shown": asked.shown, "next": where, "at": at}


def _code_page(request: Request, form: CodeForm, asked: dict[str, Any], *, status: int = 200) -> HttpResponse:
    past = clock.now().timestamp() - asked.get("at", 0)
    wait = max(0, round(rules.RESEND_AFTER.total_seconds() - past))
    context = {"form": form, "asked": asked, "wait": wait}
    return render(request, "accounts/code.html", context, status=status)


@require_POST
def resend(request: Request) -> HttpResponse:
    """Another code to the same phone, for who has waited; it need not be typed again."""
    asked: dict[str, Any] | None = request.session.get(ASKED)
    if asked is None:
        return redirect("accounts:sign_in")
    try:
        code_id = tenancy.parse_uuid(asked["id"])
        again = actions.ask_code_again(code_id=code_id, address=address_of(request))
    except Problem as problem:
        form = CodeForm({"code": ""})
        form.errors.clear()
        form.add_error(None, problem.message)
        return _code_page(request, form, asked, status=problem.status)
    wait_for_code(request, again, to=asked["to"], where=asked["next"])
    return redirect("accounts:code")


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: Request) -> HttpResponse:
    """The digits that were sent. They work only in the browser that asked for them."""
    asked: dict[str, Any] | None = request.session.get(ASKED)
    if asked is None:
        return redirect("accounts:sign_in")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                code_id = tenancy.parse_uuid(asked["id"])
                account = actions.check_code(code_id=code_id, digits=form.cleaned_data["code"])
                return enter(request, account, asked["next"], how="code")
        except Problem as problem:
            status = fails(form, problem)
    return _code_page(request, form, asked, status=status)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def staff_sign_in(request: Request) -> HttpResponse:
    """Staff: username and password."""
    if request.method != "POST":
        form = StaffForm(initial={"next": request.GET.get("next", "")})
        return _staff_page(request, form)
    form, status, wait = StaffForm(request.POST), 422, None
    try:
        if form.is_valid():
            typed = form.cleaned_data
            account = actions.check_password(
                request,
                username=typed["username"].strip().lower(),
                password=typed["password"],
                address=request.META.get("REMOTE_ADDR", ""),
            )
            where = safe_next(request, typed["next"])
            if queries_signing_in.second_ways_of(account).any:
                return wait_for_second(request, account, where)
            return enter(request, account, where, how="password")
    except Problem as problem:
        status, wait = fails(form, problem), problem.facts.get("retry_after")
    response = _staff_page(request, form, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _staff_page(request: Request, form: StaffForm, *, status: int = 200) -> HttpResponse:
    """The door of staff; it says why one is here again, and whether a second step will follow."""
    profile = settings.LINLI_PROTECTION
    context = {
        "form": form,
        "ended": request.session.get(sessions.ENDED, ""),
        "idle_minutes": round(profile.idle.total_seconds() / 60),
        "longest_hours": round(profile.longest.total_seconds() / 3600),
        "is_required": settings.LINLI_SECOND_STEP_REQUIRED,
    }
    return render(request, "accounts/staff.html", context, status=status)


@require_POST
def sign_out(request: Request) -> HttpResponseBase:
    """Sign out here."""
    if request.account is not None:
        actions.signed_out(request.actor, request.account)
    auth.logout(request)
    return redirect("accounts:sign_in")
