"""Who lives behind the demo's doors: pure plans of households, drawn with a fixed seed. One in five has turned eighty.

Ages are drawn as of the day of seeding, so that the shares hold whenever the demo is built. Phone numbers begin with 100, which is never
assigned; ID numbers with the area code 990105, which does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from linli.core.identifiers import check_digit
from linli.places.rules import door_of, room_name
from linli.residents.codes import PopulationClass, Relation, Sex

from . import names
from .geography import House, Site

AREA_CODE = "990105"
OCCUPIED = 0.775


@dataclass(frozen=True)
class Belongs:
    """A category a person has from a day on."""

    kind: str
    from_on: date
    certificate_number: str = ""


@dataclass(frozen=True)
class Person:
    """One person of the plan. `household` is the same for all behind one door who live together."""

    name: str
    sex: Sex
    birth_on: date
    id_number: str
    phone: str
    door: str
    patch: str
    relation: Relation
    population_class: PopulationClass
    from_on: date
    age: int
    belongs: tuple[Belongs, ...] = ()

    def is_in(self, kind: str) -> bool:
        return any(each.kind == kind for each in self.belongs)


@dataclass(frozen=True)
class Member:
    """A person before the name: age range in completed years."""

    relation: Relation
    youngest: int
    oldest: int
    sex: Sex = Sex.UNKNOWN


HEAD, SPOUSE, CHILD, PARENT = Relation.HEAD, Relation.SPOUSE, Relation.SON, Relation.PARENT

# Weight, members, whether they rent. What it comes to is tested: shares of the old, the young and those living alone.
HOUSEHOLDS: tuple[tuple[int, tuple[Member, ...], bool], ...] = (
    (15, (Member(HEAD, 80, 97),), False),
    (16, (Member(HEAD, 73, 92, Sex.MALE), Member(SPOUSE, 72, 90, Sex.FEMALE)), False),
    (6, (Member(HEAD, 49, 64), Member(PARENT, 77, 95)), False),
    (12, (Member(HEAD, 60, 79),), False),
    (15, (Member(HEAD, 59, 75, Sex.MALE), Member(SPOUSE, 57, 73, Sex.FEMALE)), False),
    (14, (Member(HEAD, 34, 54, Sex.MALE), Member(SPOUSE, 33, 52, Sex.FEMALE), Member(CHILD, 1, 22)), False),
    (
        6,
        (
            Member(HEAD, 35, 50, Sex.MALE),
            Member(SPOUSE, 34, 48, Sex.FEMALE),
            Member(CHILD, 1, 16),
            Member(PARENT, 62, 78),
        ),
        False,
    ),
    (9, (Member(HEAD, 21, 38),), True),
    (6, (Member(HEAD, 22, 36, Sex.MALE), Member(SPOUSE, 21, 35, Sex.FEMALE)), True),
    (4, (Member(HEAD, 28, 42, Sex.MALE), Member(SPOUSE, 27, 40, Sex.FEMALE), Member(CHILD, 1, 12)), True),
    (7, (Member(HEAD, 30, 59),), False),
)

# The people of the story: door, then name, sex, age, relation and phone of each.
KNOWN_HOUSEHOLDS: dict[int, dict[str, tuple[tuple[str, Sex, int, Relation, str], ...]]] = {
    1: {
        "48-2-301": (
            ("王芳", Sex.FEMALE, 48, HEAD, "10012340001"),
            ("徐俊", Sex.MALE, 50, SPOUSE, "10012340011"),
            ("徐佳怡", Sex.FEMALE, 17, Relation.DAUGHTER, ""),
        ),
        "48-1-102": (("王桂英", Sex.FEMALE, 87, HEAD, "10012340002"),),
        "48-2-401": (
            ("童立峰", Sex.MALE, 45, HEAD, "10012340012"),
            ("倪虹", Sex.FEMALE, 43, SPOUSE, "10012340013"),
        ),
        "9-2-602": (
            ("马关林", Sex.MALE, 76, HEAD, "10012340003"),
            ("钱月英", Sex.FEMALE, 74, SPOUSE, "10012340014"),
        ),
        "9-2-101": (("屠国荣", Sex.MALE, 63, HEAD, "10012340015"),),
        "16-1-202": (("丁雅芬", Sex.FEMALE, 61, HEAD, "10012340004"),),
    },
    2: {"3-1-101": (("丁晓红", Sex.FEMALE, 52, HEAD, "10012340021"),)},
    3: {"2-1-201": (("来建锋", Sex.MALE, 46, HEAD, "10012340031"),)},
}


def population(site: Site, houses: Sequence[House], today: date) -> list[Person]:
    """Everybody in the site's houses, by door. The same for the same houses and day."""
    return list(_Census(site, today).people_of(houses))


def doors_of(house: House) -> Iterator[str]:
    """The doors of a building, from its first entrance's ground floor up."""
    for entrance in range(1, house.entrances + 1):
        for floor in range(1, house.floors + 1):
            for room in range(1, house.rooms_per_floor + 1):
                yield door_of(house.number, entrance, room_name(floor, room))


class _Census:
    def __init__(self, site: Site, today: date) -> None:
        self.site, self.today = site, today
        # Two dice: how a day falls in the calendar must not change who lives together and how old they are.
        self.fate, self.dice = Random(f"households {site.code}"), Random(f"people {site.code}")
        self.known = KNOWN_HOUSEHOLDS.get(site.community_id, {})
        self.phones = site.community_id * 1_000_000
        self.sequences: dict[tuple[date, Sex], int] = {}
        self.taken = {phone for home in self.known.values() for *_, phone in home}

    def people_of(self, houses: Sequence[House]) -> Iterator[Person]:
        weights = [weight for weight, _, _ in HOUSEHOLDS]
        for house in houses:
            for door in doors_of(house):
                if door in self.known:
                    yield from self._known_household(house, door)
                elif self.fate.random() < OCCUPIED:
                    _, members, is_rented = self.fate.choices(HOUSEHOLDS, weights)[0]
                    yield from self._household(house, door, members, is_rented=is_rented)

    def _known_household(self, house: House, door: str) -> list[Person]:
        people = []
        for name, sex, age, relation, phone in self.known[door]:
            birth_on = self._birth(age)
            people.append(self._person(name, sex, birth_on, age, phone, house, door, relation, self._since(age, False)))
        return [self._categorised(person, alone=len(people) == 1, old_couple=False) for person in people]

    def _household(self, house: House, door: str, members: tuple[Member, ...], *, is_rented: bool) -> list[Person]:
        surname = names.surname(self.dice)
        ages = self._ages(members)
        since = self._since(max(ages), is_rented)
        people = []
        for member, age in zip(members, ages, strict=True):
            sex = member.sex if member.sex != Sex.UNKNOWN else self._sex(age)
            birth_on = self._birth(age)
            given = names.given_name(self.dice, year=birth_on.year, is_male=sex == Sex.MALE)
            shares_name = member.relation in {HEAD, CHILD} or (member.relation == PARENT and sex == Sex.MALE)
            name = (surname if shares_name else names.surname(self.dice)) + given
            relation = Relation.DAUGHTER if member.relation == CHILD and sex == Sex.FEMALE else member.relation
            person = self._person(name, sex, birth_on, age, self._phone(age), house, door, relation, since)
            people.append(replace(person, population_class=self._class(is_rented)))
        old_couple = len(people) == 2 and min(ages) >= 65
        return [self._categorised(person, alone=len(people) == 1, old_couple=old_couple) for person in people]

    def _ages(self, members: tuple[Member, ...]) -> list[int]:
        """Ages that fit together: couples within six years, children at least twenty-two younger than the younger parent."""
        ages: list[int] = []
        for member in members:
            youngest, oldest = member.youngest, member.oldest
            if ages and member.relation == SPOUSE:
                youngest, oldest = max(youngest, ages[0] - 6), min(oldest, ages[0] + 3)
            elif ages and member.relation == CHILD:
                oldest = min(oldest, min(ages) - 22)
            elif ages and member.relation == PARENT:
                youngest = max(youngest, ages[0] + 21)
            ages.append(self.fate.randint(min(youngest, max(oldest, 0)), max(oldest, 0)))
        return ages

    def _sex(self, age: int) -> Sex:
        women = 0.66 if age >= 80 else 0.5
        return Sex.FEMALE if self.dice.random() < women else Sex.MALE

    def _birth(self, age: int) -> date:
        """A date of birth of somebody who has completed `age` years today."""
        birthday = date(self.today.year - age, self.today.month, min(self.today.day, 28))
        return birthday - timedelta(days=self.dice.randrange(360))

    def _since(self, oldest: int, is_rented: bool) -> date:
        if is_rented:
            return self.today - timedelta(days=self.dice.randint(120, 1900))
        built = date(self.site.built_year, 9, 1)
        moved_at = self.dice.randint(24, 45)
        years_ago = min(max(oldest - moved_at, 1), self.today.year - self.site.built_year - 1)
        return max(built, self.today - timedelta(days=years_ago * 365 - self.dice.randrange(300)))

    def _class(self, is_rented: bool) -> PopulationClass:
        if is_rented:
            return PopulationClass.MIGRANT
        return PopulationClass.REGISTERED if self.dice.random() < 0.93 else PopulationClass.MIGRANT

    def _phone(self, age: int) -> str:
        if age < 12 or self.dice.random() < (0.22 if age >= 80 else 0.04):
            return ""
        while True:
            self.phones += 1
            phone = f"100{self.phones * 48_271 % 100_000_000:08d}"
            if phone not in self.taken:
                return phone

    def _id_number(self, birth_on: date, sex: Sex) -> str:
        count = self.sequences.get((birth_on, sex), self.site.community_id * 100 // 2)
        self.sequences[birth_on, sex] = count + 1
        body = f"{AREA_CODE}{birth_on:%Y%m%d}{count * 2 + (sex == Sex.MALE):03d}"
        return body + check_digit(body)

    def _person(
        self, name: str, sex: Sex, birth_on: date, age: int, phone: str, house: House, door: str, relation: Relation,
        since: date,
    ) -> Person:  # fmt: skip
        number = self._id_number(birth_on, sex)
        kind = PopulationClass.REGISTERED
        from_on = max(since, birth_on)
        return Person(name, sex, birth_on, number, phone, door, house.patch, relation, kind, from_on, age)

    def _categorised(self, person: Person, *, alone: bool, old_couple: bool) -> Person:
        age, chance = person.age, self.dice.random
        kinds = {
            "living_alone": alone and age >= 65,
            "empty_nest": old_couple and chance() < 0.7,
            "disabled": chance() < (0.055 if age >= 60 else 0.02),
            "subsistence_allowance": chance() < 0.009,
            "extreme_hardship": alone and age >= 65 and chance() < 0.006,
            "bereaved_of_only_child": 55 <= age <= 78 and chance() < 0.004,
            "entitled_veteran": person.sex == Sex.MALE and age >= 58 and chance() < 0.02,
            "child_in_difficulty": age < 18 and chance() < 0.01,
            "unemployed": 25 <= age <= 58 and chance() < 0.015,
            "party_member": age >= 26 and chance() < (0.15 if age >= 58 else 0.1),
            "volunteer": 42 <= age <= 74 and chance() < 0.08,
        }
        kinds["near_subsistence"] = not kinds["subsistence_allowance"] and chance() < 0.008
        held = tuple(self._belongs(person, kind) for kind, is_held in kinds.items() if is_held)
        return replace(person, belongs=held)

    def _belongs(self, person: Person, kind: str) -> Belongs:
        earliest = person.birth_on + timedelta(days=18 * 366) if kind == "party_member" else person.from_on
        span = max((self.today - earliest).days - 90, 1)
        lasting = span if kind in {"party_member", "entitled_veteran"} else min(span, 4000)
        certificate = (
            f"{person.id_number}{self.dice.randint(1, 7)}{self.dice.randint(1, 4)}" if kind == "disabled" else ""
        )
        from_on = max(self.today - timedelta(days=self.dice.randrange(lasting) + 120), person.birth_on)
        return Belongs(kind, from_on, certificate)
