"""The register as of a day, as known at a moment: who a person was, who lived behind a door, what was believed when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .models import Fact, Residence, Resident


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
