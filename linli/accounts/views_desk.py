"""The desk: who asks to be known as which resident, and who holds which post here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.access import Permission, Role
from linli.core.errors import Problem
from linli.core.guards import desk
from linli.core.web import Request
from linli.residents.queries import residents_visible_to

from . import actions, queries, rules
from .entering import fails
from .forms import PostForm, RefuseForm
from .models import Account, Post

PAGE_SIZE = 30
ADMINISTRATOR_HERE = (Role.SPECIALIST, Role.BACK_OFFICE, Role.SECRETARY)


@require_safe
@desk(Permission.RESIDENTS_LINK)
def links(request: Request) -> HttpResponse:
    """Open requests with who they may be."""
    return _links(request)


def _links(request: Request, *, status: int = 200, failed: UUID | None = None, form: Any = None) -> HttpResponse:
    rows = queries.open_links_visible_to(request.actor)[:PAGE_SIZE]
    waiting = queries.with_candidates(request.actor, rows)
    context = {"waiting": waiting, "form": form or RefuseForm(), "failed": failed}
    return render(request, "accounts/desk/links.html", context, status=status)


@require_POST
@desk(Permission.RESIDENTS_LINK)
def confirm_link(request: Request, link_id: UUID) -> HttpResponse:
    link = get_object_or_404(queries.open_links_visible_to(request.actor), pk=link_id)
    resident = get_object_or_404(residents_visible_to(request.actor), pk=_uuid(request.POST.get("resident")))
    actions.confirm_link(request.actor, link=link, resident=resident)
    return redirect("me:links")


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)  # nobody's


@require_POST
@desk(Permission.RESIDENTS_LINK)
def refuse_link(request: Request, link_id: UUID) -> HttpResponse:
    link = get_object_or_404(queries.open_links_visible_to(request.actor), pk=link_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _links(request, status=422, failed=link_id, form=form)
    actions.refuse_link(request.actor, link=link, reason=form.cleaned_data["reason"])
    return redirect("me:links")


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Permission.POSTS_GRANT)
def posts(request: Request) -> HttpResponse:
    """Who holds which post here; appoint somebody."""
    patches = queries.sub_area_names()
    is_administrator = any(duty.role == Role.ADMINISTRATOR for duty in request.actor.duties)
    roles = [role for role in ADMINISTRATOR_HERE if is_administrator or role in rules.SECRETARY_GRANTS]
    form, status = PostForm(request.POST or None, roles=roles, sub_areas=patches), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid() and (account := _colleague(form)):
                _grant(request, account, form.cleaned_data)
                return redirect("me:posts")
        except Problem as problem:
            status = fails(form, problem)
    rows = [
        {"post": post, "words": queries.role_words(post, patches), "may_end": Role(post.role) in roles}
        for post in queries.posts_visible_to(request.actor)[:200]
    ]
    return render(request, "accounts/desk/posts.html", {"form": form, "rows": rows}, status=status)


def _colleague(form: PostForm) -> Account | None:
    account = Account.objects.filter(username=form.cleaned_data["username"].strip().lower(), is_active=True).first()
    if account is None:
        form.add_error("username", "没有这个用户名。请核对，或请系统管理员先开通账号。")
    return account


def _grant(request: Request, account: Account, typed: dict[str, Any]) -> Post:
    role = Role(typed["role"])
    return actions.grant_post(
        request.actor,
        account=account,
        role=role,
        community=request.community,
        sub_area_id=typed["sub_area"] if role == Role.SPECIALIST else None,
        from_on=typed["from_on"],
    )


@require_POST
@desk(Permission.POSTS_GRANT)
def end_post(request: Request, post_id: UUID) -> HttpResponse:
    actions.end_post(request.actor, post=get_object_or_404(queries.posts_visible_to(request.actor), pk=post_id))
    return redirect("me:posts")
