"""The desk: asking that a deadline wait or move, deciding it, and what waits to be decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.drafts import key_of
from linli.core.drafts_aside import keep_posted, sent
from linli.core.errors import Conflict, Problem
from linli.core.guards import desk
from linli.core.web import Request, address_of, keeping

from . import actions, queries
from .forms import WordsForm
from .forms_clock import AskForm, DecideForm, PauseForm
from .models import Matter, Pause
from .views_desk import _plain_step, matter_conflict, matter_page, matter_visible


@require_safe
@desk(Permission.CLOCK_DECIDE)
def asks(request: Request) -> HttpResponse:
    """What waits for a decision, the earliest first; each opens its matter, where it is decided."""
    page_of = address_of(request, "matters:desk_matter")
    waiting = queries.asks_to_decide(request.actor)
    context = {"lines": [(ask, queries.place_of(ask.matter), page_of(ask.matter.id)) for ask in waiting]}
    return render(request, "matters/desk/asks.html", context)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def pause(request: Request, matter_id: UUID) -> HttpResponse:
    form = PauseForm(request.POST, prefix="pause")

    def act(row: Matter, data: dict[str, Any]) -> None:
        reason = form.reasons[data["reason"]]
        actions.ask_pause(request.actor, matter=row, reason=reason, until=data["until"], words=data["words"])

    return _asked(request, matter_id, form, "pause_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def extend(request: Request, matter_id: UUID) -> HttpResponse:
    def act(row: Matter, data: dict[str, Any]) -> None:
        actions.ask_extension(request.actor, matter=row, until=data["until"], words=data["words"])

    return _asked(request, matter_id, AskForm(request.POST, prefix="extend"), "extend_form", act)


@require_POST
@desk(Permission.CLOCK_DECIDE)
def decide(request: Request, matter_id: UUID) -> HttpResponse:
    """Agree or not to what is open; where it was settled meanwhile, the page says so."""

    def act(row: Matter, data: dict[str, Any]) -> None:
        found = queries.ask_of(request.actor, row)
        if found is None:
            raise Conflict("这个申请已经撤回，或已经批过了。请看下面的经过。")
        is_granted, words = data["decision"] == "yes", data["words"]
        if isinstance(found.ask, Pause):
            actions.decide_pause(request.actor, pause=found.ask, is_granted=is_granted, words=words)
        else:
            actions.decide_extension(request.actor, extension=found.ask, is_granted=is_granted, words=words)

    return _asked(request, matter_id, DecideForm(request.POST, prefix="decide"), "decide_form", act)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def withdraw(request: Request, matter_id: UUID) -> HttpResponse:
    """Take the ask back."""
    return _plain_step(request, matter_id, actions.withdraw_ask)


@require_POST
@desk(Permission.MATTERS_HANDLE)
def resume(request: Request, matter_id: UUID) -> HttpResponse:
    """Let the clock run on."""
    return _plain_step(request, matter_id, actions.resume_matter)


def _asked(
    request: Request, matter_id: UUID, form: WordsForm, name: str, act: Callable[[Matter, dict[str, Any]], None]
) -> HttpResponse:
    """Run a form's deed; what it refuses at a field stands at that field, with everything typed kept."""
    row = matter_visible(request, matter_id, is_shown=False)
    key = key_of(str(form.prefix), row.pk)
    if form.is_valid():
        try:
            act(row, form.cleaned_data)
            sent(request, key)
            return redirect("matters:desk_matter", matter_id)
        except Conflict as problem:
            keep_posted(request, key, form)
            words = form.cleaned_data["words"]
            return keeping(matter_conflict(request, matter_id, problem, words, **{name: form, "open_form": name}))
        except Problem as problem:
            if problem.field not in form.fields:
                raise
            form.add_error(problem.field, problem.message)
    keep_posted(request, key, form)
    return keeping(
        matter_page(request, matter_visible(request, matter_id), status=422, **{name: form, "open_form": name})
    )
