"""Appointing and releasing people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from linli.accounts import rules
from linli.accounts.models import Account, Post
from linli.core import clock, tenancy, trail
from linli.core.access import Actor, Permission, Role
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.places.models import Community, SubArea

from .accounts import is_administrator


class PostHeld(Conflict):
    code, message = "accounts.post_held", "这位同事在这段时间已经有同样的岗位了。请先看看现有岗位，或换一个日期。"


class KeepersApart(Conflict):
    code = "accounts.keepers_apart"
    message = "系统管理员、安全管理员、审计管理员不能是同一个人。请先让他卸任现在的管理岗位，或任命另一位同事。"


class PostScope(Invalid):
    code, message = (
        "accounts.post_scope",
        "岗位和范围对不上，请再选一次：小区专员选片区，社工、书记选社区，街道干部填街道代码。",
    )


class DatesTurned(Invalid):
    code, message = "accounts.post_dates", "卸任日期要不早于任职日期，请再看一看这两个日期。"


class NotYoursToGrant(NotAllowed):
    code, message = "accounts.not_yours_to_grant", "这个岗位由系统管理员任免。书记可以任免本社区的小区专员和全能社工。"


@transaction.atomic
def grant_post(
    actor: Actor,
    *,
    account: Account,
    role: Role,
    community: Community | None = None,
    sub_area_id: UUID | None = None,
    street_code: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Post:
    """Give `account` a post from `from_on` (default today) up to, not including, `until_on`.

    Raises:
        NotAllowed, NotYoursToGrant: administrators grant all posts, a secretary specialists and back office of hers.
        PostScope: the role calls for another scope, or the patch is not of that community.
        PostHeld: the same post is held on a day of that span; the database decides.
        KeepersApart: another of the three administrators' posts is; the database decides.
        DatesTurned
    """
    _require(actor, role, community)
    given = {"community": community, "sub_area_id": sub_area_id, "street_code": street_code}
    if {name for name, value in given.items() if value is not None} != rules.what_a_post_names(role):
        raise PostScope(field="role")
    if street_code is not None and not (len(street_code) == 9 and street_code.isascii() and street_code.isdigit()):
        raise PostScope(field="street_code")
    from_on = from_on or clock.today()
    if until_on is not None and until_on < from_on:
        raise DatesTurned(field="until_on")
    # Two grants at once would wait for each other inside the exclusion constraint, which PostgreSQL ends as a deadlock.
    account = Account.objects.select_for_update().get(pk=account.pk)
    with tenancy.active(community.id if community else tenancy.PLATFORM):
        if sub_area_id is not None and not SubArea.objects.filter(pk=sub_area_id).exists():
            raise PostScope(field="sub_area_id")
        with constraint("post_held_once", broken=PostHeld), constraint("post_keepers_apart", broken=KeepersApart):
            post = Post.objects.create(account=account, role=role, valid_from=from_on, valid_to=until_on, **given)
        trail.record(
            actor, "post.granted", post, holder=account.pk, role=role, sub_area_id=sub_area_id, from_on=from_on
        )
    return post


@transaction.atomic
def end_post(actor: Actor, *, post: Post, on: date | None = None) -> Post:
    """End a post: the last day it counts is the day before `on` (default today: it stops at the next request).

    Ending one that is over by then changes nothing.

    Raises:
        NotAllowed, NotYoursToGrant
    """
    _require(actor, Role(post.role), post.community)
    on = on or clock.today()
    still = Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), pk=post.pk)
    # A post that has not begun by then never counted: an empty span.
    if still.update(valid_to=Greatest(F("valid_from"), on)):
        with tenancy.active(post.community_id if post.community_id is not None else tenancy.PLATFORM):
            trail.record(actor, "post.ended", post, holder=post.account_id, role=post.role, on=on)
    post.refresh_from_db(fields=["valid_to"])
    return post


def _require(actor: Actor, role: Role, community: Community | None) -> None:
    actor.require(Permission.POSTS_GRANT)
    if is_administrator(actor):
        return
    if community is None or community.id != actor.community_id or role not in rules.SECRETARY_GRANTS:
        raise NotYoursToGrant()
