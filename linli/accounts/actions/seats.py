"""Seats of organisations: opened when something is first handed to them, entered by their link and a one-time code."""

from __future__ import annotations

import secrets

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import Invalid, NotFound
from linli.core.trail import record
from linli.organisations.models import OrganisationPost

from .. import queries_seats as queries
from .. import rules
from ..models import PartySeat
from .sign_in import AskedCode, _account_with_phone, ask_code

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
LENGTH = 10


class NoMobile(Invalid):
    code = "accounts.party_without_mobile"
    message = "这位联系人没有登记手机号，收不到验证码。请在组织档案里补上，或由社区代记反馈。"


class SeatGone(NotFound):
    code = "accounts.party_seat_gone"
    message = "这个链接现在不能用：可能少了几个字，或这位联系人已经不在单位里任职。请向社区要一个新的。"


@transaction.atomic
def open_seat(actor: Actor, *, post: OrganisationPost) -> PartySeat:
    """Let whoever holds `post` answer for the organisation by phone. The same again returns the same seat.

    Raises:
        NotAllowed: without MATTERS_HANDLE.
        NoMobile: no mobile number is known to send the code to.
    """
    actor.require(Permission.MATTERS_HANDLE)
    phone = queries.phone_of(post)
    if not phone or not rules.is_mobile(phone):
        raise NoMobile()
    known = PartySeat.objects.filter(post=post).first()
    if known is not None:
        return _follow_phone(known, phone)
    seat = PartySeat.objects.create(
        post=post,
        account_id=_account_with_phone(phone).pk,
        code="".join(secrets.choice(LETTERS) for _ in range(LENGTH)),
        made_by=actor.account_id,
        made_at=clock.now(),
    )
    record(actor, "party_seat.opened", seat, touches=[post.organisation_id])
    return seat


def _follow_phone(seat: PartySeat, phone: str) -> PartySeat:
    """The holder has another number by now: the seat goes with the register."""
    account = _account_with_phone(phone)
    if seat.account_id != account.pk:
        seat.account_id = account.pk
        seat.save(update_fields=["account_id"])
    return seat


@transaction.atomic
def ask_code_for(seat: PartySeat, *, address: str) -> AskedCode:
    """Send the one-time code to the phone of whoever holds the seat's post today.

    Raises:
        SeatGone: the post is no longer held, or has no mobile number.
        CodeTooOften, CodeNotSent: as for everybody who signs in.
    """
    phone = queries.phone_of(seat.post)
    if not seat.post.holds_on(clock.today()) or not phone or not rules.is_mobile(phone):
        raise SeatGone()
    _follow_phone(seat, phone)
    return ask_code(phone=phone, address=address)
