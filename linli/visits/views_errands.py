"""A volunteer's own list: a name, a door, what to ask, until when. Only hers, and only while it lasts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.errors import Invalid, Problem
from linli.core.guards import signed_in
from linli.core.web import Request

from . import actions, queries
from .forms import ErrandForm


@require_safe
@signed_in
def errands(request: Request) -> HttpResponse:
    rows = queries.errand_rows(queries.errands_of(request.actor))
    return render(request, "visits/resident/errands.html", {"rows": rows, "is_done": request.GET.get("done") == "1"})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def errand(request: Request, errand_id: UUID) -> HttpResponseBase:
    rows = queries.errand_rows(queries.errands_of(request.actor).filter(pk=errand_id))
    if not rows:
        raise actions.ErrandOver()
    row = rows[0]
    form = ErrandForm(request.POST if request.method == "POST" else None, questions=row.questions)
    if form.is_valid():
        try:
            actions.do_errand(request.actor, errand_id=errand_id, **form.said)
            return redirect(f"{redirect('errands:list').url}?done=1")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    status = Invalid.status if form.errors else 200
    return render(request, "visits/resident/errand.html", {"row": row, "form": form}, status=status)
