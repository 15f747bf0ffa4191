"""What the secretary decides: whom to call on and how often, and when everybody is called on once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.trail import record
from linli.residents import conditions
from linli.residents.codes import CATEGORY_KINDS
from linli.residents.conditions import Condition

from .. import rules
from ..models import Channel, Every, ExtraKind, ExtraRound, PlanState, Risk, VisitPlan, VisitPolicy
from .planning import plan_round


class NameWanted(Invalid):
    code, message = "visit_policy.name_wanted", "请给这条规则起个名字，例如“高龄独居老人每周一次”。"


class NameTaken(Conflict):
    code, message = "visit_policy.name_taken", "已经有一条同名的规则。请换个名字，或先停用原来那条。"


class WhoWanted(Invalid):
    code = "visit_policy.who_wanted"
    message = "请选至少一个居民类别，或一个分组。不选的话，全社区的人都要走一遍。"


class ChannelWanted(Invalid):
    code, message = "visit_policy.channel_wanted", "请选至少一种算数的方式，例如“上门”。"


class RoundReasonWanted(Invalid):
    code, message = "extra_round.reason_wanted", "请写明为什么加访，例如“寒潮橙色预警，12月3日到6日”。"


class DayPassed(Invalid):
    code, message = "extra_round.day_passed", "走完的日期已经过了。请选今天或以后的一天。"


@dataclass(frozen=True)
class PolicyFacts:
    """All that a rule says."""

    name: str
    every: str
    risk: str = Risk.KEY
    categories: Sequence[str] = ()
    conditions: Sequence[Condition] = ()
    channels: Sequence[str] = (Channel.DOOR, Channel.PHONE, Channel.VIDEO, Channel.PAIRING)
    questions: Sequence[str] = field(default=("eats", "sleeps", "medicine", "falls"))
    wants_photo: bool = False
    is_light: bool = False
    is_extra_on_change: bool = True


@transaction.atomic
def add_policy(actor: Actor, *, facts: PolicyFacts) -> VisitPolicy:
    """A rule from today on. Raises NotAllowed without VISITS_KEEP, NameWanted, WhoWanted, ChannelWanted, NameTaken."""
    actor.require(Permission.VISITS_KEEP)
    policy = VisitPolicy(made_by=_account_of(actor), made_at=clock.now(), **_checked(facts))
    with constraint("visit_policy_named_once", broken=NameTaken):
        policy.save(force_insert=True)
    record(actor, "visit_policy.added", policy, every=policy.every, risk=policy.risk)
    return policy


@transaction.atomic
def change_policy(actor: Actor, *, policy: VisitPolicy, facts: PolicyFacts) -> VisitPolicy:
    """What the rule says from now on; what has fallen due already stays due. Raises as `add_policy` does."""
    actor.require(Permission.VISITS_KEEP)
    policy = VisitPolicy.objects.select_for_update().get(pk=policy.pk)
    changed = {name: value for name, value in _checked(facts).items() if getattr(policy, name) != value}
    if not changed:
        return policy
    for name, value in changed.items():
        setattr(policy, name, value)
    with constraint("visit_policy_named_once", broken=NameTaken):
        policy.save(update_fields=list(changed))
    record(actor, "visit_policy.changed", policy, changed=sorted(changed))
    return policy


@transaction.atomic
def end_policy(actor: Actor, *, policy: VisitPolicy) -> VisitPolicy:
    """The rule asks for nothing any more; what it had made due and nobody has done yet is dropped."""
    actor.require(Permission.VISITS_KEEP)
    policy = VisitPolicy.objects.select_for_update().get(pk=policy.pk)
    if policy.ended_at is not None:
        return policy
    policy.ended_at = clock.now()
    policy.save(update_fields=["ended_at"])
    record(actor, "visit_policy.ended", policy, dropped=_drop(policy=policy))
    return policy


@transaction.atomic
def start_round(actor: Actor, *, kind: str, reason: str, due_on: date, risks: Sequence[str] = ()) -> ExtraRound:
    """Call once more on everybody on the roll (of these risks) by that day: in bad weather, before a festival.

    Raises NotAllowed without VISITS_KEEP, RoundReasonWanted, DayPassed.
    """
    actor.require(Permission.VISITS_KEEP)
    reason, today = " ".join(reason.split())[:100], clock.today()
    if len(reason) < 2:
        raise RoundReasonWanted(field="reason")
    if due_on < today:
        raise DayPassed(field="due_on")
    known = [each for each in Risk.values if each in risks]
    extra = ExtraRound.objects.create(
        kind=ExtraKind(kind), reason=reason, risks=known, from_on=today, due_on=due_on,
        made_by=_account_of(actor), made_at=clock.now(),
    )  # fmt: skip
    record(actor, "extra_round.started", extra, kind=extra.kind, due_on=due_on, count=plan_round(extra))
    return extra


@transaction.atomic
def end_round(actor: Actor, *, extra: ExtraRound) -> ExtraRound:
    """It is over: whoever was not called on need not be any more. Raises NotAllowed without VISITS_KEEP."""
    actor.require(Permission.VISITS_KEEP)
    extra = ExtraRound.objects.select_for_update().get(pk=extra.pk)
    if extra.ended_at is not None:
        return extra
    extra.ended_at = clock.now()
    extra.save(update_fields=["ended_at"])
    record(actor, "extra_round.ended", extra, dropped=_drop(extra=extra))
    return extra


def _account_of(actor: Actor) -> UUID:
    """Whoever decides stands for it. Raises NotAllowed for the machine itself."""
    if actor.account_id is None:
        raise NotAllowed()
    return actor.account_id


def _drop(**of: Any) -> int:
    return VisitPlan.objects.filter(state=PlanState.OPEN, **of).update(state=PlanState.DROPPED, closed_at=clock.now())


def _checked(facts: PolicyFacts) -> dict[str, Any]:
    name, met = " ".join(facts.name.split())[:24], conditions.as_data(facts.conditions)
    categories = [code for code in CATEGORY_KINDS if code in facts.categories]
    channels = [code for code in Channel.values if code in facts.channels]
    if not name:
        raise NameWanted(field="name")
    if not categories and not met:
        raise WhoWanted(field="categories")
    if not channels:
        raise ChannelWanted(field="channels")
    return {
        "name": name,
        "risk": Risk(facts.risk).value,
        "every": Every(facts.every).value,
        "categories": categories,
        "conditions": met,
        "channels": channels,
        "questions": [each.code for each in rules.asked(facts.questions)],
        "wants_photo": facts.wants_photo,
        "is_light": facts.is_light,
        "is_extra_on_change": facts.is_extra_on_change,
    }
