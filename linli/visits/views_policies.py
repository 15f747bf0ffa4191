"""What the secretary decides, and the month's rate."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, show
from linli.residents.queries import ResidentCard, cards_of, residents_visible_to

from . import actions, queries
from .forms import PolicyForm, RoundForm, month_asked
from .models import Channel, ExtraRound, Risk, VisitPolicy

PAGE_SIZE = 30
WHO = {"missing": "还没走到", "visited": "走到了", "all": "全部"}


@require_safe
@desk(Permission.VISITS_SEE)
def rate(request: Request) -> HttpResponse:
    """The month's rate by sub-area and by risk; `who` opens the list behind a figure."""
    month = month_asked(request.GET.get("month", ""), clock.today())
    who, risk = request.GET.get("who", ""), request.GET.get("risk", "")
    area = parse_uuid(request.GET.get("sub_area", ""))
    page = None
    cards: list[ResidentCard] = []
    sees_people = request.actor.may(Permission.RESIDENTS_SEE)
    if who in WHO and sees_people:
        known = risk if risk in Risk.values else ""
        rows = queries.people_of_rate(request.actor, month, who=who, area=str(area) if area else "", risk=known)
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        cards = cards_of(residents_visible_to(request.actor).filter(pk__in=[row.pk for row in page.object_list]))
    context = {
        "rate": queries.month_rate(request.actor, month),
        "page": page,
        "cards": cards,
        "who": who,
        "who_words": WHO.get(who, ""),
        "sees_people": sees_people,
        "now": clock.now(),
    }
    return show(request, "visits/desk/rate.html", "list", context)


@require_safe
@desk(Permission.VISITS_KEEP)
def policies(request: Request) -> HttpResponse:
    """The rules with how many people each lists today, and the switch for extra rounds."""
    return _policies_page(request, RoundForm())


def _policies_page(request: Request, form: RoundForm) -> HttpResponse:
    rows, here = list(queries.policies_in_force()), queries.at_home()
    context = {
        "listed": [
            (row, queries.words_of_policy(row), len(queries.roll_of(row, among=here)), _ways(row)) for row in rows
        ],
        "rounds": queries.rounds_in_force(),
        "form": form,
    }
    return render(request, "visits/desk/policies.html", context, status=Invalid.status if form.errors else 200)


def _ways(policy: VisitPolicy) -> str:
    return "、".join(Channel(each).label for each in policy.channels)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.VISITS_KEEP)
def add(request: Request) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.VISITS_KEEP)
def policy(request: Request, policy_id: UUID) -> HttpResponse:
    return _edit(request, _policy(policy_id))


def _edit(request: Request, row: VisitPolicy | None) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None, actor=request.actor, policy=row)
    if form.is_valid():
        try:
            if row is None:
                actions.add_policy(request.actor, facts=form.facts)
            else:
                actions.change_policy(request.actor, policy=row, facts=form.facts)
            return redirect("visits:policies")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    context = {"form": form, "policy": row, "kept": [each.words for each in form.kept]}
    return render(request, "visits/desk/policy.html", context, status=Invalid.status if form.errors else 200)


def _policy(policy_id: UUID) -> VisitPolicy:
    row = queries.policies_in_force().filter(pk=policy_id).first()
    if row is None:
        raise NotFound("没有找到这条规则，可能已经停用。请回到走访规则看看。")
    return row


@require_POST
@desk(Permission.VISITS_KEEP)
def end(request: Request, policy_id: UUID) -> HttpResponse:
    actions.end_policy(request.actor, policy=_policy(policy_id))
    return redirect("visits:policies")


@require_POST
@desk(Permission.VISITS_KEEP)
def start_round(request: Request) -> HttpResponse:
    form = RoundForm(request.POST)
    if form.is_valid():
        try:
            actions.start_round(request.actor, **form.cleaned_data)
            return redirect("visits:policies")
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return _policies_page(request, form)


@require_POST
@desk(Permission.VISITS_KEEP)
def end_round(request: Request, round_id: UUID) -> HttpResponse:
    row = ExtraRound.objects.filter(pk=round_id).first()
    if row is None:
        raise NotFound("没有找到这次加访。请回到走访规则看看。")
    actions.end_round(request.actor, extra=row)
    return redirect("visits:policies")
