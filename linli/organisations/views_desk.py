"""The party tree, for the desk."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from linli.core.access import Permission
from linli.core.guards import desk
from linli.core.web import Request, show

from . import queries


@require_safe
@desk(Permission.DESK_OPEN)
def branches(request: Request) -> HttpResponse:
    """The tree from the community's committee down to the stairwells."""
    tree = queries.branch_tree(request.actor)
    return show(request, "organisations/desk/branches.html", "list", {"tree": tree})
