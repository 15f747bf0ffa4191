"""Changing everybody of a list: choose what, look at before and after, do it, and take it back as one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.accounts.queries import display_names
from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid, NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request
from linli.residents import check_rules
from linli.residents.codelists import code_list
from linli.residents.models import Resident
from linli.residents.queries import cards_of, residents_visible_to
from linli.residents.views_list import Asked

from . import changing, queries
from .changing import Wanted
from .forms import ChangeForm
from .models import Change, ChangeKind

SHOWN, KEPT_SHOWN = 50, 50


def _choices() -> list[tuple[str, str, str]]:
    """What can be done to many: its word in the address, its name, and what it means."""
    fields = [
        (f"field-{field}", f"改{code_list(field).title}", "原来没填的补上，填过的从今天起改。")
        for field in changing.fields_in_bulk()
    ]
    return [
        ("confirm", "标记为已核实", "都对过了，没有变。"),
        ("grant", "登记类别", "都算进一个类别，从某一天起。"),
        ("end", "终止类别", "都不再算某个类别。"),
        *fields,
    ]


def _form(deed: str, data: Any = None) -> ChangeForm:
    kind, _, field = deed.partition("-")
    if kind == "confirm":
        return ChangeForm(data, label="怎样核实的", choices=list(check_rules.confirmed_by().items()), day="")
    if kind == "field":
        codes = code_list(field)
        return ChangeForm(data, label=f"{codes.title}改成", choices=codes.choices(on=clock.today()), day="")
    day = "从哪一天起" if kind == "grant" else "从哪一天起不再算"
    return ChangeForm(data, label="哪个类别", choices=changing.kinds_in_bulk(), day=day)


def _wanted(deed: str, form: ChangeForm) -> Wanted:
    kind, _, field = deed.partition("-")
    code = form.cleaned_data["code"]
    if kind == "field":
        return Wanted(ChangeKind.FIELD, field, code)
    return Wanted(ChangeKind(kind), code, on=form.cleaned_data.get("on"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_CHANGE_MANY)
def change(request: Request) -> HttpResponse:
    """Choose what; then what it becomes; then, with before and after in front of one, do it."""
    asked, deeds = Asked.of(request.GET), _choices()
    deed = request.GET.get("do", "")
    context: dict[str, Any] = {
        "query": asked.query(),
        "words": [each.words for each in asked.conditions if each.is_whole],
        "deed": next((each for each in deeds if each[0] == deed), None),
        "deeds": deeds,
    }
    if context["deed"] is None:
        return render(request, "lists/desk/change.html", context)
    form = _form(deed, request.POST if request.method == "POST" else None)
    context["form"] = form
    if form.is_valid():
        try:
            wanted = _wanted(deed, form)
            if request.POST.get("sure") == "yes":
                made = changing.change_many(
                    request.actor,
                    wanted,
                    conditions=asked.conditions,
                    reason=form.cleaned_data["reason"],
                    expected=_number(request.POST.get("count", "")),
                )
                return redirect("lists:change_page", made.pk)
            context |= {"wanted": wanted, "preview": changing.preview(request.actor, wanted, asked.conditions)}
            return render(request, "lists/desk/change_preview.html", context)
        except Problem as problem:
            form.add_error(None, problem.message)
    return render(request, "lists/desk/change.html", context, status=Invalid.status if form.errors else 200)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1


def _change(request: Request, change_id: UUID) -> Change:
    row = queries.changes_visible_to(request.actor).filter(pk=change_id).first()
    if row is None:
        raise NotFound("没有找到这次批量修改。请回到“批量修改记录”看看。")
    return row


@require_safe
@desk(Permission.RESIDENTS_CHANGE_MANY)
def changes(request: Request) -> HttpResponse:
    """The changes of many so far."""
    rows = list(queries.changes_visible_to(request.actor)[:SHOWN])
    names = display_names(row.made_by for row in rows)
    listed = [(row, Wanted.of(row).words, names.get(row.made_by, "")) for row in rows]
    return render(request, "lists/desk/changes.html", {"listed": listed})


@require_safe
@desk(Permission.RESIDENTS_CHANGE_MANY)
def change_page(request: Request, change_id: UUID) -> HttpResponse:
    """One change: what it did to how many, and whether it was taken back; who was left as they are."""
    row = _change(request, change_id)
    names = display_names([row.made_by, row.undone_by])
    kept = row.rows.filter(was_kept=True).values_list("resident_id", flat=True)[:KEPT_SHOWN]
    people = residents_visible_to(request.actor).filter(pk__in=list(kept)) if row.undone_at else Resident.objects.none()
    context = {
        "change": row,
        "words": Wanted.of(row).words,
        "listed": queries.words_of(row),
        "maker": names.get(row.made_by, ""),
        "undoer": names.get(row.undone_by, "") if row.undone_by else "",
        "may_undo": changing.may_undo(row),
        "kept": cards_of(people),
    }
    return render(request, "lists/desk/change_page.html", context)


@require_POST
@desk(Permission.RESIDENTS_CHANGE_MANY)
def undo(request: Request, change_id: UUID) -> HttpResponse:
    changing.undo_change(request.actor, change=_change(request, change_id))
    return redirect("lists:change_page", change_id)
