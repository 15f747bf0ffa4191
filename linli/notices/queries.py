"""Which messages there are, and how to reach somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli.accounts.models import Account
from linli.accounts.queries import accounts_of_residents
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.masking import mask_name, mask_phone

from .models import Channel, Message, MessageState
from .port import provider_for
from .wording import title_of

DUE = Q(state__in=(MessageState.QUEUED, MessageState.SENDING)) & ~Q(channel=Channel.PHONE_TASK)


def messages_visible_to(actor: Actor) -> QuerySet[Message]:
    """All messages of the active community for who may see them, else the actor's own; newest first."""
    rows = Message.objects.select_related("recipient").order_by("-id")
    if actor.may(Permission.MESSAGES_SEE):
        return rows
    if not actor.is_signed_in:
        return rows.none()
    return rows.filter(Q(recipient_account=actor.account_id) | Q(recipient_id__in=actor.speaks_for))


def phone_tasks_visible_to(actor: Actor) -> QuerySet[Message]:
    """Calls the front desk still has to make; the one due longest first."""
    if not actor.may(Permission.MESSAGES_SEE):
        return Message.objects.none()
    rows = Message.objects.filter(channel=Channel.PHONE_TASK, state=MessageState.QUEUED).select_related("recipient")
    return rows.order_by("next_attempt_at", "id")


def counts_by_state(actor: Actor) -> dict[str, int]:
    """How many messages are in each state, for the filter above the list."""
    rows = messages_visible_to(actor).order_by().values_list("state").annotate(many=Count("pk"))
    return Counter(dict(rows.values_list("state", "many")))


@dataclass(frozen=True)
class Line:
    """A message as a list shows it: to whom (masked), what, by which way, how it went."""

    message: Message
    to: str
    title: str
    channel: str
    state: str
    tone: str


TONES = {
    MessageState.QUEUED: "wait",
    MessageState.SENDING: "doing",
    MessageState.SENT: "doing",
    MessageState.DELIVERED: "done",
    MessageState.FAILED: "late",
    MessageState.UNDELIVERABLE: "alarm",
}


def lines_of(messages: Iterable[Message]) -> list[Line]:
    """Messages as lists show them; two queries whatever their number (`recipient` loaded)."""
    rows = list(messages)
    accounts = Account.objects.in_bulk([row.recipient_account for row in rows if row.recipient_account])
    return [_line(row, accounts) for row in rows]


def _line(row: Message, accounts: dict[UUID, Account]) -> Line:
    if row.recipient is not None:
        to = mask_name(row.recipient.name)
    else:
        account = accounts.get(row.recipient_account) if row.recipient_account else None
        to = mask_phone(account.phone) if account and account.phone else "工作人员" if account else "已注销的账号"
    return Line(
        row,
        to,
        title_of(row.template),
        Channel(row.channel).label,
        MessageState(row.state).label,
        TONES[MessageState(row.state)],
    )


def due_ids(*, limit: int = 200) -> list[UUID]:
    """Messages of the active community that should have been tried by now; the one due longest first."""
    rows = Message.objects.filter(DUE, next_attempt_at__lte=clock.now())
    return list(rows.order_by("next_attempt_at", "id").values_list("id", flat=True)[:limit])


def phone_of(message: Message) -> str | None:
    """The number to reach the recipient by: the account's own, or the register's, else one of a confirmed account's."""
    if message.recipient_account is not None:
        account = Account.objects.filter(pk=message.recipient_account, is_active=True).first()
        return account.phone if account else None
    if message.recipient is not None and message.recipient.phone:
        return message.recipient.phone
    for account in Account.objects.filter(pk__in=_accounts_of(message), is_active=True).order_by("id"):
        if account.phone:
            return account.phone
    return None


def address_of(message: Message) -> str | None:
    """Where the message's channel reaches the recipient; None when it does not."""
    if message.channel == Channel.WECHAT:
        return next((f"account:{account_id}" for account_id in _accounts_of(message)), None)
    return phone_of(message)


def _accounts_of(message: Message) -> list[UUID]:
    if message.recipient_account is not None:
        return [message.recipient_account]
    found = accounts_of_residents([message.recipient_id])
    return [account_id for accounts in found.values() for account_id in accounts]


def first_channel(message: Message, channels: tuple[str, ...]) -> str | None:
    """The highest of `channels` that has a provider and reaches the recipient; calls by a person need neither."""
    for channel in channels:
        message.channel = channel
        if channel == Channel.PHONE_TASK or (provider_for(channel) is not None and address_of(message)):
            return channel
    return None


def reaches(account_id: UUID) -> bool:
    """Whether a machine's message reaches that account: a reminder to a colleague is not worth somebody's telephone call."""
    message = Message(recipient_account=account_id)
    return first_channel(message, (Channel.WECHAT, Channel.SMS)) is not None
