"""The desk's side: who read whom, and the question why."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from linli.accounts.queries import display_names
from linli.core import clock
from linli.core import kept as backups
from linli.core.access import ROLE_NAMES, Permission, Role
from linli.core.errors import Problem
from linli.core.guards import desk
from linli.core.models import TrailEntry
from linli.core.web import Request
from linli.imports.queries import UNDO_DAYS

from . import actions, queries
from .forms import BecauseForm, ReadingsForm
from .retention import retention

PAGE_SIZE = 50
READ_WORDS = {"resident.listed": "清单上看到", "resident.opened": "打开档案", "resident.revealed": "看完整号码"}


@require_safe
@desk(Permission.TRAIL_SEE)
def readings(request: Request) -> HttpResponse:
    """Every reading of people, newest first, and the hours in which somebody read unusually much."""
    hours = list(queries.unusual_hours(request.actor))
    entries = queries.readings_visible_to(request.actor)
    month_ago = clock.now() - timedelta(days=30)
    readers = entries.filter(at__gt=month_ago).order_by().values_list("account_id", flat=True).distinct()
    names = display_names([*readers, *(hour.account_id for hour in hours)])
    form = ReadingsForm(request.GET, staff=sorted(names.items(), key=lambda item: item[1]))
    if kind := form.wanted("kind"):
        entries = entries.filter(verb=kind)
    if who := form.wanted("who"):
        entries = entries.filter(account_id=who)
    if on := form.wanted("on"):
        begin = datetime.combine(on, time(), tzinfo=clock.SHANGHAI)
        entries = entries.filter(at__gte=begin, at__lt=begin + timedelta(days=1))
    if person := form.wanted("resident"):
        entries = entries.filter(Q(subject_id=person) | Q(touches__contains=[person]))
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [_row(entry, names) for entry in page],
        "hours": [(hour, names.get(hour.account_id, "已停用的账号"), hour.tally) for hour in hours],
        "is_narrow": bool(kind or who or on or person),
    }
    return render(request, "rights/desk/readings.html", context)


def _row(entry: TrailEntry, names: dict[UUID, str]) -> dict[str, Any]:
    name = names.get(entry.account_id, "") if entry.account_id else ""
    role = ROLE_NAMES[Role(entry.role)] if entry.role in set(Role) else "系统"
    facts = entry.facts
    return {
        "at": entry.at,
        "who": f"{name}（{role}）" if name else role,
        "what": READ_WORDS[entry.verb],
        "count": len(entry.touches) or 1,
        "person": "" if entry.touches else str(entry.subject_id),
        "where": queries.PAGE_WORDS.get(str(facts["page"]), "工作台") if "page" in facts else "",
        "why": facts.get("reason", ""),
        "is_full": entry.verb == "resident.revealed",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def paused(request: Request) -> HttpResponse:
    """So many were read this hour that a reason is asked for; with it, reading goes on at once."""
    form, status = BecauseForm(request.POST or None), 200
    after = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = ""
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.explain_reading(request.actor, because=form.cleaned_data["because"])
                return redirect(after or "residents:list")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            status = problem.status
    return render(request, "rights/desk/paused.html", {"form": form, "next": after}, status=status)


@require_safe
@desk(Permission.TRAIL_SEE)
def kept(request: Request) -> HttpResponse:
    """How long what is kept, and what was deleted with its proof; who it was nobody can say any more."""
    entries = TrailEntry.objects.filter(verb="resident.forgotten").order_by("-at", "-id")
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    rules = retention()
    today, until = clock.today(), backups.backups_hold_until(clock.now())
    context = {
        "undo_days": UNDO_DAYS,
        "backups_until": until,
        "backup_days": (until - today).days if until else None,
        "rules": rules,
        "page": page,
        "proofs": [
            (entry, rules.people[entry.facts["rule"]].name) for entry in page if entry.facts["rule"] in rules.people
        ],
        "left": sum(bool(entry.facts["left"]) for entry in page),
    }
    return render(request, "rights/desk/kept.html", context)
