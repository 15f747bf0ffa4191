"""Taking one's own copy."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from linli.core.access import Actor
from linli.core.errors import NotFound
from linli.core.trail import record
from linli.rights import queries


class NobodyToCopy(NotFound):
    code = "rights.nobody"
    message = "账号还没有和居民档案关联，所以没有可以取走的信息。请先在“我的”里关联档案。"


@transaction.atomic
def take_copy(actor: Actor, *, community: str, form: str) -> dict[str, Any]:
    """Everything held of those the actor speaks for; taking it is on the trail, with its form (json, pdf).

    Raises:
        NobodyToCopy: the account is confirmed to be nobody here.
    """
    people = queries.own_residents(actor)
    if not people:
        raise NobodyToCopy()
    copy = queries.copy_of(actor, community)
    for resident in people:
        record(actor, "data.copied", resident, form=form)
    return copy
