"""What the one box finds of matters."""

from __future__ import annotations

from django.db.models import Q

from linli.core.access import Actor, Permission
from linli.core.finding import Found
from linli.places.rules import parse_door

from . import queries


def found_by(actor: Actor, words: str, *, limit: int) -> list[Found]:
    """Matters by number, by words of the report, or by the place typed; newest first. For those who work at the desk."""
    if not (actor.may(Permission.MATTERS_SEE_ALL) or actor.may(Permission.MATTERS_SEE_PATCH)):
        return []
    # Letters have two cases, Chinese and digits have none: then nothing need be folded over years of matters.
    how = "contains" if words.upper() == words.lower() else "icontains"
    meant = Q(**{f"number__{how}": words}) | Q(**{f"words__{how}": words}) | _at(words)
    rows = queries.matters_visible_to(actor).select_related(None).filter(meant)[: limit + 1]
    return [
        Found(
            title=row.matter.words,
            more=(row.matter.number, row.kind_name, row.place),
            page="matters:desk_matter",
            id=row.matter.id,
            tag=row.matter.get_state_display(),
        )
        for row in queries.desk_rows(actor, rows)
    ]


def _at(words: str) -> Q:
    """Matters at the door, entrance or building that `words` name."""
    door = parse_door(words)
    if door is None:
        return Q()
    there = Q(building__number=door.building)
    if door.estate:
        there &= Q(building__estate__name__contains=door.estate)
    if door.entrance is not None:
        there &= Q(entrance__number=door.entrance)
    return there & Q(dwelling__room=door.room) if door.room is not None else there
