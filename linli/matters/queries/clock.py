"""The clock of a matter: when a promise given now runs out, what is asked of it, who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import Actor, Permission
from linli.worktime import rules as worktime
from linli.worktime.queries import working_time
from linli.worktime.rules import Unit

from ..models import IN_HAND, AskState, Extension, Matter, MatterKind, Pause, PauseReason
from ..rules_clock import Timed
from .matters import is_on_desk_of, matters_visible_to


def promised_at(kind: MatterKind, start: datetime) -> datetime:
    """When what is promised for `kind` at `start` has run out; the community's calendar is read only where the promise needs it."""
    if kind.promise_unit == Unit.CALENDAR_DAYS:
        return worktime.after_calendar_days(start, kind.promise_days)
    return working_time().promised(start, kind.promise_days, Unit(kind.promise_unit))


def moved_due_at(matter: Matter, first: datetime, last: datetime, *, due_at: datetime | None = None) -> datetime:
    """The deadline (or `due_at`) after the clock stood still from `first` to `last`, by what its kind's promise counts in."""
    return working_time().moved(due_at or matter.due_at, first, last, Unit(matter.kind.promise_unit))


def timed(matter: Matter) -> Timed:
    """What the matter's clock is worked out from (`kind` loaded)."""
    kind = matter.kind
    return Timed(
        reported_at=matter.reported_at,
        due_at=matter.due_at,
        promise_amount=kind.promise_days,
        promise_unit=Unit(kind.promise_unit),
        is_taken=matter.state in IN_HAND,
        accepted_at=matter.accepted_at,
        accept_hours=kind.held("accept_hours"),
        handle_hours=kind.held("handle_hours"),
    )


def pause_reasons() -> QuerySet[PauseReason]:
    """Why a clock may stand still here, in the community's order."""
    return PauseReason.objects.filter(is_offered=True)


@dataclass(frozen=True)
class OpenAsk:
    """What waits to be decided, or the pause that holds, in words."""

    ask: Pause | Extension
    matter: Matter
    is_pause: bool
    is_waiting: bool
    who: str
    why: str
    until: datetime
    may_decide: bool
    is_own: bool

    @property
    def title(self) -> str:
        return "暂停计时" if self.is_pause else "延期"


def ask_of(actor: Actor, matter: Matter) -> OpenAsk | None:
    """The matter's open ask or pause: at most one, as the database holds."""
    pause = Pause.objects.filter(matter=matter, state__in=(AskState.ASKED, AskState.GRANTED))
    found: Pause | Extension | None = pause.select_related("reason", "note").first()
    if found is None:
        found = Extension.objects.filter(matter=matter, state=AskState.ASKED).select_related("note").first()
    return _shown(actor, found, matter) if found else None


def asks_to_decide(actor: Actor) -> list[OpenAsk]:
    """What waits for the actor's decision, the earliest first; nothing for who may not decide."""
    if not actor.may(Permission.CLOCK_DECIDE):
        return []
    seen = matters_visible_to(actor).order_by().values("id")
    asked = {"state": AskState.ASKED, "matter__in": seen}
    found: list[Pause | Extension] = [
        *Pause.objects.filter(**asked).select_related("reason", "note", "matter__kind"),
        *Extension.objects.filter(**asked).select_related("note", "matter__kind"),
    ]
    return [_shown(actor, each, each.matter) for each in sorted(found, key=lambda each: each.asked_at)]


def pauses_to_decide(actor: Actor) -> QuerySet[Pause]:
    """Pauses that wait for the actor, who did not ask for them."""
    return Pause.objects.filter(state=AskState.ASKED).exclude(asked_by=actor.account_id or UUID(int=0))


def extensions_to_decide(actor: Actor) -> QuerySet[Extension]:
    """Extensions that wait for the actor, who did not ask for them."""
    return Extension.objects.filter(state=AskState.ASKED).exclude(asked_by=actor.account_id or UUID(int=0))


def _shown(actor: Actor, ask: Pause | Extension, matter: Matter) -> OpenAsk:
    is_pause = isinstance(ask, Pause)
    end = ask.until_at if isinstance(ask, Pause) else ask.wanted_at
    is_waiting = ask.state == AskState.ASKED
    return OpenAsk(
        ask=ask,
        matter=matter,
        is_pause=is_pause,
        is_waiting=is_waiting,
        who=accounts.display_names([ask.asked_by]).get(ask.asked_by, ""),
        why="：".join(
            filter(None, [ask.reason.name if isinstance(ask, Pause) else "", ask.note.words if ask.note else ""])
        ),
        until=end.astimezone(clock.SHANGHAI) - clock.ONE_DAY / 2,
        may_decide=is_waiting and actor.may(Permission.CLOCK_DECIDE) and ask.asked_by != actor.account_id,
        is_own=ask.asked_by == actor.account_id,
    )


def may_ask(actor: Actor, matter: Matter) -> bool:
    """Whether the actor may ask for a pause or more time now (nothing else being asked)."""
    return matter.state in IN_HAND and clock.now() < matter.due_at and is_on_desk_of(actor, matter)
