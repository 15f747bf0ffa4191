"""The forms that keep one record right: a field changed or corrected, a document written, put right or dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.access import Permission
from linli.core.errors import NotFound, Problem
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, records
from .check_rules import confirmed_by, fields_checked
from .document_rules import NONE_YET, DocumentDoubtful, document_rules
from .forms_record import ChangeForm, DocumentForm
from .models import Document, Resident
from .second_person import field_needs_second, why_second
from .views_record import visible

MAY_CHANGE = frozenset(
    {"name", "phone", "marital_status", "education", "political_status", "employment", "employer", "id_number"}
)
"""What changes in the world; the rest of a person's fields can only have been written down wrongly."""


def fails(form: forms.Form, problem: Problem, *, at: str = "") -> int:
    """Put an expected problem at its field (or at `at`, where the field is called otherwise); the status to answer with."""
    field = at if at and problem.field not in form.fields else problem.field
    form.add_error(field if field in form.fields else None, problem.message)
    return problem.status


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def change(request: Request, resident_id: UUID, field: str) -> HttpResponse:
    """One field: put right (it was always so) or changed since a day. Some wait for a second person then."""
    row = visible(request, resident_id)
    if field not in (*fields_checked(), "died_on"):
        raise NotFound()
    form, status = _change_form(request, row, field), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                _change(request, row, field, form.cleaned_data)
                return redirect("residents:page", resident_id)
        except Problem as problem:
            status = fails(form, problem, at="value")
    held = records.in_words(field, getattr(row, field))
    context = {
        "resident_id": row.pk,
        "form": form,
        "field": field,
        "label": records.label_of(field),
        "held": held,
        "age": records.AgeWords.of(records.age_of(row, field)) if held and field != "died_on" else None,
        "why_second": why_second(field),
    }
    return render(request, "residents/desk/change.html", context, status=status)


def _change_form(request: Request, row: Resident, field: str) -> ChangeForm:
    return ChangeForm(
        request.POST if request.method == "POST" else None,
        field=field,
        label=records.label_of(field),
        needs_second=field_needs_second(field),
        may_change=field in MAY_CHANGE and getattr(row, field) not in {None, ""},
    )


def _change(request: Request, row: Resident, field: str, typed: dict[str, Any]) -> None:
    is_change = typed["what"] == ChangeForm.CHANGE
    actions.put_right(
        request.actor,
        resident=row,
        field=field,
        value=typed["value"],
        because=typed["because"],
        since=typed.get("since") if is_change else None,
        evidence=typed.get("evidence", ""),
        source=confirmed_by()[typed["how"]],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def add_document(request: Request, resident_id: UUID) -> HttpResponse:
    """One more document of the person."""
    row = visible(request, resident_id)
    form, status = DocumentForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.add_document(request.actor, resident=row, **_document_of(form.cleaned_data))
                return redirect("residents:page", resident_id)
        except Problem as problem:
            status = _document_fails(form, problem)
    rules = [rule for rule in document_rules().values() if rule.looks_like]
    return render(
        request,
        "residents/desk/document.html",
        {"resident_id": row.pk, "form": form, "rules": rules},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.RESIDENTS_LINK)
def document(request: Request, document_id: UUID) -> HttpResponse:
    """A document put right: the number is typed anew from the card, the dates stand there."""
    held = _document(request, document_id)
    typed = request.POST if request.method == "POST" else None
    form, status = DocumentForm(typed, kind=held.kind, initial=_initial(held)), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.correct_document(request.actor, document=held, **_document_of(form.cleaned_data))
                return redirect("residents:page", held.resident_id)
        except Problem as problem:
            status = _document_fails(form, problem)
    context = {
        "resident_id": held.resident_id,
        "document_id": held.pk,
        "form": form,
        "rules": [document_rules()[held.kind]] if held.kind != NONE_YET else [],
        "paper": next(paper for paper in records.papers_of(held.resident) if paper.id == held.pk),
    }
    return render(request, "residents/desk/document.html", context, status=status)


@require_POST
@desk(Permission.RESIDENTS_LINK)
def drop_document(request: Request, document_id: UUID) -> HttpResponse:
    """The person has no such document any more."""
    held = _document(request, document_id)
    actions.drop_document(request.actor, document=held)
    return redirect("residents:page", held.resident_id)


def _document(request: Request, document_id: UUID) -> Document:
    held = Document.objects.filter(pk=document_id).select_related("resident").first()
    if held is None:
        raise NotFound()
    visible(request, held.resident_id)
    return held


def _initial(held: Document) -> dict[str, Any]:
    return {
        "from_on": held.span.lower,
        "last_on": held.span.upper - timedelta(days=1) if held.span.upper else None,
        "issued_in": held.issued_in,
        "note": held.note,
    }


def _document_of(typed: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "number", "from_on", "last_on", "issued_in", "note", "is_compared")
    return {name: typed[name] for name in names if name in typed} | {"source": confirmed_by()[typed["how"]]}


def _document_fails(form: DocumentForm, problem: Problem) -> int:
    if not isinstance(problem, DocumentDoubtful):
        form.fields.pop("is_compared", None)
    return fails(form, problem)
