"""Light visits given to volunteers: until a day, with only what they need to know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import already_made, create_once
from linli.core.errors import Conflict, NotAllowed, NotFound
from linli.core.ids import uuid7
from linli.core.trail import record, record_many

from .. import queries, rules
from ..models import Cause, Channel, Found, PlanState, Visit, VisitErrand, VisitPlan, VisitSession
from .planning import add_plans
from .visiting import NobodyThere, close_plans

MOST_DAYS = 7


class NotAVolunteer(NotAllowed):
    code = "visit_errand.not_a_volunteer"
    message = "只能交给登记过的志愿者。请从名单里选一位，或先在居民档案里登记志愿者。"


class NoneLight(Conflict):
    code = "visit_errand.none_light"
    message = "选的这几户都不能由志愿者代走。请选规则里写明“志愿者可代走”的人家。"


class ErrandOver(NotFound):
    code = "visit_errand.over"
    message = "这一户不用您走了，可能同事已经去过，或已过了约定的日子。请回到清单看看。"


@transaction.atomic
def give_errands(actor: Actor, *, plans: QuerySet[VisitPlan], volunteer: UUID) -> int:
    """Give a volunteer those of the plans whose rule says so; how many. Urgent ones and those of other rules stay.

    She sees them until they are due, a week at most (of what is late already: a week). Raises NotAllowed, NotAVolunteer, NoneLight.
    """
    actor.require(Permission.VISITS_MAKE)
    if actor.account_id is None:
        raise NotAllowed()
    if volunteer not in {account for account, _ in queries.volunteers()}:
        raise NotAVolunteer(field="to")
    mine = queries.open_plans(actor).filter(pk__in=plans.order_by().values("pk"))
    light = mine.filter(cause=Cause.ROUTINE, policy__is_light=True).order_by().values("pk")
    rows = list(VisitPlan.objects.select_for_update().filter(pk__in=light, state=PlanState.OPEN).order_by("id"))
    if not rows:
        raise NoneLight(field="to")
    now, today = clock.now(), clock.today()
    last = today + timedelta(days=MOST_DAYS)
    VisitErrand.objects.filter(plan__in=rows, ended_at=None).update(ended_at=now)
    errands = [
        VisitErrand(
            plan=row, volunteer=volunteer, until=min(row.due_on, last) if row.due_on >= today else last,
            given_by=actor.account_id, given_at=now,
        )
        for row in rows
    ]  # fmt: skip
    VisitErrand.objects.bulk_create(errands)
    record_many(actor, "visit_errand.given", errands, volunteer=volunteer)
    return len(errands)


@transaction.atomic
def end_errands(actor: Actor, *, plans: QuerySet[VisitPlan]) -> int:
    """Take back what volunteers were given of these plans; how many. Raises NotAllowed."""
    actor.require(Permission.VISITS_MAKE)
    mine = queries.plans_visible_to(actor).filter(pk__in=plans.order_by().values("pk")).order_by().values("pk")
    rows = list(VisitErrand.objects.select_for_update().filter(plan__in=mine, ended_at=None).order_by("id"))
    VisitErrand.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=clock.now())
    record_many(actor, "visit_errand.ended", rows)
    return len(rows)


@transaction.atomic
def do_errand(
    actor: Actor,
    *,
    errand_id: UUID,
    found: str,
    answers: Mapping[str, str] | None = None,
    words: str = "",
    id: UUID | None = None,
) -> VisitSession:
    """How the volunteer found the person. Not met goes back to the specialist, due the same day. The same id again changes nothing.

    Raises ErrandOver for an errand that is not hers, or not any more; NobodyThere.
    """
    said = rules.sound(answers or {})
    payload: dict[str, Any] = {"errand": errand_id, "found": str(found), "answers": said, "words": words.strip()}
    if id and (earlier := already_made(VisitSession, id=id, actor=actor, payload=payload)):
        return earlier
    if found not in Found.values:
        raise NobodyThere(field="found")
    rows = queries.errand_rows(queries.errands_of(actor).filter(pk=errand_id).select_for_update(of=("self",)))
    if not rows:
        raise ErrandOver()
    row = rows[0]
    plan, is_met = row.errand.plan, found == Found.MET
    session, is_new = create_once(
        VisitSession, id=id or uuid7(), actor=actor, payload=payload, dwelling=row.dwelling,
        channel=Channel.PAIRING, at=clock.now(),
    )  # fmt: skip
    if not is_new:
        return session
    visit = Visit.objects.create(
        session=session,
        resident=plan.resident,
        at=session.at,
        found=Found(found),
        counts=is_met and (plan.policy is None or Channel.PAIRING in plan.policy.channels),
        answers=orjson.dumps(said).decode() if said and is_met else None,
        words=words.strip()[:300] or None,
        is_worrying=is_met and bool(rules.worries(said)),
    )
    if is_met:
        close_plans(visit, Channel.PAIRING)
    else:
        today = clock.today()
        add_plans([plan.resident_id], cause=Cause.FOLLOW_UP, from_on=today, due_on=today, reason="志愿者没见到")
    VisitErrand.objects.filter(pk=errand_id).update(ended_at=clock.now())
    record(
        actor, "visit.recorded", session, touches=[plan.resident_id, errand_id],
        channel=session.channel, met=int(is_met), missed=int(not is_met),
    )  # fmt: skip
    return session
