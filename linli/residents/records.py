"""One person's record as the desk reads it: every field in words and masked, how old it is, and what wants attention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from linli.core import clock, colleagues
from linli.core.masking import mask_id_number, mask_name, mask_phone
from linli.core.models import TrailEntry
from linli.core.trail import VERBS, kind_of
from linli.places.queries import place_label

from . import check_rules, queries, rules
from .check_rules import Age
from .codelists import code_list, code_lists
from .codes import CATEGORY_KINDS, Sex, category_name
from .document_rules import NONE_YET, document_rules
from .models import Category, CorrectionRequest, Document, Residence, Resident
from .models_requests import OF_CATEGORY, Asked

GROUPS = (
    ("身份", ("name", "former_name", "sex", "birth_on", "id_number", "ethnicity")),
    ("联系与生活", ("phone", "marital_status", "education", "political_status", "employment", "employer")),
)
REVEALABLE = frozenset({"name", "id_number", "phone", "birth_on"})
EXPIRES_SOON = timedelta(days=90)
NOTHING = "没有登记"


def held_fields(resident: Resident) -> tuple[str, ...]:
    """The fields with an age of their own that hold something."""
    empty = {None, "", Sex.UNKNOWN.value, Sex.UNSTATED.value}
    return tuple(name for name in check_rules.fields_checked() if getattr(resident, name) not in empty)


def label_of(field: str) -> str:
    """A field of Resident, or a category's kind, in words."""
    if field == "died_on":
        return "去世日期"
    known = check_rules.check_rules().get(field)
    return known.label if known else category_name(field)


def in_words(field: str, value: Any) -> str:
    """The value of a field as it is shown unasked: codes by name, the rest masked; "" for nothing."""
    if value in {None, ""}:
        return ""
    if field in code_lists():
        return "" if field == "sex" and value in {"0", "9"} else code_list(field).name(str(value))
    if field in {"name", "former_name"}:
        return mask_name(value)
    if field == "id_number":
        return mask_id_number(value)
    if field == "phone":
        return mask_phone(value)
    if field == "birth_on":
        born = date.fromisoformat(value) if isinstance(value, str) else value
        return f"{rules.age_on(born, clock.today())} 岁（日期已隐去）"
    if field == "died_on":
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return f"{day.year}年{day.month}月{day.day}日"
    return str(value)


@dataclass(frozen=True)
class AgeWords:
    """How old a fact is, ready to be shown: `tone` is "", ageing, old or never."""

    words: str
    tone: str
    is_due: bool

    @classmethod
    def of(cls, age: Age) -> AgeWords:
        today = clock.today()
        if age.confirmed_on is None:
            return cls("从未核实", "never", True)
        old = check_rules.how_old(age.confirmed_on, today)
        said = "核实于今天" if old == "今天" else f"核实于 {old}"
        is_due = age.is_due(today)
        tone = "old" if is_due else check_rules.freshness(age.confirmed_on, today)
        words = " · ".join(filter(None, [said, age.source, "该核实了" if is_due else ""]))
        return cls(words, "ageing" if tone == "old" and not is_due else tone, is_due)


@dataclass(frozen=True)
class FieldRow:
    """One field of a person on the page."""

    field: str
    label: str
    words: str
    age: AgeWords | None  # None where nothing is held
    may_reveal: bool
    waits: bool  # a request about it waits for a second person


@dataclass(frozen=True)
class Group:
    """`rows` hold something, `missing` do not."""

    title: str
    rows: tuple[FieldRow, ...]
    missing: tuple[FieldRow, ...]


def groups_of(resident: Resident, waiting: Iterable[CorrectionRequest]) -> list[Group]:
    """Every field of the person, in groups."""
    asked, held = {request.field for request in waiting}, set(held_fields(resident))
    groups = []
    for title, fields in GROUPS:
        rows = [_row(resident, field, field in held, field in asked) for field in fields]
        groups.append(Group(title, tuple(r for r in rows if r.age), tuple(r for r in rows if not r.age)))
    return groups


def _row(resident: Resident, field: str, is_held: bool, waits: bool) -> FieldRow:
    words = in_words(field, getattr(resident, field))
    return FieldRow(
        field=field,
        label=label_of(field),
        words=words or NOTHING,
        age=AgeWords.of(age_of(resident, field)) if is_held else None,
        may_reveal=is_held and field in REVEALABLE,
        waits=waits,
    )


def age_of(resident: Resident, field: str) -> Age:
    return check_rules.age_of_field(
        field, confirmed_on=resident.confirmed_on, source=resident.source, marks=resident.marks
    )


def age_of_record(resident: Resident) -> AgeWords:
    return AgeWords.of(Age(resident.confirmed_on, resident.source, resident.check_by))


def due_fields(resident: Resident) -> list[str]:
    """The labels of the fields that somebody should look at again today."""
    today = clock.today()
    return [label_of(field) for field in held_fields(resident) if age_of(resident, field).is_due(today)]


@dataclass(frozen=True)
class Stay:
    """One residence with its age."""

    id: UUID
    place: str
    kind: str
    population_class: str
    relation: str
    from_on: date
    to_on: date | None
    age: AgeWords | None  # of those that hold today


def stays_of(resident: Resident) -> list[Stay]:
    """Every residence, the newest first. Rows that adjoin behind one door are one stay, as it is now."""
    stays: list[tuple[Residence, Stay]] = []
    for row in queries.residences_of(resident):
        at = next((at for at, (later, _) in enumerate(stays) if _goes_on(row, later)), None)
        if at is None:
            stays.append((row, _stay(row)))
        else:
            stays[at] = (row, replace(stays[at][1], from_on=row.span.lower))
    return [stay for _, stay in stays]


def _stay(row: Residence) -> Stay:
    is_held = row.span.lower <= clock.today() and (row.span.upper is None or row.span.upper > clock.today())
    return Stay(
        id=row.pk,
        place=place_label(dwelling=row.dwelling),
        kind=row.get_kind_display(),
        population_class=row.get_population_class_display(),
        relation=row.get_relation_to_head_display() if row.relation_to_head else "",
        from_on=row.span.lower,
        to_on=row.span.upper,
        age=AgeWords.of(Age(row.confirmed_on, row.source, row.check_by)) if is_held else None,
    )


def _goes_on(row: Residence, later: Residence) -> bool:
    """Whether `later` is the same stay, changed at a day (relation, class, household)."""
    same = (row.kind, row.dwelling_id) == (later.kind, later.dwelling_id)
    return same and row.span.upper is not None and row.span.upper == later.span.lower


@dataclass(frozen=True)
class Membership:
    """One category with everything that is held of it; the certificate masked."""

    id: UUID
    kind: str
    name: str
    level: str
    level_name: str
    certificate: str
    decision: str
    decided_on: date | None
    from_on: date
    to_on: date | None
    source: str
    is_open: bool
    age: AgeWords | None


def memberships_of(resident: Resident) -> list[Membership]:
    """Every category, those in force first, then the newest first."""
    today = clock.today()
    rows = [_membership(row, today) for row in queries.categories_of(resident)]
    return sorted(rows, key=lambda each: not each.is_open)


def _membership(row: Category, today: date) -> Membership:
    is_open = row.span.upper is None or row.span.upper > today
    kind = CATEGORY_KINDS.get(row.kind)
    return Membership(
        id=row.pk,
        kind=row.kind,
        name=category_name(row.kind),
        level=row.level,
        level_name=kind.level_name if kind else "",
        certificate=mask_id_number(row.certificate_number) if row.certificate_number else "",
        decision=row.decision,
        decided_on=row.decided_on,
        from_on=row.span.lower,
        to_on=row.span.upper,
        source=row.source,
        is_open=is_open,
        age=AgeWords.of(Age(row.confirmed_on, "", row.check_by)) if is_open else None,
    )


@dataclass(frozen=True)
class Paper:
    """One document, its number masked; `last_on` is the last day it is good."""

    id: UUID
    name: str
    number: str
    issued_in: str
    note: str
    last_on: date | None
    state: str  # "", soon, over
    age: AgeWords


def papers_of(resident: Resident) -> list[Paper]:
    """Every document, in the order of the list of kinds."""
    order, today = list(document_rules()), clock.today()
    rows = sorted(Document.objects.filter(resident=resident), key=lambda row: (order.index(row.kind), row.pk))
    return [_paper(row, today) for row in rows]


def _paper(row: Document, today: date) -> Paper:
    last_on = row.span.upper - timedelta(days=1) if row.span.upper else None
    state = ""
    if last_on is not None:
        state = "over" if last_on < today else "soon" if last_on - today <= EXPIRES_SOON else ""
    return Paper(
        id=row.pk,
        name=document_rules()[row.kind].name,
        number="" if row.kind == NONE_YET else mask_id_number(row.number or ""),
        issued_in=row.issued_in,
        note=row.note,
        last_on=last_on,
        state=state,
        age=AgeWords.of(Age(row.confirmed_on, row.source, row.check_by)),
    )


def waiting_for(resident: Resident) -> list[CorrectionRequest]:
    """Open requests about the person, oldest first."""
    rows = CorrectionRequest.objects.filter(resident=resident, state=Asked.REQUESTED)
    return list(rows.order_by("requested_at", "id"))


def asked_in_words(request: CorrectionRequest) -> str:
    """更正姓名, 变更电话, 登记类别：低保."""
    label = label_of(request.field)
    if request.deed in OF_CATEGORY:
        return f"{request.get_deed_display()}：{label}"
    return f"{request.get_deed_display()}{label}"


@dataclass(frozen=True)
class Happening:
    """One line of what was done to the record; `who` is what a colleague is called, "" for the machine."""

    what: str
    at: Any
    who: str
    why: str


BECAUSE = {"import": "导入花名册", "import_undone": "撤回了一次导入", "death": "随去世登记", "paper": "对照证件"}


def happenings_of(resident: Resident, *, most: int) -> list[Happening]:
    """What was done to the record, who did it and why; the newest first. Values stay where they are."""
    asked = CorrectionRequest.objects.filter(resident=resident)
    entries = list(
        TrailEntry.objects.filter(
            Q(subject_kind=kind_of(Resident), subject_id=resident.pk)
            | Q(subject_kind=kind_of(CorrectionRequest), subject_id__in=asked.values("pk"))
        ).order_by("-at", "-id")[:most]
    )
    names = colleagues.names_of(entry.account_id for entry in entries)
    return [_happening(entry, names) for entry in entries]


def _happening(entry: TrailEntry, names: dict[UUID, str]) -> Happening:
    facts = entry.facts
    fields = facts.get("changed") or ([facts["field"]] if facts.get("field") else [])
    if facts.get("kind") in CATEGORY_KINDS:
        fields = [facts["kind"]]
    what = VERBS.get(entry.verb, entry.verb)
    labels = "、".join(label_of(field) for field in fields)
    why = str(facts.get("because") or facts.get("reason") or facts.get("how") or "")
    return Happening(
        what=f"{what}：{labels}" if labels else what,
        at=entry.at,
        who=names.get(entry.account_id, "") if entry.account_id else "",
        why=BECAUSE.get(why, why),
    )
