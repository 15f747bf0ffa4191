"""The organisation's own pages, on a phone: what is to be done, take it, answer with words and photos, or give it back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core.access import Permission
from linli.core.drafts import key_of
from linli.core.drafts_aside import bring_back, keep_posted, sent
from linli.core.errors import NotFound
from linli.core.guards import signed_in
from linli.core.web import Request, keeping

from . import actions, queries
from .forms import WordsForm
from .forms_handovers import AnswerForm
from .models import Handover

View = Callable[..., HttpResponseBase]


def party(view: View) -> View:
    """Only for whoever answers for an organisation here today: everybody else is told nothing (404)."""

    @signed_in
    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.actor.may(Permission.HANDOVERS_ANSWER):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@party
def inbox(request: Request) -> HttpResponse:
    """What waits for this organisation, the most urgent first."""
    return render(request, "matters/party/inbox.html", {"inbox": queries.inbox_of(request.actor)})


@require_safe
@party
def handover(request: Request, handover_id: UUID) -> HttpResponse:
    """One of them: where, what, by when, and what may be done now."""
    return _page(request, _visible(request, handover_id))


@require_POST
@party
def take(request: Request, handover_id: UUID) -> HttpResponse:
    row = _visible(request, handover_id)
    actions.take_handover(request.actor, handover=row)
    return redirect("matters:party_handover", row.pk)


@require_POST
@party
def answer(request: Request, handover_id: UUID) -> HttpResponse:
    """Words and photos of what was done."""
    row = _visible(request, handover_id)
    form, key = AnswerForm(request.POST, request.FILES, prefix="handover"), key_of("handover", row.pk)
    bring_back(request, {key: form}, with_photos=True)
    if form.is_valid():
        try:
            words, photos = form.cleaned_data["words"], form.photos_in("photos")
            actions.answer_handover(request.actor, handover=row, words=words, photos=photos)
            sent(request, key)
            return redirect("matters:party_handover", row.pk)
        except actions.WordsMissing as problem:
            form.add_error("words", problem.message)
    keep_posted(request, key, form)
    return keeping(_page(request, row, status=422, answer_form=form))


@require_POST
@party
def give_back(request: Request, handover_id: UUID) -> HttpResponse:
    """It is not theirs, or cannot be done: back to the community, with why."""
    row = _visible(request, handover_id)
    form = WordsForm(request.POST, prefix="return")
    if form.is_valid():
        try:
            actions.return_handover(request.actor, handover=row, reason=form.cleaned_data["words"])
            return redirect("matters:party")
        except actions.WordsMissing as problem:
            form.add_error("words", problem.message)
    return _page(request, row, status=422, return_form=form)


@require_POST
@party
def contact(request: Request, handover_id: UUID) -> HttpResponse:
    """Whom to call, where the desk gave it along; the trail says who looked."""
    row = _visible(request, handover_id)
    return _page(request, row, phone=actions.reveal_contact_to(request.actor, handover=row))


def _visible(request: Request, handover_id: UUID) -> Handover:
    rows = queries.handovers_visible_to(request.actor).filter(organisation__in=request.actor.answers_for)
    row = rows.filter(pk=handover_id).first()
    if row is None:
        raise NotFound("没有找到这件事，可能社区已经收回。请回到清单看现在要办的。")
    return row


def _page(request: Request, row: Handover, *, status: int = 200, **more: Any) -> HttpResponse:
    forms = {"answer_form": AnswerForm(prefix="handover"), "return_form": WordsForm(prefix="return"), **more}
    bring_back(request, {key_of("handover", row.pk): forms["answer_form"]}, with_photos=True)
    return render(request, "matters/party/handover.html", {"line": queries.line_of(row), **forms}, status=status)
