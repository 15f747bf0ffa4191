"""How fresh the register is, house by house: how old the oldest needed fact of a person is. Set-based, by SQL.

A fact is needed as `check_rule.csv` says. A person is as fresh as the oldest of them that is held, and of where they live.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateField, Expression, F, Min, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Least

from linli.core import clock
from linli.core.access import Actor
from linli.places.models import Building, SubArea

from . import queries
from .check_rules import AGEING_MONTHS, FRESH_MONTHS, fields_needed, how_old, months_after
from .models import Residence, Resident

NEVER, NOT_HELD = date.min, date.max


@dataclass(frozen=True)
class Buckets:
    """People by the age of their oldest needed fact."""

    fresh: int  # within three months
    ageing: int  # within a year
    old: int
    never: int

    @property
    def people(self) -> int:
        return self.fresh + self.ageing + self.old + self.never

    @property
    def percent_fresh(self) -> int:
        return round(100 * (self.fresh + self.ageing) / self.people) if self.people else 0

    @property
    def to_check(self) -> int:
        return self.old + self.never


def _oldest() -> Expression:
    """Of a residence's person: when the oldest needed fact was confirmed; NEVER where one never was."""
    return Least(*(_confirmed(field) for field in fields_needed()), Coalesce("confirmed_on", _day(NEVER)))


def _confirmed(field: str) -> Expression:
    mark = Cast(KeyTextTransform("confirmed_on", KeyTransform(field, "resident__marks")), DateField())
    held = Q(**{f"resident__{field}__isnull": False})
    if field == "name":
        held = Q(resident__isnull=False)
    whole = Coalesce(mark, "resident__confirmed_on", _day(NEVER))
    return Case(When(held, then=whole), default=_day(NOT_HELD), output_field=DateField())


def _day(day: date) -> Value:
    return Value(day, output_field=DateField())


def _lived() -> QuerySet[Any]:
    today = clock.today()
    rows = Residence.objects.filter(kind="lived", span__contains=today, resident__died_on=None)
    return rows.annotate(oldest=_oldest())


def _counts() -> dict[str, Count]:
    today = clock.today()
    fresh, ageing = months_after(today, -FRESH_MONTHS), months_after(today, -AGEING_MONTHS)
    return {
        "fresh": Count("pk", filter=Q(oldest__gte=fresh)),
        "ageing": Count("pk", filter=Q(oldest__gte=ageing, oldest__lt=fresh)),
        "old": Count("pk", filter=Q(oldest__lt=ageing, oldest__gt=NEVER)),
        "never": Count("pk", filter=Q(oldest=NEVER)),
    }


def _buckets(row: dict[str, Any]) -> Buckets:
    return Buckets(row["fresh"], row["ageing"], row["old"], row["never"])


@dataclass(frozen=True)
class AreaFreshness:
    sub_area: SubArea
    buckets: Buckets


def by_sub_area(actor: Actor) -> list[AreaFreshness]:
    """The sums of the sub-areas the actor serves (all, for who sees the community), in their order."""
    areas = SubArea.objects.order_by("order", "code")
    rows = _lived()
    if queries.is_bound_to_patch(actor):
        areas = areas.filter(pk__in=actor.sub_area_ids)
        rows = rows.filter(dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids)
    sums = rows.values(area=F("dwelling__entrance__building__grid__sub_area")).annotate(**_counts()).order_by()
    found = {row["area"]: _buckets(row) for row in sums}
    return [AreaFreshness(area, found.get(area.pk, Buckets(0, 0, 0, 0))) for area in areas]


def whole() -> Buckets:
    """The sums of the whole community, of everybody who lives there today: numbers alone, for who may see figures."""
    return _buckets(_lived().aggregate(**_counts()))


@dataclass(frozen=True)
class HouseFreshness:
    id: UUID
    name: str
    buckets: Buckets


def by_building(sub_area: SubArea) -> list[HouseFreshness]:
    """The sub-area's lived-in buildings, those with most to check first."""
    rows = _lived().filter(dwelling__entrance__building__grid__sub_area=sub_area)
    sums = rows.values(house=F("dwelling__entrance__building")).annotate(**_counts()).order_by()
    found = {row["house"]: _buckets(row) for row in sums}
    names = Building.objects.filter(pk__in=found).values_list("pk", "name", "number")
    listed = [(number, HouseFreshness(pk, name, found[pk])) for pk, name, number in names]
    return [house for _, house in sorted(listed, key=lambda each: (-each[1].buckets.to_check, each[0]))]


@dataclass(frozen=True)
class DoorFreshness:
    """One door: how many live there, and how old the oldest needed fact of them is. `tone` is "", ageing, old or never."""

    door: str
    room: str
    people: int
    words: str
    tone: str


@dataclass(frozen=True)
class EntranceFreshness:
    number: int
    buckets: Buckets
    doors: tuple[DoorFreshness, ...]


def of_building(building: Building) -> list[EntranceFreshness]:
    """Entrance by entrance, door by door, from the lowest floor up. One query."""
    rows = (
        _lived()
        .filter(dwelling__entrance__building=building)
        .values(
            entrance=F("dwelling__entrance__number"),
            floor=F("dwelling__floor"),
            room=F("dwelling__room"),
            door=F("dwelling__door"),
        )
        .annotate(first=Min("oldest"), **_counts())
        .order_by("entrance", "floor", "room")
    )
    entrances: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        entrances.setdefault(row["entrance"], []).append(row)
    return [_entrance(number, doors) for number, doors in entrances.items()]


def _entrance(number: int, rows: Iterable[dict[str, Any]]) -> EntranceFreshness:
    listed = list(rows)
    sums = Buckets(*(sum(row[name] for row in listed) for name in ("fresh", "ageing", "old", "never")))
    return EntranceFreshness(number, sums, tuple(_door(row) for row in listed))


def _door(row: dict[str, Any]) -> DoorFreshness:
    buckets = _buckets(row)
    tone = next(name for name in ("never", "old", "ageing", "fresh") if getattr(buckets, name))
    first = None if row["first"] == NEVER else row["first"]
    return DoorFreshness(row["door"], row["room"], buckets.people, how_old(first, clock.today()), tone)


def due_in(actor: Actor, building: Building) -> QuerySet[Resident]:
    """Who of the building's people, as far as the actor sees them, should be looked at by today; the longest due first."""
    today = clock.today()
    here = _lived().filter(dwelling__entrance__building=building)
    due = here.filter(
        Q(resident__check_by__lte=today)
        | Q(resident__confirmed_on=None, resident__check_by=None)
        | Q(check_by__lte=today)
        | Q(oldest__lt=months_after(today, -AGEING_MONTHS))
    )
    rows = queries.residents_visible_to(actor).filter(pk__in=due.values("resident"))
    return rows.order_by(F("check_by").asc(nulls_first=True), "pinyin", "id")
