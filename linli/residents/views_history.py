"""The register of another day: what was true then, and what was known at a moment. Two questions, two dates, plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.guards import desk
from linli.core.web import Request
from linli.places.queries import place_label

from . import history, queries, records
from .codes import category_name
from .forms_record import WhenForm
from .models import Resident
from .views_freshness import building_in_reach
from .views_record import visible

FIELDS = (*(field for _, fields in records.GROUPS for field in fields), "died_on")


@dataclass(frozen=True)
class Compared:
    """One line: what it was on the day, and what it is today; `was_known` where another moment's knowledge is asked for."""

    label: str
    then: str
    was_known: str
    today: str

    @property
    def differs(self) -> bool:
        return self.then != self.today

    @property
    def was_known_otherwise(self) -> bool:
        return self.then != self.was_known


def _asked(request: Request) -> tuple[WhenForm, date, datetime | None]:
    """The form, the day asked about, and the end of the day whose knowledge is asked for (None: today's)."""
    today = clock.today()
    form = WhenForm(request.GET if "on" in request.GET else None, initial={"on": today})
    if not form.is_bound or not form.is_valid():
        return form, today, None
    known_on = form.cleaned_data["known_on"]
    known_at = None
    if known_on is not None and known_on < today:
        known_at = datetime.combine(known_on + timedelta(days=1), time(), clock.SHANGHAI)
    return form, form.cleaned_data["on"], known_at


@require_safe
@desk(Permission.RESIDENTS_SEE)
def person(request: Request, resident_id: UUID) -> HttpResponse:
    """One person on a day, beside today; and what was known of that day at another moment."""
    row = visible(request, resident_id)
    form, on, known_at = _asked(request)
    lines = [line for line in _lines(row, on, known_at) if line.then or line.today or line.was_known]
    context = {
        "resident_id": row.pk,
        "card": queries.card_of(row),
        "form": form,
        "on": on,
        "known_at": known_at,
        "known_on": form.cleaned_data["known_on"] if known_at else None,
        "lines": lines,
        "differing": sum(line.differs for line in lines),
        "noted_on": row.noted_at.astimezone(clock.SHANGHAI).date(),
    }
    return render(request, "residents/desk/history.html", context)


def _lines(row: Resident, on: date, known_at: datetime | None) -> list[Compared]:
    today = clock.today()
    then = history.values_of([row], FIELDS, on=on)[row.pk]
    was_known = history.values_of([row], FIELDS, on=on, known_at=known_at)[row.pk]
    now = history.values_of([row], FIELDS, on=today)[row.pk]
    shown: Callable[[str, str | None], str] = lambda field, value: records.in_words(field, value or "")  # noqa: E731
    lines = [
        Compared(
            records.label_of(field),
            shown(field, then[field]),
            shown(field, was_known[field]),
            shown(field, now[field]),
        )
        for field in FIELDS
    ]
    told: list[tuple[str, Callable[..., str]]] = [("住处", _homes), ("类别", _categories)]
    for label, say in told:
        lines.append(Compared(label, say(row, on=on), say(row, on=on, known_at=known_at), say(row, on=today)))
    return lines


def _homes(row: Resident, **when: Any) -> str:
    stays = history.stays_on(row, **when)
    return "；".join(f"{place_label(dwelling=stay.dwelling)}（{stay.get_kind_display()}）" for stay in stays)


def _categories(row: Resident, **when: Any) -> str:
    return "、".join(f"{category_name(each.kind)}{each.level}" for each in history.categories_on(row, **when))


@require_safe
@desk(Permission.RESIDENTS_SEE)
def house(request: Request, building_id: UUID) -> HttpResponse:
    """Who lived in a house on a day, door by door; `?entrance=2` for one stairwell."""
    building = building_in_reach(request, building_id)
    form, on, known_at = _asked(request)
    places, entrance = Q(dwelling__entrance__building=building), request.GET.get("entrance", "")
    if entrance.isascii() and entrance.isdigit() and len(entrance) < 4:
        places &= Q(dwelling__entrance__number=int(entrance))
    lived = history.lived_then(places, on=on, known_at=known_at)
    visible_rows = queries.residents_visible_to(request.actor).filter(pk__in={each.resident_id for each in lived})
    cards = {card.id: card for card in queries.cards_of(visible_rows)}
    doors: dict[tuple[int, str], list[Any]] = {}
    for each in lived:
        if each.resident_id in cards:
            doors.setdefault((each.entrance, each.door), []).append((cards[each.resident_id], each))
    context = {
        "building": building,
        "entrance": entrance,
        "form": form,
        "on": on,
        "known_on": form.cleaned_data["known_on"] if known_at else None,
        "doors": [(number, door, people) for (number, door), people in doors.items()],
        "count": sum(len(people) for people in doors.values()),
        "hidden": sum(each.resident_id not in cards for each in lived),
        "entrances": sorted(building.entrances.values_list("number", flat=True)),
    }
    return render(request, "residents/desk/lived.html", context)
