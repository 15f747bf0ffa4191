"""Above the communities: the street's board, and the one box over all of them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.guards import signed_in
from linli.core.web import Request

from .forms import FindForm
from .queries import street as queries
from .queries import street_find


@require_safe
@signed_in
def board(request: Request) -> HttpResponse:
    """Every community one oversees, what is late first; whoever oversees none is told nothing."""
    account = getattr(request, "account", None)
    found = queries.board_of(account) if account is not None else None
    if found is None:
        raise Http404
    lines = [(line, _addresses(line.code)) for line in found.lines]
    context = {"board": found, "lines": lines, "may_find": street_find.may_find(account)}
    return render(request, "desk/street.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def find(request: Request) -> HttpResponse:
    """What is typed is posted, and asked once it is whole: every question leaves a line in each community where it shows somebody."""
    account = getattr(request, "account", None)
    if account is None or not street_find.may_find(account):
        raise Http404
    form = FindForm(request.POST if request.method == "POST" else None)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    groups, communities = street_find.find_in_street(account, words)
    context = {
        "words": words,
        "is_enough": street_find.is_enough(words),
        "groups": [(group, [(each, _address(each)) for each in group.answers]) for group in groups],
        "count": sum(len(group.answers) for group in groups),
        "has_more": any(group.has_more for group in groups),
        "communities": communities,
    }
    return render(request, "desk/street_find.html", context)


def _address(answer: street_find.Answer) -> str:
    """The answer's page in its community; "" where the street is told no more."""
    found = answer.found
    if not found.page:
        return ""
    path = reverse(found.page, args=[answer.code, *([found.id] if found.id else [])])
    return f"{path}?{found.query}" if found.query else path


def _addresses(code: str) -> dict[str, str]:
    """Where the lists behind a community's numbers are."""
    lists = {
        "desk": "matters:desk_list",
        "people": "residents:list",
        "to_check": "residents:freshness",
        "waiting": "residents:corrections",
    }
    return {name: reverse(route, kwargs={"code": code}) for name, route in lists.items()}
