"""Communities full of people, fast: what a search has to find its way through. Everybody is invented.

People are made once for each size of a community and go in by COPY with ids and keys of each community's own; homes and categories by
one statement a community. They are written by the database's superuser, past foreign keys (the rows are right by construction)
and past the trail (nothing here reads it), into tables without their indexes, which `loading` makes anew when all are in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import psycopg
from django.db import connections

from bench.common import ThrowAway
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
from linli.organisations import actions as organisations
from linli.places import actions as places
from linli.places.models import Community, Estate, Grid, SubArea
from linli.residents.models import Resident
from linli.residents.rules import find_words_of

A_HOME = 2.6
"""People behind one door."""
DOORS_A_BUILDING = 36
KINDS = ("living_alone", "disability", "subsistence", "party_member", "volunteer", "empty_nest")
SCHOOLING = ("10", "20", "30", "60", "70", "80")
LOADED = (
    ("residents_resident",),
    ("residents_residence", "residents_category", "places_building", "places_entrance", "places_dwelling"),
)
"""The tables that are loaded, half for each of the two connections that make their indexes anew."""
QUICK = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
OWN = ("id", "community_id", "find_keys")


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


def code_of(id: int) -> str:
    """The first two communities have a street of their own; of the others ten each share one."""
    return f"330105{99 if id < 3 else 100 + (id - 3) // 10:03d}{id % 1000:03d}"


def settle(own: ThrowAway, id: int, count: int) -> Crowd:
    """One community, alone."""
    (crowd,) = settle_many(own, [id], count)
    return crowd


def settle_many(own: ThrowAway, ids: Sequence[int], count: int) -> list[Crowd]:
    """Communities with `count` people each in their homes; every eighth belongs to a category. Two connections write."""
    founded = [_found(id) for id in ids]
    _lines(count)  # made once, before two ask for it

    def write(share: Sequence[tuple[Crowd, Estate, list[Any]]]) -> None:
        with own.superuser() as database:
            database.execute("SET session_replication_role = replica")
            database.execute("SET enable_nestloop = off")  # there are no statistics yet
            for crowd, estate, grids in share:
                _fill(database, crowd.community.id, estate, grids, count)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (founded[::2], founded[1::2])))
    return [Crowd(each.community, each.code, count, each.secretary, each.specialist) for each, _, _ in founded]


@contextmanager
def loading(own: ThrowAway) -> Iterator[None]:
    """Tables without secondary indexes and a database that waits for no disk, while a block fills them; all as it was afterwards."""
    with own.superuser() as database:
        for name in QUICK:
            database.execute(f"ALTER SYSTEM SET {name} = off")
        database.execute("ALTER SYSTEM SET max_wal_size = '16GB'")
        database.execute("SELECT pg_reload_conf()")
        dropped = [[_stripped(database, table) for table in tables] for tables in LOADED]
    yield

    def make(statements: list[list[str]]) -> None:
        with own.superuser() as database:
            database.execute("SET maintenance_work_mem = '1GB'")
            for each in (statement for table in statements for statement in table):
                database.execute(each)  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, dropped))
    with own.superuser() as database:
        database.execute("CHECKPOINT")
        for name in (*QUICK, "max_wal_size"):
            database.execute(f"ALTER SYSTEM RESET {name}")
        database.execute("SELECT pg_reload_conf()")


def _stripped(database: psycopg.Connection[Any], table: str) -> list[str]:
    """Drop what makes writing slow; the statements that bring it back."""
    held = database.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('u', 'x')",
        [table],
    ).fetchall()
    for name, _ in held:
        database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = database.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    again = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}" for name, words in held]
    return [*(words for _, words in indexes), *again]


def official_over(crowd: Crowd) -> Account:
    """The official of the community's street."""
    account = account_actions.add_account(operator(), username=f"official-{crowd.code}", display_name="街道")
    account_actions.grant_post(
        operator(), account=account, role=Role.STREET_OFFICIAL, street_code=crowd.code[:9], from_on=clock.today()
    )
    return account


def organise(crowd: Crowd, each: int = 15) -> None:
    """Partner units, teams, venues and projects of every sub-area, as its five lists show them."""
    keeper, since = crowd.actor(crowd.secretary), date(2025, 1, 1)
    with active(crowd.community.id):
        for area in SubArea.objects.order_by("order"):
            for n in range(each):
                for kind in ("partner_unit", "interest_team", "volunteer_team"):
                    name = f"{area.name}{kind}{n}"
                    organisations.add_organisation(keeper, kind=kind, name=name, from_on=since, sub_area=area)
                name = f"{area.name}{n}"
                organisations.put_venue(keeper, name=name, kind="culture", from_on=since, sub_area=area)
                organisations.put_project(
                    keeper, name=name, for_whom="老人", words="结对", from_on=since, sub_area=area
                )


def _found(id: int) -> tuple[Crowd, Estate, list[Any]]:
    """A community with its sub-areas and staff, by the actions."""
    code, keeper = code_of(id), operator()
    community = places.set_up_community(keeper, id=id, name=f"第{id}社区", code=code, valid_from=date(2023, 1, 1))
    with active(id):
        keeper = operator(id)
        areas = [places.add_sub_area(keeper, code=str(i), name=f"{i}片区", order=i) for i in range(4)]
        for i, area in enumerate(areas):
            places.add_grid(keeper, sub_area=area, code=f"{i}1", name=f"{area.name}一格")
        estate = places.add_estate(keeper, name=f"{id}号小区", built_year=1990)
        grids = list(Grid.objects.order_by("code").values_list("pk", flat=True))
    staff = []
    for role, scope in ((Role.SECRETARY, {}), (Role.SPECIALIST, {"sub_area_id": areas[0].pk})):
        account = account_actions.add_account(keeper, username=f"{role}-{id}", display_name=f"{role} {id}")
        account_actions.grant_post(
            keeper, account=account, role=role, community=community, from_on=clock.today(), **scope
        )
        staff.append(account)
    return Crowd(community, code, 0, *staff), estate, grids


def _fill(database: psycopg.Connection[Any], id: int, estate: Estate, grids: Sequence[Any], count: int) -> None:
    _build(database, id, estate, grids, -(-count // int(A_HOME * DOORS_A_BUILDING)))
    columns, lines = _lines(count)
    with (
        database.cursor() as cursor,
        cursor.copy(f"COPY residents_resident ({', '.join((*OWN, *columns))}) FROM STDIN") as copy,
    ):
        for begin in range(0, len(lines), 500):
            copy.write("".join(_line(id, words, rest) for words, rest in lines[begin : begin + 500]))
    _house(database, id)


def _line(id: int, words: list[str], rest: str) -> str:
    keys = ",".join(map(str, keys_of(id, words)))
    return f"{uuid7()}\t{id}\t{{{keys}}}\t{rest}\n"


def _build(database: psycopg.Connection[Any], id: int, estate: Estate, grids: Sequence[Any], buildings: int) -> None:
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
        "WITH people AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM residents_resident WHERE community_id = %s),"
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
def _lines(count: int) -> tuple[list[str], list[tuple[list[str], str]]]:
    """The same people in every community of one size: columns, and for each the words of the keys and the rest as COPY reads it."""
    columns = [field.column for field in Resident._meta.concrete_fields if field.column not in OWN]
    people = [
        (person["find_words"], "\t".join(_text(person.get(name)) for name in columns)) for person in _drawn(count)
    ]
    return columns, people


def _text(value: Any) -> str:
    if value is None:
        return r"\N"
    value = getattr(value, "obj", value)  # psycopg's wrapper of bytes
    if isinstance(value, bytes | bytearray | memoryview):
        return rf"\\x{bytes(value).hex()}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _drawn(count: int) -> Iterator[dict[str, Any]]:
    dice = Random(f"crowd {count}")
    surnames, weights = list(SURNAMES), list(SURNAMES.values())
    given = [name for _, men, women in FASHIONS for name in (*men.split(), *women.split())]
    letters = sorted({char for name in given for char in name})
    fields = {field.name: field for field in Resident._meta.concrete_fields}
    connection, now, today = connections["owner"], clock.now(), clock.today()
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
            education=dice.choice(SCHOOLING),
            confirmed_on=today - timedelta(days=dice.randrange(900)),
            noted_at=now,
        )
        values = row.__dict__ | {"find_words": find_words_of(row), "marks": "{}"}
        for field in ("phone", "id_number", "phone_index", "phone_tail_index", "id_number_index", "id_tail_index"):
            values[field] = fields[field].get_db_prep_save(getattr(row, field), connection)
        yield values


@cache
def _sound(char: str) -> str:
    return pinyin_of(char)
