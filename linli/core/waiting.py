"""What waits for somebody to decide: each app says what of its own does, `linli.desk` lays it side by side, the side says how many.

    waiting.join(Kind("corrections", "更正申请", …))      # in an app's `ready`

Every page of the desk asks, so the first question is one statement that counts what is open in the community, joined to nothing. Only
where something is open is it asked what of it is this actor's, again in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Min, QuerySet, Value

from .access import Actor, Permission
from .tenancy import current_id


@dataclass(frozen=True)
class Kind:
    """One kind of thing that waits. `order` is its place; `does` says what there is to do, `page` names where.

    `table` and `where` (a condition on it, written out) are what is open in the whole community; `since` is the column that says since
    when; `rows` are those the actor may decide, and should.
    """

    code: str
    name: str
    does: str
    icon: str
    page: str
    order: int
    permission: Permission
    table: str
    where: str
    since: str
    rows: Callable[[Actor], QuerySet[Any]]


@dataclass(frozen=True)
class Waits:
    """How many of a kind wait for the actor, and since when the oldest does."""

    kind: Kind
    count: int
    since: datetime


_kinds: dict[str, Kind] = {}


def join(kind: Kind) -> None:
    """Let a kind be asked for; each app joins its own when it is ready."""
    _kinds[kind.code] = kind


def kinds_for(actor: Actor) -> list[Kind]:
    """The kinds the actor may decide at all, in their order."""
    return sorted((kind for kind in _kinds.values() if actor.may(kind.permission)), key=lambda kind: kind.order)


def waiting_for(actor: Actor) -> list[Waits]:
    """What waits for the actor in the active community; kinds of which nothing does are left out."""
    open_kinds = _open(kinds_for(actor)) if actor.account_id else []
    if not open_kinds:
        return []
    first, *others = (_counted(kind, actor) for kind in open_kinds)
    told = {code: (count, since) for code, count, since in (first.union(*others, all=True) if others else first)}
    found = [(kind, *told.get(kind.code, (0, None))) for kind in open_kinds]
    return [Waits(kind, count, since) for kind, count, since in found if count and since is not None]


def _counted(kind: Kind, actor: Actor) -> QuerySet[Any, Any]:
    rows = kind.rows(actor).order_by().values(waits=Value(kind.code, output_field=CharField()))
    return rows.annotate(waits_count=Count("pk"), waits_since=Min(kind.since)).values_list(
        "waits", "waits_count", "waits_since"
    )


def _open(kinds: Sequence[Kind]) -> list[Kind]:
    """Those of `kinds` of which anything is open in the community. Names and conditions are the code's own, never typed."""
    if not kinds:
        return []
    asked = " UNION ALL ".join(
        f"SELECT {n} WHERE EXISTS (SELECT FROM {kind.table} WHERE community_id = %(community)s AND {kind.where})"
        for n, kind in enumerate(kinds)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, {"community": current_id()})
        return [kinds[n] for (n,) in sorted(cursor.fetchall())]
