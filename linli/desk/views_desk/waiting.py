"""All that waits for one's decision, side by side: how much of each, since when, and where."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.core import clock, waiting
from linli.core.access import Permission
from linli.core.guards import desk
from linli.core.templatetags.ui import spell
from linli.core.web import Request
from linli.residents import likeness


@require_safe
@desk()
def page(request: Request) -> HttpResponse:
    """What waits, the longest waiting first, then like records, which wait for nobody in particular."""
    found = waiting.waiting_for(request.actor)
    request.waiting = found  # type: ignore[attr-defined]  # the side need not ask again
    now, urls = clock.now(), getattr(request, "urlconf", None)
    rows = [
        (each, spell(now - each.since), reverse(each.kind.page, urlconf=urls))
        for each in sorted(found, key=lambda each: each.since)
    ]
    may_judge = request.actor.may(Permission.RESIDENTS_LINK)
    context = {
        "rows": rows,
        "count": sum(each.count for each in found),
        "longest": rows[0][1] if rows else "",
        "likely": len(likeness.likely_pairs(request.actor)) if may_judge else 0,
        "most": likeness.MOST,
        "kinds": waiting.kinds_for(request.actor),
    }
    return render(request, "desk/waiting.html", context)
