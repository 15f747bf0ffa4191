"""Which matters are likely one and the same, and how similar ones ended: by kind, place and words, each by its own index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor
from linli.places.models import Dwelling
from linli.places.queries import place_labels

from .. import rules
from ..models import OPEN, Matter, MatterKind, Note, State
from .matters import matters_visible_to, with_note

LATELY = timedelta(days=30)
CALLED_LIKELY = 0.34
SIMILAR = 0.2
LOOKED_AT = 200
SHOWN = 5
NEIGHBOURS_SHOWN = 3
SHARED_KINDS = ("repair", "stairs", "fire", "clean", "noise", "parking")
"""Kinds that several doors report of the same thing. Ours; the kinds' own data says it once they carry it."""


@dataclass(frozen=True)
class LikeMatter:
    """One that may be the same, or was like it: how alike, where, and how it stands or ended."""

    matter: Matter
    place: str
    percent: int
    is_same_place: bool
    answer: str = ""


def likely_same(actor: Actor, matter: Matter) -> list[LikeMatter]:
    """Open matters of the same kind reported within a month of it, at the same place or in much the same words."""
    lately = timedelta(days=matter.kind.duplicate_days) if matter.kind.duplicate_days else LATELY
    rows = matters_visible_to(actor).filter(
        kind__in=_of_one_branch(matter.kind.path[0]),
        state__in=OPEN,
        reported_at__gte=matter.reported_at - lately,
        reported_at__lte=matter.reported_at + lately,
        merged_into=None,
    )
    found = _ranked(matter, _around(rows, matter).exclude(pk=matter.pk)[:LOOKED_AT])
    return [
        each for each in found if each.percent >= CALLED_LIKELY * 100 or (each.is_same_place and each.percent >= 10)
    ][:SHOWN]


def similar_before(actor: Actor, matter: Matter) -> list[LikeMatter]:
    """Closed matters of the same kind in much the same words, those of the same building first, and what was answered."""
    rows = (
        matters_visible_to(actor)
        .filter(kind__in=_of_one_branch(matter.kind.path[0]), state=State.CLOSED)
        .exclude(pk=matter.pk)
    )
    found = [each for each in _ranked(matter, rows[:LOOKED_AT]) if each.percent >= SIMILAR * 100][:SHOWN]
    return _with_answers(found)


def _of_one_branch(top: str) -> QuerySet[Any]:
    """The kinds under the top one with that code, itself among them: people name one thing more or less exactly."""
    return MatterKind.objects.filter(path__0=top).order_by().values("pk")


def _around(rows: QuerySet[Matter], matter: Matter) -> QuerySet[Matter]:
    """Those of the same building, of no building at all, or of the same sub-area: what could be the same thing."""
    if matter.building_id is None:
        return rows
    return rows.filter(Q(building=matter.building_id) | Q(building=None))


def _ranked(matter: Matter, rows: Iterable[Matter]) -> list[LikeMatter]:
    listed = list(rows)
    spots = [(row.building_id, row.entrance_id, row.dwelling_id) for row in listed]
    labels = place_labels(spots)
    found = [
        LikeMatter(
            matter=row,
            place=with_note(row, labels[spot]),
            percent=round(100 * rules.likeness(matter.words, row.words)),
            is_same_place=row.building_id is not None
            and row.building_id == matter.building_id
            and (row.entrance_id == matter.entrance_id or not (row.entrance_id and matter.entrance_id)),
        )
        for row, spot in zip(listed, spots, strict=True)
    ]
    return sorted(found, key=lambda each: (not each.is_same_place, -each.percent))


def _with_answers(found: list[LikeMatter]) -> list[LikeMatter]:
    answers: dict[UUID, str] = {}
    notes = Note.objects.filter(matter__in=[each.matter.pk for each in found], verb="matter.fed_back").order_by(
        "made_at"
    )
    for note in notes:
        answers[note.matter_id] = note.words
    return [
        LikeMatter(each.matter, each.place, each.percent, each.is_same_place, answers.get(each.matter.pk, ""))
        for each in found
    ]


@dataclass(frozen=True)
class NeighbourReport:
    """That somebody has told of such a thing nearby: what kind, how far, since when. Not who, not in which words, not which door."""

    kind: str
    place: str
    matter: Matter


def told_nearby(home: Dwelling | None, kind_code: str) -> list[NeighbourReport]:
    """Open matters of a shared kind in the resident's own building, for whoever is about to report the same."""
    if home is None or kind_code not in SHARED_KINDS:
        return []
    building = home.entrance.building
    rows = Matter.objects.filter(
        building=building,
        kind__in=_of_one_branch(kind_code),
        state__in=OPEN,
        reported_at__gte=clock.now() - LATELY,
        merged_into=None,
    ).select_related("kind", "entrance")
    return [
        NeighbourReport(row.kind.name, f"{building.name}{f'{row.entrance.number}单元' if row.entrance else ''}", row)
        for row in rows.order_by("-reported_at")[:NEIGHBOURS_SHOWN]
    ]
