"""When a matter's clock has something to say, as arithmetic. The steps and their distances are ours; configuration later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.core.clock import ONE_DAY
from linli.worktime.rules import Unit, WorkingTime

SOON_SHARE = 5
"""The reminder comes when a fifth of the promise is left (at 80 %)."""
LAST_HOUR = timedelta(hours=1)
SECRETARY_DAYS, STREET_DAYS = 1, 3
"""How many working days late the secretary, and the street, are told. Shenzhen's hotline rules remind on the next day and reprove
after five working days; ours are shorter because the steps only tell."""
PAUSE_MOST = EXTEND_MOST = timedelta(days=30)
"""No single pause or extension reaches farther; then it is asked again. Ours."""


@dataclass(frozen=True)
class Timed:
    """What the clock of one open matter is worked out from."""

    reported_at: datetime
    due_at: datetime
    promise_amount: int
    promise_unit: Unit
    is_taken: bool
    accepted_at: datetime | None = None
    accept_hours: int | None = None
    handle_hours: int | None = None


@dataclass(frozen=True)
class Moment:
    """At `at` the clock says `mark` of the deadline `due_at`."""

    at: datetime
    mark: str
    due_at: datetime


def moments_of(timed: Timed, working: WorkingTime) -> list[Moment]:
    """Everything the clock will say, in the order of severity; each within working hours, when somebody reads it."""
    due = timed.due_at
    day = working.usual_day()
    said = [(due, mark, at) for mark, at in _reminders(timed, working)]
    if timed.accept_hours and not timed.is_taken:
        limit = working.add_working(timed.reported_at, timedelta(hours=timed.accept_hours))
        said.append((limit, "untaken", working.next_opening(limit)))
    if timed.handle_hours and timed.is_taken and timed.accepted_at:
        limit = working.add_working(timed.accepted_at, timedelta(hours=timed.handle_hours))
        said.append((limit, "slow", working.next_opening(limit)))
    said += [
        (due, "overdue", working.next_opening(due)),
        (due, "secretary", working.next_opening(working.add_working(due, day * SECRETARY_DAYS))),
        (due, "street", working.next_opening(working.add_working(due, day * STREET_DAYS))),
    ]
    return [Moment(at, mark, of) for of, mark, at in said]


def _reminders(timed: Timed, working: WorkingTime) -> list[tuple[str, datetime]]:
    """At 80 %, and on the morning of the last day (an hour before, where hours are promised); one alone where both are one."""
    due, nothing = timed.due_at, timedelta(0)
    if timed.promise_unit == Unit.WORKING_HOURS:
        whole = timedelta(hours=timed.promise_amount)
        soon, last = working.take_working(due, whole / SOON_SHARE), working.take_working(due, min(LAST_HOUR, whole))
    else:
        is_by_calendar = timed.promise_unit == Unit.CALENDAR_DAYS
        day = ONE_DAY if is_by_calendar else working.usual_day()
        fifth = day * timed.promise_amount / SOON_SHARE
        soon = working.take_working(due - fifth, nothing) if is_by_calendar else working.take_working(due, fifth)
        last = working.opening_on_last_day(due)
    reminders = [("last", last)]
    if soon < last:
        reminders.insert(0, ("soon", soon))
    return [(mark, at) for mark, at in reminders if at > timed.reported_at]
