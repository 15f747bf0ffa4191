"""Handing messages over. The provider is called between two transactions.

A crash there sends at most one message twice, and `attempts` counts it.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.accounts import queries as accounts
from linli.core import tenancy
from linli.core.access import SYSTEM, Permission
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.places import queries as places

from . import actions, queries
from .port import NotTaken, provider_for

log = structlog.get_logger(__name__)


@tenant_task(name="linli.notices.jobs.deliver", is_atomic=False)
def deliver(community_id: int, entry_id: str) -> None:
    """Follows message.queued: send that message."""
    with tenancy.active(community_id):
        message_id = TrailEntry.objects.values_list("subject_id", flat=True).get(pk=entry_id)
    send_one(community_id, message_id)


def send_one(community_id: int, message_id: UUID) -> None:
    """Claim, call the provider, mark. Does nothing when the message is not due or somebody else has it."""
    with tenancy.active(community_id):
        claimed = actions.claim(message_id)
    if claimed is None:
        return
    provider = provider_for(claimed.channel)
    if provider is None or not claimed.to:
        with tenancy.active(community_id):
            actions.mark_not_taken(claimed, "no_provider" if provider is None else "no_address", is_final=True)
        return
    try:
        receipt = provider.send(claimed.to, claimed.body, claimed.once_key)
    except Exception as error:  # what a provider raises must not leave the message without a state
        code, is_final = (error.code, error.is_final) if isinstance(error, NotTaken) else (type(error).__name__, False)
        log.warning("message.not_taken", provider=provider.name, code=code, attempt=claimed.attempt)
        with tenancy.active(community_id):
            actions.mark_not_taken(claimed, code, provider=provider.name, is_final=is_final)
        return
    with tenancy.active(community_id):
        actions.mark_handed_over(claimed, receipt, provider=provider.name)


@tenant_task(name="linli.notices.jobs.send_due", is_atomic=False)
def send_due(community_id: int) -> None:
    """Send what is due in one community: tries to repeat, and messages whose worker died."""
    with tenancy.active(community_id):
        due = queries.due_ids()
        actions.stop_waiting()
    for message_id in due:
        send_one(community_id, message_id)


@tenant_task(name="linli.notices.jobs.tell_about_link")
def tell_about_link(community_id: int, entry_id: str) -> None:
    """Follows link.confirmed and link.refused: tell the account that asked."""
    entry = TrailEntry.objects.get(pk=entry_id)
    to_account = UUID(entry.facts["account"])
    actions.send_message(
        SYSTEM,
        template=entry.verb.replace(".", "_"),
        to_account=to_account,
        once_key=f"{entry.verb}:{entry.subject_id}",
    )


@tenant_task(name="linli.notices.jobs.tell_about_correction")
def tell_about_correction(community_id: int, entry_id: str) -> None:
    """Follows correction.confirmed and correction.refused: tell the resident who asked; colleagues see it on their page."""
    entry = TrailEntry.objects.get(pk=entry_id)
    if not entry.facts.get("is_own"):
        return
    actions.send_message(
        SYSTEM,
        template=entry.verb.replace(".", "_"),
        to_account=UUID(entry.facts["account"]),
        once_key=f"{entry.verb}:{entry.subject_id}",
    )


@tenant_task(name="linli.notices.jobs.tell_of_emergency")
def tell_of_emergency(community_id: int, entry_id: str) -> None:
    """Follows emergency.opened: whoever may look it over is told at once, but not the one who opened it."""
    entry = TrailEntry.objects.get(pk=entry_id)
    for account_id in sorted(accounts.holders_of(community_id, Permission.EMERGENCY_REVIEW) - {entry.account_id}):
        actions.send_message(
            SYSTEM,
            template="emergency_opened",
            to_account=account_id,
            once_key=f"emergency.opened:{entry.subject_id}:{account_id}",
        )


@tenant_task(name="linli.notices.jobs.tell_about_import")
def tell_about_import(community_id: int, entry_id: str) -> None:
    """Follows import.done: tell the colleague who started it, who may have closed the page."""
    entry = TrailEntry.objects.get(pk=entry_id)
    if entry.account_id is None:
        return
    actions.send_message(
        SYSTEM,
        template="import_done",
        to_account=entry.account_id,
        facts={"count": entry.facts["count"]},
        once_key=f"import.done:{entry.subject_id}",
    )


@app.periodic(cron="* * * * *")
@app.task(name="linli.notices.jobs.sweep", queueing_lock="linli.notices.jobs.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Every minute: one job for each community, unless its last one still waits."""
    for known in places.communities():
        try:
            send_due.configure(queueing_lock=f"notices.send_due:{known.community.id}").defer(
                community_id=known.community.id
            )
        except AlreadyEnqueued:
            continue
