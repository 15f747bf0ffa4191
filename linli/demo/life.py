"""What changed in the register during the three months: people moved, a few were born, a few died."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime, timedelta
from random import Random

from linli.core import clock
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.residents.codes import PopulationClass, Relation, ResidenceKind
from linli.residents.models import Residence

from . import names
from .cast import back_office_of
from .hours import DAYS, at_time
from .people import KNOWN_HOUSEHOLDS, Person
from .settle import Settled

PER_THOUSAND = {"moved_out": 2.4, "died": 0.9, "born": 0.6}
"""Residents in a thousand to whom it happened in the three months."""


def live_on(here: Settled, now: datetime, *, spared: Set[str]) -> None:
    """Moves out, deaths and births, each on its day, written down by the back office.

    `spared` are ID numbers of people in somebody's story; those with an account are spared too.
    """
    dice = Random(f"life {here.site.code}")
    today = now.date()
    known = KNOWN_HOUSEHOLDS[here.id]
    kept = spared | {p.id_number for p in here.holders} | {p.id_number for p in here.people if p.door in known}
    others = [person for person in here.people if person.id_number not in kept]
    many = {what: round(len(here.people) * share / 1000) for what, share in PER_THOUSAND.items()}
    leaving = [p for p in others if p.population_class == PopulationClass.MIGRANT and p.age < 60]
    old = [p for p in others if p.age >= 86]
    young = [p for p in others if 24 <= p.age <= 38 and p.relation == Relation.SPOUSE]
    with active(here.id):
        for person in dice.sample(leaving, min(many["moved_out"], len(leaving))):
            _move_out(here, person, _day(dice, today), dice)
        for person in dice.sample(old, min(many["died"], len(old))):
            _die(here, person, _day(dice, today), dice)
        for mother in dice.sample(young, min(many["born"], len(young))):
            _be_born(here, mother, _day(dice, today), dice)


def _day(dice: Random, today: date) -> date:
    return today - timedelta(days=dice.randrange(3, DAYS))


def _clerk(here: Settled) -> Actor:
    return here.actors[back_office_of(here.id)[0]]


def _move_out(here: Settled, person: Person, day: date, dice: Random) -> None:
    residence = Residence.objects.get(resident=here.residents[person.id_number], kind=ResidenceKind.LIVED)
    with clock.at(at_time(day, dice.randint(9, 16), dice.randrange(60))):
        residents.move_out(_clerk(here), residence=residence, on=day)


def _die(here: Settled, person: Person, day: date, dice: Random) -> None:
    with clock.at(at_time(day + timedelta(days=2), dice.randint(9, 16), dice.randrange(60))):
        residents.record_death(_clerk(here), resident=here.residents[person.id_number], died_on=day)


def _be_born(here: Settled, mother: Person, day: date, dice: Random) -> None:
    is_male = dice.random() < 0.51
    head = next(p for p in here.people if p.door == mother.door and p.relation == Relation.HEAD)
    plan = residents.ResidentPlan(
        name=head.name[0] + names.given_name(dice, year=day.year, is_male=is_male),
        sex="1" if is_male else "2",
        birth_on=day,
        dwelling=here.dwellings[mother.door],
        from_on=day,
        population_class=mother.population_class,
        relation_to_head=Relation.SON if is_male else Relation.DAUGHTER,
    )
    with clock.at(at_time(day + timedelta(days=2), dice.randint(9, 16), dice.randrange(60))):
        residents.register_resident(_clerk(here), plan)
