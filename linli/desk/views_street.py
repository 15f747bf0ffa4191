"""Above the communities: the street's board."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.core.guards import signed_in
from linli.core.web import Request

from .queries import street as queries


@require_safe
@signed_in
def board(request: Request) -> HttpResponse:
    """Every community one oversees, what is late first; whoever oversees none is told nothing."""
    account = getattr(request, "account", None)
    found = queries.board_of(account) if account is not None else None
    if found is None:
        raise Http404
    lines = [(line, reverse("matters:desk_list", kwargs={"code": line.code})) for line in found.lines]
    return render(request, "desk/street.html", {"board": found, "lines": lines})
