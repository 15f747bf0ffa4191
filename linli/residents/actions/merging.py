"""Two records of one person become one, and two again when that was wrong.

The survivor takes what it lacks. Homes, categories, documents and ties of the other record are believed of it no longer
and written anew for the survivor, where nothing of the survivor's own covers the time: what was known before the merge
stays answerable of both. Rows of other apps are pointed at the survivor. All of it is written down, so that a split
gives back whatever was not changed since, and names what was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from linli.core import clock
from linli.core.access import Actor
from linli.core.errors import Conflict, Invalid
from linli.core.ids import uuid7
from linli.core.pinyin import initials_of, pinyin_of
from linli.core.tenancy import TenantModel, current_id
from linli.core.trail import record
from linli.core.versions import Versioned, supersede, unwrite, withdraw
from linli.residents.codes import Sex
from linli.residents.models import (
    Category,
    Document,
    Fact,
    Household,
    LikenessVerdict,
    Merge,
    Residence,
    Resident,
    Tie,
)
from linli.residents.spans import gaps

from .changes import require_in_reach, require_keeper
from .facts import TIMED, as_text, from_text, put_fields, unwrite_fields

LASTING = tuple(name for name in TIMED if name != "died_on")
"""Fields the survivor may take from the other record."""
INDEXES = {"phone": ("phone_index", "phone_tail_index"), "id_number": ("id_number_index", "id_tail_index")}
OURS = (Residence, Category, Document, Tie, Fact, Household, Resident, LikenessVerdict, Merge)
ALIKE: dict[type[Versioned], tuple[str, ...]] = {
    Residence: ("kind",),
    Category: ("kind",),
    Document: ("kind", "number"),
    Tie: ("kind",),
}
"""What must be the same for two rows to be of one thing: then the survivor's own counts."""


class SameRecord(Invalid):
    code, message = "merge.same_record", "两边是同一份档案。请选另一份。"


class MergedAlready(Conflict):
    code, message = "merge.merged_already", "其中一份已经并入别的档案。请打开那位居民现在的档案再看。"


class OneDied(Conflict):
    code, message = "merge.one_died", "其中一份登记了去世，另一份没有。请先给另一份登记去世，再合并。"


class TiedTogether(Conflict):
    code, message = "merge.tied", "这两份档案互为亲属，不会是同一人。请先核对亲属关系。"


class MergedOn(Conflict):
    code, message = "merge.merged_on", "保留的那一份后来又并入了别的档案。请先撤销后来那次合并。"


@dataclass
class Undo:
    """What taking a merge back needs; values of fields are text, as facts keep them."""

    began: str
    done: str = ""
    fields: dict[str, list[str | None]] = field(default_factory=dict)
    marks: dict[str, Any] = field(default_factory=dict)
    id_number: str | None = None
    withdrawn: list[list[str]] = field(default_factory=list)
    made: list[list[str]] = field(default_factory=list)
    heads: list[list[str | None]] = field(default_factory=list)
    moved: list[list[str]] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Split:
    """A merge taken back, and in words what could not be given back because it was changed since."""

    merge: Merge
    left: list[str]


@transaction.atomic
def merge_residents(
    actor: Actor, *, keep: Resident, drop: Resident, take: Iterable[str] = (), because: str = ""
) -> Merge:
    """`drop` is the same person as `keep`: one record from now on, under the id of `keep`.

    The survivor takes every field it lacks, and those named in `take`. The same again gives back the merge.

    Raises:
        NotAllowed, SameRecord, OneDied, TiedTogether.
        MergedAlready: one of them is part of another record by now.
    """
    require_keeper(actor)
    if keep.pk == drop.pk:
        raise SameRecord()
    if before := Merge.objects.filter(kept=keep.pk, dropped=drop.pk, undone_at=None).first():
        return before
    rows = Resident.with_merged.select_for_update().filter(pk__in=[keep.pk, drop.pk]).order_by("pk")
    held = {row.pk: row for row in rows}
    if len(held) < 2 or any(row.merged_into_id for row in held.values()):
        raise MergedAlready()
    keep, drop = held[keep.pk], held[drop.pk]
    for person in (keep, drop):
        require_in_reach(actor, resident=person)
    if (keep.died_on is None) != (drop.died_on is None):
        raise OneDied()
    if Tie.objects.filter(Q(resident=keep, other=drop) | Q(resident=drop, other=keep)).exists():
        raise TiedTogether()
    undo = Undo(began=clock.now().isoformat(), marks=dict(keep.marks))
    _take_fields(keep, drop, set(take), undo)
    _take_rows(keep, drop, undo)
    _take_heads(keep, drop, undo)
    _repoint(keep, drop, undo)
    drop.merged_into = keep
    drop.save(update_fields=["merged_into"])
    undo.done = clock.now().isoformat()
    merge = Merge.objects.create(
        kind=Merge.Kind.RESIDENT,
        kept=keep.pk,
        dropped=drop.pk,
        merged_by=actor.account_id,
        because=" ".join(because.split())[:200],
        undo=json.dumps(vars(undo)),
    )
    for person, other in ((keep, drop), (drop, keep)):
        record(actor, "resident.merged", person, touches=[other.pk, merge.pk], taken=sorted(undo.fields))
    return merge


def lacks(person: Resident, name: str) -> bool:
    """Whether the record says nothing of the field."""
    value = getattr(person, name)
    return value in {None, "", Sex.UNKNOWN, Sex.UNSTATED} if name == "sex" else value in {None, ""}


def _take_fields(keep: Resident, drop: Resident, wanted: set[str], undo: Undo) -> None:
    taken = {
        name: getattr(drop, name)
        for name in LASTING
        if not lacks(drop, name)
        and (name in wanted or lacks(keep, name))
        and getattr(keep, name) != getattr(drop, name)
    }
    if not taken:
        return
    undo.fields = {name: [as_text(getattr(keep, name)), as_text(value)] for name, value in taken.items()}
    if "id_number" in taken:
        undo.id_number = drop.id_number
        drop.id_number = None
        drop.save(update_fields=["id_number", *INDEXES["id_number"]])
    put_fields(keep, taken, since=None, source="合并档案")
    _save_fields(keep, taken)


def _save_fields(person: Resident, names: Iterable[str]) -> None:
    written = {*names, "marks"}
    for name in set(written) & set(INDEXES):
        written |= set(INDEXES[name])
    if "name" in written:
        person.pinyin, person.initials = pinyin_of(person.name), initials_of(person.name)
        written |= {"pinyin", "initials"}
    person.save(update_fields=sorted(written))


def _take_rows(keep: Resident, drop: Resident, undo: Undo) -> None:
    now = clock.now()
    for model, alike in ALIKE.items():
        for row in model.objects.select_for_update().filter(resident=drop).order_by("pk"):
            withdraw(row)
            undo.withdrawn.append([model._meta.label, str(row.pk)])
            own = list(model.objects.filter(resident=keep, kind=row.kind))
            same = [each for each in own if all(getattr(each, name) == getattr(row, name) for name in alike)]
            is_held = model is Document and bool(same)  # a document is held once, whatever its time
            for span in [] if is_held else gaps(row.span, [each.span for each in same]):
                _write_anew(row, now, undo, resident_id=keep.pk, span=span)
    for tie in Tie.objects.select_for_update().filter(other=drop).order_by("pk"):
        withdraw(tie)
        undo.withdrawn.append([Tie._meta.label, str(tie.pk)])
        _write_anew(tie, now, undo, other_id=keep.pk)


def _write_anew(row: Versioned, now: datetime, undo: Undo, **changes: Any) -> None:
    held = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}
    made = type(row)(**{**held, "id": uuid7(), "known_from": now, "known_to": None, "stands_for": None, **changes})
    made.save(force_insert=True)
    undo.made.append([row._meta.label, str(made.pk)])


def _take_heads(keep: Resident, drop: Resident, undo: Undo) -> None:
    """Households headed by the other record: the survivor heads them where a member by now, else nobody does."""
    for household in Household.objects.select_for_update().filter(head=drop).order_by("pk"):
        is_member = Residence.objects.filter(resident=keep, household=household, span__endswith__isnull=True).exists()
        supersede(household, head=keep if is_member else None)
        undo.heads.append([str(household.pk), str(drop.pk), str(keep.pk) if is_member else None])


def _pointing() -> list[tuple[type[models.Model], str]]:
    """Every foreign key to a resident outside the register's own tables: (model, field)."""
    found = []
    for relation in Resident._meta.get_fields(include_hidden=True):
        if (relation.one_to_many or relation.one_to_one) and relation.auto_created:
            model: Any = relation.related_model
            if model not in OURS and not getattr(model, "append_only", False):
                found.append((model, relation.field.name))  # type: ignore[union-attr]
    return found


def _here(model: type[models.Model]) -> models.QuerySet[Any]:
    rows = model._base_manager.all()
    return rows.filter(community_id=current_id()) if issubclass(model, TenantModel) else rows


def _repoint(keep: Resident, drop: Resident, undo: Undo) -> None:
    for model, name in _pointing():
        for key in _here(model).filter(**{name: drop.pk}).values_list("pk", flat=True):
            if _point(model, name, key, at=keep.pk):
                undo.moved.append([model._meta.label, name, str(key)])
            else:
                undo.stayed.append(str(model._meta.verbose_name))


def _point(model: type[models.Model], name: str, key: Any, *, at: UUID) -> bool:
    """Point one row at a resident; False where the database refuses it (the survivor has such a row already)."""
    try:
        with transaction.atomic():
            return bool(_here(model).filter(pk=key).update(**{f"{name}_id": at}))
    except IntegrityError:
        return False


# Back again


@transaction.atomic
def split_residents(actor: Actor, *, merge: Merge) -> Split:
    """They are two people after all: each record says again what it said, except what was changed since.

    Raises:
        NotAllowed.
        MergedOn: the survivor is itself part of another record by now.
    """
    require_keeper(actor)
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        return Split(merge, [])
    rows = Resident.with_merged.select_for_update().filter(pk__in=[merge.kept, merge.dropped]).order_by("pk")
    held = {row.pk: row for row in rows}
    keep, drop = held[merge.kept], held[merge.dropped]
    if keep.merged_into_id is not None:
        raise MergedOn()
    require_in_reach(actor, resident=keep)
    undo, left = Undo(**json.loads(merge.undo)), []
    began, done = datetime.fromisoformat(undo.began), datetime.fromisoformat(undo.done)
    left += _unmake(undo, done)
    left += _believe_again(undo)
    left += _give_heads_back(undo, began, done)
    left += _give_fields_back(keep, drop, undo, began, done)
    left += _point_back(undo, keep, drop)
    drop.merged_into = None
    drop.save(update_fields=["merged_into"])
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    for person, other in ((keep, drop), (drop, keep)):
        record(actor, "resident.split", person, touches=[other.pk, merge.pk], left=len(left))
    return Split(merge, list(dict.fromkeys(left)))


def _versioned(label: str) -> Any:
    return apps.get_model(label)


def _unmake(undo: Undo, done: datetime) -> list[str]:
    """Take away what was written for the survivor; the words for what was changed since and stays."""
    left = []
    for label, key in undo.made:
        model = _versioned(label)
        row = model.of_all_times.filter(pk=key).first()
        if row is None or row.known_to is not None or row.known_from > done:
            left.append(str(model._meta.verbose_name))
        else:
            row.delete()
    return left


def _believe_again(undo: Undo) -> list[str]:
    left = []
    for label, key in undo.withdrawn:
        model = _versioned(label)
        try:
            with transaction.atomic():
                if not model.of_all_times.filter(pk=key).update(known_to=None):
                    left.append(str(model._meta.verbose_name))
        except IntegrityError:  # what was changed since stands in its place
            left.append(str(model._meta.verbose_name))
    return left


def _give_heads_back(undo: Undo, began: datetime, done: datetime) -> list[str]:
    left = []
    for key, _, new in undo.heads:
        household = Household.objects.select_for_update().filter(pk=key).first()
        is_same = household is not None and str(household.head_id or "") == (new or "")
        if household is not None and is_same and household.known_from <= done:
            unwrite(household, since=began)
        else:
            left.append("户主")
    return left


def _give_fields_back(keep: Resident, drop: Resident, undo: Undo, began: datetime, done: datetime) -> list[str]:
    left, back = [], []
    for name, (old, new) in undo.fields.items():
        is_later = Fact.of_all_times.filter(resident=keep, field=name, known_from__gt=done).exists()
        if as_text(getattr(keep, name)) != new or is_later:
            left.append(next(str(each.verbose_name) for each in Resident._meta.concrete_fields if each.name == name))
            continue
        unwrite_fields(keep, [name], since=began)
        setattr(keep, name, from_text(name, old))
        if name in undo.marks:
            keep.marks[name] = undo.marks[name]
        back.append(name)
    if back:
        _save_fields(keep, back)
    if undo.id_number is not None and "id_number" in back:
        drop.id_number = undo.id_number
        drop.save(update_fields=["id_number", *INDEXES["id_number"]])
    return left


def _point_back(undo: Undo, keep: Resident, drop: Resident) -> list[str]:
    left = []
    for label, name, key in undo.moved:
        model = apps.get_model(label)
        is_there = _here(model).filter(**{"pk": key, name: keep.pk}).exists()
        if not is_there or not _point(model, name, key, at=drop.pk):
            left.append(str(model._meta.verbose_name))
    return left
