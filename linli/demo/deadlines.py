"""What the last week's deadlines said, and what is asked of those still running: through the same verbs as in daily life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from linli.core import clock
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.matters import actions, queries
from linli.matters.models import Matter, State
from linli.worktime.queries import working_time

from .hours import at_time
from .known_matters import WANG
from .settle import Settled

DAYS_LOOKED_AT = 7
DECIDES = "赵敏"


def let_deadlines_speak(here: Settled, now: datetime) -> None:
    """Each morning of the last days: reminders, 催办, and what was raised to the secretary and the street."""
    mornings = [at_time((now - timedelta(days=ago)).date(), 8, 31) for ago in range(DAYS_LOOKED_AT, -1, -1)]
    with active(here.id):
        for moment in [*(each for each in mornings if each < now), now]:
            with clock.at(moment):
                while actions.look_at_clocks(here.community):
                    pass


def ask_for_time(here: Settled, now: datetime) -> None:
    """One pause that holds and one that waits, one longer deadline and one that is asked for; by those who handle the matters."""
    with active(here.id):
        reasons = {reason.code: reason for reason in queries.pause_reasons()}
        running = _running(here, now)
        secretary = here.actors[DECIDES]
        two_days = (now + timedelta(days=2)).date()
        for n, (actor, matter, asked_at) in enumerate(running):
            later = (matter.due_at + timedelta(days=2)).astimezone(clock.SHANGHAI).date()
            with clock.at(asked_at):
                if n == 0:
                    pause = actions.ask_pause(
                        actor, matter=matter, reason=reasons["parts"], until=two_days, words="要用的材料缺货，后天到。"
                    )
                elif n == 1:
                    extension = actions.ask_extension(
                        actor, matter=matter, until=later, words="要约物业一起到现场看，时间还没凑齐。"
                    )
                elif n == 2:
                    actions.ask_pause(
                        actor,
                        matter=matter,
                        reason=reasons["resident"],
                        until=two_days,
                        words="约好的人后天才有空，到时一起到现场看。",
                    )
                elif n == 3:
                    actions.ask_extension(actor, matter=matter, until=later, words="牵涉两家，还要再上门商量一次。")
                else:
                    break
            with clock.at(asked_at + (now - asked_at) / 2):
                if n == 0:
                    actions.decide_pause(secretary, pause=pause, is_granted=True)
                elif n == 1:
                    actions.decide_extension(secretary, extension=extension, is_granted=True)


def _running(here: Settled, now: datetime) -> Iterator[tuple[Actor, Matter, datetime]]:
    """Matters in somebody's hands whose deadline is still ahead, with who handles them and when she may have asked."""
    by_account = {actor.account_id: actor for actor in here.actors.values()}
    rows = Matter.objects.filter(state=State.ACCEPTED, due_at__gt=now + timedelta(hours=2))
    told = (here.actors[WANG].account_id if WANG in here.actors else None) or UUID(int=0)  # hers are the story's own
    lately = working_time().take_working(now, timedelta(hours=1))
    for matter in rows.exclude(reporter=told).select_related("kind").order_by("due_at", "id"):
        handler = by_account.get(matter.handler)
        asked_at = max(matter.accepted_at + timedelta(minutes=20), lately) if matter.accepted_at else now
        if handler is not None and handler.account_id != here.actors[DECIDES].account_id and asked_at < now:
            yield handler, matter, asked_at
