"""One box that finds people, matters, places and organisations."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from linli.core.finding import Found
from linli.core.guards import desk
from linli.core.web import Request, show

from ..forms import FindForm
from ..queries import find as queries


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def find(request: Request) -> HttpResponse:
    """What is typed is posted, so that no name or number stands in an address; without it, the box alone."""
    form = FindForm(request.POST if request.method == "POST" else None)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    limit = queries.GLANCE if request.headers.get("HX-Request") == "true" else queries.PAGE
    groups = queries.find(request.actor, words, limit=limit)
    context = {
        "words": words,
        "groups": [(group, [(found, _address(request, found)) for found in group.found]) for group in groups],
        "count": sum(len(group.found) for group in groups),
        "has_more": any(group.has_more for group in groups),
        "is_narrow": queries.is_narrow(request.actor),
    }
    return show(request, "desk/find.html", "found", context)


def _address(request: Request, found: Found) -> str:
    path = reverse(found.page, args=[found.id] if found.id else [], urlconf=getattr(request, "urlconf", None))
    return f"{path}?{found.query}" if found.query else path
