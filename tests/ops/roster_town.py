"""What the kill test does in the house it kills: `python -m tests.ops.roster_town found|begin|start|undo …`, with LINLI_HOME set."""

from __future__ import annotations

import sys
from pathlib import Path

COMMUNITY = 1
USER = "bench-import-1"


def _actor():
    from linli.accounts.models import Account
    from linli.accounts.queries import actor_for
    from linli.places.models import Community

    return actor_for(Account.objects.get(username=USER), Community.objects.get(pk=COMMUNITY), via="cli")


def found(people: str) -> None:
    from bench.kit import roster

    roster.found_town(COMMUNITY, people=int(people))


def begin(path: str) -> None:
    """Take the file in and have it judged by the worker."""
    from linli.core.tenancy import active
    from linli.imports import actions

    with active(COMMUNITY):
        actor = _actor()
        (batch,) = actions.take_in(actor, content=Path(path).read_bytes(), name="all.xlsx")
        actions.confirm_columns(actor, batch=batch, mapping={int(n): code for n, code in batch.mapping.items()})


def start() -> None:
    _act("start")


def undo() -> None:
    _act("undo")


def _act(verb: str) -> None:
    from linli.core.tenancy import active
    from linli.imports import actions
    from linli.imports.models import Import

    with active(COMMUNITY):
        getattr(actions, verb)(_actor(), batch=Import.objects.order_by("-made_at")[0])


if __name__ == "__main__":
    from linli.ops.cli import ready

    with ready():
        globals()[sys.argv[1]](*sys.argv[2:])
