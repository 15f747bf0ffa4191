"""Venues and projects: written, put right, ended."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict
from linli.core.trail import record
from linli.places.models import Building, SubArea

from .. import rules
from ..models import Confirmed, Organisation, Project, Venue
from .organisations import CHECK_MONTHS, DayOutOfOrder, require_keeper

Row = TypeVar("Row", Venue, Project)


class VenueNamed(Conflict):
    code, message = "venue.named", "本社区已经有同名的阵地。请先查看，再决定要不要另取一个名字。"


class ProjectNamed(Conflict):
    code, message = "project.named", "本社区已经有同名的项目。请先查看，再决定要不要另取一个名字。"


@transaction.atomic
def put_venue(
    actor: Actor,
    *,
    venue: Venue | None = None,
    name: str,
    kind: str,
    from_on: date,
    sub_area: SubArea | None = None,
    building: Building | None = None,
    where: str = "",
    area_m2: int | None = None,
    capacity: int | None = None,
    opening: str = "",
    organisation: Organisation | None = None,
    keeper: str = "",
) -> Venue:
    """A new venue, or `venue` as it should be written; confirmed today by being written. Unchanged, it leaves no trail.

    Raises:
        NotAllowed, OutOfReach, VenueNamed.
    """
    wanted = {
        "name": name.strip(),
        "kind": kind,
        "sub_area": sub_area or (building.grid.sub_area if building else None),
        "building": building,
        "where": where.strip(),
        "area_dm2": None if area_m2 is None else area_m2 * 100,
        "capacity": capacity,
        "opening": opening.strip(),
        "organisation": organisation,
        "keeper": keeper.strip(),
    }
    with constraint("venue_name", broken=VenueNamed(field="name")):
        return _put(actor, Venue, venue, from_on, wanted)


@transaction.atomic
def put_project(
    actor: Actor,
    *,
    project: Project | None = None,
    name: str,
    for_whom: str,
    words: str,
    from_on: date,
    sub_area: SubArea | None = None,
    organisation: Organisation | None = None,
) -> Project:
    """A new project, or `project` as it should be written; confirmed today by being written. Unchanged, it leaves no trail.

    Raises:
        NotAllowed, OutOfReach, ProjectNamed.
    """
    wanted = {
        "name": name.strip(),
        "for_whom": for_whom.strip(),
        "words": words.strip(),
        "sub_area": sub_area,
        "organisation": organisation,
    }
    with constraint("project_name", broken=ProjectNamed(field="name")):
        return _put(actor, Project, project, from_on, wanted)


def _put(actor: Actor, model: type[Row], row: Row | None, from_on: date, wanted: dict[str, Any]) -> Row:
    where = wanted["sub_area"]
    require_keeper(actor, where.pk if where else None)
    word = model._meta.model_name
    if row is None:
        row = model(span=rules.from_day(from_on), **wanted)
        _look_again(row)
        row.save(force_insert=True)
        record(actor, f"{word}.added", row, from_on=from_on)
        return row
    require_keeper(actor, row.sub_area_id)
    row = model.objects.select_for_update().get(pk=row.pk)
    held = row
    changed: list[str] = [field for field, value in wanted.items() if getattr(held, field) != value]
    if row.from_on != from_on:
        if row.until is not None and from_on >= row.until:
            raise DayOutOfOrder(field="from_on")
        wanted["span"] = rules.from_day(from_on, row.until)
        changed.append("span")
    if not changed:
        return row
    for field in changed:
        setattr(row, field, wanted[field])
    _look_again(row)
    row.save(update_fields=[*changed, "confirmed_on", "check_by"])
    record(actor, f"{word}.changed", row, changed=changed)
    return row


def _look_again(row: Confirmed) -> None:
    row.confirmed_on = clock.today()
    row.check_by = rules.months_later(clock.today(), CHECK_MONTHS)


@transaction.atomic
def end_venue(actor: Actor, *, venue: Venue, on: date) -> Venue:
    """From `on` it is no longer a venue. Ended already, it stays as it is. Raises NotAllowed, OutOfReach, DayOutOfOrder."""
    return _end(actor, venue, on)


@transaction.atomic
def end_project(actor: Actor, *, project: Project, on: date) -> Project:
    """From `on` the project is over. Ended already, it stays as it is. Raises NotAllowed, OutOfReach, DayOutOfOrder."""
    return _end(actor, project, on)


def _end(actor: Actor, row: Row, on: date) -> Row:
    require_keeper(actor, row.sub_area_id)
    if row.until is not None:
        return row
    if on <= row.from_on:
        raise DayOutOfOrder(field="on")
    row.span = rules.from_day(row.from_on, on)
    row.save(update_fields=["span"])
    record(actor, f"{row._meta.model_name}.ended", row, on=on)
    return row
