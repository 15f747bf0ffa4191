"""The verb of `actions.visiting` over many passes at once, for history that is told afterwards: the demo's, and old registers'.

A batch takes the same calls with the same rules in memory and writes everything when it ends. It opens no matters, confirms
nothing and keeps no photos: those belong to the day itself. A test holds that both ways leave the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from uuid import UUID

import orjson

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.copy import add_rows
from linli.core.db import payload_hash
from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.states import step
from linli.core.trail import entry_of
from linli.places.models import Dwelling

from . import rules
from .actions import Said
from .actions.visiting import payload_of
from .models import Cause, Channel, Found, PlanState, Visit, VisitPlan, VisitSession


class Batch:
    """`with Batch() as batch:` inside `tenancy.active`; then the passes, in the order in which they happened.

    Nobody else may record visits meanwhile; written when the block ends, or not at all when it raises.
    """

    def __init__(self) -> None:
        self._sessions: list[VisitSession] = []
        self._visits: list[Visit] = []
        self._entries: list[TrailEntry] = []
        self._new: list[VisitPlan] = []
        self._closed: list[VisitPlan] = []
        self._open: dict[UUID, list[VisitPlan]] = {}
        for plan in VisitPlan.objects.filter(state=PlanState.OPEN).select_related("policy").order_by("id"):
            self._open.setdefault(plan.resident_id, []).append(plan)

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()

    def record_session(self, actor: Actor, *, dwelling: Dwelling, channel: str, said: Sequence[Said]) -> VisitSession:
        """As `actions.record_session`, for people who live behind that door."""
        actor.require(Permission.VISITS_MAKE)
        session = VisitSession(
            id=uuid7(),
            made_by=actor.account_id,
            made_hash=payload_hash(payload_of(dwelling, channel, said, None, ())),
            dwelling=dwelling,
            channel=Channel(channel).value,
            at=clock.now(),
        )
        self._sessions.append(session)
        for each in said:
            self._visit(session, each)
        self._entries.append(
            entry_of(
                actor,
                "visit.recorded",
                session,
                touches=[each.resident_id for each in said],
                channel=session.channel,
                met=sum(each.found == Found.MET for each in said),
                missed=sum(each.found != Found.MET for each in said),
            )
        )
        return session

    def _visit(self, session: VisitSession, said: Said) -> None:
        today, is_met, answers = clock.today(), said.found == Found.MET, rules.sound(said.answers)
        begun = [plan for plan in self._open.get(said.resident_id, []) if plan.from_on <= today]
        policy = next((plan.policy for plan in reversed(begun) if plan.policy is not None), None)
        visit = Visit(
            session=session,
            resident_id=said.resident_id,
            at=session.at,
            found=Found(said.found).value,
            counts=is_met and (policy is None or session.channel in policy.channels),
            answers=orjson.dumps(answers).decode() if answers and is_met else None,
            words=said.words.strip()[:300] or None,
            is_worrying=is_met and bool(rules.worries(answers)),
        )
        self._visits.append(visit)
        if not is_met:
            self._follow_up(said.resident_id, begun)
            return
        for plan in begun:
            if plan.policy is None or session.channel in plan.policy.channels:
                step(plan, PlanState.DONE)
                plan.visit, plan.closed_at = visit, session.at
                self._open[said.resident_id].remove(plan)
                self._closed.append(plan)

    def _follow_up(self, resident_id: UUID, begun: Sequence[VisitPlan]) -> None:
        today = clock.today()
        if any(plan.cause == Cause.FOLLOW_UP and plan.from_on == today for plan in begun):
            return
        plan = VisitPlan(
            resident_id=resident_id, cause=Cause.FOLLOW_UP.value, from_on=today, due_on=today, made_at=clock.now(),
            state=PlanState.OPEN.value,
        )  # fmt: skip
        self._new.append(plan)
        self._open.setdefault(resident_id, []).append(plan)

    def _write(self) -> None:
        add_rows(VisitSession, self._sessions)
        add_rows(Visit, self._visits)
        add_rows(VisitPlan, self._new)
        made = {plan.pk for plan in self._new}
        changed = [plan for plan in self._closed if plan.pk not in made]
        VisitPlan.objects.bulk_update(changed, ["state", "visit", "closed_at"], batch_size=400)
        add_rows(TrailEntry, self._entries)
