"""Where a scanned code leads: what stands there, what is reported already, and one button."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.core.web import Request

from . import queries


@require_safe
def scanned(request: Request, token: str) -> HttpResponse:
    """For anybody. A code no longer in use leads to the ordinary form: whoever stands there still wants to report."""
    place = queries.place_of(token[:12])
    if place is None:
        return HttpResponseRedirect(reverse("matters:report"))
    context = {"place": place, "underway": queries.underway_at(place)}
    return render(request, "intake/resident/scanned.html", context)
