"""Building the party tree."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from linli.core.access import Actor, Role
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.trail import record
from linli.places.models import SubArea
from linli.residents.models import Resident

from .models import PartyBranch


class BranchNamed(Conflict):
    code, message = "party_branch.named", "本社区已经有同名的党组织。请先查看，再决定要不要另取一个名字。"


class OutOfPlace(Invalid):
    code = "party_branch.out_of_place"
    message = "层级对不上：社区党委在最上面，下面依次是小区党总支、党支部、楼道党小组。请换一个上级组织。"


class SecretaryDied(Conflict):
    code, message = "party_branch.secretary_died", "这位居民已登记去世。请核对后另选一位书记。"


def _require_keeper(actor: Actor) -> None:
    if not any(duty.role in {Role.SECRETARY, Role.ADMINISTRATOR} for duty in actor.duties):
        raise NotAllowed()


@transaction.atomic
def add_branch(
    actor: Actor,
    *,
    name: str,
    kind: str,
    parent: PartyBranch | None = None,
    sub_area: SubArea | None = None,
    order: int = 0,
) -> PartyBranch:
    """A new party branch under `parent` (None for the community's committee); its name is unique in the community.

    Raises:
        NotAllowed: neither the community's secretary nor an administrator.
        OutOfPlace: a branch of that kind does not stand under `parent`.
        BranchNamed.
    """
    _require_keeper(actor)
    above = PartyBranch.UNDER[PartyBranch.Kind(kind)]
    if (parent.kind not in above) if parent is not None else bool(above):
        raise OutOfPlace(field="parent")
    with constraint("party_branch_name", broken=BranchNamed):
        branch = PartyBranch.objects.create(name=name, kind=kind, parent=parent, sub_area=sub_area, order=order)
    record(actor, "party_branch.added", branch, kind=kind)
    return branch


@transaction.atomic
def appoint_secretary(actor: Actor, *, branch: PartyBranch, resident: Resident, from_on: date) -> PartyBranch:
    """`resident` leads the branch from that day on; who led it before is in the trail. The same again changes nothing.

    Raises:
        NotAllowed, SecretaryDied.
    """
    _require_keeper(actor)
    if resident.died_on is not None:
        raise SecretaryDied()
    branch = PartyBranch.objects.select_for_update().get(pk=branch.pk)
    if (branch.secretary_id, branch.secretary_from) == (resident.pk, from_on):
        return branch
    before, branch.secretary, branch.secretary_from = branch.secretary_id, resident, from_on
    branch.save(update_fields=["secretary", "secretary_from"])
    touches = [pk for pk in (resident.pk, before) if pk]
    record(actor, "party_branch.secretary_appointed", branch, touches=touches, from_on=from_on)
    return branch
