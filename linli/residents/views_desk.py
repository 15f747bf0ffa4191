"""One person at the desk, masked, and a number revealed for a reason; the list is in `views_list`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound
from linli.core.guards import desk
from linli.core.trail import VERBS, timeline_of
from linli.core.web import Request, show

from . import actions, queries
from .forms import RevealForm
from .models import Resident

TRAIL_SHOWN = 20
PAGE = "residents/desk/page.html"


def _visible(request: Request, resident_id: UUID) -> Resident:
    resident = queries.residents_visible_to(request.actor).filter(pk=resident_id).first()
    if resident is None:
        raise NotFound("没有找到这位居民。可能是网址少了几个字，或这位居民不住在您的片区。请在居民清单里再找一次。")
    return resident


@require_safe
@desk(Permission.RESIDENTS_SEE)
def resident(request: Request, resident_id: UUID) -> HttpResponse:
    """One person, masked: homes, categories, and what has been done to the record."""
    row = _visible(request, resident_id)
    return show(request, PAGE, "body", _page(request, row, RevealForm(resident=row)))


@require_POST
@desk(Permission.RESIDENTS_REVEAL)
def reveal(request: Request, resident_id: UUID) -> HttpResponse:
    """One field in full, on this answer alone: going back or reloading masks it again."""
    row = _visible(request, resident_id)
    form = RevealForm(request.POST, resident=row)
    revealed: dict[str, str] = {}
    if form.is_valid():
        field = form.cleaned_data["field"]
        try:
            value = actions.reveal(request.actor, resident=row, field=field, reason=form.cleaned_data["reason"])
            revealed = {"label": actions.REVEALED[field], "value": value}
        except actions.ReasonNeeded as problem:
            form.add_error("reason", problem.message)
        except actions.NothingToReveal as problem:
            form.add_error("field", problem.message)
    context = _page(request, row, RevealForm(resident=row) if revealed else form) | {"revealed": revealed}
    return show(request, PAGE, "body", context, status=200 if revealed else Invalid.status)


def _page(request: Request, row: Resident, form: RevealForm) -> dict[str, Any]:
    entries = timeline_of(row).order_by("-at", "-id")[:TRAIL_SHOWN]
    return {
        "resident_id": row.pk,
        "card": queries.card_of(row),
        "residences": queries.stays_of(row),
        "categories": queries.memberships_of(row),
        "form": form,
        "may_reveal": request.actor.may(Permission.RESIDENTS_REVEAL),
        "trail": [(VERBS.get(entry.verb, entry.verb), entry.at, entry.facts.get("reason", "")) for entry in entries],
        "today": clock.today(),
        "behalf_url": _behalf_url(request, row),
    }


def _behalf_url(request: Request, row: Resident) -> str:
    """Where one reports for this person; "" for who may not, and where no app above offers it."""
    if not request.actor.may(Permission.MATTERS_REPORT_FOR_OTHERS) or row.died_on:
        return ""
    try:
        return f"{reverse('matters:desk_report')}?resident={row.pk}"
    except NoReverseMatch:
        return ""
