"""Communities full of people, fast: what a search has to find its way through. Everybody is invented.

People are made here and go in by COPY, homes and categories by one statement a community. They are written by the database's
superuser, past foreign keys (the rows are right by construction) and past the trail (nothing here reads it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import psycopg
from django.db import connections

from linli.accounts import actions as account_actions
from linli.accounts.models import Account
from linli.accounts.queries import actor_for, operator
from linli.core import clock
from linli.core.access import Actor, Role
from linli.core.ids import uuid7
from linli.core.keys import keys_of
from linli.core.pinyin import pinyin_of
from linli.core.tenancy import active
from linli.demo.names import FASHIONS, SURNAMES
from linli.places import actions as places
from linli.places.models import Community, Estate, Grid
from linli.residents.models import Resident
from linli.residents.rules import find_words_of

A_HOME = 2.6
"""People behind one door."""
DOORS_A_BUILDING = 36
KINDS = ("living_alone", "disability", "subsistence", "party_member", "volunteer", "empty_nest")


@dataclass(frozen=True)
class Crowd:
    """One community, with a secretary who sees everybody and a specialist who sees a quarter."""

    community: Community
    code: str
    count: int
    secretary: Account
    specialist: Account

    def actor(self, account: Account) -> Actor:
        return actor_for(account, self.community, code=self.code)


def settle(database: psycopg.Connection[Any], id: int, count: int) -> Crowd:
    """A community with `count` people in their homes; every eighth belongs to a category."""
    code, keeper = f"330105{id:06d}", operator()
    community = places.set_up_community(keeper, id=id, name=f"第{id}社区", code=code, valid_from=date(2023, 1, 1))
    with active(id):
        keeper = operator(id)
        areas = [places.add_sub_area(keeper, code=str(i), name=f"{i}片区", order=i) for i in range(4)]
        for i, area in enumerate(areas):
            places.add_grid(keeper, sub_area=area, code=f"{i}1", name=f"{area.name}一格")
        estate = places.add_estate(keeper, name=f"{id}号小区", built_year=1990)
        grids = list(Grid.objects.order_by("code").values_list("pk", flat=True))
    _build(database, id, estate, grids, -(-count // int(A_HOME * DOORS_A_BUILDING)))
    with database.cursor() as cursor:
        names = [field.column for field in Resident._meta.concrete_fields]
        with cursor.copy(f"COPY residents_resident ({', '.join(names)}) FROM STDIN") as copy:
            for person in _people(count):
                words = person["find_words"]
                own = {"id": uuid7(), "community_id": id, "find_keys": keys_of(id, words)}
                copy.write_row([own.get(name, person.get(name)) for name in names])
    _house(database, id)
    staff = []
    for role, scope in ((Role.SECRETARY, {}), (Role.SPECIALIST, {"sub_area_id": areas[0].pk})):
        account = account_actions.add_account(keeper, username=f"{role}-{id}", display_name=f"{role} {id}")
        account_actions.grant_post(
            keeper, account=account, role=role, community=community, from_on=clock.today(), **scope
        )
        staff.append(account)
    return Crowd(community, code, count, *staff)


def _build(database: psycopg.Connection[Any], id: int, estate: Estate, grids: Sequence[Any], buildings: int) -> None:
    database.execute("SET session_replication_role = replica")
    database.execute(
        "INSERT INTO places_building (id, community_id, estate_id, grid_id, number, name, floors)"
        " SELECT uuidv7(), %s, %s, (%s::uuid[])[1 + n %% 4], n, n || '幢', 6 FROM generate_series(1, %s) n",
        [id, estate.pk, list(grids), buildings],
    )
    database.execute(
        "INSERT INTO places_entrance (id, community_id, building_id, number) SELECT uuidv7(), %s, b.id, n"
        " FROM places_building b, generate_series(1, 3) n WHERE b.community_id = %s",
        [id, id],
    )
    database.execute(
        "INSERT INTO places_dwelling (id, community_id, entrance_id, floor, room, door)"
        " SELECT uuidv7(), %s, e.id, f, f || '0' || r, b.number || '-' || e.number || '-' || f || '0' || r"
        " FROM places_entrance e JOIN places_building b ON b.community_id = e.community_id AND b.id = e.building_id,"
        " generate_series(1, 6) f, generate_series(1, 2) r WHERE e.community_id = %s",
        [id, id],
    )


def _house(database: psycopg.Connection[Any], id: int) -> None:
    """Everybody has a home, in the order they were made; the eighth of them a category."""
    database.execute(
        "WITH people AS (SELECT id, row_number() OVER (ORDER BY noted_at, id) AS n FROM residents_resident WHERE community_id = %s),"
        " doors AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM places_dwelling WHERE community_id = %s)"
        " INSERT INTO residents_residence (id, community_id, resident_id, dwelling_id, kind, population_class, relation_to_head,"
        " span, known_from, source, reason, whereabouts)"
        " SELECT uuidv7(), %s, people.id, doors.id, 'lived', 'registered', '', daterange('2015-01-01', NULL), now(), '', '', ''"
        " FROM people JOIN doors ON doors.n = 1 + floor(people.n / %s)",
        [id, id, id, A_HOME],
    )
    database.execute(
        "INSERT INTO residents_category (id, community_id, resident_id, kind, span, level, decision, known_from, source)"
        " SELECT uuidv7(), %s, id, (%s::text[])[1 + (random() * 1000)::int %% 6], daterange('2020-01-01', NULL), '', '', now(), ''"
        " FROM residents_resident WHERE community_id = %s AND random() < 0.125",
        [id, list(KINDS), id],
    )


@cache
def _people(count: int) -> list[dict[str, Any]]:
    """The same people in every community of one size; ids and keys are each community's own."""
    return list(_drawn(count))


def _drawn(count: int) -> Iterator[dict[str, Any]]:
    dice = Random(f"crowd {count}")
    surnames, weights = list(SURNAMES), list(SURNAMES.values())
    given = [name for _, men, women in FASHIONS for name in (*men.split(), *women.split())]
    letters = sorted({char for name in given for char in name})
    fields = {field.name: field for field in Resident._meta.concrete_fields}
    connection, now = connections["owner"], clock.now()
    for n, surname in enumerate(dice.choices(surnames, weights, k=count)):
        name = surname + (dice.choice(given) if n % 2 else dice.choice(letters) + dice.choice(letters))
        pinyin = " ".join(_sound(char) for char in name)
        row = Resident(
            community_id=0,
            name=name,
            pinyin=pinyin,
            initials="".join(syllable[0] for syllable in pinyin.split()),
            sex=str(1 + n % 2),
            birth_on=date(1930, 1, 1) + timedelta(days=dice.randrange(34000)),
            phone=f"1000{n:07d}",
            id_number=f"99010519{n:06d}{n % 10000:04d}",
            noted_at=now,
        )
        values = row.__dict__ | {"find_words": find_words_of(row), "marks": "{}"}
        for field in ("phone", "id_number", "phone_index", "phone_tail_index", "id_number_index", "id_tail_index"):
            values[field] = fields[field].get_db_prep_save(getattr(row, field), connection)
        yield values


@cache
def _sound(char: str) -> str:
    return pinyin_of(char)
