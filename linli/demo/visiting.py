"""Three months of visits: rules, what fell due each week, how people were found, and what is open this morning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from linli.core import clock, trail
from linli.core.access import Actor, Role
from linli.core.tenancy import active
from linli.places.models import Dwelling
from linli.residents.conditions import of_data
from linli.residents.queries import lived_everywhere_today
from linli.visits import actions, rules
from linli.visits.actions import PolicyFacts, Said
from linli.visits.bulk import Batch
from linli.visits.models import Channel, PlanState, VisitPlan

from .cast import colleagues_in, specialist_of
from .hours import DAYS, at_time
from .settle import Settled

GRANNY = "48-1-102"
RULES = (
    PolicyFacts(
        "高龄独居老人", "week", "high", ("living_alone",), of_data([("resident.age", "ge", "95")]),
        questions=("eats", "sleeps", "medicine", "falls", "mood"), wants_photo=True,
    ),
    PolicyFacts(
        "特殊困难老人", "month", "key", ("living_alone", "care_dependent", "extreme_hardship", "bereaved_of_only_child"),
        of_data([("resident.age", "ge", "87")]), questions=("eats", "sleeps", "medicine", "falls"),
    ),
    PolicyFacts(
        "空巢和困难家庭", "quarter", "general", ("empty_nest", "subsistence_allowance", "child_in_difficulty"),
        of_data([("resident.age", "ge", "86")]), questions=("eats", "mood", "cared"), is_light=True,
    ),
)  # fmt: skip
SAID = (
    "说最近胃口好，早上去运河边走一圈", "女儿周末来过，冰箱里有菜", "想问老年食堂怎么办卡", "膝盖不好，下楼慢",
    "电视遥控器不会用，教了两遍", "血压药快吃完了，提醒去社区医院配", "阳台晒了被子，屋里干净", "想找人修一下水龙头，说不急",
)  # fmt: skip


@dataclass
class Walk:
    """One door on one morning: who is due there."""

    at: datetime
    dwelling: Dwelling
    plans: list[VisitPlan]


def go_round(here: Settled, now: datetime) -> int:
    """The rules of the community and everything that followed from them; how many doors were walked to."""
    dice = Random(f"visits {here.site.code}")
    secretary = next(here.actors[c.name] for c in colleagues_in(here.id) if c.role == Role.SECRETARY)
    machine = Actor("system", via=trail.REPLAYED)
    first = now.date() - timedelta(days=DAYS)
    with active(here.id):
        with clock.at(at_time(first, 9)):
            for facts in RULES:
                actions.add_policy(secretary, facts=facts)
        for day in _mondays(first, now.date()):
            with clock.at(at_time(day, 1)):
                actions.fall_due(machine)
        with clock.at(now):
            actions.fall_due(machine)
            walks = _walks(dice, now)
        with Batch() as batch:
            for walk in walks:
                _walk(here, walk, dice, batch)
        if here.id == 1:
            _this_morning(here, secretary, now)
    return len(walks)


def _mondays(first: date, last: date) -> Iterator[date]:
    day = first
    while day < last:
        yield day
        day += timedelta(days=7 - day.weekday())


def _walks(dice: Random, now: datetime) -> list[Walk]:
    """A morning or an afternoon for most of what fell due; the rest is late, or still to come."""
    homes = {
        row.resident_id: row.dwelling
        for row in lived_everywhere_today().select_related("dwelling__entrance__building__grid__sub_area")
    }
    together: dict[tuple[UUID, date], Walk] = {}
    for plan in VisitPlan.objects.filter(state=PlanState.OPEN).order_by("from_on", "id"):
        if plan.resident_id not in homes or dice.random() < (0.012 if plan.due_on < now.date() else 0.02):
            continue
        begins = max(plan.from_on, plan.made_at.astimezone(clock.SHANGHAI).date())
        day = begins + timedelta(days=dice.randint(0, max(0, (plan.due_on - begins).days)))
        if day.weekday() == 6:
            day = max(begins, day - timedelta(days=1))
        at = at_time(day, dice.choice((8, 9, 9, 10, 10, 14, 15, 15, 16)), dice.randrange(60))
        if at >= now:
            continue
        dwelling = homes[plan.resident_id]
        together.setdefault((dwelling.pk, day), Walk(at, dwelling, [])).plans.append(plan)
    return sorted(together.values(), key=lambda walk: walk.at)


def _walk(here: Settled, walk: Walk, dice: Random, batch: Batch) -> None:
    area = walk.dwelling.entrance.building.grid.sub_area
    actor = here.actors[specialist_of(here.id, area.code)]
    people = dict.fromkeys(plan.resident_id for plan in walk.plans)
    channel = dice.choices((Channel.DOOR, Channel.PHONE, Channel.PAIRING), (82, 12, 6))[0]
    if dice.random() < 0.03:
        with clock.at(walk.at):
            batch.record_session(
                actor, dwelling=walk.dwelling, channel=channel, said=[Said(pk, "absent") for pk in people]
            )
        walk.at += timedelta(minutes=100)
    with clock.at(walk.at):
        said = [Said(pk, "met", answers=_answers(pk, dice), words=_words(dice)) for pk in people]
        batch.record_session(actor, dwelling=walk.dwelling, channel=channel, said=said)


def _answers(resident_id: UUID, dice: Random) -> dict[str, str]:
    """Mostly well, each in a way of their own."""
    own = Random(str(resident_id))
    found = {}
    for code in ("eats", "sleeps", "medicine", "falls", "mood"):
        answers = rules.questions()[code].answers
        usual = own.choices(answers, (9, 2, 1)[: len(answers)])[0]
        found[code] = (dice.choice(answers) if dice.random() < 0.04 else usual).code
    return found


def _words(dice: Random) -> str:
    return dice.choice(SAID) if dice.random() < 0.2 else ""


def _this_morning(here: Settled, secretary: Actor, now: datetime) -> None:
    """A cold wave, somebody home from hospital, somebody who did not open."""
    homes = {plan.resident_id for plan in VisitPlan.objects.filter(state=PlanState.OPEN)}
    granny = next(here.residents[p.id_number] for p in here.people if p.door == GRANNY)
    lina = here.actors[specialist_of(here.id, next(p.patch for p in here.people if p.door == GRANNY))]
    with clock.at(now - timedelta(hours=16)):
        actions.start_round(
            secretary, kind="weather", reason="寒潮蓝色预警，看看取暖和药", risks=["high"],
            due_on=now.date() + timedelta(days=2),
        )  # fmt: skip
    with clock.at(now - timedelta(minutes=50)):
        actions.plan_visit(lina, resident=granny, reason="昨天从市三医院出院")
        behind = lived_everywhere_today().filter(resident__in=homes).exclude(resident=granny)
        behind = behind.filter(dwelling__entrance__building__grid__sub_area__in=lina.sub_area_ids)
        for row in behind.select_related("dwelling__entrance__building__grid").order_by("dwelling__door")[:1]:
            actions.record_session(
                lina, dwelling=row.dwelling, channel="door", said=[Said(row.resident_id, "absent", words="敲门没人应")]
            )
