"""Opening a session, for every page that signs somebody in."""

from __future__ import annotations

from django.contrib import auth
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from linli.core.errors import Problem

from . import actions, queries_signing_in, rules, sessions
from .models import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, account: Account, where: str, *, how: str) -> HttpResponse:
    """Sign `account` in under a new key, say so on the trail, and lead on; what must be done first comes first."""
    for note in ("sign_in", "second", "passkey"):
        request.session.pop(note, None)
    auth.login(request, account, backend=BACKEND)
    sessions.begin(request, account.pk, how=how)
    if not account.is_staff_account:
        request.session.set_expiry(rules.RESIDENT_SESSION)
    elif must := queries_signing_in.must_first(account):
        request.session[sessions.MUST] = must
    actions.signed_in(account, how=how)
    return redirect(where)


def safe_next(request: HttpRequest, wanted: str) -> str:
    """`wanted` if it is a page of ours, else the first page."""
    hosts = {request.get_host()}
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, hosts, request.is_secure())
    return wanted if is_ours else "/"


def fails(form: Form, problem: Problem) -> int:
    """Put an expected problem where it belongs in `form`; the status to answer with."""
    form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return problem.status
