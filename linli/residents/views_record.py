"""One person on the desk, masked: what is held, since when, from whom, how sure. Confirmed with one tap, revealed for a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, show

from . import actions, queries, records
from .forms import RevealForm
from .forms_record import ConfirmForm
from .models import Residence, Resident


@dataclass(frozen=True)
class Panel:
    """A section of the page that another app answers for: its template, and what it is about (`panel.about`)."""

    template: str
    about: Any


PAGE = "residents/desk/page.html"
PANELS: list[Callable[[Request, Resident], Panel | None]] = []
"""What apps above add to the page; each answers None where it has nothing to say to this reader."""
TRAIL_SHOWN = 12


def visible(request: Request, resident_id: UUID) -> Resident:
    """The resident, or a 404 in words."""
    resident = queries.residents_visible_to(request.actor).filter(pk=resident_id).first()
    if resident is None:
        raise NotFound("没有找到这位居民。可能是网址少了几个字，或这位居民不住在您的片区。请在居民清单里再找一次。")
    return resident


@require_safe
@desk(Permission.RESIDENTS_SEE)
def resident(request: Request, resident_id: UUID) -> HttpResponse:
    """One person, masked. `?see=phone` has that field chosen in the form that reveals one."""
    if survivor := queries.survivor_of(resident_id):
        return redirect("residents:page", survivor)
    row = visible(request, resident_id)
    form = RevealForm(resident=row, initial={"field": request.GET.get("see", "")})
    return show(request, PAGE, "body", _page(request, row, form))


@require_POST
@desk(Permission.RESIDENTS_REVEAL)
def reveal(request: Request, resident_id: UUID) -> HttpResponse:
    """One field in full, on this answer alone: going back or reloading masks it again."""
    row = visible(request, resident_id)
    form = RevealForm(request.POST, resident=row)
    revealed: dict[str, str] = {}
    if form.is_valid():
        field = form.cleaned_data["field"]
        try:
            value = actions.reveal(request.actor, resident=row, field=field, reason=form.cleaned_data["reason"])
            revealed = {"label": actions.REVEALED[field], "value": value}
        except actions.ReasonNeeded as problem:
            form.add_error("reason", problem.message)
        except actions.NothingToReveal as problem:
            form.add_error("field", problem.message)
    context = _page(request, row, RevealForm(resident=row) if revealed else form) | {"revealed": revealed}
    return show(request, PAGE, "body", context, status=200 if revealed else Invalid.status)


@require_POST
@desk(Permission.RESIDENTS_LINK)
def confirm(request: Request, resident_id: UUID) -> HttpResponse:
    """Still so: the whole record, or what the pressed button names (a field, or a home as `home:<id>`)."""
    row, form = visible(request, resident_id), ConfirmForm(request.POST)
    try:
        if not form.is_valid():
            raise actions.HowUnknown(field="how")
        how, what = form.cleaned_data["how"], form.cleaned_data["what"]
        _confirm(request, row, what, how)
    except Problem as problem:
        form.add_error("how", problem.message)
        context = _page(request, row, RevealForm(resident=row)) | {"confirm": form}
        return show(request, PAGE, "body", context, status=problem.status)
    back = parse_uuid(request.POST.get("back", ""))
    return redirect("residents:fresh_building", back) if back else redirect("residents:page", resident_id)


def _confirm(request: Request, row: Resident, what: str, how: str) -> None:
    if what.startswith("home:"):
        homes = {str(home.pk): home for home in Residence.objects.filter(resident=row).select_related("resident")}
        home = homes.get(what.removeprefix("home:"))
        if home is None:
            raise NotFound()
        actions.confirm_home(request.actor, residence=home, how=how)
    elif what:
        actions.confirm_field(request.actor, resident=row, field=what, how=how)
    else:
        actions.confirm_record(request.actor, resident=row, how=how)


def _page(request: Request, row: Resident, form: RevealForm) -> dict[str, Any]:
    waiting, categories = records.waiting_for(row), records.memberships_of(row)
    return {
        "resident_id": row.pk,
        "card": queries.card_of(row),
        "groups": records.groups_of(row, waiting),
        "age": records.age_of_record(row),
        "due": records.due_fields(row),
        "check_by": row.check_by,
        "papers": records.papers_of(row),
        "residences": records.stays_of(row),
        "categories": [each for each in categories if each.is_open],
        "ended": [each for each in categories if not each.is_open],
        "waiting": [(each, records.asked_in_words(each)) for each in waiting],
        "form": form,
        "confirm": ConfirmForm(),
        "may_reveal": request.actor.may(Permission.RESIDENTS_REVEAL),
        "may_keep": request.actor.may(Permission.RESIDENTS_LINK),
        "may_handle_rights": request.actor.may(Permission.RIGHTS_HANDLE),
        "trail": records.happenings_of(row, most=TRAIL_SHOWN),
        "today": clock.today(),
        "died_on": row.died_on,
        "behalf_url": _behalf_url(request, row),
        "panels": [panel for each in PANELS if (panel := each(request, row)) is not None],
    }


def _behalf_url(request: Request, row: Resident) -> str:
    """Where one reports for this person; "" for who may not, and where no app above offers it."""
    if not request.actor.may(Permission.MATTERS_REPORT_FOR_OTHERS) or row.died_on:
        return ""
    try:
        return f"{reverse('matters:desk_report')}?resident={row.pk}"
    except NoReverseMatch:
        return ""
