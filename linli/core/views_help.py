"""Help as a page of its own, which needs no script, and all topics as data, fetched once and kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import help as topics
from .problem_pages import face_of

A_YEAR = 31_536_000


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    """All topics, or those that answer `q`; the reader's own first."""
    asked = request.GET.get("q", "").strip()[:40]
    base = face_of(request)
    face = "staff" if base == "desk/base.html" else "resident"
    found = topics.search(asked, face=face)
    groups = [
        ("居民", [topic for topic in found if "resident" in topic.faces]),
        ("工作人员", [topic for topic in found if topic.faces == ("staff",)]),
    ]
    context = {"asked": asked, "found": found, "face": base, "for_staff": face == "staff", "is_help_page": True}
    context["groups"] = [group for group in (groups[::-1] if face == "staff" else groups) if group[1]]
    return render(request, "core/help.html", context)


@require_safe
def all_topics(request: HttpRequest) -> HttpResponse:
    """Every topic as JSON; nothing personal, so that a browser may keep it."""
    response = HttpResponse(topics.packed()[0], content_type="application/json")
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
