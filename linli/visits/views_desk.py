"""Walking: what is due and in what order, one door in one pass, one person's visits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.accounts.queries import display_names
from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.tenancy import parse_uuid
from linli.core.web import Request, show
from linli.matters.queries import kinds_offered
from linli.places.models import Dwelling, SubArea
from linli.residents.models import Resident
from linli.residents.queries import card_of, is_bound_to_patch, residents_visible_to
from linli.residents.views_record import Panel

from . import actions, queries
from .actions.planning import colleagues_who_visit
from .forms import MemberForm, PlanForm, SessionForm
from .models import VisitPlan

PAGE_SIZE = 30
VIEWS = {"route": "今天的路", "late": "已经晚了", "soon": "七天内", "all": "全部"}
NO_DOOR = "没有找到这一户。可能不在您的片区，也没有交给您。请回到走访清单看看。"


def panel(request: Request, resident: Resident) -> Panel | None:
    """Visits on a person's page, for who walks."""
    if not request.actor.may(Permission.VISITS_MAKE) or resident.died_on is not None:
        return None
    return Panel("visits/parts/panel.html", queries.person_visits(request.actor, resident, most=3))


@require_safe
@desk(Permission.VISITS_MAKE)
def due(request: Request) -> HttpResponse:
    """Doors to walk to: the way of the day, or everything of one kind; `?give=1` to hand some over."""
    plans = queries.open_plans(request.actor)
    view, area = request.GET.get("view", "route"), request.GET.get("sub_area", "")
    areas = [] if is_bound_to_patch(request.actor) else list(SubArea.objects.order_by("order", "code"))
    chosen = next((each for each in areas if each.code == area), None)
    is_mine = request.GET.get("mine") == "1"
    rows = [
        row
        for row in queries.doors_due(plans)
        if (chosen is None or row.dwelling.entrance.building.grid.sub_area_id == chosen.pk)
        and (row.assignee == request.actor.account_id if is_mine else True)
    ]
    counts = queries.count_due(rows)
    view = view if view in VIEWS else "route"
    listed = _of_view(view, rows)
    page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in (("sub_area", area), ("mine", "1" if is_mine else "")) if value}
    context = {
        "views": [
            (code, words, f"?{urlencode({'view': code, **kept})}", _many(code, counts, rows))
            for code, words in VIEWS.items()
        ],
        "view": view,
        "counts": counts,
        "page": page,
        "names": display_names(row.assignee for row in page.object_list),
        "areas": areas,
        "chosen": chosen,
        "is_mine": is_mine,
        "is_giving": request.GET.get("give") == "1",
        "colleagues": _colleagues(request) if request.GET.get("give") == "1" else [],
        "volunteers": queries.volunteers() if request.GET.get("give") == "1" else [],
        "given": request.GET.get("given", ""),
        "is_missed": request.GET.get("missed") == "1",
        "walked": queries.walked_today(request.actor),
        "rounds": queries.rounds_in_force(),
        "may_keep": request.actor.may(Permission.VISITS_KEEP),
        "query": urlencode({"view": view, **kept}),
    }
    return show(request, "visits/desk/list.html", "list", context)


def _of_view(view: str, rows: list[queries.DoorRow]) -> list[queries.DoorRow]:
    today = clock.today()
    match view:
        case "late":
            return [row for row in rows if row.due_on < today]
        case "soon":
            return [row for row in rows if (row.due_on - today).days <= 7]
        case "all":
            return rows
    return queries.route_of(rows)


def _many(view: str, counts: queries.DueList, rows: list[queries.DoorRow]) -> int:
    match view:
        case "late":
            return counts.late
        case "soon":
            return counts.late + counts.soon + sum(row.is_today for row in rows)
        case "all":
            return counts.all
    return len(queries.route_of(rows))


def _colleagues(request: Request) -> list[tuple[UUID, str]]:
    ids = [each for each in colleagues_who_visit() if each != request.actor.account_id]
    names = display_names(ids)
    return [(each, names[each]) for each in ids if names.get(each)]


@require_POST
@desk(Permission.VISITS_MAKE)
def hand_over(request: Request) -> HttpResponse:
    """Give the doors that were ticked to a colleague, to a volunteer what is light of them, or all back to the patch."""
    doors = [found for text in request.POST.getlist("door") if (found := parse_uuid(text))]
    whom, _, key = request.POST.get("to", "").partition(":")
    to, back = parse_uuid(key), reverse("visits:list")
    if not doors or (to is None and whom != "patch"):
        return redirect(f"{back}?{urlencode({'view': 'all', 'give': '1', 'missed': '1'})}")
    behind = VisitPlan.objects.filter(resident__residences__in=queries.residences_behind(doors))
    if whom == "volunteer" and to is not None:
        count = actions.give_errands(request.actor, plans=behind, volunteer=to)
    else:
        count = actions.hand_over(request.actor, plans=behind, to=to)
        actions.end_errands(request.actor, plans=behind)
    return redirect(f"{back}?{urlencode({'view': 'all', 'given': count})}")


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.VISITS_MAKE)
def door(request: Request, dwelling_id: UUID) -> HttpResponseBase:
    """One door in one pass. `?same=1` fills in what was answered last time."""
    dwelling = Dwelling.objects.select_related("entrance__building__grid").filter(pk=dwelling_id).first()
    page = queries.door_page(request.actor, dwelling) if dwelling else None
    if dwelling is None or page is None:
        raise NotFound(NO_DOOR)
    kinds = {kind.code: kind for kind in kinds_offered()}
    is_post, is_same = request.method == "POST", request.GET.get("same") == "1"
    data = (request.POST, request.FILES) if is_post else ()
    form = SessionForm(*data, wants_photo=page.wants_photo)
    members = [MemberForm(each, kinds, *data, is_same=is_same) for each in page.members]
    if is_post and all([form.is_valid(), *(each.is_valid() for each in members)]):
        try:
            made = actions.record_session(
                request.actor,
                id=form.cleaned_data["id"],
                dwelling=dwelling,
                channel=form.cleaned_data["channel"],
                said=[said for each in members if (said := each.said)],
                photos=form.cleaned_data.get("photos") or [],
            )
            return redirect("visits:session", made.pk)
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    context = {
        "page": page,
        "form": form,
        "due": [each for each in members if each.member.is_due],
        "others": [each for each in members if not each.member.is_due],
        "is_same": is_same,
        "problems": [error for each in members for errors in each.errors.values() for error in errors],
        "kind_icons": {kind.code: kind.icon for kind in kinds.values()},
    }
    return render(request, "visits/desk/door.html", context, status=Invalid.status if is_post else 200)


@require_safe
@desk(Permission.VISITS_MAKE)
def session(request: Request, session_id: UUID) -> HttpResponse:
    """A pass as it was recorded, and where to go next."""
    row = queries.sessions_visible_to(request.actor).filter(pk=session_id).first()
    if row is None:
        raise NotFound(NO_DOOR)
    rows = queries.route_of(queries.doors_due(queries.open_plans(request.actor)))
    after = [each for each in rows if each.dwelling.pk != row.dwelling_id]
    place = (row.dwelling.entrance.building.number, row.dwelling.entrance.number, row.dwelling.floor, row.dwelling.room)
    onward = next((each for each in after if each.order > place), after[0] if after else None)
    context = {"page": queries.session_lines(row), "onward": onward, "left": len(after)}
    return render(request, "visits/desk/session.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.VISITS_MAKE)
def person(request: Request, resident_id: UUID) -> HttpResponse:
    """One person's visits; POST calls on her once more."""
    resident = residents_visible_to(request.actor).filter(pk=resident_id).first()
    if resident is None:
        raise NotFound("没有找到这位居民。可能不住在您的片区。请在居民清单里再找一次。")
    form = PlanForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.plan_visit(request.actor, resident=resident, **form.cleaned_data)
            return redirect("visits:person", resident_id)
        except Problem as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    context = {
        "visits": queries.person_visits(request.actor, resident, most=50),
        "card": card_of(resident),
        "form": form,
    }
    return render(request, "visits/desk/person.html", context, status=Invalid.status if form.errors else 200)


@require_POST
@desk(Permission.VISITS_MAKE)
def drop(request: Request, plan_id: UUID) -> HttpResponse:
    """This time she need not be called on."""
    plan: Any = queries.plans_visible_to(request.actor).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound("没有找到这次走访。可能已经走过了。请回到走访清单看看。")
    actions.drop_plan(request.actor, plan=plan, reason=request.POST.get("reason", ""))
    return redirect("visits:person", plan.resident_id)
