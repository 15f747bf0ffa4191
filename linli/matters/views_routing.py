"""The desk: where matters go, and who is there: the secretary's rules with a try, absences and cover, giving one out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.accounts import actions as accounts
from linli.accounts import queries as people
from linli.accounts import queries_duty as duty
from linli.accounts.models import Account
from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms_routing import AbsenceForm, RuleForm, TryForm
from .models import Queue, RoutingRule


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_ARRANGE)
def routing(request: Request) -> HttpResponse:
    """The rules in their order. POST tries one out: nothing of it stands in the address, and nothing is changed."""
    form, tried, status = TryForm(request.POST or None), None, 200
    if request.method == "POST":
        status = 200 if form.is_valid() else 422
        if form.is_valid():
            data = form.cleaned_data
            kind, spot = form.tree.by_code[data["kind"]], queries.spot_named(data["where"])
            tried = queries.try_out(kind, source=data["source"], building=spot.building)
    rows = list(queries.rules_in_order())
    named = people.display_names([rule.person for rule in rows])
    context = {
        "rules": [(rule, _asks(rule), named.get(rule.person, "") if rule.person else "") for rule in rows],
        "on": sum(rule.is_on for rule in rows),
        "form": form,
        "tried": tried,
        "to": _to(tried) if tried else "",
    }
    return render(request, "matters/desk/routing.html", context, status=status)


def _to(tried: queries.Tried) -> str:
    if tried.person:
        return f"{tried.person}，等接单"
    return "后台社工" if tried.placed.queue == Queue.BACK else "片区专员"


def _asks(rule: RoutingRule) -> str:
    """What a rule asks, in words; a rule that asks nothing fits every matter."""
    parts = [
        rule.kind.name if rule.kind else "",
        rule.sub_area.name if rule.sub_area else "",
        dict(queries.SOURCES).get(rule.source, ""),
        dict(queries.GRADES).get(rule.grade, ""),
    ]
    if rule.pattern == "like":
        parts.append(f"近 {rule.days} 天{rule.get_within_display()}满 {rule.at_least} 件同类")
    elif rule.pattern == "new":
        parts.append(f"近 {rule.days} 天没有过")
    return "，".join(filter(None, parts)) or "所有的事"


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_ARRANGE)
def add_rule(request: Request) -> HttpResponse:
    return _rule_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.MATTERS_ARRANGE)
def rule(request: Request, rule_id: UUID) -> HttpResponse:
    return _rule_page(request, _rule(rule_id))


def _rule_page(request: Request, row: RoutingRule | None) -> HttpResponse:
    form, status = RuleForm(request.POST or None, rule=row), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if row is None:
                    actions.add_rule(request.actor, **form.said)
                else:
                    actions.change_rule(request.actor, rule=row, **form.said)
                return redirect("matters:routing")
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return render(request, "matters/desk/rule.html", {"form": form, "rule": row}, status=status)


@require_POST
@desk(Permission.MATTERS_ARRANGE)
def shift_rule(request: Request, rule_id: UUID) -> HttpResponse:
    actions.shift_rule(request.actor, rule=_rule(rule_id), by=-1 if request.POST.get("to") == "up" else 1)
    return redirect("matters:routing")


@require_POST
@desk(Permission.MATTERS_ARRANGE)
def switch_rule(request: Request, rule_id: UUID) -> HttpResponse:
    actions.switch_rule(request.actor, rule=_rule(rule_id), is_on=request.POST.get("to") == "on")
    return redirect("matters:routing")


def _rule(rule_id: UUID) -> RoutingRule:
    row = queries.rules_in_order().filter(pk=rule_id).first()
    if row is None:
        raise NotFound("没有找到这条规则。请回到分派规则里再选。")
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.POSTS_GRANT)
def on_duty(request: Request) -> HttpResponse:
    """Who is there, with what they have in hand; who is away, and who stands in."""
    loads, today = queries.loads(), clock.today()
    form, status = AbsenceForm(loads, today, request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _note(request, form.cleaned_data)
                return redirect("matters:on_duty")
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    absences = list(duty.absences_visible_to(request.actor))
    names = people.display_names([key for a in absences for key in (a.account_id, a.cover_id)])
    context = {
        "loads": loads,
        "here": sum(load.away_until is None for load in loads),
        "late": sum(load.late for load in loads),
        "absences": [
            (a, names.get(a.account_id, ""), names.get(a.cover_id, "") if a.cover_id else "", a.until_on - DAY)
            for a in absences
        ],
        "form": form,
    }
    return render(request, "matters/desk/on_duty.html", context, status=status)


DAY = timedelta(days=1)


def _note(request: Request, data: dict[str, Any]) -> None:
    keys = [UUID(data["who"]), *([UUID(data["cover"])] if data["cover"] else [])]
    found = {account.pk: account for account in Account.objects.filter(pk__in=keys)}
    accounts.note_absence(
        request.actor,
        account=found[keys[0]],
        community=request.community,
        from_on=data["from_on"],
        until_on=data["last_on"] + DAY,
        cover=found[keys[1]] if data["cover"] else None,
    )


@require_POST
@desk(Permission.POSTS_GRANT)
def end_absence(request: Request, absence_id: UUID) -> HttpResponse:
    """She is back today."""
    absence = duty.absences_visible_to(request.actor).filter(pk=absence_id).first()
    if absence is None:
        raise NotFound("没有找到这条登记，可能已经结束。请回到“谁在岗”看看。")
    accounts.end_absence(request.actor, absence=absence)
    return redirect("matters:on_duty")
