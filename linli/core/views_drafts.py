"""The addresses a form's draft is kept at: a script saves there, a button begins anew."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from . import clock, drafts, drafts_aside
from .errors import Problem
from .guards import signed_in
from .tenancy import parse_uuid
from .web import Request


@require_POST
def save(request: Request, form: str) -> HttpResponseBase:
    """Keep what is typed so far. Answers JSON: when it was saved; 401 and 410 tell the script to keep it in the tab."""
    if not request.actor.is_signed_in:
        return JsonResponse({"said": "登录过期了。写的字先留在这一页，重新登录后接着写。"}, status=401)
    page = parse_uuid(request.POST.get(drafts_aside.PAGE_FIELD, ""))
    try:
        draft = drafts.save_draft(request.actor, key=form, values=drafts.posted(request.POST), page=page)
    except Problem as problem:
        return JsonResponse({"said": problem.message}, status=problem.status)
    if draft is None:
        return HttpResponse(status=204)
    return JsonResponse({"saved_at": f"{draft.saved_at.astimezone(clock.SHANGHAI):%H:%M}"})


@require_POST
@signed_in
def forget(request: Request, form: str) -> HttpResponseBase:
    """Begin anew: the draft and its photos are gone."""
    drafts.keeping_of(request.actor, form)
    drafts.forget_draft(request.actor, key=form)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if is_ours and back.startswith("/") else "matters:home")
