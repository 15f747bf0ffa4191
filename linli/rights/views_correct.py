"""这里写错了: one field of one's own record, asked to be put right; a colleague looks at it and answers."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.errors import Problem
from linli.core.guards import signed_in
from linli.core.web import Request
from linli.residents import actions as residents
from linli.residents.actions.corrections import CORRECTABLE
from linli.residents.queries import corrections_visible_to, residents_visible_to
from linli.residents.records import label_of

from .forms import CorrectForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def correct(request: Request, resident_id: UUID, field: str) -> HttpResponse:
    """What it should be and why. Nothing changes before somebody agreed."""
    people = residents_visible_to(request.actor).filter(pk__in=request.actor.speaks_for)
    resident = get_object_or_404(people, pk=resident_id)
    if field not in CORRECTABLE:
        raise Http404
    label = label_of(field)
    form, status = CorrectForm(request.POST or None, field=field, label=label), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                data = form.cleaned_data
                residents.request_correction(request.actor, resident, field, data["value"], data["because"])
                return redirect("rights:requests")
        except Problem as problem:
            named = {field: "value"}.get(problem.field or "", problem.field)
            form.add_error(named if named in form.fields else "value", problem.message)
            status = problem.status
    return render(
        request, "rights/resident/correct.html", {"form": form, "label": label, "resident": resident}, status=status
    )


@require_POST
@signed_in
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """I need it no longer."""
    mine = corrections_visible_to(request.actor).filter(resident__in=request.actor.speaks_for)
    residents.withdraw_correction(request.actor, request=get_object_or_404(mine, pk=request_id))
    return redirect("rights:requests")
