"""The party tree as it is shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from linli.core.access import Actor, Permission
from linli.core.masking import mask_name
from linli.places.models import SubArea

from .models import PartyBranch


def branches_visible_to(actor: Actor) -> QuerySet[PartyBranch]:
    """The community's party branches for who works at its desk, in their order."""
    rows = PartyBranch.objects.select_related("sub_area", "secretary").order_by("order", "name", "id")
    return rows if actor.may(Permission.DESK_OPEN) else rows.none()


@dataclass(frozen=True)
class BranchNode:
    """One branch in the tree; `depth` is 0 at the top. The secretary's name in full for who may see residents."""

    branch: PartyBranch
    depth: int
    secretary: str

    @property
    def strokes(self) -> str:
        """One stroke a level, in front of the name."""
        return "— " * self.depth


def branch_tree(actor: Actor) -> list[BranchNode]:
    """The tree laid flat, each branch followed by what stands under it; one query."""
    rows = list(branches_visible_to(actor))
    under: dict[UUID | None, list[PartyBranch]] = {}
    for row in rows:
        under.setdefault(row.parent_id, []).append(row)
    found: list[BranchNode] = []
    waiting = [(row, 0) for row in reversed(under.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        found.append(BranchNode(row, depth, _secretary(actor, row)))
        waiting += [(child, depth + 1) for child in reversed(under.get(row.pk, []))]
    return found


def _secretary(actor: Actor, branch: PartyBranch) -> str:
    if branch.secretary is None:
        return ""
    # Who leads a branch hangs on the notice board; whoever has no business with residents still gets the mask.
    return branch.secretary.name if actor.may(Permission.RESIDENTS_SEE) else mask_name(branch.secretary.name)


def general_branch_of(sub_area: SubArea) -> PartyBranch | None:
    """The 小区党总支 of a sub-area; None where there is none."""
    rows = PartyBranch.objects.filter(sub_area=sub_area, kind=PartyBranch.Kind.GENERAL_BRANCH)
    return rows.order_by("order", "id").first()
