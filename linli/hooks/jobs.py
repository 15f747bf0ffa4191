"""Offering entries of the trail, and sending what is due. The other side is called between two transactions."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.core import clock, tenancy
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.places import queries as places

from . import actions, rules, sending
from .models import Delivery, DeliveryState

MOST = 200


@tenant_task(name="hooks.offer", is_atomic=False)
def offer(community_id: int, entry_id: str) -> None:
    """Follows every verb that may be wanted: write the tellings, then send them."""
    with tenancy.active(community_id):
        due = actions.offer(TrailEntry.objects.get(pk=UUID(entry_id)), code=places.code_of(community_id))
    for delivery_id in due:
        send_one(community_id, delivery_id)


def send_one(community_id: int, delivery_id: UUID) -> None:
    """Claim, call, mark. Nothing when it is not due or somebody else has it."""
    with tenancy.active(community_id):
        claimed = actions.claim(delivery_id)
    if claimed is None:
        return
    at, id = clock.now(), f"msg_{claimed.entry.hex}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "linli",
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": rules.signature(claimed.secret, id=id, at=at, body=claimed.body),
    }
    answer = sending.post(claimed.url, claimed.body, headers)
    with tenancy.active(community_id):
        actions.mark(claimed, is_taken=answer.is_taken, answer=answer.words)


@tenant_task(name="hooks.send_due", is_atomic=False)
def send_due(community_id: int) -> None:
    """What is due again in one community, and what a dead worker left half done."""
    with tenancy.active(community_id):
        states = (DeliveryState.WAITING, DeliveryState.SENDING)
        due = Delivery.objects.filter(state__in=states, next_at__lte=clock.now()).order_by("next_at")
        ids = list(due.values_list("pk", flat=True)[:MOST])
    for delivery_id in ids:
        send_one(community_id, delivery_id)


@app.periodic(cron="* * * * *")
@app.task(name="hooks.sweep", queueing_lock="hooks.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Every minute: one job for each community, unless its last one still waits."""
    for known in places.communities():
        try:
            send_due.configure(queueing_lock=f"hooks.send_due:{known.community.id}").defer(
                community_id=known.community.id
            )
        except AlreadyEnqueued:
            continue
