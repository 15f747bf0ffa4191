"""Two records of one household made one; and what somebody says of two like records of people."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.trail import record
from linli.core.versions import supersede, unwrite, withdraw
from linli.residents.models import Household, LikenessVerdict, Merge, Residence, Resident

from .changes import require_in_reach, require_keeper
from .merging import MergedAlready, SameRecord, Split, Undo


@transaction.atomic
def merge_households(actor: Actor, *, keep: Household, drop: Household, because: str = "") -> Merge:
    """`drop` is the same household as `keep`, written down twice: its people always belonged to `keep`.

    Nobody moves and no person is merged. The head of the other is asked anew: two heads cannot be.

    Raises NotAllowed, SameRecord, MergedAlready.
    """
    require_keeper(actor)
    if keep.pk == drop.pk:
        raise SameRecord()
    if before := Merge.objects.filter(kept=keep.pk, dropped=drop.pk, undone_at=None).first():
        return before
    rows = Household.objects.select_for_update(of=("self",)).filter(pk__in=[keep.pk, drop.pk])
    held = {row.pk: row for row in rows.select_related("dwelling").order_by("pk")}
    if len(held) < 2:
        raise MergedAlready()
    keep, drop = held[keep.pk], held[drop.pk]
    for each in (keep, drop):
        require_in_reach(actor, dwelling=each.dwelling)
    undo = Undo(began=clock.now().isoformat())
    for stay in Residence.objects.select_for_update().filter(household=drop).order_by("pk"):
        relation = "" if stay.relation_to_head == "0" and keep.head_id != stay.resident_id else stay.relation_to_head
        supersede(stay, household=keep, relation_to_head=relation)
        undo.moved.append([Residence._meta.label, "household", str(stay.pk)])
    withdraw(drop)
    undo.done = clock.now().isoformat()
    merge = Merge.objects.create(
        kind=Merge.Kind.HOUSEHOLD,
        kept=keep.pk,
        dropped=drop.pk,
        merged_by=actor.account_id,
        because=" ".join(because.split())[:200],
        undo=json.dumps(vars(undo)),
    )
    record(actor, "household.merged", keep, touches=[drop.pk, merge.pk])
    return merge


@transaction.atomic
def split_households(actor: Actor, *, merge: Merge) -> Split:
    """Two households after all: whoever's residence was not changed since belongs again where they belonged."""
    require_keeper(actor)
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        return Split(merge, [])
    undo, left = Undo(**json.loads(merge.undo)), []
    began, done = datetime.fromisoformat(undo.began), datetime.fromisoformat(undo.done)
    keep = Household.objects.select_related("dwelling").get(pk=merge.kept)
    require_in_reach(actor, dwelling=keep.dwelling)
    Household.of_all_times.filter(pk=merge.dropped).update(known_to=None)
    for _, _, key in undo.moved:
        stay = Residence.objects.select_for_update().filter(pk=key, household=keep).first()
        if stay is None or stay.known_from > done:
            left.append("居住")
        else:
            unwrite(stay, since=began)
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    record(actor, "household.unmerged", keep, touches=[merge.dropped, merge.pk], left=len(left))
    return Split(merge, list(dict.fromkeys(left)))


@transaction.atomic
def give_verdict(actor: Actor, *, one: Resident, other: Resident, says: str) -> LikenessVerdict:
    """Somebody looked at two like records: they are two people ("apart"), or it can wait ("later"). Again changes it.

    Raises NotAllowed, SameRecord.
    """
    require_keeper(actor)
    if one.pk == other.pk:
        raise SameRecord()
    for person in (one, other):
        require_in_reach(actor, resident=person)
    first, second = sorted((one, other), key=lambda each: each.pk)
    given = {"says": LikenessVerdict.Says(says), "given_at": clock.now(), "given_by": actor.account_id}
    verdict, _ = LikenessVerdict.objects.update_or_create(first=first, second=second, defaults=given)
    if verdict.says == LikenessVerdict.Says.APART:
        for person, like in ((first, second), (second, first)):
            record(actor, "resident.told_apart", person, touches=[like.pk])
    return verdict
