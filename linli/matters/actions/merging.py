"""并案: several reports of one thing are handled as one; each reporter keeps her own number and gets the answer."""

from __future__ import annotations

from django.db import transaction

from linli.core.access import Actor
from linli.core.errors import Conflict, Invalid
from linli.core.states import step
from linli.core.trail import record

from ..models import OPEN, Matter, State
from .handling import _for_handling, _note


class SameMatter(Invalid):
    code, message = "matter.merge_itself", "不能并到自己。请选另一件。"


class NotToMergeInto(Conflict):
    code = "matter.merge_into_closed"
    message = "要并到的那件已经答复或并到别处了。请选一件还在办的。"


@transaction.atomic
def merge_matters(actor: Actor, *, matter: Matter, into: Matter) -> Matter:
    """`matter` is the same thing as `into`: it is handled there, and its reporter gets that answer under her own number.

    What was merged into `matter` before goes along. The same again changes nothing.

    Raises:
        NotYours: either is not the actor's to handle.
        SameMatter, NotToMergeInto: into itself, or into one that is no longer open.
        OutOfTurn: with organisations, or answered.
    """
    if matter.pk == into.pk:
        raise SameMatter()
    first, second = (
        _for_handling(actor, row, also_merged=True) for row in sorted((matter, into), key=lambda row: row.pk)
    )
    row, main = (first, second) if first.pk == matter.pk else (second, first)
    if row.state == State.MERGED and row.merged_into_id == main.pk:
        return row
    if main.state not in OPEN:
        raise NotToMergeInto()
    step(row, State.MERGED)
    row.merged_into = main
    row.save(update_fields=["state", "merged_into"])
    Matter.objects.filter(merged_into=row).update(merged_into=main)
    record(actor, "matter.merged", row, touches=[main.pk], into=main.number)
    record(actor, "matter.joined", main, touches=[row.pk], number=row.number)
    return row


@transaction.atomic
def part_matter(actor: Actor, *, matter: Matter, words: str = "") -> Matter:
    """Undo merging: it is a matter of its own again, where it was. Already one, it stays.

    Raises:
        NotYours: neither it nor what it was merged into is the actor's to handle.
    """
    row = _for_handling(actor, matter, also_merged=True)
    if row.state != State.MERGED:
        return row
    main = row.merged_into
    step(row, State.ACCEPTED if row.handler else State.REPORTED)
    row.merged_into = None
    row.save(update_fields=["state", "merged_into"])
    record(
        actor,
        "matter.parted",
        row,
        touches=[main.pk] if main else [],
        note_id=_note(actor, row, "matter.parted", words),
    )
    return row
