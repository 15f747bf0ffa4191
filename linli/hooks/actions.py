"""The verbs of telling others: want something, stop, offer, claim, mark, send again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.copy import add_rows
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.models import TrailEntry
from linli.core.trail import record

from . import queries, rules
from .models import Delivery, DeliveryState, Hook


class NameMissing(Invalid):
    code, message = "hooks.name_missing", "请写一下给谁用，例如：街道数据平台。"


class AddressUnusable(Invalid):
    code, message = "hooks.address_unusable", "请写完整的网址，以 https:// 开头。"


class VerbsMissing(Invalid):
    code, message = "hooks.verbs_missing", "请至少选一种要推送的事。"


class HookThere(Conflict):
    code, message = "hooks.there", "这个地址已经设过了。请换个名字，或先停用原来的。"


@transaction.atomic
def add_hook(actor: Actor, *, name: str, url: str, verbs: Iterable[str]) -> tuple[Hook, str]:
    """An address that is told of `verbs` from now on, and its secret, shown this once. Needs HOOKS_KEEP.

    Raises:
        NameMissing, AddressUnusable (https alone, but in the demo), VerbsMissing, HookThere.
    """
    actor.require(Permission.HOOKS_KEEP)
    if not name.strip():
        raise NameMissing(field="name")
    where = urlsplit(url.strip())
    if where.scheme not in (("https", "http") if settings.IS_DEMO else ("https",)) or not where.hostname:
        raise AddressUnusable(field="url")
    wanted = sorted(set(verbs) & set(queries.verbs_offered()))
    if not wanted:
        raise VerbsMissing(field="verbs")
    secret = rules.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    with constraint("hook_once", broken=HookThere):
        row = Hook.objects.create(
            name=name.strip()[:60],
            url=url.strip(),
            verbs=wanted,
            secret=secret,
            made_by=actor.account_id,
            made_at=clock.now(),
        )
    record(actor, "hook.added", row, host=where.hostname, verbs=wanted)
    return row, secret


@transaction.atomic
def stop_hook(actor: Actor, *, hook: Hook) -> Hook:
    """Nothing more is offered to it; what waits is given up. Twice changes nothing."""
    actor.require(Permission.HOOKS_KEEP)
    row = Hook.objects.select_for_update().get(pk=hook.pk)
    if row.stopped_at is None:
        row.stopped_at = clock.now()
        row.save(update_fields=["stopped_at"])
        row.deliveries.filter(state=DeliveryState.WAITING).update(
            state=DeliveryState.FAILED, answer="已停用", ended_at=clock.now()
        )
        record(actor, "hook.stopped", row)
    return row


@transaction.atomic
def send_again(actor: Actor, *, hook: Hook, deliveries: Iterable[UUID] = (), since: datetime | None = None) -> int:
    """Ask for what was taken or given up to be sent again, by id or all of it `since` a moment; with the same webhook-id. How many."""
    actor.require(Permission.HOOKS_KEEP)
    rows = hook.deliveries.filter(state__in=(DeliveryState.TAKEN, DeliveryState.FAILED))
    chosen = Q(pk__in=list(deliveries))
    if since is not None:
        chosen |= Q(made_at__gte=since)
    count = rows.filter(chosen).update(
        state=DeliveryState.WAITING, attempts=0, next_at=clock.now(), ended_at=None, answer=""
    )
    if count:
        record(actor, "hook.sent_again", hook, count=count)
    return count


def offer(entry: TrailEntry, *, code: str) -> list[UUID]:
    """Write a telling of `entry` for each address that wants its verb; those it has stay as they are. Ids of what waits now."""
    hooks = Hook.objects.filter(stopped_at__isnull=True, verbs__contains=[entry.verb])
    for hook in hooks:
        if Delivery.objects.filter(hook=hook, entry=entry.pk).exists():
            continue
        now = clock.now()
        row = Delivery(hook=hook, entry=entry.pk, verb=entry.verb, body=body_of(entry, code), next_at=now, made_at=now)
        try:
            with constraint("delivery_once", broken=HookThere):
                add_rows(Delivery, [row])
        except HookThere:  # another worker ran the same job
            continue
    waiting = Delivery.objects.filter(entry=entry.pk, state=DeliveryState.WAITING, next_at__lte=clock.now())
    return list(waiting.values_list("pk", flat=True))


def body_of(entry: TrailEntry, code: str) -> str:
    """What is told: type, timestamp, data. No person and no words are in it: who may read them asks the API."""
    noun = entry.subject_kind.partition(".")[2]
    told = {
        "type": entry.verb,
        "timestamp": entry.at.isoformat(),
        "data": {"id": str(entry.pk), "community": code, "subject": noun, "subject_id": str(entry.subject_id)},
    }
    if noun == "matter":
        told["data"]["url"] = f"{settings.LINLI_ORIGIN}/api/c/{code}/matters/{entry.subject_id}"  # type: ignore[index]
    return orjson.dumps(told).decode()


@dataclass(frozen=True)
class Claimed:
    """A telling somebody is about to send."""

    id: UUID
    entry: UUID
    url: str
    secret: str
    body: str
    attempt: int


def claim(delivery_id: UUID) -> Claimed | None:
    """Take a telling for LEASE; None when it is not due or somebody else has it: one conditional update decides."""
    now = clock.now()
    due = Q(state=DeliveryState.WAITING, next_at__lte=now) | Q(state=DeliveryState.SENDING, next_at__lte=now)
    taken = Delivery.objects.filter(due, pk=delivery_id).update(
        state=DeliveryState.SENDING, next_at=now + rules.LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    row = Delivery.objects.select_related("hook").get(pk=delivery_id)
    return Claimed(row.pk, row.entry, row.hook.url, row.hook.secret, row.body, row.attempts)


def mark(claimed: Claimed, *, is_taken: bool, answer: str) -> None:
    """How it went: taken, to be tried again, or given up. What another try has marked meanwhile stays."""
    now = clock.now()
    again = None if is_taken else rules.retry_at(claimed.attempt, now)
    state = DeliveryState.TAKEN if is_taken else DeliveryState.WAITING if again else DeliveryState.FAILED
    Delivery.objects.filter(pk=claimed.id, state=DeliveryState.SENDING, attempts=claimed.attempt).update(
        state=state, next_at=again or now, ended_at=None if again else now, answer=answer[:80]
    )
