"""What changed in the register during the three months: people moved, married, were born, died; and one was written down twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from datetime import date, datetime, timedelta
from random import Random

from linli.core import clock
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.residents import actions as residents
from linli.residents.codes import PopulationClass, Relation, ResidenceKind, Sex
from linli.residents.models import Residence

from . import names
from .cast import back_office_of
from .hours import DAYS, at_time
from .people import KNOWN_HOUSEHOLDS, Person
from .settle import Settled

PER_THOUSAND = {"moved_out": 2.4, "died": 0.9, "born": 0.6}
"""Residents in a thousand to whom it happened in the three months."""
SOUNDS_LIKE = str.maketrans("英华芳珍明芬国", "瑛桦方贞铭分帼")


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
    alone = _living_alone(here, others)
    with active(here.id):
        for person in dice.sample(leaving, min(many["moved_out"], len(leaving))):
            _move_out(here, person, _day(dice, today), dice)
        for person in dice.sample(old, min(many["died"], len(old))):
            _die(here, person, _day(dice, today), dice)
        for mother in dice.sample(young, min(many["born"], len(young))):
            _be_born(here, mother, _day(dice, today), dice)
        _marry(here, alone, today)
        _live_apart(here, alone, today)
        _write_down_twice(here, others, today)


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
    name = head.name[0] + names.given_name(dice, year=day.year, is_male=is_male)
    sex, relation = ("1", Relation.SON) if is_male else ("2", Relation.DAUGHTER)
    household = _home_of(here, mother).household
    with clock.at(at_time(day + timedelta(days=2), dice.randint(9, 16), dice.randrange(60))):
        if household is not None and mother.population_class == PopulationClass.REGISTERED:
            residents.register_birth(
                _clerk(here),
                name=name,
                sex=sex,
                born_on=day,
                household=household,
                mother=here.residents[mother.id_number],
                father=here.residents[head.id_number],
                relation_to_head=relation,
            )
            return
        plan = residents.ResidentPlan(
            name=name,
            sex=sex,
            birth_on=day,
            dwelling=here.dwellings[mother.door],
            from_on=day,
            population_class=mother.population_class,
            relation_to_head=relation,
        )
        residents.register_resident(_clerk(here), plan)


def _home_of(here: Settled, person: Person) -> Residence:
    homes = Residence.objects.filter(resident=here.residents[person.id_number], kind=ResidenceKind.LIVED)
    return homes.select_related("household").get()


def _living_alone(here: Settled, others: list[Person]) -> list[Person]:
    """Grown people registered here who share their door with nobody, the first of the list first."""
    behind = Counter(person.door for person in here.people)
    return [
        p
        for p in others
        if behind[p.door] == 1 and 28 <= p.age <= 59 and p.population_class == PopulationClass.REGISTERED
    ]


def _marry(here: Settled, alone: list[Person], today: date) -> None:
    """Two who lived alone, no more than six years apart; she moves in with him."""
    men = [p for p in alone if p.sex == Sex.MALE]
    women = [p for p in alone if p.sex == Sex.FEMALE]
    couple = next(((m, w) for m in men for w in women if abs(m.age - w.age) <= 6), None)
    day = today - timedelta(days=18)
    if couple is None or max(p.from_on for p in couple) >= day:
        return
    groom, bride = (here.residents[p.id_number] for p in couple)
    with clock.at(at_time(day + timedelta(days=1), 10, 20)):
        residents.marry(_clerk(here), resident=groom, spouse=bride, mover=bride, on=day)


def _live_apart(here: Settled, alone: list[Person], today: date) -> None:
    """One whose household book still says another door of the community (人户分离)."""
    if len(alone) < 2:
        return
    who, elsewhere = alone[-1], alone[-2]
    day = today - timedelta(days=40)
    with clock.at(at_time(day, 14, 35)):
        residents.register_at(
            _clerk(here), resident=here.residents[who.id_number], dwelling=here.dwellings[elsewhere.door], on=day
        )


def _write_down_twice(here: Settled, others: list[Person], today: date) -> None:
    """A colleague found no record under a name heard wrongly, and made a second one: the same day of birth and telephone."""
    heard = next((p for p in others if p.phone and 60 <= p.age < 80 and _heard_as(p.name) != p.name), None)
    if heard is None:
        return
    plan = residents.ResidentPlan(
        name=_heard_as(heard.name),
        sex=heard.sex,
        birth_on=heard.birth_on,
        phone=heard.phone,
        dwelling=here.dwellings[heard.door],
        from_on=today - timedelta(days=25),
        population_class=heard.population_class,
        source="上门走访",
    )
    with clock.at(at_time(today - timedelta(days=25), 15, 5)):
        residents.register_resident(_clerk(here), plan)


def _heard_as(name: str) -> str:
    """The name with one character that sounds the same."""
    return name[0] + name[1:].translate(SOUNDS_LIKE)
