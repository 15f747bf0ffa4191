"""Requests for corrections as the desk reads them: both sides beside each other, and only what differs shown of a number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli.core import clock, colleagues
from linli.core.access import Actor, Permission
from linli.core.masking import mask_id_number, mask_name, mask_phone

from . import queries, records
from .models import CorrectionRequest, Resident
from .models_requests import Asked, Deed
from .queries import ResidentCard
from .second_person import keys_that_need_second, why_second

RECENT = timedelta(days=30)
WAITS_AT_MOST = timedelta(days=7)
"""After that somebody should have decided: a name or a death that is wrong is wrong in every table meanwhile."""


@dataclass(frozen=True)
class Side:
    """What stands there, or should: in words, and whether part of it is hidden."""

    words: str
    is_hidden: bool = False


@dataclass(frozen=True)
class AskedFor:
    """One request with everything the second person needs to decide."""

    id: UUID
    title: str
    card: ResidentCard
    held: Side
    wanted: Side
    since: date | None
    because: str
    evidence: str
    why_second: str
    who: str
    is_own: bool
    requested_at: Any
    may_decide: bool
    may_withdraw: bool
    state: str
    state_words: str
    decided_at: Any
    decider: str
    answer: str

    @property
    def may_show(self) -> bool:
        return self.may_decide and (self.held.is_hidden or self.wanted.is_hidden)


def waiting_visible_to(actor: Actor) -> QuerySet[CorrectionRequest]:
    """Open requests, the oldest first."""
    return queries.corrections_visible_to(actor).filter(state=Asked.REQUESTED)


def to_decide(actor: Actor) -> QuerySet[CorrectionRequest]:
    """Open requests that the actor may decide (`queries.may_decide`, as one question): never one's own."""
    if actor.account_id is None:
        return CorrectionRequest.objects.none()
    rows = waiting_visible_to(actor).exclude(requested_by=actor.account_id)
    if actor.may(Permission.CORRECTIONS_CONFIRM):
        return rows
    return rows.filter(is_own=True).exclude(field__in=keys_that_need_second())


def counts_of_community() -> tuple[int, int]:
    """How many wait in the whole community, and how many of them for longer than a week: numbers alone."""
    late = Q(requested_at__lt=clock.now() - WAITS_AT_MOST)
    waiting = CorrectionRequest.objects.filter(state=Asked.REQUESTED)
    found = waiting.aggregate(all=Count("pk"), late=Count("pk", filter=late))
    return found["all"], found["late"]


def decided_for(actor: Actor) -> QuerySet[CorrectionRequest]:
    """What became of the actor's own requests lately, the newest first."""
    if actor.account_id is None:
        return CorrectionRequest.objects.none()
    rows = queries.corrections_visible_to(actor).exclude(state=Asked.REQUESTED)
    rows = rows.filter(requested_by=actor.account_id, decided_at__gte=clock.now() - RECENT)
    return rows.order_by("-decided_at", "id")


def asked_for(actor: Actor, rows: Iterable[CorrectionRequest], *, shown: UUID | None = None) -> list[AskedFor]:
    """The rows in words; of `shown` both sides in full."""
    listed = list(rows)
    people = Resident.objects.filter(pk__in={row.resident_id for row in listed})
    cards = {card.id: card for card in queries.cards_of(people)}
    names = colleagues.names_of(each for row in listed for each in (row.requested_by, row.decided_by))
    return [
        _asked(actor, row, cards[row.resident_id], names, row.pk == shown) for row in listed if row.resident_id in cards
    ]


def _asked(
    actor: Actor, row: CorrectionRequest, card: ResidentCard, names: dict[UUID, str], is_shown: bool
) -> AskedFor:
    is_open = row.state == Asked.REQUESTED
    held, wanted = both_sides(row, is_shown=is_shown)
    return AskedFor(
        id=row.pk,
        title=records.asked_in_words(row),
        card=card,
        held=held,
        wanted=wanted,
        since=row.since,
        because=row.because,
        evidence=row.evidence,
        why_second=why_second(row.field),
        who=names.get(row.requested_by, ""),
        is_own=row.is_own,
        requested_at=row.requested_at,
        may_decide=is_open and queries.may_decide(actor, row),
        may_withdraw=is_open and row.requested_by == actor.account_id,
        state=row.state,
        state_words=row.get_state_display(),
        decided_at=row.decided_at,
        decider=names.get(row.decided_by, "") if row.decided_by else "",
        answer=row.answer,
    )


def both_sides(row: CorrectionRequest, *, is_shown: bool = False) -> tuple[Side, Side]:
    """What stands in the register and what is asked for."""
    if row.deed == Deed.GRANT:
        return Side("没有登记这个类别"), Side(_plan_in_words(row.value or "{}"))
    if row.deed == Deed.END:
        day = f"{row.since.year}年{row.since.month}月{row.since.day}日" if row.since else ""
        return Side("正在享受"), Side(f"从 {day} 起终止")
    if row.deed in {Deed.AMEND, Deed.ALTER}:
        wanted = json.loads(row.value or "{}").get("to", {})
        held = json.loads(row.held or "{}")
        return Side(_category_in_words(held)), Side(_category_in_words(wanted, since=row.since))
    old, new = row.held or "", row.value or ""
    mask = _MASKS.get(row.field)
    if mask is None or is_shown:
        return Side(_plain(row.field, old)), Side(_plain(row.field, new))
    seen, hidden = differing(old, new, mask)
    return Side(seen or records.NOTHING, is_hidden=bool(old)), Side(hidden or "不登记", is_hidden=bool(new))


def _hide_digits(text: str) -> str:
    return re.sub(r"[0-9]", "*", text)


_MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "former_name": mask_name,
    "id_number": mask_id_number,
    "phone": mask_phone,
    "birth_on": _hide_digits,
}


def _plain(field: str, value: str) -> str:
    if field in _MASKS:
        return value or records.NOTHING
    return records.in_words(field, value) or records.NOTHING


def differing(old: str, new: str, mask: Callable[[str], str]) -> tuple[str, str]:
    """Both masked, but for the characters in which two values of one length differ: what there is to decide about."""
    if not old or not new or len(old) != len(new):
        return (mask(old) if old else ""), (mask(new) if new else "")
    pairs = list(zip(old, new, mask(old), mask(new), strict=True))
    return (
        "".join(a if a != b else hidden for a, b, hidden, _ in pairs),
        "".join(b if a != b else hidden for a, b, _, hidden in pairs),
    )


_CATEGORY_LABELS = {
    "level": "级别",
    "certificate_number": "证号",
    "decision": "认定文号",
    "decided_on": "认定日期",
    "from_on": "起始日期",
}


def _category_in_words(said: dict[str, str | None], since: date | None = None) -> str:
    words = [f"从 {since.year}年{since.month}月{since.day}日起"] if since else []
    for name, label in _CATEGORY_LABELS.items():
        if name in said:
            value = said[name] or ""
            words.append(
                f"{label}：{mask_id_number(value) if name == 'certificate_number' and value else value or '无'}"
            )
    return "，".join(words)


def _plan_in_words(value: str) -> str:
    plan = json.loads(value)
    said = [plan.get("level") or ""]
    if plan.get("from_on"):
        day = date.fromisoformat(plan["from_on"])
        said.append(f"{day.year}年{day.month}月{day.day}日起")
    said += [plan.get("decision") or "", f"来源：{plan['source']}" if plan.get("source") else ""]
    return "，".join(filter(None, said))
