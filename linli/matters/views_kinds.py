"""The desk: the secretary arranges what may be reported, what each kind asks, and what an answer to it looks like."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms_kinds import KindForm, NewKindForm
from .models import MatterKind


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_ARRANGE)
def kinds(request: Request) -> HttpResponse:
    """The whole tree, and adding one."""
    tree = queries.all_kinds()
    form = NewKindForm(tree, request.POST or None, initial={"parent": request.GET.get("under", "")[:24]})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.add_kind(request.actor, name=form.cleaned_data["name"], parent=form.above)
                return redirect("matters:kind", made.pk)
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    used = queries.kinds_in_use()
    tops = [(top, [(kind, used.get(kind.pk, 0)) for kind in tree.rows if top.code in kind.path]) for top in tree.tops]
    context = {"tops": tops, "form": form, "offered": sum(kind.is_offered for kind in tree.rows)}
    return render(request, "matters/desk/kinds.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_ARRANGE)
def kind(request: Request, kind_id: UUID) -> HttpResponse:
    """One kind: everything that may be said of it. What is left empty is as above."""
    tree = queries.all_kinds()
    row = _kind(tree, kind_id)
    form, status = KindForm(row, tree, request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.move_kind(request.actor, kind=row, parent=form.above)
                actions.change_kind_settings(request.actor, kind=row, **form.changes)
                return redirect("matters:kinds")
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    line = [each.name for each in queries.with_those_above(row)]
    context = {"kind": row, "form": form, "line": line, "has_below": any(k.parent_id == row.pk for k in tree.rows)}
    return render(request, "matters/desk/kind.html", context, status=status)


@require_POST
@desk(Permission.MATTERS_ARRANGE)
def shift_kind(request: Request, kind_id: UUID) -> HttpResponse:
    """One place up or down among those beside it."""
    row = _kind(queries.all_kinds(), kind_id)
    actions.shift_kind(request.actor, kind=row, by=-1 if request.POST.get("to") == "up" else 1)
    response = redirect("matters:kinds")
    response["Location"] += f"#{row.path[0]}"
    return response


def _kind(tree: queries.KindTree, kind_id: UUID) -> MatterKind:
    row = next((kind for kind in tree.rows if kind.pk == kind_id), None)
    if row is None:
        raise NotFound("没有找到这一类。请回到类别清单里再选。")
    return row
