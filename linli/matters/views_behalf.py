"""The desk: doing it for somebody (代办): find her, say how she agreed, report, and hand her a slip of paper."""

from __future__ import annotations

from uuid import UUID

import segno
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission
from linli.core.drafts import key_of
from linli.core.drafts_aside import bring_back, keep_posted, sent
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, keeping, show
from linli.residents.models import Resident
from linli.residents.queries import card_of, residents_visible_to

from . import actions, queries
from .forms import DeskReportForm
from .models import Source

PAPERS = {"a4": "A4 纸", "80": "80 毫米小票"}


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_REPORT_FOR_OTHERS)
def report(request: Request) -> HttpResponseBase:
    """Report for a resident: by phone, at the counter, at the door. `?resident=` says for whom."""
    resident = _resident(request, (request.POST or request.GET).get("resident", ""))
    card = card_of(resident) if resident else None
    initial = {"resident": resident.id if resident else None, "where": card.doors[0] if card and card.doors else ""}
    if request.method != "POST":
        return _report_page(request, DeskReportForm(resident=resident, initial=initial))
    form = DeskReportForm(request.POST, request.FILES, resident=resident, initial=initial)
    key = _report_key(resident)
    bring_back(request, {key: form}, with_photos=True)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.report_matter(
                request.actor,
                id=data["id"],
                kind=form.reported_kind,
                words=data["words"],
                spot=queries.spot_named(data["where"]),
                source=Source(data["source"]),
                contact=form.contact,
                photos=form.photos_in("photos"),
                answers=form.given,
            )
            sent(request, key)
            return redirect(f"{reverse('matters:slip', args=[made.id])}?made=1")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    keep_posted(request, key, form)
    return keeping(_report_page(request, form, status=422))


def _report_key(resident: Resident | None) -> str:
    """A report for somebody is kept apart: what was begun for one must not come up for another."""
    return key_of("desk_report_for", resident.id) if resident else key_of("desk_report")


@require_POST
@desk(Permission.MATTERS_REPORT_FOR_OTHERS)
def find_person(request: Request) -> HttpResponse:
    """Whom it is for, by what the caller says of herself; nothing of it stands in the address."""
    words = request.POST.get("who", "")[:60].strip()
    form = DeskReportForm(resident=None)
    found = queries.people_found(request.actor, words)
    context = {**_context(request, form), "who": words, "people": found, "has_asked": bool(words)}
    return show(request, "matters/desk/report.html", "people", context)


def _report_page(request: Request, form: DeskReportForm, *, status: int = 200) -> HttpResponse:
    return render(request, "matters/desk/report.html", _context(request, form), status=status)


def _context(request: Request, form: DeskReportForm) -> dict[str, object]:
    resident = form.for_resident
    bring_back(request, {_report_key(resident): form}, with_photos=True)
    form.lay_out()
    context: dict[str, object] = {"form": form, "kind_icons": {kind.code: kind.icon for kind in form.kinds.values()}}
    if resident is None:
        return {**context, "people": queries.helped_lately(request.actor)}
    return {
        **context,
        "person": card_of(resident),
        "others": queries.others_at_the_door(request.actor, resident),
        "already": queries.open_at_the_door(request.actor, resident),
    }


def _resident(request: Request, text: str) -> Resident | None:
    resident_id = parse_uuid(text)
    return residents_visible_to(request.actor).filter(pk=resident_id).first() if resident_id else None


@require_safe
@desk()
def slip(request: Request, matter_id: UUID) -> HttpResponse:
    """What the resident takes home: the number, what happens next and by when, the phone, and a code that leads to the matter."""
    row = queries.matters_visible_to(request.actor).filter(pk=matter_id).first()
    if row is None:
        raise NotFound("没有找到这件事。它可能属于别的片区，或网址少了几个字。请在清单里按编号找。")
    page = queries.page_of(request.actor, row)
    paper = request.GET.get("paper", "a4")
    context = {
        "page": page,
        "paper": paper if paper in PAPERS else "a4",
        "papers": PAPERS.items(),
        "taken": page.steps[0] if page.steps else None,
        "code": _code(request.build_absolute_uri(reverse("matters:matter", args=[row.pk]))),
    }
    return render(request, "matters/desk/slip.html", context)


def _code(address: str) -> SafeString:
    """A QR code as SVG without a size of its own: the style sheet gives it one in millimetres. Level M stands a crease."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, light="#fff", svgclass="slip__code", lineclass=None))  # noqa: S308  # our own
