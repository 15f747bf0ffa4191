"""The register as of a day, as known at a moment: who a person was, who lived behind a door, what was believed when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core import clock

from .models import Category, Fact, Residence, Resident


def value_of(resident: Resident, field: str, *, on: date, known_at: datetime | None = None) -> str | None:
    """What `field` was on that day, as known at that moment (now); text as facts keep it, None for nothing."""
    return values_of([resident], [field], on=on, known_at=known_at)[resident.pk][field]


def values_of(
    residents: Iterable[Resident], fields: Iterable[str], *, on: date, known_at: datetime | None = None
) -> dict[UUID, dict[str, str | None]]:
    """The same for many people and fields, in one query. A person not yet known at the moment has None throughout."""
    from .actions.facts import as_text

    people, names = list(residents), list(fields)
    rows = Fact.objects if known_at is None else Fact.of_all_times.filter(known_from__lte=known_at)
    known = rows.filter(Q(known_to=None) | Q(known_to__gt=known_at)) if known_at is not None else rows.all()
    held: dict[UUID, dict[str, str | None]] = {}
    for person in people:
        is_known = known_at is None or person.noted_at <= known_at
        held[person.pk] = {name: as_text(getattr(person, name)) if is_known else None for name in names}
    for fact in known.filter(resident__in=people, field__in=names, span__contains=on):
        held[fact.resident_id][fact.field] = fact.value
    return held


def residences_as_known(known_at: datetime | None = None) -> QuerySet[Any]:
    """Residences as believed at that moment (now)."""
    return Residence.objects.all() if known_at is None else Residence.as_known(known_at)


def who_lived(places: Q, *, on: date, known_at: datetime | None = None) -> QuerySet[Any]:
    """Residences lived in on that day, at dwellings that meet `places` (a Q over Residence), as known at that moment."""
    return residences_as_known(known_at).filter(places, kind="lived", span__contains=on)


@dataclass(frozen=True)
class LivedThen:
    """Somebody who lived behind a door on a day; `is_now` says that they still live in the same place."""

    resident_id: UUID
    entrance: int
    door: str
    relation: str
    population_class: str
    is_now: bool


def lived_then(places: Q, *, on: date, known_at: datetime | None = None) -> list[LivedThen]:
    """Who lived in `places` (a Q over Residence) on that day, as known at that moment (now); door by door. Two queries."""
    found = who_lived(places, on=on, known_at=known_at).select_related("dwelling__entrance")
    rows = list(
        found.order_by("dwelling__entrance__number", "dwelling__floor", "dwelling__room", "relation_to_head", "id")
    )
    today = set(who_lived(places, on=clock.today()).values_list("resident_id", "dwelling_id"))
    return [
        LivedThen(
            resident_id=row.resident_id,
            entrance=row.dwelling.entrance.number,
            door=row.dwelling.door,
            relation=row.get_relation_to_head_display() if row.relation_to_head else "",
            population_class=row.get_population_class_display(),
            is_now=(row.resident_id, row.dwelling_id) in today,
        )
        for row in rows
    ]


def stays_on(resident: Resident, *, on: date, known_at: datetime | None = None) -> list[Residence]:
    """Where the person lived and was registered on that day, as known at that moment (now)."""
    rows = residences_as_known(known_at).filter(resident=resident, span__contains=on)
    return list(rows.select_related("dwelling__entrance__building").order_by("kind", "id"))


def categories_on(resident: Resident, *, on: date, known_at: datetime | None = None) -> list[Category]:
    """What the person counted as on that day, as known at that moment (now)."""
    rows = Category.objects.all() if known_at is None else Category.as_known(known_at)
    return list(rows.filter(resident=resident, span__contains=on).order_by("kind", "id"))
