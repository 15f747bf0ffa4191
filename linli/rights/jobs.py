"""What follows: those who watch over the trail are told of unusual reading."""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from linli.accounts import queries as accounts
from linli.core.access import SYSTEM, Permission
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.notices import actions as notices
from linli.places import queries as places

from . import actions

log = structlog.get_logger(__name__)


@tenant_task(name="linli.rights.jobs.tell_of_reading")
def tell_of_reading(community_id: int, entry_id: str) -> None:
    """Follows reading.unusual: one message to each who may see the trail, but not to the one it is about."""
    entry = TrailEntry.objects.get(pk=entry_id)
    for account_id in sorted(accounts.holders_of(community_id, Permission.TRAIL_SEE) - {entry.account_id}):
        notices.send_message(
            SYSTEM,
            template="reading_unusual",
            to_account=account_id,
            once_key=f"reading.unusual:{entry.subject_id}:{account_id}",
        )


@tenant_task(name="linli.rights.jobs.tell_of_answer")
def tell_of_answer(community_id: int, entry_id: str) -> None:
    """Follows rights.answered: the asker is told that there is an answer, not what it says."""
    entry = TrailEntry.objects.get(pk=entry_id)
    notices.send_message(
        SYSTEM,
        template="rights_answered",
        to_account=UUID(entry.facts["account"]),
        once_key=f"rights.answered:{entry.subject_id}",
    )


@app.periodic(cron="47 2 * * *")
@app.task(
    name="linli.rights.jobs.purge_everywhere", queueing_lock="linli.rights.jobs.purge_everywhere", pass_context=False
)
def purge_everywhere(timestamp: int) -> None:
    """Every night: one job a community."""
    for known in places.communities():
        purge.configure(queueing_lock=f"rights.purge:{known.community.id}").defer(community_id=known.community.id)


@tenant_task(name="linli.rights.jobs.purge")
def purge(community_id: int) -> None:
    """Forget whoever's time is over; what is found to be left is in the log and on the trail, by table."""
    for proof in actions.forget_due(SYSTEM):
        if not proof.is_clean:
            log.error("something is left of somebody forgotten", tables=proof.left)
