"""Opening, closing and looking over an emergency's wider reading."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from linli.accounts.models import Emergency
from linli.accounts.models.emergencies import LONGEST
from linli.core import clock, trail
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed


class EmergencyOpen(Conflict):
    code, message = "accounts.emergency_open", "紧急查看已经打开着。办完请按“现在结束”。"


class ReasonShort(Invalid):
    code, message = "accounts.emergency_reason", "请把情况写清楚一点，例如：48幢2单元漏水，要找楼上住户。"


class ReviewOwn(NotAllowed):
    code, message = "accounts.emergency_own", "自己打开的紧急查看不能自己复核，请社区书记或审计管理员来看。"


@transaction.atomic
def open_emergency(actor: Actor, *, reason: str) -> Emergency:
    """Let the actor read the whole community for an hour, from the next request on; it is on the trail and waits for review.

    Raises:
        NotAllowed, ReasonShort
        EmergencyOpen: one is open; the database decides.
    """
    actor.require(Permission.EMERGENCY_OPEN)
    if len(reason.strip()) < 6:
        raise ReasonShort(field="reason")
    now = clock.now()
    assert actor.account_id is not None  # who holds a permission is somebody
    # One that ran out is closed at the moment it did.
    Emergency.objects.filter(account_id=actor.account_id, closed_at=None, until__lte=now).update(closed_at=F("until"))
    with constraint("emergency_open_once", broken=EmergencyOpen):
        row = Emergency.objects.create(
            account_id=actor.account_id, reason=reason.strip(), opened_at=now, until=now + LONGEST
        )
    trail.record(actor, "emergency.opened", row, reason=row.reason, until=row.until)
    return row


@transaction.atomic
def close_emergency(actor: Actor, *, emergency: Emergency) -> Emergency:
    """End the actor's own before its hour is over. Ending one that is over changes nothing."""
    if actor.account_id != emergency.account_id:
        raise NotAllowed()
    if Emergency.objects.filter(pk=emergency.pk, closed_at=None).update(closed_at=clock.now()):
        trail.record(actor, "emergency.closed", emergency)
    emergency.refresh_from_db()
    return emergency


@transaction.atomic
def review_emergency(actor: Actor, *, emergency: Emergency, review: str) -> Emergency:
    """Say what one found; an open one is ended by it. Looking over what was looked over changes nothing.

    Raises:
        NotAllowed
        ReviewOwn: one's own; the database says so, too.
    """
    actor.require(Permission.EMERGENCY_REVIEW)
    if actor.account_id is None or actor.account_id == emergency.account_id:
        raise ReviewOwn()
    now = clock.now()
    Emergency.objects.filter(pk=emergency.pk, closed_at=None).update(closed_at=now)
    seen = {"reviewed_by": actor.account_id, "reviewed_at": now, "review": review}
    with constraint("emergency_reviewed_by_another", broken=ReviewOwn):
        reviewed = Emergency.objects.filter(pk=emergency.pk, reviewed_at=None).update(**seen)
    if reviewed:
        trail.record(actor, "emergency.reviewed", emergency, review=review)
    emergency.refresh_from_db()
    return emergency
