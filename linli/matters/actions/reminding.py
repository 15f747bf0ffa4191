"""What the clock says: found by looking, written once for each deadline, told to who can still do something about it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import SYSTEM, Role
from linli.core.trail import record
from linli.notices import actions as notices
from linli.notices.queries import reaches
from linli.places.models import Community
from linli.worktime.queries import working_time
from linli.worktime.rules import WorkingTime

from .. import queries
from ..models import OPEN, ClockMark, Mark, Matter, Queue
from ..rules_clock import Moment, moments_of
from .stops import let_system_resume

BATCH = 100
VERB_OF = {
    Mark.SOON: "matter.due_soon",
    Mark.LAST: "matter.due_soon",
    Mark.UNTAKEN: "matter.untaken",
    Mark.SLOW: "matter.slow",
    Mark.OVERDUE: "matter.overdue",
    Mark.SECRETARY: "matter.raised",
    Mark.STREET: "matter.raised",
}
TEMPLATE_OF = {
    Mark.SOON: "matter_due_soon",
    Mark.LAST: "matter_due_soon",
    Mark.UNTAKEN: "matter_untaken",
    Mark.SLOW: "matter_slow",
    Mark.OVERDUE: "matter_overdue",
    Mark.SECRETARY: "matter_raised",
    Mark.STREET: "matter_raised",
}
SEVERITY = list(Mark)


@transaction.atomic
def look_at_clocks(community: Community) -> int:
    """Look at up to BATCH matters whose time to be looked at has come; how many. Call it until it answers 0.

    Marks, messages, trail and the next time to look stand or fall together, and each matter's row is locked (one that another worker
    holds is left to it): killed anywhere, nothing is lost, and nothing is said twice.
    """
    now = clock.now()
    due = Matter.objects.select_for_update(skip_locked=True, of=("self",)).filter(look_at__lte=now)
    rows = list(due.select_related("kind__parent__parent__parent__parent").order_by("look_at", "id")[:BATCH])
    if not rows:
        return 0
    over = [row.id for row in rows if row.state not in OPEN]
    Matter.objects.filter(pk__in=over).update(look_at=None)
    working = working_time()
    made: dict[UUID, set[tuple[str, object]]] = {}
    for matter_id, mark, due_at in ClockMark.objects.filter(matter__in=rows).values_list("matter_id", "mark", "due_at"):
        made.setdefault(matter_id, set()).add((mark, due_at))
    for row in (each for each in rows if each.state in OPEN):
        _look_at(community, row, working, made.get(row.id, set()))
    return len(rows)


def _look_at(community: Community, row: Matter, working: WorkingTime, made: set[tuple[str, object]]) -> None:
    now = clock.now()
    if row.paused_until and row.paused_until <= now:
        let_system_resume(row)
    if row.paused_until:
        row.look_at = row.paused_until
        row.save(update_fields=["look_at"])
        return
    moments = [each for each in moments_of(queries.timed(row), working) if (each.mark, each.due_at) not in made]
    come = [each for each in moments if each.at <= now]
    row.look_at = min((each.at for each in moments if each.at > now), default=None)
    if come:
        _say(community, row, come)
    row.save(update_fields=["look_at", "raised_to"])


def _say(community: Community, row: Matter, come: Iterable[Moment]) -> None:
    """Write every mark; tell only the gravest: after a stop of the machine nobody wants five messages about one matter."""
    by_gravity = sorted(come, key=lambda each: SEVERITY.index(Mark(each.mark)))
    gravest = by_gravity[-1]
    mark = Mark(gravest.mark)
    people = [account for account in _who_hears(community, row, mark) if reaches(account)]
    ClockMark.objects.bulk_create(
        ClockMark(
            matter=row,
            mark=each.mark,
            due_at=each.due_at,
            made_at=clock.now(),
            told=len(people) if each is gravest else 0,
        )
        for each in by_gravity
    )
    if mark in (Mark.SECRETARY, Mark.STREET):
        row.raised_to = mark
    record(SYSTEM, VERB_OF[mark], row, mark=mark, due_at=gravest.due_at)
    for account in people:
        notices.send_message(
            SYSTEM,
            to_account=account,
            template=TEMPLATE_OF[mark],
            facts={"number": row.number, "kind": row.kind.name, "due": queries.until_words(row)},
            about=row,
            once_key=f"clock:{row.id}:{mark}:{gravest.due_at.timestamp():.0f}:{account}",
        )


def _who_hears(community: Community, row: Matter, mark: Mark) -> list[UUID]:
    """Who handles it (or should take it); the secretary, and the street, when it is raised to them, and who handles it still."""
    at_hand = [row.handler] if row.handler else _queue_of(community, row)
    if mark == Mark.SECRETARY or (not at_hand and mark != Mark.STREET):
        at_hand = [*at_hand, *_ids(community, Role.SECRETARY)]
    elif mark == Mark.STREET:
        at_hand = [*_ids(community, Role.SECRETARY), *_ids(community, Role.STREET_OFFICIAL)]
    return list(dict.fromkeys(at_hand))


def _queue_of(community: Community, row: Matter) -> list[UUID]:
    if row.queue == Queue.FRONT and row.sub_area_id:
        return _ids(community, Role.SPECIALIST, row.sub_area_id)
    return _ids(community, Role.BACK_OFFICE)


def _ids(community: Community, role: Role, sub_area_id: UUID | None = None) -> list[UUID]:
    return [account.id for account in accounts.staff_of(community, role, sub_area_id=sub_area_id)]
