"""Residents' pages: home, report, saved, my matters, one matter, and its last word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock, live
from linli.core.errors import NotFound, Problem
from linli.core.guards import signed_in
from linli.core.web import Request, show

from . import actions, queries
from .forms import RatingForm, ReportForm, WordsForm
from .models import Matter, Source, State

MINE_ON_HOME = 5
KINDS_ON_HOME = 2  # with the four that are always there: at most six tiles


def _visible(request: Request, matter_id: UUID, *, is_shown: bool = True) -> Matter:
    """The matter, if the actor may see it; what a page shows around it is loaded only when it `is_shown`."""
    rows = queries.matters_visible_to(request.actor)
    matter = (rows if is_shown else rows.select_related(None)).filter(pk=matter_id).first()
    if matter is None:
        raise NotFound("没有找到这件事，可能是网址少了几个字。请到“我的事项”里看，您上报的都在那里。")
    return matter


@require_safe
def home(request: Request) -> HttpResponse:
    """The resident's first page: what one can do here, and what became of one's matters."""
    mine = queries.matters_of(request.actor)
    context = {
        "waiting": list(mine.filter(state=State.FED_BACK)[:MINE_ON_HOME]),
        "mine": list(mine.exclude(state=State.FED_BACK)[:MINE_ON_HOME]),
        "counts": queries.mine_counts(request.actor),
        "kinds": list(queries.kinds_offered()[:KINDS_ON_HOME]),
        "home": queries.home_of(request.actor),
        "today": clock.today(),
    }
    return render(request, "matters/resident/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: Request) -> HttpResponseBase:
    """GET the form, POST a report. The id in the form makes a second press the same report."""
    home = queries.home_of(request.actor)
    if request.method != "POST":
        chosen = request.GET.get("kind", "")
        form = ReportForm(home, initial={"kind": chosen} if chosen else None)
        return render(request, "matters/resident/report.html", _report_context(form))
    form = ReportForm(home, request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            matter = actions.report_matter(
                request.actor,
                id=data["id"],
                kind=form.kinds[data["kind"]],
                words=data["words"],
                spot=form.spot,
                source=Source.NEIGHBOUR if data["whom"] == "neighbour" else Source.RESIDENT,
                contact=form.contact,
                photos=data["photos"],
            )
            return redirect("matters:saved", matter.id)
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return render(request, "matters/resident/report.html", _report_context(form), status=422)


def _report_context(form: ReportForm) -> dict[str, Any]:
    return {"form": form, "kind_icons": {kind.code: kind.icon for kind in form.kinds.values()}}


@require_safe
@signed_in
def saved(request: Request, matter_id: UUID) -> HttpResponse:
    """ "It is saved": number, what happens next and by when, whom to call. May be bookmarked and printed."""
    matter = _visible(request, matter_id)
    return render(request, "matters/resident/saved.html", {"page": queries.page_of(request.actor, matter)})


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """All my matters, newest first."""
    return show(
        request,
        "matters/resident/mine.html",
        "list",
        {
            "matters": list(queries.matters_of(request.actor)[:200]),
            "counts": queries.mine_counts(request.actor),
            **live_context(request),
        },
    )


@require_safe
@signed_in
def matter(request: Request, matter_id: UUID) -> HttpResponse:
    """One matter as its reporter sees it."""
    return _page(request, _visible(request, matter_id))


def _page(request: Request, row: Matter, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "page": queries.page_of(request.actor, row),
        "rating_form": RatingForm(),
        "reopen_form": WordsForm(prefix="reopen"),
        **live_context(request, row),
        **forms,
    }
    return show(request, "matters/resident/matter.html", "body", context, status=status)


def live_context(request: Request, row: Matter | None = None) -> dict[str, Any]:
    """Where a page listens from: the moment it was rendered."""
    if row is None:
        return {}
    return live.context_for(request.community_code, live.position(), kind="matters.matter", subject_id=row.pk)


@require_POST
@signed_in
def confirm(request: Request, matter_id: UUID) -> HttpResponse:
    """The reporter says it is settled, with or without a rating."""
    row = _visible(request, matter_id, is_shown=False)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, rating_form=form)
    data = form.cleaned_data
    actions.confirm_matter(request.actor, matter=row, rating=data["rating"], words=data["words"])
    return redirect("matters:matter", row.id)


@require_POST
@signed_in
def reopen(request: Request, matter_id: UUID) -> HttpResponse:
    """The reporter says it is not settled."""
    row = _visible(request, matter_id, is_shown=False)
    form = WordsForm(request.POST, prefix="reopen")
    if form.is_valid():
        try:
            actions.reopen_matter(request.actor, matter=row, words=form.cleaned_data["words"])
            return redirect("matters:matter", row.id)
        except actions.WordsMissing as problem:
            form.add_error("words", problem.message)
    return _page(request, row, status=422, reopen_form=form)
