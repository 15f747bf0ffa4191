"""Importing a roster at the desk: send the file, say what was not recognised, look at what it would do, let it, or take it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import files, live
from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, show

from . import actions, queries, returning
from .forms import ColumnsForm, UploadForm
from .models import Decision, Import, ImportRow, State, Verdict
from .rules.columns import Verdict as ColumnVerdict

PAGE_SIZE = 20
UNDER_WAY = (State.CHECKING, State.RUNNING, State.UNDOING)
TABS = (Verdict.DOUBTFUL, Verdict.WRONG, Verdict.CHANGED, Verdict.NEW, Verdict.SAME)


def _visible(request: Request, import_id: UUID) -> Import:
    batch = queries.imports_visible_to(request.actor).filter(pk=import_id).first()
    if batch is None:
        raise NotFound("没有找到这次导入。可以回到“导入花名册”看看有哪些。")
    return batch


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.REGISTER_IMPORT)
def imports(request: Request) -> HttpResponse:
    """The imports so far, and the box for the next file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.take_in(
                request.actor, content=file.read(), name=file.name, sender=form.cleaned_data["sender"]
            )
        except Problem as problem:
            form.add_error("file", problem.message)
        else:
            return redirect("imports:page", made[0].pk) if len(made) == 1 else redirect("imports:list")
    page = Paginator(queries.imports_visible_to(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "imports/desk/list.html", {"form": form, "page": page}, status=status)


@require_safe
@desk(Permission.REGISTER_IMPORT)
def page(request: Request, import_id: UUID) -> HttpResponse:
    """One import where it stands: its columns, its progress, its verdicts, its end."""
    batch = _visible(request, import_id)
    if batch.state == State.READ or (batch.state == State.CHECKED and "columns" in request.GET):
        return _columns_page(request, batch, ColumnsForm(batch))
    return _state_page(request, batch)


def _columns_page(request: Request, batch: Import, form: ColumnsForm, *, status: int = 200) -> HttpResponse:
    asked = sum(column.verdict is ColumnVerdict.ASKED for column in form.columns)
    return render(request, "imports/desk/columns.html", {"batch": batch, "form": form, "asked": asked}, status=status)


def _state_page(request: Request, batch: Import, *, problem: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "batch": batch,
        "is_under_way": batch.state in UNDER_WAY,
        "asked_for": request.GET.get("show", ""),
        "refused": problem,
        **(_going_on(batch) if batch.state in UNDER_WAY else _standing(request, batch)),
        **live.context_for(request.community_code, live.position()),
    }
    return show(request, "imports/desk/page.html", "state", context, status=status)


def _going_on(batch: Import) -> dict[str, Any]:
    """While it is worked on: how far, and nothing that costs; the page asks every two seconds."""
    return {"progress": queries.progress_of(batch)}


def _standing(request: Request, batch: Import) -> dict[str, Any]:
    if batch.let_go_at is not None:
        return {"counts": None, "written": batch.rows_total if batch.state == State.DONE else 0}
    counts = queries.counts_of(batch)
    written = ImportRow.objects.filter(batch=batch, is_applied=True)
    # What wants a person stands first; once all is written, what was written does.
    tabs = [
        (tab.value, tab.label, counts[tab.value])
        for tab in (TABS if batch.state == State.CHECKED else TABS[2:] + TABS[:2])
    ]
    is_kept = batch.state == State.UNDONE and written.exists()
    if is_kept:
        tabs = [("kept", "没有撤销", written.count())]
    wanted = request.GET.get("show") or next((value for value, _, count in tabs if count), "new")
    rows = written if is_kept else ImportRow.objects.filter(batch=batch, verdict=wanted)
    listed = Paginator(rows.order_by("number"), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "counts": counts,
        "wanted": wanted,
        "tabs": tabs,
        "page": listed,
        "rows": queries.rows_shown(request.actor, listed.object_list),
        "doubts": queries.doubts_of(batch) if wanted == Verdict.DOUBTFUL and batch.state == State.CHECKED else [],
        "writes": queries.to_write(batch).count(),
        "written": written.count(),
        "may_undo": queries.may_undo(batch),
        "undo_days": queries.UNDO_DAYS,
        "has_file": bool(files.files_of(batch)),
    }


@require_POST
@desk(Permission.REGISTER_IMPORT)
def columns(request: Request, import_id: UUID) -> HttpResponse:
    batch = _visible(request, import_id)
    form = ColumnsForm(batch, request.POST)
    if form.is_valid():
        try:
            actions.confirm_columns(request.actor, batch=batch, mapping=form.mapping)
            return redirect("imports:page", batch.pk)
        except (actions.NameMissing, actions.ColumnTwice) as problem:
            form.add_error(None, problem.message)
    return _columns_page(request, batch, form, status=422)


@require_POST
@desk(Permission.REGISTER_IMPORT)
def decide(request: Request, import_id: UUID) -> HttpResponse:
    batch = _visible(request, import_id)
    decision = Decision(request.POST["decision"]) if request.POST.get("decision") in Decision.values else Decision.SKIP
    if request.POST.get("all"):
        rows = ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL, decision="")
        numbers = list(rows.values_list("number", flat=True))
    elif (like := request.POST.get("like", "")).isdecimal() and len(like) < 9:
        numbers = queries.undecided_like(batch, int(like))
    else:
        numbers = [int(text) for text in request.POST.getlist("number") if text.isdecimal() and len(text) < 9]
    person = parse_uuid(request.POST.get("person", ""))
    actions.decide(request.actor, batch=batch, numbers=numbers, decision=decision, resident=person)
    return redirect("imports:page", batch.pk)


def _do(request: Request, import_id: UUID, act: Any) -> HttpResponse:
    batch = _visible(request, import_id)
    try:
        act(request.actor, batch=batch)
    except (actions.StillUndecided, actions.SamePersonTwice, actions.NothingToImport, actions.TooLateToUndo) as problem:
        return _state_page(request, batch, problem=problem.message, status=problem.status)
    return redirect("imports:page", import_id)


@require_POST
@desk(Permission.REGISTER_IMPORT)
def start(request: Request, import_id: UUID) -> HttpResponse:
    return _do(request, import_id, actions.start)


@require_POST
@desk(Permission.REGISTER_IMPORT)
def drop(request: Request, import_id: UUID) -> HttpResponse:
    return _do(request, import_id, actions.drop)


@require_POST
@desk(Permission.REGISTER_IMPORT)
def undo(request: Request, import_id: UUID) -> HttpResponse:
    """Take it back, or stop it and take back what was written; who could not be taken back is listed then."""
    return _do(request, import_id, actions.undo)


@require_safe
@desk(Permission.REGISTER_IMPORT)
def wrong(request: Request, import_id: UUID) -> HttpResponse:
    """The rows with something wrong, in the sheet's own layout with red cells and one more column that says why."""
    batch = _visible(request, import_id)
    response = HttpResponse(returning.wrong_rows(request.actor, batch), content_type=returning.XLSX)
    name = batch.name.rpartition(".")[0] or batch.name
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}-{quote('要改的行')}.xlsx"
    response["Cache-Control"] = "private, no-store"
    return response
