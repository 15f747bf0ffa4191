"""The secretary's month in figures."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.guards import desk
from linli.core.web import Request
from linli.matters.forms_list import month_of, months_back

from ..queries import figures as queries

MONTHS_OFFERED = 13


@require_safe
@desk(Permission.FIGURES_SEE)
def figures(request: Request) -> HttpResponse:
    """The month so far beside the last; every number opens the list it counts. A month to come is this one."""
    today = clock.today()
    wanted = min(month_of(request.GET.get("month", "")) or today, today)
    context = {
        "figures": queries.figures_of(request.actor, wanted),
        "months": months_back(today, MONTHS_OFFERED),
        "desk_url": reverse("matters:desk_list", urlconf=getattr(request, "urlconf", None)),
    }
    return render(request, "desk/figures.html", context)
