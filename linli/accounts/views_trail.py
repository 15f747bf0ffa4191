"""操作留痕: who did what in this community, for the secretary and the administrator."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core import trail
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
    entries = trail.entries_visible_to(request.actor)
    verb = request.GET.get("verb", "")
    # Who merely looked has a page of its own, and would drown the rest here.
    entries = entries.filter(verb=verb) if verb in trail.VERBS else entries.exclude(verb__in=trail.READING)
    shown = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    names = queries.display_names([entry.account_id for entry in shown])
    context = {
        "page": shown,
        "rows": [_row(entry, names) for entry in shown],
        "verbs": sorted(trail.VERBS.items(), key=lambda item: item[1]),
        "verb": verb,
    }
    return render(request, "accounts/desk/trail.html", context)


def _row(entry: TrailEntry, names: dict[UUID, str]) -> dict[str, object]:
    is_staff = entry.role not in ("", "resident", "system")
    role = ROLE_NAMES[Role(entry.role)] if entry.role in set(Role) else "系统"
    name = names.get(entry.account_id, "") if entry.account_id else ""
    return {
        "entry": entry,
        "words": trail.VERBS.get(entry.verb, entry.verb),
        # Residents are an id here, as in the trail itself; colleagues answer with their names.
        "who": f"{name}（{role}）" if is_staff and name else role,
        "subject": f"{entry.subject_kind.partition('.')[2]} …{str(entry.subject_id)[-6:]}",
        "via": VIAS.get(entry.via, entry.via),
    }
