"""Consents: one's own page, and what staff write down of paper and of a child's guardian."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Problem
from linli.core.guards import desk, signed_in
from linli.core.web import Request
from linli.residents.actions import name_guardian
from linli.residents.models import Resident
from linli.residents.queries import card_of, residence_of, residents_visible_to, who_lives_in

from . import actions, queries, rules
from .forms import GuardianForm, PaperForm
from .models import LegalHold, Way


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """What those I speak for agreed to, in which words; each is taken back by one button."""
    people = [
        (resident, queries.consents_of(resident), actions.may_decide_for(request.actor, resident))
        for resident in queries.own_residents(request.actor)
    ]
    lines = [line for _, lines, _ in people for line in lines]
    context = {
        "people": people,
        "given": sum(line.state == "given" for line in lines),
        "again": sum(line.state == "again" for line in lines),
    }
    return render(request, "rights/resident/consents.html", context)


@require_POST
@signed_in
def decide(request: Request, resident_id: UUID, purpose: str, step: str) -> HttpResponse:
    """Agree (to the version that was shown) or take it back."""
    people = residents_visible_to(request.actor).filter(pk__in=request.actor.speaks_for)
    resident = get_object_or_404(people, pk=resident_id)
    if step == "give":
        version = request.POST.get("version", "")
        actions.give_consent(
            request.actor, resident=resident, purpose=purpose, version=int(version) if version.isdecimal() else 0
        )
    elif step == "withdraw":
        actions.withdraw_consent(request.actor, resident=resident, purpose=purpose)
    else:
        raise Http404
    return redirect("rights:consents")


def _person(request: Request, resident_id: UUID) -> Resident:
    return get_object_or_404(residents_visible_to(request.actor), pk=resident_id)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RIGHTS_HANDLE)
def person(request: Request, resident_id: UUID) -> HttpResponse:
    """A person's consents on the desk: paper is written down, or taken back when she says so."""
    resident = _person(request, resident_id)
    if request.method == "POST":
        form = PaperForm(request.POST)
        if not form.is_valid():
            return _page(request, resident, status=422, problem="请选是签了字，还是当面说的。")
        data = form.cleaned_data
        try:
            if "withdraw" in request.POST:
                actions.withdraw_consent(
                    request.actor, resident=resident, purpose=data["purpose"], way=data["way"] or Way.SPOKEN
                )
            else:
                guardian = residents_visible_to(request.actor).filter(pk=data["guardian"]).first()
                actions.give_consent(request.actor, resident=resident, guardian=guardian, **_without_guardian(data))
        except Problem as problem:
            return _page(request, resident, status=problem.status, problem=problem.message)
        return redirect("rights:person_consents", resident.pk)
    return _page(request, resident)


def _without_guardian(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "guardian"}


@require_POST
@desk(Permission.RIGHTS_HANDLE)
def guardian(request: Request, resident_id: UUID) -> HttpResponse:
    """Staff saw who speaks for the child."""
    resident = _person(request, resident_id)
    form = GuardianForm(request.POST, adults=_adults(request, resident))
    try:
        if form.is_valid():
            adult = get_object_or_404(residents_visible_to(request.actor), pk=form.cleaned_data["guardian"])
            name_guardian(request.actor, resident=resident, guardian=adult, on=clock.today())
            return redirect("rights:person_consents", resident.pk)
    except Problem as problem:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        return _page(request, resident, status=problem.status, form=form)
    return _page(request, resident, status=422, form=form)


@require_POST
@desk(Permission.RIGHTS_HANDLE)
def hold(request: Request, resident_id: UUID) -> HttpResponse:
    """Nothing of the person is deleted while a court or a complaint asks for it; or no longer."""
    resident = _person(request, resident_id)
    try:
        if "lift" in request.POST:
            actions.lift_hold(request.actor, resident=resident)
        else:
            actions.hold(request.actor, resident=resident, because=request.POST.get("because", ""))
    except Problem as problem:
        return _page(request, resident, status=problem.status, problem=problem.message)
    return redirect("rights:person_consents", resident.pk)


def _adults(request: Request, child: Resident) -> list[tuple[UUID, str]]:
    """Who lives behind the child's door and is of age: among them is mostly the guardian. Masked, as on every list."""
    residence = residence_of(child)
    if residence is None:
        return []
    today = clock.today()
    at_home = residents_visible_to(request.actor).filter(pk__in=who_lives_in(residence.dwelling).values("pk"))
    adults = [each for each in at_home.exclude(pk=child.pk) if not rules.is_under(18, each.birth_on, today)]
    return [(each.pk, card_of(each).name) for each in adults]


def _page(request: Request, resident: Resident, *, status: int = 200, **more: Any) -> HttpResponse:
    is_child = rules.needs_guardian(resident.birth_on, clock.today())
    guardians = [(row, card_of(row.other)) for row in queries.guardians_of(resident)] if is_child else []
    context = {
        "resident": resident,
        "card": card_of(resident),
        "lines": queries.consents_of(resident),
        "is_child": is_child,
        "guardians": guardians,
        "hold": LegalHold.objects.filter(resident=resident, lifted_at=None).first(),
        "form": GuardianForm(adults=_adults(request, resident)) if is_child else None,
        **more,
    }
    return render(request, "rights/desk/person.html", context, status=status)
