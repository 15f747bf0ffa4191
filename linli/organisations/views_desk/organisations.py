"""Organisations: the tree and the lists by kind, one of them, and what is written about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import ROLE_NAMES, Permission, Role
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.models import TrailEntry
from linli.core.trail import VERBS
from linli.core.web import Request, show
from linli.places.queries import sub_areas_visible_to

from .. import actions, queries
from ..forms import AddForm, ChangeForm, EndForm, NarrowForm, PlaceForm, PostForm, ReasonForm, TermForm, place_chosen
from ..kinds import GROUPS, codes_in, kinds
from ..models import Organisation, OrganisationPlace, OrganisationPost

PAGE_SIZE = 40
PAGE = "organisations/desk/page.html"
GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
@desk(Permission.DESK_OPEN)
def organisations(request: Request) -> HttpResponse:
    """The party's tree, or the organisations of another group; narrowed to a sub-area, and as of a day."""
    wanted = NarrowForm(request.GET).wanted()
    day, group, sub_area = wanted["day"], wanted["group"], wanted["sub_area"]
    there = queries.running_on(queries.organisations_visible_to(request.actor), day)
    there = queries.in_sub_area(there, sub_area, day) if sub_area else there
    due = there.filter(check_by__lte=clock.today()).count()
    rows = there.filter(kind__in=codes_in(group=group)).order_by("kind", "order", "pinyin", "id")
    context: dict[str, Any] = {
        **wanted,
        "groups": [(code, GROUPS[code], many) for code, many in queries.counts_by_group(there).items()],
        "sub_areas": sub_areas_visible_to(request.actor),
        "is_today": day == clock.today(),
        "due_count": due,
        "may_add": request.actor.may(Permission.ORGANISATIONS_KEEP),
    }
    context["count"] = sum(many for _, _, many in context["groups"])
    if group == "party":
        context["tree"] = queries.branch_tree(request.actor, day, there)
    else:
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {"page": page, "cards": queries.cards_of(request.actor, page.object_list, day)}
    return show(request, "organisations/desk/list.html", "list", context)


def _visible(request: Request, organisation_id: UUID) -> Organisation:
    row = queries.organisations_visible_to(request.actor).filter(pk=organisation_id).first()
    if row is None:
        raise NotFound("没有找到这个组织。可能是网址少了几个字，或它属于别的社区。请在组织清单里再找一次。")
    return row


@require_safe
@desk(Permission.DESK_OPEN)
def organisation(request: Request, organisation_id: UUID) -> HttpResponse:
    """One organisation: who serves in it, where it works, how it came so."""
    return _page(request, _visible(request, organisation_id))


def _page(request: Request, row: Organisation, *, status: int = 200, **forms: Any) -> HttpResponse:
    actor, today = request.actor, clock.today()
    page = queries.page_of(actor, row)
    may_keep = row.until is None and queries.may_keep(actor, row)
    # A specialist names the stewards of the own buildings, whoever keeps the branch they belong to.
    may_post = may_keep or (row.of_kind.is_party and actor.may(Permission.ORGANISATIONS_KEEP) and row.until is None)
    context = {
        "organisation": row,
        "kind": row.of_kind,
        "page": page,
        "posts": [line for line in page.posts if line.post.building is None],
        "stewards": sorted((line for line in page.posts if line.post.building), key=_house_number),
        "trail": [_trail_line(entry) for entry in page.trail],
        "today": today,
        "is_due": row.is_due_on(today),
        "may_keep": may_keep,
        "may_post": may_post,
        "may_reveal": actor.may(Permission.RESIDENTS_REVEAL),
        "sees_people": actor.may(Permission.RESIDENTS_SEE),
        "post_form": PostForm(actor=actor, organisation=row, prefix="post"),
        "place_form": PlaceForm(actor=actor, prefix="place"),
        "term_form": TermForm(prefix="term"),
        "end_form": EndForm(prefix="end"),
        "reason_form": ReasonForm(),
    }
    return show(request, PAGE, "body", context | forms, status=status)


def _house_number(line: queries.PostLine) -> int:
    return line.post.building.number if line.post.building else 0


def _trail_line(entry: TrailEntry) -> tuple[str, Any, str]:
    """What was done, when, and by whom in which role."""
    role = ROLE_NAMES[Role(entry.role)] if entry.role in set(Role) else ""
    said = entry.facts.get("reason", "")
    return VERBS.get(entry.verb, entry.verb), entry.at, "，".join(filter(None, [role, said]))


@require_http_methods(GET_OR_POST)
@desk(Permission.ORGANISATIONS_KEEP)
def add(request: Request) -> HttpResponse:
    """A new organisation, and whom one turns to."""
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in kinds() else "", "where": request.GET.get("where", "")}
    form, status = AddForm(request.POST or None, actor=request.actor, initial=initial), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                return redirect("organisations:page", _added(request, form).pk)
        except Problem as problem:
            status = fails(form, problem)
    return render(request, "organisations/desk/add.html", {"form": form}, status=status)


def _added(request: Request, form: AddForm) -> Organisation:
    data = form.cleaned_data
    row = actions.add_organisation(
        request.actor,
        kind=data["kind"],
        name=data["name"],
        from_on=data["from_on"],
        parent=form.parent_row,
        sub_area=place_chosen(data["where"]).get("sub_area"),
        credit_code=data["credit_code"],
        words=data["words"],
    )
    if data["contact"]:
        role = row.of_kind.roles[0]
        actions.give_post(
            request.actor,
            organisation=row,
            role=role,
            name=data["contact"],
            phone=data["phone"],
            from_on=data["from_on"],
        )
    return row


def fails(form: Form, problem: Problem) -> int:
    """The problem at its field, or above the form; the status it answers with."""
    field = {"sub_area": "where"}.get(problem.field or "", problem.field)
    form.add_error(field if field in form.fields else None, problem.message)
    return problem.status


@require_http_methods(GET_OR_POST)
@desk(Permission.ORGANISATIONS_KEEP)
def change(request: Request, organisation_id: UUID) -> HttpResponse:
    """Put right what an organisation is called and does."""
    row = _visible(request, organisation_id)
    held = {"name": row.name, "words": row.words, "credit_code": row.credit_code or ""}
    form, status = ChangeForm(request.POST or None, initial=held), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.change_organisation(request.actor, organisation=row, **form.cleaned_data)
                return redirect("organisations:page", row.pk)
        except Problem as problem:
            status = fails(form, problem)
    return render(request, "organisations/desk/change.html", {"form": form, "organisation": row}, status=status)


def _write(
    request: Request, row: Organisation, form: Form, name: str, act: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Do it and show the organisation anew; what did not go is said at its field."""
    status = 422
    try:
        if form.is_valid():
            act(form.cleaned_data)
            return redirect("organisations:page", row.pk)
    except Problem as problem:
        status = fails(form, problem)
    return _page(request, _visible(request, row.pk), status=status, **{name: form})


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def add_post(request: Request, organisation_id: UUID) -> HttpResponse:
    row = _visible(request, organisation_id)
    form = PostForm(request.POST, actor=request.actor, organisation=row, prefix="post")

    def act(data: dict[str, Any]) -> None:
        actions.give_post(
            request.actor,
            organisation=row,
            role=data["role"],
            from_on=data["from_on"],
            until=data["until"],
            resident=data["resident"],
            name=data["name"],
            phone=data["phone"],
            building=data["building_row"],
            succeeding=data["succeeding"],
        )

    return _write(request, row, form, "post_form", act)


def _post_of(request: Request, post_id: UUID) -> OrganisationPost:
    rows = OrganisationPost.objects.select_related("organisation", "building__grid", "resident")
    post = rows.filter(pk=post_id, organisation__in=queries.organisations_visible_to(request.actor)).first()
    if post is None:
        raise NotFound()
    return post


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def end_post(request: Request, post_id: UUID) -> HttpResponse:
    post = _post_of(request, post_id)
    form = EndForm(request.POST, prefix="end")
    return _write(
        request,
        post.organisation,
        form,
        "end_form",
        lambda data: actions.end_post(request.actor, post=post, on=data["on"]),
    )


@require_POST
@desk(Permission.RESIDENTS_REVEAL)
def reveal(request: Request, post_id: UUID) -> HttpResponse:
    """A contact's number in full, on this answer alone."""
    post = _post_of(request, post_id)
    form, shown, status = ReasonForm(request.POST), {}, 422
    if form.is_valid():
        try:
            phone = actions.reveal_phone(request.actor, post=post, reason=form.cleaned_data["reason"])
            shown, form, status = {"who": queries.holder_name(request.actor, post), "phone": phone}, ReasonForm(), 200
        except Problem as problem:
            status = fails(form, problem)
    row = _visible(request, post.organisation_id)
    return _page(request, row, status=status, reason_form=form, revealed=shown)


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def add_place(request: Request, organisation_id: UUID) -> HttpResponse:
    row = _visible(request, organisation_id)
    form = PlaceForm(request.POST, actor=request.actor, prefix="place")

    def act(data: dict[str, Any]) -> None:
        actions.add_place(request.actor, organisation=row, from_on=data["from_on"], bond=data["bond"], **form.target)

    return _write(request, row, form, "place_form", act)


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def end_place(request: Request, place_id: UUID) -> HttpResponse:
    rows = OrganisationPlace.objects.select_related("organisation")
    place = rows.filter(pk=place_id, organisation__in=queries.organisations_visible_to(request.actor)).first()
    if place is None:
        raise NotFound()
    form = EndForm(request.POST, prefix="end")
    return _write(
        request,
        place.organisation,
        form,
        "end_form",
        lambda data: actions.end_place(request.actor, place=place, on=data["on"]),
    )


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def start_term(request: Request, organisation_id: UUID) -> HttpResponse:
    row = _visible(request, organisation_id)
    form = TermForm(request.POST, prefix="term")
    return _write(
        request, row, form, "term_form", lambda data: actions.start_term(request.actor, organisation=row, **data)
    )


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def end(request: Request, organisation_id: UUID) -> HttpResponse:
    row = _visible(request, organisation_id)
    form = EndForm(request.POST, prefix="end")
    return _write(
        request,
        row,
        form,
        "end_form",
        lambda data: actions.end_organisation(request.actor, organisation=row, on=data["on"]),
    )


@require_POST
@desk(Permission.ORGANISATIONS_KEEP)
def confirm(request: Request, organisation_id: UUID) -> HttpResponse:
    """It is still so; back to the list one came from, or to the organisation."""
    row = _visible(request, organisation_id)
    actions.confirm(request.actor, row=row)
    return back_to_lists(request) or redirect("organisations:page", row.pk)


def back_to_lists(request: Request) -> HttpResponse | None:
    """The five lists of the sub-area one came from, at the list one was in."""
    code, part = request.POST.get("sub_area", ""), request.POST.get("list", "")
    area = sub_areas_visible_to(request.actor).filter(code=code).first()
    if area is None:
        return None
    address = reverse("organisations:lists", urlconf=getattr(request, "urlconf", None))
    return redirect(f"{address}?sub_area={area.code}#{part if part in queries.LISTS else ''}")
