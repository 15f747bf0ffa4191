"""Addresses other programs are told at: set one up, see what was sent, send it again, stop."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.trail import VERBS
from linli.core.web import Request

from . import actions, queries
from .forms import HookForm
from .models import Hook

PAGE_SIZE = 30


def _visible(request: Request, hook_id: UUID) -> Hook:
    row = queries.hooks_visible_to(request.actor).filter(pk=hook_id).first()
    if row is None:
        raise NotFound("没有找到这个推送地址。请回到“对外推送”看看有哪些。")
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.HOOKS_KEEP)
def hooks(request: Request) -> HttpResponse:
    """The addresses, and the form for the next. Its secret is shown on the page that answers the form, and nowhere again."""
    form = HookForm(request.POST or None)
    made: tuple[Hook, str] | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_hook(request.actor, name=data["name"], url=data["url"], verbs=data["verbs"])
            form = HookForm()
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    rows = list(queries.hooks_visible_to(request.actor))
    context = {"form": form, "rows": rows, "made": made, "live": sum(row.stopped_at is None for row in rows)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "hooks/desk/hooks.html", context, status=status)


@require_safe
@desk(Permission.HOOKS_KEEP)
def hook(request: Request, hook_id: UUID) -> HttpResponse:
    """What was sent to one address, and how it went."""
    row = _visible(request, hook_id)
    page = Paginator(queries.deliveries_visible_to(request.actor, row), PAGE_SIZE).get_page(request.GET.get("page"))
    told = [(each, VERBS.get(each.verb, each.verb)) for each in page.object_list]
    wanted = [VERBS.get(verb, verb) for verb in row.verbs]
    return render(request, "hooks/desk/hook.html", {"hook": row, "page": page, "told": told, "wanted": wanted})


@require_POST
@desk(Permission.HOOKS_KEEP)
def stop(request: Request, hook_id: UUID) -> HttpResponse:
    actions.stop_hook(request.actor, hook=_visible(request, hook_id))
    return redirect("hooks:hooks")


@require_POST
@desk(Permission.HOOKS_KEEP)
def again(request: Request, hook_id: UUID) -> HttpResponse:
    """One by its id, or everything of the last `hours`."""
    row = _visible(request, hook_id)
    one = parse_uuid(request.POST.get("delivery", ""))
    hours = request.POST.get("hours", "")
    since = clock.now() - timedelta(hours=int(hours)) if hours.isdecimal() and len(hours) < 4 else None
    actions.send_again(request.actor, hook=row, deliveries=[one] if one else [], since=since)
    return redirect("hooks:hook", row.pk)
