"""One change to everybody of a list: shown before it is made, made by the same verbs as one by one, taken back as one.

What a second person must agree to (救助类别 and the like) is not done in bulk. A record that somebody changed since is left as it is
when the change is taken back, and listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.errors import Conflict, Invalid
from linli.core.ids import uuid7
from linli.core.trail import record
from linli.core.versions import Versioned, unwrite
from linli.residents import actions as residents
from linli.residents import check_rules
from linli.residents import conditions as narrowing
from linli.residents.actions.corrections import CODED
from linli.residents.actions.facts import unwrite_fields
from linli.residents.codelists import code_list
from linli.residents.codes import CATEGORY_KINDS, category_name
from linli.residents.conditions import Condition
from linli.residents.models import Category, Document, Residence, Resident
from linli.residents.queries import ResidentCard, card_of, residents_visible_to, with_cards
from linli.residents.second_person import category_needs_second, field_needs_second

from .actions import account_of
from .models import Change, ChangedRow, ChangeKind
from .rules import CHANGED_AT_ONCE, REASON_LEAST, UNDO_DAYS

SHOWN = 10


class TooManyPeople(Conflict):
    code = "change.too_many"
    message = f"一次最多改 {CHANGED_AT_ONCE} 人，这样看得过来。请再加一个条件，分几次改。"


class NobodyToChange(Conflict):
    code, message = "change.nobody", "这张名单里没有要改的人：都已经是这样了。请看看条件，或改别的。"


class ListMoved(Conflict):
    code, message = "change.moved", "名单刚刚变了，人数和您看到的不一样。请再看一遍前后对比，再决定。"


class BasisWanted(Invalid):
    code, message = "change.basis_wanted", "请写明依据（至少 4 个字），例如“7月入户走访核对”。"


class NotInBulk(Invalid):
    code, message = "change.not_in_bulk", "这一项要另一位同事逐人核准，不能批量改。请在每个人的档案里申请。"


class TooLateToUndo(Conflict):
    code, message = "change.too_late", f"已经超过 {UNDO_DAYS} 天，不能整批撤销。有不对的，请逐人更正。"


@dataclass(frozen=True)
class Wanted:
    """What is to become of everybody. `code` is a category's kind, a coded field, or how it was confirmed."""

    kind: ChangeKind
    code: str
    value: str = ""  # a code of the field's list
    on: date | None = None  # the day a category begins or ends

    @property
    def words(self) -> str:
        """登记类别 志愿者，从 2026-03-01 起."""
        match self.kind:
            case ChangeKind.CONFIRM:
                return f"标记为今天已核实（{check_rules.confirmed_by().get(self.code, self.code)}）"
            case ChangeKind.GRANT:
                return f"登记类别“{category_name(self.code)}”，从 {self.on} 起"
            case ChangeKind.END:
                return f"终止类别“{category_name(self.code)}”，到 {self.on} 为止"
            case _:
                return f"{code_list(self.code).title}改成“{code_list(self.code).name(self.value)}”"

    @property
    def facts(self) -> dict[str, str]:
        return {"code": self.code, "value": self.value, "on": self.on.isoformat() if self.on else ""}

    @classmethod
    def of(cls, change: Change) -> Wanted:
        facts = change.facts
        day = date.fromisoformat(facts["on"]) if facts["on"] else None
        return cls(ChangeKind(change.kind), facts["code"], facts["value"], day)


def kinds_in_bulk() -> list[tuple[str, str]]:
    """Categories that one person may grant and end by themselves."""
    return [(kind.code, kind.name) for kind in CATEGORY_KINDS.values() if not category_needs_second(kind.code)]


def fields_in_bulk() -> list[str]:
    return [field for field in CODED if not field_needs_second(field)]


@dataclass(frozen=True)
class Preview:
    """What would happen: how many of the list, how many are so already, and the first, before and after."""

    count: int
    same: int
    first: list[tuple[ResidentCard, str, str]]


def preview(actor: Actor, wanted: Wanted, conditions: Sequence[Condition]) -> Preview:
    """Look before it is done. Raises NotAllowed, NotInBulk, TooManyPeople, NobodyToChange."""
    listed, rows = _affected(actor, wanted, conditions)
    first = [(card_of(row), *_before_and_after(wanted, row)) for row in with_cards(rows)[:SHOWN]]
    count = rows.count()
    return Preview(count, listed.count() - count, first)


def _affected(
    actor: Actor, wanted: Wanted, conditions: Sequence[Condition]
) -> tuple[QuerySet[Resident], QuerySet[Resident]]:
    """Everybody of the list alive, and those of them whom the change changes."""
    actor.require(Permission.RESIDENTS_CHANGE_MANY)
    _require_in_bulk(wanted)
    listed = narrowing.narrowed(residents_visible_to(actor), conditions).filter(died_on=None)
    held = Category.objects.filter(kind=wanted.code)
    match wanted.kind:
        case ChangeKind.GRANT:
            overlapping = held.filter(span__endswith__isnull=True) | held.filter(span__endswith__gt=wanted.on)
            rows = listed.exclude(pk__in=overlapping.values("resident"))
        case ChangeKind.END:
            ended = held.filter(span__endswith__isnull=True, span__startswith__lt=wanted.on)
            rows = listed.filter(pk__in=ended.values("resident"))
        case ChangeKind.FIELD:
            rows = listed.exclude(**{wanted.code: wanted.value})
        case _:
            rows = listed
    found = rows[: CHANGED_AT_ONCE + 1].count()
    if found > CHANGED_AT_ONCE:
        raise TooManyPeople()
    if not found:
        raise NobodyToChange()
    return listed, rows


def _require_in_bulk(wanted: Wanted) -> None:
    is_known = {
        ChangeKind.CONFIRM: wanted.code in check_rules.confirmed_by(),
        ChangeKind.FIELD: wanted.code in fields_in_bulk() and wanted.value in code_list(wanted.code).codes,
    }.get(wanted.kind, wanted.code in dict(kinds_in_bulk()) and wanted.on is not None)
    if not is_known:
        raise NotInBulk(field="code")


def _before_and_after(wanted: Wanted, row: Any) -> tuple[str, str]:
    match wanted.kind:
        case ChangeKind.CONFIRM:
            was = row.confirmed_on.isoformat() if row.confirmed_on else "没有核实过"
            return was, clock.today().isoformat()
        case ChangeKind.GRANT:
            return "没有", f"{category_name(wanted.code)}，从 {wanted.on} 起"
        case ChangeKind.END:
            return f"{category_name(wanted.code)}，一直有效", f"到 {wanted.on} 为止"
        case _:
            codes = code_list(wanted.code)
            return codes.name(getattr(row, wanted.code)) or "没有登记", codes.name(wanted.value)


@transaction.atomic
def change_many(actor: Actor, wanted: Wanted, *, conditions: Sequence[Condition], reason: str, expected: int) -> Change:
    """Do it to everybody: one trail entry each, all under the change's id as their request. All or nobody.

    Raises:
        What `preview` does; BasisWanted; ListMoved: not as many as were shown.
    """
    if len(reason.strip()) < REASON_LEAST:
        raise BasisWanted(field="reason")
    _, rows = _affected(actor, wanted, conditions)
    people = list(rows.order_by("pk").select_for_update(of=("self",)))
    if len(people) != expected:
        raise ListMoved()
    change = Change.objects.create(
        id=uuid7(),
        kind=wanted.kind,
        facts=wanted.facts,
        conditions=narrowing.as_data(conditions),
        reason=reason.strip()[:200],
        count=len(people),
        made_by=account_of(actor),
        made_at=clock.now(),
    )
    by = replace(actor, request_id=change.pk)
    kept = []
    for person in people:
        before = _said(wanted, person)
        _do(by, wanted, person, change.reason)
        kept.append(ChangedRow(change=change, resident=person, before=before, after=_said(wanted, person)))
    ChangedRow.objects.bulk_create(kept)
    record(by, "change.made", change, count=change.count, kind=change.kind, reason=change.reason, to=wanted.facts)
    return change


def _do(actor: Actor, wanted: Wanted, person: Resident, reason: str) -> None:
    match wanted.kind:
        case ChangeKind.CONFIRM:
            residents.confirm_record(actor, resident=person, how=wanted.code)
        case ChangeKind.GRANT:
            assert wanted.on is not None
            residents.grant_category(actor, resident=person, kind=wanted.code, from_on=wanted.on, source=reason[:40])
        case ChangeKind.END:
            assert wanted.on is not None
            for category in Category.objects.filter(resident=person, kind=wanted.code, span__endswith__isnull=True):
                residents.end_category(actor, category=category, on=wanted.on)
        case _:
            was = getattr(person, wanted.code)
            since = clock.today() if was else None  # what was empty was never otherwise; what was not has changed
            residents.correct_resident(
                actor, resident=person, to={wanted.code: wanted.value}, because=reason, since=since
            )


VERSIONED: tuple[type[Versioned], ...] = (Residence, Category, Document)


def _said(wanted: Wanted, person: Resident) -> dict[str, Any]:
    """What the record says of what is changed, in text: compared when it is to be taken back."""
    row = Resident.objects.get(pk=person.pk)
    match wanted.kind:
        case ChangeKind.CONFIRM:
            sure = [
                [model.__name__, str(each.pk), _text(each.confirmed_on), _text(each.check_by)]
                for model in VERSIONED
                for each in model.objects.filter(resident=person).order_by("pk")
            ]
            return {
                "confirmed_on": _text(row.confirmed_on),
                "check_by": _text(row.check_by),
                "source": row.source,
                "marks": row.marks,
                "rows": sure,
            }
        case ChangeKind.FIELD:
            return {"value": getattr(row, wanted.code), "mark": row.marks.get(wanted.code)}
        case _:
            held = Category.objects.filter(resident=person, kind=wanted.code).order_by("pk")
            return {"held": [[str(each.pk), str(each.span), each.level] for each in held]}


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def may_undo(change: Change) -> bool:
    return change.undone_at is None and clock.now() - change.made_at <= timedelta(days=UNDO_DAYS)


@transaction.atomic
def undo_change(actor: Actor, *, change: Change) -> list[ChangedRow]:
    """As if it had not been done, for everybody whose record says what the change left; the rest, which are kept as they are.

    Again changes nothing. Raises NotAllowed, TooLateToUndo.
    """
    actor.require(Permission.RESIDENTS_CHANGE_MANY)
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.undone_at is not None:
        return list(change.rows.filter(was_kept=True))
    if not may_undo(change):
        raise TooLateToUndo()
    wanted, by = Wanted.of(change), replace(actor, request_id=change.pk)
    kept = []
    for row in change.rows.select_related("resident").order_by("resident_id"):
        person = Resident.with_merged.select_for_update(no_key=True).get(pk=row.resident_id)
        if person.merged_into_id is not None or _said(wanted, person) != row.after:
            row.was_kept = True
            row.save(update_fields=["was_kept"])
            kept.append(row)
            continue
        _take_back(by, wanted, person, row, change)
        record(by, "change.taken_back", person, touches=[change.pk], kind=change.kind)
    change.undone_by, change.undone_at = account_of(actor), clock.now()
    change.save(update_fields=["undone_by", "undone_at"])
    record(by, "change.undone", change, count=change.count - len(kept), kept=len(kept))
    return kept


def _take_back(actor: Actor, wanted: Wanted, person: Resident, row: ChangedRow, change: Change) -> None:
    before, after = row.before, row.after
    match wanted.kind:
        case ChangeKind.CONFIRM:
            Resident.objects.filter(pk=person.pk).update(
                confirmed_on=_day(before["confirmed_on"]),
                check_by=_day(before["check_by"]),
                source=before["source"],
                marks=before["marks"],
            )
            models = {model.__name__: model for model in VERSIONED}
            for name, key, confirmed_on, check_by in before["rows"]:
                rows = models[name].objects.filter(pk=key)
                rows.update(confirmed_on=_day(confirmed_on), check_by=_day(check_by))
        case ChangeKind.GRANT:
            was = {key for key, _, _ in before["held"]}
            made = [key for key, _, _ in after["held"] if key not in was]
            residents.drop_categories(actor, resident=person, ids=made)
        case ChangeKind.END:
            spans = {key: span for key, span, _ in before["held"]}
            for key, span, _ in after["held"]:
                if spans.get(key) != span:
                    unwrite(Category.objects.select_for_update().get(pk=key), since=change.made_at)
        case _:
            unwrite_fields(person, [wanted.code], since=change.made_at)
            setattr(person, wanted.code, before["value"])
            person.marks = {key: mark for key, mark in person.marks.items() if key != wanted.code}
            if before["mark"]:
                person.marks[wanted.code] = before["mark"]
            person.save(update_fields=[wanted.code, "marks"])
