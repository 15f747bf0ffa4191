"""Setting when a community works. What changes holds for what is counted from then on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from linli.core import tenancy
from linli.core.access import Actor, Permission
from linli.core.errors import Invalid
from linli.core.trail import record

from . import queries, rules
from .models import Shift, SpecialDay
from .rules import Span


class NotAWeek(Invalid):
    code, message = "worktime.not_a_week", "上班时间没有读懂。请每段写成 8:30-11:30，先后不要重叠，一周里至少有一段。"


class ReasonMissing(Invalid):
    code, message = "worktime.reason_missing", "请写一句原因，例如“台风停工”“值班补休”，同事看日历就明白。"


@transaction.atomic
def set_week(actor: Actor, *, week: Sequence[Sequence[Span]]) -> None:
    """Set the spans of every weekday, Monday first. The same week again changes nothing. Needs WORKTIME_KEEP.

    Raises:
        NotAWeek: spans out of order, or nothing worked at all.
    """
    actor.require(Permission.WORKTIME_KEEP)
    if not rules.is_a_week(week):
        raise NotAWeek(field="week")
    _one_at_a_time()
    wanted = tuple(tuple(spans) for spans in week)
    if wanted == queries.week():
        return
    Shift.objects.all().delete()
    rows = [
        Shift(weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekday, spans in enumerate(wanted, start=1)
        for opens, closes in spans
    ]
    made = Shift.objects.bulk_create(rows)
    record(actor, "worktime.week_set", made[0], week=[list(map(list, spans)) for spans in wanted])


@transaction.atomic
def set_day(actor: Actor, *, day: date, is_working: bool, reason: str) -> SpecialDay:
    """Say of one day that it is worked or not. Saying it again changes the reason alone. Needs WORKTIME_KEEP.

    Raises:
        ReasonMissing
    """
    actor.require(Permission.WORKTIME_KEEP)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    _one_at_a_time()
    row = SpecialDay.objects.filter(day=day).first()
    if row is not None and (row.is_working, row.reason) == (is_working, reason.strip()):
        return row
    row = row or SpecialDay(day=day)
    row.is_working, row.reason = is_working, reason.strip()
    row.save()
    record(actor, "worktime.day_set", row, day=day, is_working=is_working, reason=row.reason)
    return row


@transaction.atomic
def clear_day(actor: Actor, *, day: date) -> None:
    """Let `day` be what the calendar says again. Needs WORKTIME_KEEP."""
    actor.require(Permission.WORKTIME_KEEP)
    row = SpecialDay.objects.select_for_update().filter(day=day).first()
    if row is None:
        return
    record(actor, "worktime.day_cleared", row, day=day)
    row.delete()


def _one_at_a_time() -> None:
    """Two who set the hours at once: the second waits, and sees what the first wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('worktime'), %s)", [tenancy.current_id()])
