"""Being away: noted with who stands in, who gets the patch for those days and no longer."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from linli.accounts.models import Absence, Account, Post
from linli.core import clock
from linli.core.access import Actor, Permission, Role
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.trail import record
from linli.places.models import Community

from .posts import PostHeld, end_post, grant_post


class AbsenceNoted(Conflict):
    code, message = "accounts.absence_noted", "这位同事这几天已经登记过不在岗。请先看看下面的登记。"


class AbsenceWrong(Invalid):
    code, message = "accounts.absence_wrong", "回来的日子不对。请写一个晚于不在岗第一天、也不早于今天的日子。"


@transaction.atomic
def note_absence(
    actor: Actor, *, account: Account, community: Community, from_on: date, until_on: date, cover: Account | None = None
) -> Absence:
    """`account` is away from `from_on` and back on `until_on`; `cover` is specialist of her patches meanwhile.

    Without a cover what comes in for her patches waits at the back office. Needs POSTS_GRANT.

    Raises:
        AbsenceWrong: the days are turned round or over, or nobody can stand in for herself.
        AbsenceNoted: some of these days are noted already; the database decides.
    """
    actor.require(Permission.POSTS_GRANT)
    if until_on <= from_on or until_on <= clock.today():
        raise AbsenceWrong(field="until_on")
    if cover is not None and cover.pk == account.pk:
        raise AbsenceWrong("自己不能顶自己的岗。请选另一位同事。", field="cover")
    posts = _stand_in(actor, account, community, from_on, until_on, cover) if cover else []
    with constraint("absence_once", broken=AbsenceNoted):
        absence = Absence.objects.create(
            account_id=account.pk,
            cover_id=cover.pk if cover else None,
            from_on=from_on,
            until_on=until_on,
            posts=posts,
            noted_at=clock.now(),
        )
    record(actor, "absence.noted", absence, holder=account.pk, cover=cover.pk if cover else None, from_on=from_on)
    return absence


def _stand_in(
    actor: Actor, account: Account, community: Community, from_on: date, until_on: date, cover: Account
) -> list[UUID]:
    held = Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=from_on), valid_from__lt=until_on)
    patches = held.filter(account=account, community=community, role=Role.SPECIALIST)
    made = []
    for patch in sorted(filter(None, set(patches.values_list("sub_area_id", flat=True)))):
        with suppress(PostHeld):  # it is her patch as well
            post = grant_post(
                actor,
                account=cover,
                role=Role.SPECIALIST,
                community=community,
                sub_area_id=patch,
                from_on=from_on,
                until_on=until_on,
            )
            made.append(post.pk)
    return made


@transaction.atomic
def end_absence(actor: Actor, *, absence: Absence) -> Absence:
    """She is back today: the cover's posts end with it. One that is over changes nothing."""
    actor.require(Permission.POSTS_GRANT)
    row = Absence.objects.select_for_update().get(pk=absence.pk)
    today = clock.today()
    if row.until_on <= today:
        return row
    row.until_on = max(today, row.from_on)
    row.save(update_fields=["until_on"])
    for post in Post.objects.filter(pk__in=row.posts).order_by("pk"):
        end_post(actor, post=post, on=row.until_on)
    record(actor, "absence.ended", row, holder=row.account_id, on=row.until_on)
    return row
