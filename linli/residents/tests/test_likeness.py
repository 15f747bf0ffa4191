"""Which records are thought alike: what the database says, beside the rule written out for every two of them."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations
from random import Random

from linli.core.access import Role
from linli.places.tests.factories import Neighbourhood, staff
from linli.residents.likeness import likely_pairs
from linli.residents.models import Resident

from .factories import id_number, register

NAMES = ("张宁", "章林", "张林", "王芳", "王方", "李娜", "黎拉", "陈生", "岑森", "Li Na")
BORN = (date(1950, 1, 1), date(1962, 5, 6), None)
PHONES = ("10012340001", "10012340002", None)


def sound_of(person: Resident) -> str:
    heard = re.sub(r"\b([zcs])h", r"\1", person.pinyin)
    return re.sub(r"\bn", "l", re.sub(r"ng\b", "n", heard))


def are_alike(one: Resident, other: Resident) -> bool:
    born = one.birth_on is not None and one.birth_on == other.birth_on
    sounds = sound_of(one) == sound_of(other)
    numbers = one.id_number, other.id_number
    tail = all(numbers) and numbers[0][-4:] == numbers[1][-4:]
    phoned = one.phone is not None and one.phone == other.phone
    if born and tail:
        return True
    return sounds and (born or phoned) and not (all(numbers) and numbers[0] != numbers[1])


def test_the_database_finds_every_two_that_the_rule_finds(here: Neighbourhood) -> None:
    dice = Random("alike")
    for n in range(30):
        number = id_number(dice.choice(BORN[:2]), n % 5) if n < 10 else None
        register(
            dice.choice(NAMES),
            birth_on=dice.choice(BORN),
            phone=dice.choice(PHONES),
            id_number=number if number and not Resident.objects.filter(id_number_index=number).exists() else None,
        )
    people = list(Resident.objects.order_by("id"))
    by_rule = {(a.pk, b.pk) for a, b in combinations(people, 2) if are_alike(a, b)}
    found = {(pair.first.id, pair.second.id) for pair in likely_pairs(staff(Role.SECRETARY))}
    assert 5 < len(by_rule) <= 50
    assert found == by_rule
