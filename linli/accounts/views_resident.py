"""我的: what is held about me here, which register entry I am, my tokens and sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import auth
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.drafts_aside import bring_back, keep_posted, sent
from linli.core.errors import Problem
from linli.core.guards import signed_in
from linli.core.masking import mask_phone
from linli.core.web import keeping
from linli.residents import queries as residents

from . import actions, queries
from .entering import fails
from .forms import LinkForm, TokenForm
from .models import Account, LinkState
from .requests import Request

LINK = "link"  # the key of its draft


@require_safe
@signed_in
def me(request: Request) -> HttpResponse:
    """Everything about me on one page; numbers stay masked."""
    return _page(request)


def _account(request: Request) -> Account:
    assert request.account is not None  # every view here is guarded
    return request.account


def _page(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, account = request.actor, _account(request)
    links = list(queries.links_of(actor))
    people = residents.residents_visible_to(actor).filter(pk__in=actor.speaks_for)
    posts = queries.posts_in(request.community, code=request.community_code).filter(account=account)
    names = queries.sub_area_names() if actor.is_staff else {}
    context = {
        "account": account,
        "phone": mask_phone(account.phone) if account.phone else "",
        "cards": residents.cards_of(people),
        "links": links,
        "is_waiting": any(row.state == LinkState.REQUESTED for row in links),
        "posts": [queries.role_words(post, names) for post in posts],
        "last_full_look": queries.last_full_look(actor),
        "tokens": queries.tokens_of(actor),
        "token_form": TokenForm(),
        **more,
    }
    return render(request, "accounts/resident/me.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def link(request: Request) -> HttpResponse:
    """Ask to be known as a resident of this community."""
    form, status = LinkForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                actions.request_link(request.actor, name=form.cleaned_data["name"], door=form.cleaned_data["door"])
                sent(request, LINK)
                return redirect("me:page")
        except Problem as problem:
            status = fails(form, problem)
        keep_posted(request, LINK, form)
    bring_back(request, {LINK: form})
    return keeping(render(request, "accounts/resident/link.html", {"form": form}, status=status))


@require_POST
@signed_in
def end_link(request: Request, link_id: UUID) -> HttpResponse:
    actions.end_link(request.actor, link=get_object_or_404(queries.links_of(request.actor), pk=link_id))
    return redirect("me:page")


@require_POST
@signed_in
def make_token(request: Request) -> HttpResponse:
    """The answer shows the secret; nothing can show it again."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, token_form=form)
    token, secret = actions.make_token(
        request.actor,
        account=_account(request),
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        community=request.community,
    )
    return _page(request, made=token, secret=secret)


@require_POST
@signed_in
def revoke_token(request: Request, token_id: UUID) -> HttpResponse:
    actions.revoke_token(request.actor, token=get_object_or_404(queries.tokens_of(request.actor), pk=token_id))
    return redirect("me:page")


@require_POST
@signed_in
def sign_out_everywhere(request: Request) -> HttpResponse:
    actions.sign_out_everywhere(request.actor, account=_account(request))
    auth.logout(request)
    return redirect("accounts:sign_in")
