"""Two times on a row: `span` says when it was true, `known_from` and `known_to` say when the register believed it.

A death that is entered three weeks late changes what was true then, never what was known then: a report made in
between stays explainable. The current version keeps the row's id for good and is all that `objects` shows; what it
took the place of is a closed copy (`stands_for` is the current row's id) that nothing changes any more.

    residence = supersede(residence, span=begins(lower, on))     # the version before stays
    Residence.as_known(friday).filter(span__contains=first_of_march)
    unwrite(residence, since=moment)                             # it was never written: as an undone import needs it
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from . import clock
from .fields import BlindIndexField
from .ids import uuid7
from .privacy import Held
from .tenancy import TenantManager, TenantModel

IS_CURRENT = Q(known_to__isnull=True)
"""The condition of unique and exclusion constraints: they hold of what is believed, not of what was."""


class CurrentManager(TenantManager):
    """What is believed now."""

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(known_to=None)


class Versioned(TenantModel):
    """A row of one community with the versions it had. `source` and the two dates say how sure it is."""

    privacy: ClassVar[dict[str, Held]] = {
        "known_from": Held.PLAIN,
        "known_to": Held.PLAIN,
        "stands_for": Held.PLAIN,
        "source": Held.PLAIN,
        "confirmed_on": Held.PLAIN,
        "check_by": Held.PLAIN,
    }

    known_from = models.DateTimeField("知悉起", default=clock.now)
    known_to = models.DateTimeField("知悉止", null=True)
    stands_for = models.UUIDField("现行版本", null=True)
    source = models.CharField("来源", max_length=40, blank=True)
    confirmed_on = models.DateField("最近核实", null=True)
    check_by = models.DateField("下次核实", null=True)

    objects: ClassVar[TenantManager] = CurrentManager()
    of_all_times = TenantManager()
    across_communities: ClassVar[models.Manager] = models.Manager()

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    def as_known(cls, at: datetime) -> QuerySet[Any]:
        """Rows as the register had them at that moment, current ones and since superseded ones alike."""
        return cls.of_all_times.filter(Q(known_to=None) | Q(known_to__gt=at), known_from__lte=at)

    @property
    def identity(self) -> Any:
        """The id that all versions of the row share."""
        return self.stands_for or self.pk


Row = TypeVar("Row", bound=Versioned)


def supersede(row: Row, **changes: Any) -> Row:
    """Write `changes`; the version before stays as a closed copy. The row must be locked by the caller.

    What already says so is left alone. Within one moment of the clock only the last version is kept.
    """
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return row
    now = clock.now()
    if row.known_from < now:
        _closed_copy(row, now).save(force_insert=True)
        row.known_from = now
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=[*changed, *_indexes_of(row, changed), "known_from"])
    return row


def _indexes_of(row: Versioned, names: Iterable[str]) -> list[str]:
    """The blind indexes that find the fields `names`: they are written together."""
    return [
        field.name for field in row._meta.concrete_fields if isinstance(field, BlindIndexField) and field.of in names
    ]


def _closed_copy(row: Row, at: datetime) -> Row:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    made = type(row)(**{**values, "id": uuid7(), "known_to": at, "stands_for": row.pk})
    made._state.adding = True
    return made


def withdraw(row: Row) -> None:
    """The row is believed no longer, and nothing takes its place: it stays for those who ask what was known."""
    row.known_to = clock.now()
    row.save(update_fields=["known_to"])


def unwrite(row: Row, *, since: datetime) -> Row:
    """As if nothing had been written of the row from `since` on: the version of before is current again."""
    later = type(row).of_all_times.filter(stands_for=row.pk, known_to__gte=since)
    before = later.filter(known_from__lt=since).order_by("known_from").first()
    if before is not None:
        skipped = {"id", "known_to", "stands_for"}
        names = [field.attname for field in row._meta.concrete_fields if field.attname not in skipped]
        for name in names:
            setattr(row, name, getattr(before, name))
        row.save(update_fields=[field.name for field in row._meta.concrete_fields if field.attname in names])
    later.delete()
    return row


def versions_of(row: Row) -> list[Row]:
    """The row and the versions before it, the newest belief first."""
    before = type(row).of_all_times.filter(stands_for=row.pk).order_by("-known_from", "-id")
    return [row, *before]
