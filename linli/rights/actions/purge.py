"""Forgetting people whose time is over, and proving that nothing of them is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction

from linli.core import clock, files, kept
from linli.core.access import Actor, Permission
from linli.core.errors import Invalid, NotFound
from linli.core.models import StoredFile
from linli.core.tenancy import TenantModel, current_id
from linli.core.trail import record
from linli.imports import forgetting as imports
from linli.imports.models import ImportRow
from linli.lists import actions as lists
from linli.residents.models import Household, Residence, Resident
from linli.residents.queries import may_see_resident
from linli.rights import forgotten, queries
from linli.rights.models import LegalHold
from linli.rights.retention import Rule, months_before, retention


class HoldReasonMissing(Invalid):
    code, message = "rights.hold_reason", "请写为什么要保全、凭什么文书，例如：法院保全通知书 2026 年 31 号。"


@dataclass
class Doomed:
    """What goes, by model, and what stays without its reference: (model, key, blanked fields, ids)."""

    rows: dict[type[TenantModel], set[UUID]] = field(default_factory=lambda: defaultdict(set))
    freed: list[tuple[type[TenantModel], str, tuple[str, ...], set[UUID]]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {model._meta.label: len(ids) for model, ids in self.rows.items() if ids}


@transaction.atomic
def forget(actor: Actor, *, resident: Resident, rule: Rule) -> queries.Proof:
    """The person and all that leads to her go: versions, facts, indexes, files. Then every table is searched for her.

    What was found to be left stands in the proof and on the trail by table and count; the deletion stands all the same.
    """
    doomed = doomed_with(resident)
    traces = queries.traces_of(_rows_of(doomed))
    counts = doomed.counts()
    for model, key, blank, ids in doomed.freed:
        emptied = {name: None if model._meta.get_field(name).null else "" for name in blank}
        _all(model).filter(pk__in=ids).update(**{key: None}, **emptied)
    households = set(_all(Residence).filter(pk__in=doomed.rows[Residence]).values_list("household_id", flat=True))
    stored = StoredFile.objects.filter(owner_id__in=traces.ids)
    counts["core.StoredFile"] = stored.count()
    files.drop(list(stored))
    batches = set(_all(ImportRow).filter(pk__in=doomed.rows[ImportRow]).values_list("batch_id", flat=True))
    for model, ids in doomed.rows.items():
        _all(model).filter(pk__in=ids)._raw_delete(using="default")
    _drop_empty_households(households - {None})
    traces = queries.without_shared(traces)
    _scrub(traces)
    counts["lists.Export"] = lists.take_all_away(actor)
    looked = imports.let_go_of(actor, batches=batches, ids=traces.ids, values=traces.values)
    proof = _proof(queries.search(traces), looked)
    record(
        actor,
        "resident.forgotten",
        Resident(pk=resident.pk),
        rule=rule.code,
        deleted={label: count for label, count in counts.items() if count},
        tables=proof.tables,
        lines=proof.rows,
        opened=proof.opened,
        left=proof.left,
        files=proof.files,
        in_backups_until=proof.in_backups_until,
    )
    transaction.on_commit(partial(forgotten.note, current_id(), resident.pk, rule.code))
    return proof


def _proof(found: queries.Proof, looked: imports.Looked) -> queries.Proof:
    """The proof with what was searched outside the tables, and until when a backup may still hold what went."""
    left = found.left | ({"files": looked.left} if looked.left else {})
    return replace(found, left=left, files=looked.files, in_backups_until=kept.backups_hold_until(clock.now()))


def doomed_with(resident: Resident) -> Doomed:
    """Everything that goes with the person, found by following every foreign key there is."""
    doomed = Doomed()
    wave: dict[type[TenantModel], set[UUID]] = {Resident: {resident.pk}}
    for label, name in retention().loose:
        model: Any = apps.get_model(label)
        wave.setdefault(model, set()).update(_all(model).filter(**{name: resident.pk}).values_list("pk", flat=True))
    while wave:
        model, ids = wave.popitem()
        ids = ids - doomed.rows[model]
        if not ids:
            continue
        doomed.rows[model] |= ids
        for other, key in _keys_to(model):
            found = set(_all(other).filter(**{f"{key.name}__in": ids}).values_list("pk", flat=True))
            if not found:
                continue
            what = retention().reference(f"{other._meta.label}.{key.name}", may_be_empty=key.null)
            if what.go:
                wave.setdefault(other, set()).update(found)
            else:
                doomed.freed.append((other, key.name, what.blank, found))
    return doomed


def _keys_to(model: type[TenantModel]) -> Iterator[tuple[type[TenantModel], models.ForeignKey]]:
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            yield relation.related_model, relation.field  # type: ignore[misc,union-attr]


def _all(model: type[models.Model]) -> Any:
    """Every row of the active community, whatever its manager leaves out."""
    return model._base_manager.filter(community_id=current_id())


def _rows_of(doomed: Doomed) -> Iterator[TenantModel]:
    for model, ids in doomed.rows.items():
        yield from _all(model).filter(pk__in=ids)


def _scrub(traces: queries.Traces) -> None:
    """Empty what others wrote down of her by number: the contact of a matter she reported."""
    for label, name, blank in retention().scrub:
        model: Any = apps.get_model(label)
        held = _all(model).exclude(**{f"{name}__isnull": True}).values_list("pk", name)
        hit = [pk for pk, value in held.iterator(chunk_size=1000) if value in traces.values]
        same = {each: None if model._meta.get_field(each).null else "" for each in blank}
        _all(model).filter(pk__in=hit).update(**same)


def _drop_empty_households(ids: set[Any]) -> None:
    """A household that nobody is left of goes with its versions; while something else leads to it, it stays."""
    for household_id in ids:
        if _all(Residence).filter(household=household_id).exists():
            continue
        versions = models.Q(pk=household_id) | models.Q(stands_for=household_id)
        led_to = any(_all(other).filter(**{key.name: household_id}).exists() for other, key in _keys_to(Household))
        if not led_to:
            _all(Household).filter(versions)._raw_delete(using="default")


def forget_due(actor: Actor, *, most: int = 200) -> list[queries.Proof]:
    """Forget whoever is due in the active community, a transaction each, and rows whose time is over."""
    proofs = [forget(actor, resident=resident, rule=rule) for resident, rule in queries.due_to_forget(most)]
    drop_old_rows(actor)
    imports.let_old_go(actor)
    forgotten.catch_up(current_id())
    return proofs


def forget_again(actor: Actor) -> list[queries.Proof]:
    """Forget whoever was forgotten already and is there again, because an older state of the data was restored."""
    proofs = []
    for resident_id, code in sorted(forgotten.listed(current_id()).items()):
        resident = _all(Resident).filter(pk=resident_id).first()
        if resident is not None:
            rule = retention().people.get(code) or retention().people["asked"]
            proofs.append(forget(actor, resident=resident, rule=rule))
    return proofs


@transaction.atomic
def drop_old_rows(actor: Actor) -> dict[str, int]:
    """Rows that go by themselves; how many of which table. One line on the trail when there were any."""
    dropped = {}
    for rule in retention().rows:
        model: Any = apps.get_model(rule.model)
        before = months_before(clock.today(), rule.months)
        gone, _ = model.objects.filter(**{f"{rule.field}__date__lt": before}).delete()
        if gone:
            dropped[rule.model] = gone
    if dropped:
        record(actor, "retention.applied", LegalHold(pk=UUID(int=0)), dropped=dropped)
    return dropped


@transaction.atomic
def hold(actor: Actor, *, resident: Resident, because: str) -> LegalHold:
    """Nothing of the person goes while the hold stands (a court, a complaint). The same again returns it.

    Raises:
        NotAllowed, NotFound, HoldReasonMissing: shorter than 6 characters.
    """
    actor.require(Permission.RIGHTS_HANDLE)
    if not may_see_resident(actor, resident.pk):
        raise NotFound()
    because = " ".join(because.split())
    if len(because) < 6:
        raise HoldReasonMissing(field="because")
    row, is_new = LegalHold.objects.get_or_create(
        resident=resident,
        lifted_at=None,
        defaults={"because": because[:200], "held_at": clock.now(), "held_by": actor.account_id},
    )
    if is_new:
        record(actor, "hold.placed", row, touches=[resident.pk])
    return row


@transaction.atomic
def lift_hold(actor: Actor, *, resident: Resident) -> LegalHold | None:
    """The hold is over; None when there is none. Raises NotAllowed, NotFound."""
    actor.require(Permission.RIGHTS_HANDLE)
    if not may_see_resident(actor, resident.pk):
        raise NotFound()
    row = LegalHold.objects.select_for_update().filter(resident=resident, lifted_at=None).first()
    if row is not None:
        row.lifted_at = clock.now()
        row.save(update_fields=["lifted_at"])
        record(actor, "hold.lifted", row, touches=[resident.pk])
    return row
