"""The desk: what was sent to whom and how it went, and the calls somebody has to make."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.guards import desk
from linli.core.web import Request, show

from . import actions, queries
from .models import MessageState

PAGE_SIZE = 30


@require_safe
@desk(Permission.MESSAGES_SEE)
def messages(request: Request) -> HttpResponse:
    """All messages, newest first; `?state=` narrows. Their words are shown in the demo, or to who may see residents."""
    wanted = request.GET.get("state", "")
    rows = queries.messages_visible_to(request.actor)
    if wanted in MessageState.values:
        rows = rows.filter(state=wanted)
    counts = queries.counts_by_state(request.actor)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": queries.lines_of(page),
        "wanted": wanted if wanted in MessageState.values else "",
        "states": [(state.value, state.label, counts.get(state.value, 0)) for state in MessageState],
        "may_read": settings.LINLI_PROFILE == "demo" or request.actor.may(Permission.RESIDENTS_SEE),
        "calls": queries.phone_tasks_visible_to(request.actor).count(),
    }
    return show(request, "notices/desk/messages.html", "list", context)


@require_safe
@desk(Permission.MESSAGES_SEE)
def calls(request: Request) -> HttpResponse:
    """Calls to make, the one due longest first."""
    return _calls(request)


def _calls(request: Request, *, shown: UUID | None = None, number: str = "") -> HttpResponse:
    rows = queries.phone_tasks_visible_to(request.actor)[:PAGE_SIZE]
    context = {
        "lines": queries.lines_of(rows),
        "shown": shown,
        "number": number,
        "may_ring": request.actor.may(Permission.RESIDENTS_REVEAL),
    }
    return render(request, "notices/desk/calls.html", context)


@require_POST
@desk(Permission.MESSAGES_SEE)
def number(request: Request, message_id: UUID) -> HttpResponse:
    """The number to ring; that somebody looked is in the trail."""
    message = get_object_or_404(queries.phone_tasks_visible_to(request.actor), pk=message_id)
    return _calls(request, shown=message.pk, number=actions.see_number(request.actor, message=message))


@require_POST
@desk(Permission.MESSAGES_SEE)
def done(request: Request, message_id: UUID) -> HttpResponse:
    return _finish(request, message_id, has_answered=True)


@require_POST
@desk(Permission.MESSAGES_SEE)
def no_answer(request: Request, message_id: UUID) -> HttpResponse:
    return _finish(request, message_id, has_answered=False)


def _finish(request: Request, message_id: UUID, *, has_answered: bool) -> HttpResponse:
    message = get_object_or_404(queries.messages_visible_to(request.actor), pk=message_id)
    actions.finish_call(request.actor, message=message, has_answered=has_answered)
    return redirect("notices:calls")
