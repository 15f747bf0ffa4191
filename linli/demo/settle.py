"""Turns the plans into places, people, colleagues and accounts: always through the apps' own actions, never by bare inserts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from linli.accounts import actions as accounts
from linli.accounts.models import Account
from linli.accounts.queries import actor_for, operator
from linli.core import clock, trail
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.matters import actions as matters
from linli.matters.models import MatterKind
from linli.places import actions as places
from linli.places.models import Building, Community, Dwelling, Entrance, SubArea
from linli.residents import actions as residents
from linli.residents.models import Resident

from .cast import COLLEAGUES, PASSWORD, back_office_of, specialist_of
from .geography import House, Site, footprint
from .hours import at_time
from .people import KNOWN_HOUSEHOLDS, Person

IN_FORCE = date(2023, 6, 30)


@dataclass
class Settled:
    """A community as it stands: what later steps look up. `actors` by a colleague's name or a resident's phone."""

    site: Site
    community: Community
    people: list[Person]
    sub_areas: dict[str, SubArea] = field(default_factory=dict)
    buildings: dict[int, Building] = field(default_factory=dict)
    dwellings: dict[str, Dwelling] = field(default_factory=dict)
    entrances: dict[tuple[int, int], Entrance] = field(default_factory=dict)
    kinds: dict[str, MatterKind] = field(default_factory=dict)
    residents: dict[str, Resident] = field(default_factory=dict)
    holders: list[Person] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.community.id


def demo_operator(community_id: int | None = None) -> Actor:
    """Who sets the platform up."""
    return operator(community_id, via=trail.REPLAYED)


def set_up(site: Site, houses: Sequence[House], people: list[Person]) -> Settled:
    """The community with its sub-areas, grids, buildings and kinds of matters."""
    keeper = demo_operator()
    community = places.set_up_community(
        keeper, id=site.community_id, name=site.name, code=site.code, valid_from=IN_FORCE
    )
    here = Settled(site, community, people)
    with active(community.id):
        keeper = demo_operator(community.id)
        grids = {}
        for order, patch in enumerate(site.patches):
            area = places.add_sub_area(keeper, code=patch.code, name=patch.name, order=order)
            here.sub_areas[patch.code] = area
            for n in range(1, patch.grids + 1):
                code = f"{patch.code}-{n}"
                grids[code] = places.add_grid(keeper, sub_area=area, code=code, name=f"{patch.name}{n}网格")
        estate = places.add_estate(keeper, name=site.estate, built_year=site.built_year)
        plans = [
            places.BuildingPlan(
                estate=estate,
                grid=grids[house.grid],
                number=house.number,
                entrances=house.entrances,
                floors=house.floors,
                rooms_per_floor=house.rooms_per_floor,
                footprint=footprint(site, house),
                built_year=site.built_year,
                area_dm2=house.area_dm2,
            )
            for house in houses
        ]
        here.buildings = {building.number: building for building in places.add_buildings(keeper, plans)}
        here.dwellings = {row.door: row for row in Dwelling.objects.select_related("entrance__building")}
        here.entrances = {(e.building.number, e.number): e for e in Entrance.objects.select_related("building")}
        here.kinds = {kind.code: kind for kind in matters.set_up_kinds(keeper)}
        matters.set_up_routing(keeper)
    return here


def appoint(settled: Sequence[Settled]) -> None:
    """Accounts and posts of everybody who works in these communities or above them; the secretary, back office and specialists get their actors."""
    by_id = {here.id: here for here in settled}
    keeper = demo_operator()
    from_on = clock.today() - timedelta(days=420)
    for person in COLLEAGUES:
        here = by_id.get(person.community)
        if person.community and here is None:
            continue
        password = PASSWORD if person.signs_in else None  # a password costs a quarter of a second to hash
        account = accounts.add_account(keeper, username=person.username, password=password, display_name=person.name)
        scope: dict[str, object] = {}
        if here is not None:
            scope["community"] = here.community
        if here is not None and person.patch:
            scope["sub_area_id"] = here.sub_areas[person.patch].id
        if person.street:
            scope["street_code"] = person.street
        accounts.grant_post(keeper, account=account, role=person.role, from_on=from_on, **scope)  # type: ignore[arg-type]
        if here is not None:
            here.actors[person.name] = actor_for(account, here.community, via=trail.REPLAYED, code=here.site.code)


def register(here: Settled) -> None:
    """Everybody's entry in the register, typed in from the old lists by the back office."""
    clerk = here.actors[back_office_of(here.id)[0]]
    plans = [_resident_plan(here, person) for person in here.people]
    with active(here.id):
        rows = residents.register_many(clerk, plans)
    here.residents = {person.id_number: row for person, row in zip(here.people, rows, strict=True)}


LAST_CONFIRMED = (150, 30, 420, 0, 240)
"""Days before they were taken in that the people of a house had last been asked, by the house's number; 0 for never."""


def _resident_plan(here: Settled, person: Person) -> residents.ResidentPlan:
    age = LAST_CONFIRMED[int(person.door.split("-")[0]) % len(LAST_CONFIRMED)]
    confirmed_on = clock.today() - timedelta(days=age) if age else None
    return residents.ResidentPlan(
        name=person.name,
        sex=person.sex,
        birth_on=person.birth_on,
        id_number=person.id_number,
        phone=person.phone or None,
        dwelling=here.dwellings[person.door],
        from_on=person.from_on,
        population_class=person.population_class,
        relation_to_head=person.relation,
        household="1",
        source="旧台账" if confirmed_on else "",
        confirmed_on=confirmed_on,
        categories=tuple(
            residents.CategoryPlan(
                each.kind, each.from_on, certificate_number=each.certificate_number or None, source="旧台账"
            )
            for each in person.belongs
        ),
    )


def open_accounts(here: Settled, *, many: int, from_day: date, to_day: date) -> None:
    """Residents open accounts by phone and are linked to their entries by their specialist, over the first days."""
    dice = Random(f"accounts {here.site.code}")
    known = {phone for home in KNOWN_HOUSEHOLDS[here.id].values() for *_, phone in home if phone}
    able = [p for p in here.people if p.phone and 20 <= p.age <= 84 and p.phone not in known]
    named = [p for p in here.people if p.phone in known and p.age < 85]
    here.holders = list(named)
    for patch in here.site.patches:  # every specialist knows some of them
        theirs = [person for person in able if person.patch == patch.code]
        here.holders += dice.sample(theirs, min(len(theirs), max(2, many // len(here.site.patches))))
    span = max((to_day - from_day).days, 1)
    moments = sorted(
        at_time(from_day + timedelta(days=dice.randrange(span)), dice.randint(8, 16), dice.randrange(60))
        for _ in here.holders
    )
    for person, moment in zip(here.holders, moments, strict=True):
        _open_account(here, person, moment, dice)


def _open_account(here: Settled, person: Person, moment: datetime, dice: Random) -> None:
    with clock.at(moment):
        account = accounts.add_account(demo_operator(), phone=person.phone, display_name=person.name)
        with active(here.id):
            visitor = Actor(f"account {account.pk}", account_id=account.pk, community_id=here.id, via=trail.REPLAYED)
            link = accounts.request_link(visitor, name=person.name, door=_as_typed(person.door, dice))
            clerk = here.actors[specialist_of(here.id, person.patch)]
            with clock.at(moment + timedelta(minutes=dice.randint(6, 90))):
                accounts.confirm_link(clerk, link=link, resident=here.residents[person.id_number])
    here.actors[person.phone] = resident_actor(here, account, here.residents[person.id_number].pk)


def resident_actor(here: Settled, account: Account, resident_id: UUID) -> Actor:
    """What `actor_for` gives for a resident linked to one entry, without asking the database again for each."""
    return Actor(
        f"account {account.pk}",
        account_id=account.pk,
        community_id=here.id,
        speaks_for=frozenset({resident_id}),
        via=trail.REPLAYED,
    )


def _as_typed(door: str, dice: Random) -> str:
    building, entrance, room = door.split("-")
    return dice.choice((door, f"{building}幢{entrance}单元{room}", f"{building}幢{entrance}单元{room}室"))


def ask_for_links(here: Settled, now: datetime) -> None:
    """Two requests nobody has decided yet: one fits the register, one does not quite."""
    holders = {person.phone for person in here.holders}
    fitting = next(p for p in here.people if p.phone and p.phone not in holders and 30 <= p.age <= 70)
    other = next(p for p in reversed(here.people) if p.phone and p.phone not in holders and 30 <= p.age <= 70)
    unknown = f"1001234{9000 + here.id}"
    wishes = ((fitting.phone, fitting.name, fitting.door, 26), (unknown, other.name, other.door, 3))
    for phone, name, door, hours in wishes:
        with clock.at(now - timedelta(hours=hours)):
            account = accounts.add_account(demo_operator(), phone=phone, display_name=name)
            with active(here.id):
                visitor = Actor(
                    f"account {account.pk}", account_id=account.pk, community_id=here.id, via=trail.REPLAYED
                )
                accounts.request_link(visitor, name=name, door=door)
