"""Ending what stands still or is being asked: shared by the verbs that take a matter out of its handler's hands."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from linli.core import clock
from linli.core.access import SYSTEM, Actor
from linli.core.states import step
from linli.core.trail import record

from .. import queries
from ..models import AskState, Extension, Matter, Pause


def end_pause(actor: Actor, row: Matter, *, at: datetime) -> None:
    """End the pause of a locked matter at `at`, if it has one. The caller's transaction; saves what changed."""
    pause = Pause.objects.select_for_update().filter(matter=row, state=AskState.GRANTED).first()
    if pause is None:
        return
    at = min(at, pause.until_at)
    step(pause, AskState.ENDED)
    pause.ended_at = at
    pause.save(update_fields=["state", "ended_at"])
    early = cast(datetime, pause.due_before)
    row.due_at = queries.moved_due_at(row, pause.asked_at, at, due_at=early)
    row.paused_until, row.look_at = None, clock.now()
    row.save(update_fields=["due_at", "paused_until", "look_at"])
    record(actor, "matter.resumed", row)


def leave_no_asks(actor: Actor, row: Matter) -> None:
    """A matter that leaves its handler's hands takes no pause and no open question along. The row is locked."""
    end_pause(actor, row, at=clock.now())
    for ask in waiting_asks(row):
        step(ask, AskState.WITHDRAWN)
        ask.save(update_fields=["state"])
        record(actor, "matter.ask_withdrawn", row)


def waiting_asks(row: Matter) -> list[Pause | Extension]:
    """What waits to be decided about a locked matter; locked too."""
    pauses = Pause.objects.select_for_update().filter(matter=row, state=AskState.ASKED)
    return [*pauses, *Extension.objects.select_for_update().filter(matter=row, state=AskState.ASKED)]


def let_system_resume(row: Matter) -> None:
    """The pause of a locked matter has run out: the clock goes on by itself."""
    end_pause(SYSTEM, row, at=clock.now())
