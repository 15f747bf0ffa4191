"""The kinds of matter a community offers: laid out once, each community's own afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from linli.core.access import Actor, Permission
from linli.core.errors import Conflict, Invalid
from linli.core.ids import uuid7
from linli.core.trail import record

from .. import rules_kinds
from ..models import Ending, MatterKind, PauseReason

DATA = Path(__file__).resolve().parent.parent / "data" / "kinds.json"


class KindWrong(Invalid):
    code, message = "matter_kind.wrong", "这一类的设置有一处不对，请改好再存。"


class KindMoved(Conflict):
    code, message = "matter_kind.moved", "不能放到那里，请选别的上级。"


@dataclass(frozen=True)
class KindPlan:
    """One kind of matter to offer under `parent` (a code, "" at the top); `promise_days` are calendar days.

    What `more` leaves out is had from the kind above.
    """

    code: str
    name: str
    icon: str
    hint: str
    promise_days: int
    parent: str = ""
    order: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)


def _plans(kinds: Iterable[Mapping[str, Any]], parent: str = "") -> Iterable[KindPlan]:
    for order, kind in enumerate(kinds):
        named = {"code", "name", "icon", "hint", "promise_days", "kinds"}
        more = {name: said for name, said in kind.items() if name not in named}
        icon, hint = kind.get("icon", ""), kind.get("hint", "")
        yield KindPlan(kind["code"], kind["name"], icon, hint, kind["promise_days"], parent, order, more)
        yield from _plans(kind.get("kinds", ()), kind["code"])


USUAL_KINDS: tuple[KindPlan, ...] = tuple(_plans(json.loads(DATA.read_text(encoding="utf-8"))))
"""The usual tree of an urban community (data/kinds.json), each kind after the one above it. Names and limits are ours."""


@transaction.atomic
def set_up_kinds(actor: Actor, *, kinds: Iterable[KindPlan] = USUAL_KINDS) -> list[MatterKind]:
    """Lay out the kinds a community offers; those it has stay as they are, wherever it moved them. All there are afterwards."""
    known = {kind.code: kind for kind in MatterKind.objects.all()}
    new = []
    for plan in kinds:
        if plan.code in known:
            continue
        kind = MatterKind(
            code=plan.code,
            name=plan.name,
            icon=plan.icon,
            hint=plan.hint,
            promise_days=plan.promise_days,
            order=plan.order,
            **plan.more,
        )
        kind.stand_under(known[plan.parent] if plan.parent else None)
        known[plan.code] = kind
        new.append(kind)
    for kind in MatterKind.objects.bulk_create(new):
        record(actor, "matter_kind.added", kind, code=kind.code)
    set_up_pause_reasons(actor)
    return list(MatterKind.objects.all())


@transaction.atomic
def add_kind(
    actor: Actor, *, name: str, parent: MatterKind | None = None, promise_days: int | None = None
) -> MatterKind:
    """Offer one more kind, under `parent` or at the top; it holds what `parent` holds until something else is said.

    Raises:
        KindWrong: no name, or the same name twice in one place.
        KindMoved: `parent` stands on the last level.
    """
    actor.require(Permission.MATTERS_ARRANGE)
    beside = MatterKind.objects.filter(parent=parent)
    _need_name(name, beside)
    if why := rules_kinds.may_stand_under([], 1, parent.path if parent else []):
        raise KindMoved(why, field="parent")
    kind = MatterKind(
        code=f"k{uuid7().hex[-10:]}",
        name=name.strip(),
        promise_days=promise_days or (parent.promise_days if parent else 7),
        order=max(beside.values_list("order", flat=True), default=-1) + 1,
        parent=parent,
    )
    kind.save()
    record(actor, "matter_kind.added", kind, code=kind.code)
    return kind


CHANGEABLE = frozenset(
    {
        "name", "hint", "promise_days", "promise_unit", "accept_hours", "handle_hours", "party_hours", "is_offered", "questions",
        "side", "grade", "duplicate_metres", "duplicate_days", "evidence", "templates",
    }
)  # fmt: skip


@transaction.atomic
def change_kind_settings(actor: Actor, *, kind: MatterKind, **changes: Any) -> MatterKind:
    """Change what a kind asks and expects; matters reported before keep what they were asked. The same again changes nothing.

    Raises:
        KindWrong: a name that is taken, a question nobody could answer, a phrase too long.
    """
    actor.require(Permission.MATTERS_ARRANGE)
    assert set(changes) <= CHANGEABLE, changes
    row = MatterKind.objects.select_for_update().get(pk=kind.pk)
    if "name" in changes:
        changes["name"] = changes["name"].strip()
        _need_name(changes["name"], MatterKind.objects.filter(parent=row.parent_id).exclude(pk=row.pk))
    try:
        if "questions" in changes:
            changes["questions"] = [each.stored for each in rules_kinds.questions_of(changes["questions"])]
        if "templates" in changes:
            changes["templates"] = rules_kinds.phrases_of(changes["templates"], Ending.values)
    except rules_kinds.Wrong as wrong:
        raise KindWrong(wrong.sentence, field="questions" if "questions" in changes else "templates") from wrong
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, changes[name])
    row.save(update_fields=changed)
    record(actor, "matter_kind.changed", row, code=row.code, changed=changed)
    return row


@transaction.atomic
def move_kind(actor: Actor, *, kind: MatterKind, parent: MatterKind | None) -> MatterKind:
    """Put a kind, and all under it, under another one (None: at the top), as the last there.

    Raises:
        KindMoved: under itself, or deeper than five levels.
    """
    actor.require(Permission.MATTERS_ARRANGE)
    rows = {row.pk: row for row in MatterKind.objects.select_for_update().order_by("pk")}
    row, above = rows[kind.pk], rows[parent.pk] if parent else None
    if row.parent_id == (above and above.pk):
        return row
    under = sorted((each for each in rows.values() if row.code in each.path), key=lambda each: each.level)
    height = under[-1].level - row.level + 1
    if why := rules_kinds.may_stand_under(row.path, height, above.path if above else []):
        raise KindMoved(why, field="parent")
    beside = [each for each in rows.values() if each.parent_id == (above and above.pk)]
    _need_name(row.name, MatterKind.objects.filter(pk__in=[each.pk for each in beside]))
    row.order = max((each.order for each in beside), default=-1) + 1
    row.stand_under(above)
    for each in under[1:]:
        each.stand_under(rows[each.parent_id])  # type: ignore[index]
    MatterKind.objects.bulk_update(under, ["parent", "path", "level", "order"])
    record(actor, "matter_kind.moved", row, code=row.code, under=above.code if above else "")
    return row


@transaction.atomic
def shift_kind(actor: Actor, *, kind: MatterKind, by: int) -> MatterKind:
    """Move a kind up (-1) or down (1) among those beside it; at the end it stays where it is."""
    actor.require(Permission.MATTERS_ARRANGE)
    beside = list(MatterKind.objects.select_for_update().filter(parent=kind.parent_id).order_by("order", "code"))
    at = next(index for index, each in enumerate(beside) if each.pk == kind.pk)
    to = min(max(at + by, 0), len(beside) - 1)
    if to == at:
        return beside[at]
    row = beside.pop(at)
    beside.insert(to, row)
    for order, each in enumerate(beside):
        each.order = order
    MatterKind.objects.bulk_update(beside, ["order"])
    record(actor, "matter_kind.changed", row, code=row.code, changed=["order"])
    return row


def _need_name(name: str, beside: Any) -> None:
    if not 1 <= len(name.strip()) <= 20:
        raise KindWrong("名称请写 1 到 20 个字。", field="name")
    if beside.filter(name=name.strip()).exists():
        raise KindWrong("同一层里已经有叫这个名字的了，请换一个。", field="name")


USUAL_PAUSE_REASONS = (
    ("resident", "等居民", "在等您方便的时候"),
    ("weather", "天气原因", "天气不好，这两天没法施工"),
    ("owners_vote", "等业主表决", "要等业主商量表决"),
    ("other_unit", "等别的单位", "在等别的单位办"),
    ("parts", "等材料配件", "材料还没有到"),
    ("law", "按规定要等", "按规定要等手续走完"),
)
"""Code, name at the desk, and what the resident is told. Ours: no list is laid down."""


@transaction.atomic
def set_up_pause_reasons(actor: Actor) -> list[PauseReason]:
    """Lay out the usual reasons for which a clock may stand still; those a community has stay as they are."""
    known = set(PauseReason.objects.values_list("code", flat=True))
    made = PauseReason.objects.bulk_create(
        PauseReason(code=code, name=name, for_reporter=words, order=order)
        for order, (code, name, words) in enumerate(USUAL_PAUSE_REASONS)
        if code not in known
    )
    for reason in made:
        record(actor, "pause_reason.added", reason, code=reason.code)
    return list(PauseReason.objects.all())
