"""操作留痕: who did what in this community, for the secretary and the administrator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core import tenancy, trail
from linli.core.access import ROLE_NAMES, Permission, Role
from linli.core.guards import desk
from linli.core.models import TrailEntry
from linli.core.web import Request

from . import queries

PAGE_SIZE = 50
VIAS = {"page": "网页", "api": "接口", "job": "自动", "demo": "示范", "command": "命令行"}


@require_safe
@desk(Permission.TRAIL_SEE)
def page(request: Request) -> HttpResponse:
    """The trail, newest first; `?verb=` keeps one kind of deed."""
    return render(request, "accounts/desk/trail.html", trail_context(request, trail.entries_visible_to(request.actor)))


def trail_context(request: HttpRequest, entries: QuerySet[TrailEntry]) -> dict[str, Any]:
    """A page of the entries, drawn while their community is active."""
    verb = request.GET.get("verb", "")
    # Who merely looked has a page of its own, and would drown the rest here.
    entries = entries.filter(verb=verb) if verb in trail.VERBS else entries.exclude(verb__in=trail.READING)
    shown = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    # Residents are an id here, as in the trail itself; colleagues answer with their names.
    names = queries.colleagues([key for entry in shown for key in (entry.account_id, entry.subject_id)])
    return {
        "page": shown,
        "rows": [_row(entry, names) for entry in shown],
        "verbs": sorted(trail.VERBS.items(), key=lambda item: item[1]),
        "verb": verb,
    }


def _row(entry: TrailEntry, names: dict[UUID, str]) -> dict[str, object]:
    role = ROLE_NAMES[Role(entry.role)] if entry.role in set(Role) else "系统"
    name = names.get(entry.account_id, "") if entry.account_id else ""
    if entry.role == Role.RESIDENT and entry.community_id != tenancy.PLATFORM:
        name = ""  # a colleague at home is a resident like any other
    elif entry.role == Role.RESIDENT and name:
        role = "工作人员"  # signing in, she holds no post yet
    kind = entry.subject_kind.partition(".")[2]
    return {
        "entry": entry,
        "words": trail.VERBS.get(entry.verb, entry.verb),
        "who": f"{name}（{role}）" if name else role,
        "subject": names.get(entry.subject_id) or f"{kind} …{str(entry.subject_id)[-6:]}",
        "via": VIAS.get(entry.via, entry.via),
    }
