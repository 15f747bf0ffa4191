"""A category over time: begun and ended in `changes`, put right in `corrections`; here it says something else from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Invalid
from linli.core.ids import uuid7
from linli.core.trail import record
from linli.core.versions import supersede
from linli.residents.models import Category

from .changes import CategoryEnded, CategoryHeld, DateOutOfOrder, NotYet, begins, require_in_reach, require_keeper
from .corrections import category_in_form, correct_category

CHANGING = ("level", "certificate_number", "decision", "decided_on")
"""What of a category may change in the world; its kind and its beginning can only have been written down wrongly."""


class OnlyCorrected(Invalid):
    code, message = "category.only_corrected", "起始日期不会变，只会写错。请按更正来改（不写从哪天起变的）。"


@transaction.atomic
def change_category(actor: Actor, *, category: Category, to: Mapping[str, Any], on: date) -> Category:
    """From that day on the category says `to` (fields of CHANGING); before it, what stood there was true. The row of then.

    The same again changes nothing.

    Raises:
        NotAllowed, NotYet, LevelUnknown, OnlyCorrected.
        DateOutOfOrder: before the category began. CategoryEnded: it had ended by then.
    """
    require_keeper(actor)
    category = Category.objects.select_for_update().select_related("resident").get(pk=category.pk)
    require_in_reach(actor, resident=category.resident)
    if on > clock.today():
        raise NotYet(field="on")
    if set(to) - set(CHANGING):
        raise OnlyCorrected(field="from_on")
    wanted = category_in_form(category.kind, to)
    if all(getattr(category, name) == value for name, value in wanted.items()):
        return category
    lower, upper = category.span.lower, category.span.upper
    if on < lower:
        raise DateOutOfOrder("从哪天起变的，不能早于这个类别的起始日期。请核对这两个日期。", field="on")
    if upper is not None and on >= upper:
        raise CategoryEnded("这个类别在那一天以前已经终止。请核对日期。")
    if on == lower:
        return correct_category(actor, category=category, to=to)
    held = {field.attname: getattr(category, field.attname) for field in category._meta.concrete_fields}
    after = Category(**{**held, "id": uuid7(), "span": begins(on, upper), "known_from": clock.now(), **wanted})
    supersede(category, span=begins(lower, on))
    with constraint("category_one_of_a_kind", broken=CategoryHeld):
        after.save(force_insert=True)
    changed = [name for name, value in wanted.items() if getattr(category, name) != value]
    record(
        actor,
        "category.changed",
        category.resident,
        touches=[category.pk, after.pk],
        kind=category.kind,
        changed=changed,
        on=on,
    )
    return after
