"""Sending: a message is written with the deed that causes it; a job hands it over a moment later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from linli.core import clock, trail
from linli.core.access import SYSTEM, Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, NotFound
from linli.core.states import step
from linli.residents.models import Resident

from . import queries, rules
from .models import Channel, Message, MessageState
from .port import Receipt, signature
from .wording import WORDINGS, words


class AlreadyQueued(Conflict):
    code, message = "notices.already_queued", "这条通知已经在发送了，不会重复发。"


class NotACall(Conflict):
    code, message = "notices.not_a_call", "这条通知不是电话任务，或已经有人处理完了。请刷新看看。"


class NoNumber(NotFound):
    code, message = "notices.no_number", "没有登记电话号码。请上门告知，或在居民档案里补上电话。"


@transaction.atomic
def send_message(
    actor: Actor,
    *,
    template: str,
    once_key: str,
    to_account: UUID | None = None,
    to_resident: Resident | None = None,
    facts: Mapping[str, Any] | None = None,
    about: models.Model | None = None,
) -> Message:
    """Write a message to one account or one resident of the active community; it leaves a moment after the commit.

    The same `once_key` again returns the first message: a follower that runs twice sends once. `about` is the row it
    is about.
    """
    if (to_account is None) == (to_resident is None):
        raise ValueError("one recipient, please: an account or a resident")
    if template not in WORDINGS:
        raise KeyError(template)
    message = Message(
        recipient_account=to_account,
        recipient=to_resident,
        template=template,
        body=words(template, facts or {}),
        about_kind=trail.kind_of(about) if about is not None else "",
        about_id=about.pk if about is not None else None,
        once_key=once_key,
    )
    try:
        return _queue(actor, message, rules.LADDER)
    except AlreadyQueued:
        return Message.objects.get(once_key=once_key)


def _queue(actor: Actor, message: Message, channels: tuple[str, ...]) -> Message:
    message.channel = queries.first_channel(message, channels) or Channel.PHONE_TASK
    message.made_at = message.next_attempt_at = clock.now()
    with constraint("message_once", broken=AlreadyQueued):
        message.save(force_insert=True)
    _note(actor, "message.queued", message)
    return message


@dataclass(frozen=True)
class Claim:
    """The right to send one message once, until its lease ends. `attempt` tells this claim from a later one."""

    message_id: UUID
    attempt: int
    channel: str
    to: str | None
    body: str
    once_key: str


def claim(message_id: UUID) -> Claim | None:
    """Take a message that is due for sending; None when it is not, or somebody else has it.

    One conditional UPDATE decides, so of many workers one wins. A lease that ran out (a worker died) is taken again.
    """
    now = clock.now()
    due = Message.objects.filter(queries.DUE, pk=message_id, next_attempt_at__lte=now)
    won = due.update(state=MessageState.SENDING, attempts=F("attempts") + 1, next_attempt_at=now + rules.LEASE)
    if not won:
        return None
    message = Message.objects.select_related("recipient").get(pk=message_id)
    body = rules.signed(signature(), message.body) if message.channel == Channel.SMS else message.body
    to = queries.address_of(message)
    return Claim(message.pk, message.attempts, message.channel, to, body, f"{message.community_id}:{message.once_key}")


@transaction.atomic
def mark_handed_over(claimed: Claim, receipt: Receipt, *, provider: str) -> Message:
    """A provider took it. True whoever holds the lease now, so a late mark still counts."""
    message = Message.objects.select_for_update().get(pk=claimed.message_id)
    if message.state not in (MessageState.SENDING, MessageState.QUEUED):
        return message
    message.state = MessageState.SENDING  # a lease may have run out meanwhile: what was sent was sent
    step(message, MessageState.DELIVERED if receipt.is_final else MessageState.SENT)
    message.provider, message.provider_ref, message.error_code = provider[:40], receipt.ref[:80], ""
    message.next_attempt_at = clock.now() + rules.RECEIPT_WAIT
    _close_if_over(message)
    _note(SYSTEM, "message.delivered" if receipt.is_final else "message.sent", message)
    return message


@transaction.atomic
def mark_not_taken(claimed: Claim, code: str, *, provider: str = "", is_final: bool = False) -> Message:
    """A try failed: wait and try again, or give this channel up and go down the ladder.

    Only the holder of the present lease may say so.
    """
    message = Message.objects.select_for_update().get(pk=claimed.message_id)
    if message.state != MessageState.SENDING or message.attempts != claimed.attempt:
        return message
    message.provider, message.error_code = provider[:40], code[:60]
    wait = None if is_final else rules.wait_after(message.attempts)
    if wait is not None:
        step(message, MessageState.QUEUED)
        message.next_attempt_at = clock.now() + wait
        message.save()
        return message
    return _give_up(message)


def _give_up(message: Message) -> Message:
    """This channel has failed for good: the next one gets a message of its own, or none is left."""
    root = message.once_key
    following = Message(
        recipient_account=message.recipient_account,
        recipient_id=message.recipient_id,
        template=message.template,
        body=message.body,
        about_kind=message.about_kind,
        about_id=message.about_id,
        after=message,
    )
    channel = queries.first_channel(following, rules.below(message.channel))
    step(message, MessageState.FAILED if channel else MessageState.UNDELIVERABLE)
    _close_if_over(message)
    _note(SYSTEM, f"message.{message.state}", message)
    if channel:
        following.once_key = f"{root[:140]}:{channel}"
        _queue(SYSTEM, following, (channel,))
    return message


def record_receipt(*, provider_ref: str, has_arrived: bool, code: str = "") -> Message:
    """What the provider says later about a message it took. Saying it again changes nothing.

    Raises:
        NotFound: no message of the active community has that reference.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(provider_ref=provider_ref).first()
        if message is None:
            raise NotFound()
        if message.state != MessageState.SENT:
            return message
        if not has_arrived:
            message.error_code = code[:60]
            return _give_up(message)
        step(message, MessageState.DELIVERED)
        _close_if_over(message)
        _note(SYSTEM, "message.delivered", message)
    return message


def stop_waiting() -> int:
    """End the wait for receipts that never came; how many. They count as not delivered; nobody is rung days later."""
    late = Message.objects.filter(state=MessageState.SENT, next_attempt_at__lte=clock.now())
    with transaction.atomic():
        rows = list(late.select_for_update(skip_locked=True)[:200])
        for message in rows:
            message.error_code = "no_receipt"
            step(message, MessageState.FAILED)
            _close_if_over(message)
        trail.record_many(SYSTEM, "message.failed", rows, code="no_receipt")
    return len(rows)


@transaction.atomic
def finish_call(actor: Actor, *, message: Message, has_answered: bool) -> Message:
    """How a call of the front desk went. Not answered: another time; after the third the message ends undelivered.

    Raises:
        NotAllowed
        NotACall: no phone task, or one that is over.
    """
    actor.require(Permission.MESSAGES_SEE)
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.channel != Channel.PHONE_TASK:
        raise NotACall()
    if has_answered and message.state == MessageState.DELIVERED:
        return message
    if message.state != MessageState.QUEUED:
        raise NotACall()
    message.attempts += 1
    if has_answered:
        step(message, MessageState.DELIVERED)
    elif message.attempts >= rules.CALLS:
        step(message, MessageState.UNDELIVERABLE)
    else:
        message.next_attempt_at = clock.now() + rules.CALL_PAUSE
    _close_if_over(message)
    _note(actor, "message.called" if has_answered else "message.not_answered", message)
    if message.state == MessageState.UNDELIVERABLE:
        _note(actor, "message.undeliverable", message)
    return message


@transaction.atomic
def see_number(actor: Actor, *, message: Message) -> str:
    """The full number to ring for a phone task; looking is in the trail.

    Raises:
        NotAllowed: the actor may not see full numbers.
        NotACall, NoNumber
    """
    actor.require(Permission.RESIDENTS_REVEAL)
    message = Message.objects.select_related("recipient").get(pk=message.pk)
    if message.channel != Channel.PHONE_TASK or message.state != MessageState.QUEUED:
        raise NotACall()
    number = queries.phone_of(message)
    if not number:
        raise NoNumber()
    _note(actor, "message.number_seen", message)
    return number


def _close_if_over(message: Message) -> None:
    if message.is_over:
        message.ended_at = clock.now()
    message.save()


def _note(actor: Actor, verb: str, message: Message) -> None:
    touches = [id for id in (message.about_id, message.recipient_id) if id]
    code: dict[str, Any] = {"code": message.error_code} if message.error_code else {}
    trail.record(actor, verb, message, touches=touches, channel=message.channel, template=message.template, **code)
