"""Groups and exports at the desk. A list comes in the address as conditions and columns, which name nobody."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.accounts.queries import display_names
from linli.core import reading, uploads
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request
from linli.residents import listing
from linli.residents.views_list import Asked, Shelf, people_page

from . import actions, queries
from .forms import DecideForm, ExportForm, SaveForm
from .models import Export, ExportState, Group
from .rules import KEPT_HOURS, TWO_PERSONS_ABOVE

SHELF_MOST = 8
SHOWN = 50


def shelf(request: Request) -> list[Shelf]:
    """The groups that stand over the list of people."""
    rows = queries.groups_visible_to(request.actor)[:SHELF_MOST]
    return [Shelf(row.name, reverse("lists:group", args=[row.pk], urlconf=_urlconf(request))) for row in rows]


def _urlconf(request: Request) -> str | None:
    return getattr(request, "urlconf", None)


def _group(request: Request, group_id: UUID) -> Group:
    group = queries.groups_visible_to(request.actor).filter(pk=group_id).first()
    if group is None:
        raise NotFound("没有找到这个分组。可能已经删掉，或只有存它的人能用。请回到“分组”看看有哪些。")
    return group


def _export(request: Request, export_id: UUID) -> Export:
    export = queries.exports_visible_to(request.actor).filter(pk=export_id).first()
    if export is None:
        raise NotFound("没有找到这次导出。请回到导出记录看看。")
    return export


@require_safe
@desk(Permission.RESIDENTS_SEE)
def groups(request: Request) -> HttpResponse:
    """The groups one may open, with how many are in each today."""
    rows = list(queries.groups_visible_to(request.actor)[:SHOWN])
    names = display_names(row.made_by for row in rows)
    listed = [
        (
            row,
            queries.words_of(row),
            listing.count_words(listing.count_of(queries.group_members(request.actor, row))),
            names.get(row.made_by, ""),
            row.made_by == request.actor.account_id or request.actor.may(Permission.TRAIL_SEE),
        )
        for row in rows
    ]
    return render(request, "lists/desk/groups.html", {"listed": listed})


@require_safe
@desk(Permission.RESIDENTS_SEE)
def group(request: Request, group_id: UUID) -> HttpResponse:
    """Who is in a group today: the list of people, narrowed as it was kept."""
    row = _group(request, group_id)
    asked = Asked(queries.conditions_of(row), "", listing.columns_of(row.columns), row.sort)
    return people_page(request, asked, group=row)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_SEE)
def save(request: Request) -> HttpResponse:
    """Keep the list of the address as a group."""
    asked = Asked.of(request.GET)
    form = SaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.save_group(
                request.actor,
                name=form.cleaned_data["name"],
                conditions=asked.conditions,
                columns=[column.code for column in asked.columns],
                sort=asked.sort,
                is_shared=form.cleaned_data["is_shared"],
            )
        except (Invalid, actions.NameTaken) as problem:
            form.add_error("name", problem.message)
        else:
            return redirect("lists:group", made.pk)
    words = [each.words for each in asked.conditions if each.is_whole]
    context = {"form": form, "words": words, "query": asked.query()}
    return render(request, "lists/desk/save.html", context, status=Invalid.status if form.errors else 200)


@require_POST
@desk(Permission.RESIDENTS_SEE)
def drop(request: Request, group_id: UUID) -> HttpResponse:
    actions.drop_group(request.actor, group=_group(request, group_id))
    return redirect("lists:groups")


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_EXPORT)
def export(request: Request) -> HttpResponse:
    """Ask for the list of the address as a file."""
    asked = Asked.of(request.GET)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.ask_export(
                request.actor,
                name=(request.POST.get("name") or "居民名单").strip()[:24],
                conditions=asked.conditions,
                door=asked.door,
                columns=request.POST.getlist("col"),
                sort=asked.sort,
                is_unmasked=form.cleaned_data["is_unmasked"],
                reason=form.cleaned_data["reason"],
            )
        except Problem as problem:
            form.add_error("reason", problem.message)
        else:
            return redirect("lists:export_page", made.pk)
    count = asked.rows(request.actor).order_by().count()
    chosen = {column.code for column in asked.columns}
    context = {
        "form": form,
        "words": [each.words for each in asked.conditions if each.is_whole],
        "query": asked.query(),
        "count": count,
        "limit": TWO_PERSONS_ABOVE,
        "hours": KEPT_HOURS,
        "columns": [(column, column.code in chosen) for column in listing.COLUMNS.values() if column.code != "name"],
        "may_reveal": request.actor.may(Permission.RESIDENTS_REVEAL),
    }
    return render(request, "lists/desk/export.html", context, status=Invalid.status if form.errors else 200)


@require_safe
@desk(Permission.RESIDENTS_EXPORT)
def exports(request: Request) -> HttpResponse:
    """One's own exports, and others' that wait for one's word."""
    rows = list(queries.exports_visible_to(request.actor)[:SHOWN])
    names = display_names(row.made_by for row in rows)
    waiting = set(queries.exports_waiting_for(request.actor).values_list("pk", flat=True))
    listed = [(row, names.get(row.made_by, ""), row.pk in waiting) for row in rows]
    return render(request, "lists/desk/exports.html", {"listed": listed, "waiting": len(waiting)})


@require_safe
@desk(Permission.RESIDENTS_EXPORT)
def export_page(request: Request, export_id: UUID) -> HttpResponse:
    """One export where it stands."""
    return _export_page(request, _export(request, export_id))


def _export_page(
    request: Request, row: Export, *, password: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    names = display_names([row.made_by, row.decided_by])
    context = {
        "export": row,
        "words": queries.words_of(row),
        "columns": [listing.COLUMNS[code].label for code in row.columns if code in listing.COLUMNS],
        "asker": names.get(row.made_by, ""),
        "decider": names.get(row.decided_by, "") if row.decided_by else "",
        "is_mine": row.made_by == request.actor.account_id,
        "may_decide": row.state == ExportState.WAITING
        and row.made_by != request.actor.account_id
        and request.actor.may(Permission.EXPORTS_AGREE),
        "may_fetch": queries.may_fetch(request.actor, row),
        "has_password": row.password is not None,
        "password": password,
        "problem": problem,
        "form": DecideForm(),
        "limit": TWO_PERSONS_ABOVE,
    }
    return render(request, "lists/desk/export_page.html", context, status=status)


@require_POST
@desk(Permission.EXPORTS_AGREE)
def decide(request: Request, export_id: UUID) -> HttpResponse:
    row, form = _export(request, export_id), DecideForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    is_agreed = request.POST.get("say") == "yes"
    if not is_agreed and len(answer) < 2:
        return _export_page(request, row, problem="不同意的话，请写一句为什么，对方好知道怎么改。", status=422)
    actions.decide_export(request.actor, export=row, is_agreed=is_agreed, answer=answer)
    return redirect("lists:export_page", row.pk)


@require_POST
@desk(Permission.RESIDENTS_EXPORT)
def password(request: Request, export_id: UUID) -> HttpResponse:
    """The password on this answer alone."""
    row = _export(request, export_id)
    shown = actions.show_password(request.actor, export=row)
    row.refresh_from_db()
    return _export_page(request, row, password=shown)


@require_POST
@desk(Permission.RESIDENTS_EXPORT)
def fetch(request: Request, export_id: UUID) -> HttpResponseBase:
    """The file, to its asker, while it lies ready."""
    row = _export(request, export_id)
    stored = actions.fetch_file(request.actor, export=row)
    # Whoever is in the file was looked at, as on any list.
    reading.shown(queries.people_of(request.actor, row).order_by().values_list("pk", flat=True))
    response = FileResponse(
        uploads.open_stored(Path(settings.LINLI_FILES), stored.path), content_type=stored.media_type
    )
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name)}"
    response["Content-Length"] = str(stored.size_bytes)
    return response
