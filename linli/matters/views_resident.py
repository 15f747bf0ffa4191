"""Residents' pages: home, report, saved, my matters, one matter, and its last word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock, drafts, ics, live
from linli.core.drafts import key_of
from linli.core.drafts_aside import bring_back, keep_posted, sent
from linli.core.errors import NotFound, Problem
from linli.core.guards import signed_in
from linli.core.web import Request, keeping, show

from . import actions, queries, rules
from .forms import AddForm, RatingForm, ReportForm, WordsForm
from .forms_kinds import KindPartsForm
from .models import Matter, State

REPORT = key_of("report")  # the key of its draft
MINE_ON_HOME = 5
MINE_AT_MOST = 200
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
    """The resident's first page: what waits for her, what one can do here, who looks after her door."""
    mine, at_home = queries.matters_of(request.actor), queries.home_of(request.actor)
    now = clock.now().astimezone(clock.SHANGHAI)
    context = {
        "waiting": queries.mine_rows(mine.filter(state=State.FED_BACK)[:MINE_ON_HOME]),
        "mine": queries.mine_rows(mine.exclude(state=State.FED_BACK)[:MINE_ON_HOME]),
        "counts": queries.mine_counts(request.actor),
        "kinds": list(queries.kinds_offered()[:KINDS_ON_HOME]),
        "home": at_home,
        "specialist": queries.specialist_near(request.community, at_home),
        "name": getattr(getattr(request, "account", None), "display_name", ""),
        "greeting": rules.greeting(now.hour),
        "today": now.date(),
    }
    return render(request, "matters/resident/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: Request) -> HttpResponseBase:
    """GET the form, POST a report. The id in the form makes a second press the same report."""
    home = queries.home_of(request.actor)
    if request.method != "POST":
        asked = {name: request.GET[name][:24] for name in ("kind", "at") if request.GET.get(name)}
        form = ReportForm(home, initial=asked)
        bring_back(request, {REPORT: form}, with_photos=True)
        form.initial.update(form.as_scanned)  # where one stands is newer than a draft
        form.lay_out()
        return _report_page(request, form)
    form = ReportForm(home, request.POST, request.FILES)
    bring_back(request, {REPORT: form}, with_photos=True)
    if form.is_valid():
        if form.is_to_be_checked:
            keep_posted(request, REPORT, form)
            return redirect("matters:check_report")
        made = _report(request, form)
        if made is not None:
            return redirect("matters:saved", made.id)
    keep_posted(request, REPORT, form)
    return keeping(_report_page(request, form, status=422))


def _report(request: Request, form: ReportForm) -> Matter | None:
    """Report what the (valid) form says and forget its draft; None when it was refused, the reason at its field."""
    data = form.cleaned_data
    try:
        made = actions.report_matter(
            request.actor,
            id=data["id"],
            kind=form.reported_kind,
            words=data["words"],
            spot=form.spot,
            source=form.source,
            contact=form.contact,
            photos=form.photos_in("photos"),
            answers=form.given,
        )
    except Problem as problem:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        return None
    sent(request, REPORT)
    return made


def _report_page(request: Request, form: ReportForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "kind_icons": {kind.code: kind.icon for kind in form.kinds.values()},
        "is_change": "change" in request.GET,
        "nearby": queries.told_nearby(form.home, str(form.initial.get("kind", ""))) if not form.is_bound else [],
        "chosen": None if form.is_bound else form.kinds.get(form.initial.get("kind", "")),
    }
    return render(request, "matters/resident/report.html", context, status=status)


@require_safe
@signed_in
def kind_parts(request: Request) -> HttpResponse:
    """What the choice of a kind brings with it: 具体是, and its questions. The same part stands in the page without a script."""
    said = {name: request.GET.get(name, "")[:24] for name in ("kind", "what")}
    return render(request, "matters/parts/kind_parts.html", {"form": KindPartsForm(initial=said)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def check_report(request: Request) -> HttpResponseBase:
    """The answers once more before they are sent; they wait in the draft, so nothing is typed or chosen again."""
    draft = drafts.drafts_of(request.actor, [REPORT]).get(REPORT)
    form = ReportForm(queries.home_of(request.actor), drafts.as_data(drafts.values_of(draft)))
    drafts.fill(request.actor, {REPORT: form}, with_photos=True)
    if draft is None or not form.is_valid():
        return redirect("matters:report")
    if request.method == "POST":
        made = _report(request, form)
        return redirect("matters:saved", made.id) if made else redirect("matters:report")
    return render(request, "matters/resident/check.html", {"form": form})


@require_safe
@signed_in
def saved(request: Request, matter_id: UUID) -> HttpResponse:
    """ "It is saved": number, what happens next and by when, whom to call. May be bookmarked and printed."""
    matter = _visible(request, matter_id)
    return render(request, "matters/resident/saved.html", {"page": queries.page_of(request.actor, matter)})


@require_safe
@signed_in
def calendar(request: Request, matter_id: UUID) -> HttpResponse:
    """The day an answer is promised for, for one's own calendar. It names the number and the kind, not what was said."""
    row = _visible(request, matter_id)
    until = queries.promised_until(row)
    content = ics.whole_day(
        uid=f"{row.id}@linli",
        on=until.date(),
        title=f"{row.kind.name}：社区今天前要答复（{row.number}）",
        words=f"编号 {row.number}。{until:%-m月%-d日}前应有答复；没有的话，打社区电话报编号就能问。",
        url=request.build_absolute_uri(reverse("matters:matter", args=[row.id])),
    )
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{row.number}.ics"'},
    )


@require_POST
@signed_in
def add(request: Request, matter_id: UUID) -> HttpResponse:
    """The reporter adds words or photos while it is being handled."""
    row = _visible(request, matter_id, is_shown=False)
    form, key = AddForm(request.POST, request.FILES, prefix="add"), key_of("add", row.pk)
    bring_back(request, {key: form}, with_photos=True)
    if form.is_valid():
        try:
            words, photos = form.cleaned_data["words"], form.photos_in("photos")
            actions.add_to_matter(request.actor, matter=row, words=words, photos=photos)
            sent(request, key)
            return redirect("matters:matter", row.id)
        except actions.WordsMissing as problem:
            form.add_error("words", problem.message)
    keep_posted(request, key, form)
    return keeping(_page(request, _visible(request, matter_id), status=422, add_form=form))


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """All my matters, newest first."""
    return show(
        request,
        "matters/resident/mine.html",
        "list",
        {
            "groups": queries.mine_groups(queries.matters_of(request.actor)[:MINE_AT_MOST]),
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
    page = queries.page_of(request.actor, row)
    steps = {
        "rating_form": RatingForm(),
        "reopen_form": WordsForm(prefix="reopen"),
        "add_form": AddForm(prefix="add"),
        **forms,
    }
    if page.is_mine:
        keys = {"rating_form": "confirm", "reopen_form": "reopen", "add_form": "add"}
        bring_back(request, {key_of(key, row.pk): steps[name] for name, key in keys.items()}, with_photos=True)
    context = {"page": page, **steps, **live_context(request, row)}
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
    key = key_of("confirm", row.pk)
    if not form.is_valid():
        keep_posted(request, key, form)
        return keeping(_page(request, row, status=422, rating_form=form))
    data = form.cleaned_data
    actions.confirm_matter(request.actor, matter=row, rating=data["rating"], words=data["words"])
    sent(request, key)
    return redirect("matters:matter", row.id)


@require_POST
@signed_in
def reopen(request: Request, matter_id: UUID) -> HttpResponse:
    """The reporter says it is not settled."""
    row = _visible(request, matter_id, is_shown=False)
    form = WordsForm(request.POST, prefix="reopen")
    key = key_of("reopen", row.pk)
    if form.is_valid():
        try:
            actions.reopen_matter(request.actor, matter=row, words=form.cleaned_data["words"])
            sent(request, key)
            return redirect("matters:matter", row.id)
        except actions.WordsMissing as problem:
            form.add_error("words", problem.message)
    keep_posted(request, key, form)
    return keeping(_page(request, row, status=422, reopen_form=form))
