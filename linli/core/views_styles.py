"""/styles/: what the pages are made of, in four themes. Part of the demo: an official installation does not show it."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from . import styles
from .ui import Look, look_of


def _asked_look(request: HttpRequest) -> Look:
    """The reader's own look with what the address asks for: ?theme=dark&mode=care&text=2."""
    asked = {name: request.GET.get(name, "") for name in ("mode", "theme", "text")}
    return look_of(request).but(**asked)


@require_safe
def show_styles(request: HttpRequest) -> HttpResponse:
    """Every component, or those that answer to `q`."""
    words = request.GET.get("q", "").strip()[:40]
    found = [sample for sample in styles.samples().values() if sample.answers(words)]
    context = {
        "found": found,
        "words": words,
        "themes": styles.THEMES,
        "is_narrow": bool(words) and len(found) <= 3,
        **styles.sample_data(),
    }
    return render(request, "styles/index.html", context | {"look": _asked_look(request)})


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def show_sample(request: HttpRequest) -> HttpResponse:
    """One component alone, for a frame: `name`, and the look as on /styles/. Only there are sizes true: rem is the page's."""
    sample = styles.samples().get(request.GET.get("name", ""))
    if sample is None:
        raise Http404
    context = {"sample": sample, **styles.sample_data(), "look": _asked_look(request)}
    return render(request, "styles/sample.html", context)
