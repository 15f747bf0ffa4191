"""Every reading of people leaves a line on the trail and a count; reading that is unusual is told, slowed and asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linli.accounts.models import Account
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.tenancy import current_id
from linli.core.trail import record
from linli.residents.models import Resident
from linli.rights import queries, rules
from linli.rights.models import ReadingHour


class ReasonTooShort(Invalid):
    code = "rights.reason_too_short"
    message = "请写一句这次要查看这么多人的原因，例如：台风转移，逐户核对独居老人。"


@dataclass(frozen=True)
class Reading:
    """What one answer showed of people: those on its lists, the one whose record it is, those whose number it gave in full."""

    page: str
    shown: Sequence[UUID]
    opened: UUID | None = None
    revealed: Sequence[UUID] = ()


@transaction.atomic
def note_reading(actor: Actor, reading: Reading) -> rules.Tally | None:
    """Write down that the actor saw these people, and count it; None when it was only their own.

    One line for a whole list: being on it is the finding. A full number has its line already (`resident.revealed`).
    """
    own = actor.speaks_for
    listed = [each for each in reading.shown if each not in own and each != reading.opened]
    opened = reading.opened if reading.opened in reading.shown and reading.opened not in own else None
    revealed = [each for each in reading.revealed if each not in own]
    if actor.account_id is None or not (listed or opened or revealed):
        return None
    if opened is not None and opened not in revealed:
        record(actor, "resident.opened", Resident(pk=opened), page=reading.page)
    if listed:
        record(
            actor, "resident.listed", Account(pk=actor.account_id), touches=listed, page=reading.page, count=len(listed)
        )
    outside = queries.outside_patch(actor, [*listed, *([opened] if opened else []), *revealed])
    row = _count(
        actor.account_id,
        listed=len(listed),
        opened=int(opened is not None and opened not in revealed),
        revealed=len(revealed),
        outside=outside,
    )
    if row.told_at is None and rules.is_unusual(row.tally, limits_at(row.hour)):
        _tell_once(actor, row)
    return row.tally


UPSERT = """
INSERT INTO rights_readinghour AS held (id, community_id, account_id, hour, listed, opened, revealed, outside, allowed)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0)
ON CONFLICT (community_id, account_id, hour) DO UPDATE
   SET listed = held.listed + EXCLUDED.listed, opened = held.opened + EXCLUDED.opened,
       revealed = held.revealed + EXCLUDED.revealed, outside = held.outside + EXCLUDED.outside
RETURNING id, listed, opened, revealed, outside, allowed, told_at
"""


def _count(account_id: UUID, *, listed: int, opened: int, revealed: int, outside: int) -> ReadingHour:
    """Add to the hour's counters in one statement: pages read at once by one account are all counted."""
    hour = queries.hour_of(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [uuid7(), current_id(), account_id, hour, listed, opened, revealed, outside])
        held = cursor.fetchone()
    names = ("id", "listed", "opened", "revealed", "outside", "allowed", "told_at")
    return ReadingHour(account_id=account_id, hour=hour, **dict(zip(names, held, strict=True)))


def _tell_once(actor: Actor, row: ReadingHour) -> None:
    """Of several pages that cross the limit at once, one tells."""
    won = ReadingHour.objects.filter(pk=row.pk, told_at=None).update(told_at=clock.now())
    if won:
        tally = row.tally
        record(actor, "reading.unusual", row, people=tally.people, lines=tally.listed, outside=tally.outside)


def limits_at(hour: datetime) -> rules.Limits:
    """The limits that hold in the hour beginning at that moment."""
    return rules.Limits(**settings.LINLI_READING).at_hour(hour.astimezone(clock.SHANGHAI).hour)


@transaction.atomic
def explain_reading(actor: Actor, *, because: str) -> ReadingHour:
    """Say why so many are read, and read on: nobody's work stops, and the reason stays on the trail.

    Raises:
        NotAllowed, ReasonTooShort: shorter than 6 or longer than 200 characters.
    """
    actor.require(Permission.DESK_OPEN)
    if actor.account_id is None:
        raise NotAllowed()
    because = " ".join(because.split())
    if not 6 <= len(because) <= 200:
        raise ReasonTooShort(field="because")
    hour = queries.hour_of(clock.now())
    row, _ = ReadingHour.objects.select_for_update().get_or_create(account_id=actor.account_id, hour=hour)
    if rules.must_say_why(row.tally, limits_at(hour)):
        row.allowed += 1
        row.save(update_fields=["allowed"])
        record(actor, "reading.explained", row, because=because, people=row.tally.people, lines=row.listed)
    return row
