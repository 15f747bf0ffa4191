"""Imports as pages show them: which there are, what their columns were taken for, which rows want a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import orjson
from django.db.models import Count, Q, QuerySet

from linli.core import clock, trail
from linli.core.access import Actor, Permission
from linli.core.masking import mask_id_number, mask_name, mask_phone
from linli.core.models import TrailEntry
from linli.residents.codelists import code_list
from linli.residents.codes import PopulationClass, Relation, Sex, category_name
from linli.residents.models import Category, CorrectionRequest, Residence, Resident
from linli.residents.models_requests import Asked
from linli.residents.queries import residents_visible_to

from .models import Decision, Import, ImportRow, State, Verdict
from .rules.columns import Column
from .rules.columns import Verdict as ColumnVerdict
from .rules.facts import CODED, Facts

UNDO_DAYS = 30
SHOWN = 20
AS_NEW = Q(verdict=Verdict.NEW) | Q(verdict=Verdict.DOUBTFUL, decision=Decision.NEW_PERSON)
AS_CHANGED = Q(verdict=Verdict.CHANGED) | Q(verdict=Verdict.DOUBTFUL, decision=Decision.SAME_PERSON)

FIELD_NAMES = {
    "name": "姓名", "id_number": "身份证号", "sex": "性别", "birth_on": "出生日期", "phone": "电话", "door": "现住址",
    "registered_door": "户籍门牌", "household": "户号", "relation": "与户主关系", "population_class": "人口类别",
    "from_on": "入住日期", "died_on": "去世日期", "categories": "类别",
    "former_name": "曾用名", **CODED, "employer": "工作单位", "details": "证号与等级",
}  # fmt: skip


def imports_visible_to(actor: Actor) -> QuerySet[Import]:
    """The community's imports, newest first, for whoever may import."""
    rows = Import.objects.order_by("-made_at", "-id")
    return rows if actor.may(Permission.REGISTER_IMPORT) else rows.none()


def waiting_for(actor: Actor) -> QuerySet[Import]:
    """Imports that go on only when somebody says what a column is, or that they shall be written."""
    return imports_visible_to(actor).filter(state__in=[State.READ, State.CHECKED])


def may_see_import(actor: Actor, import_id: UUID) -> bool:
    return imports_visible_to(actor).filter(pk=import_id).exists()


def columns_of(batch: Import) -> list[Column]:
    """What was proposed for each column, with samples."""
    return [
        Column(
            **{
                **told,
                "verdict": ColumnVerdict(told["verdict"]),
                "others": tuple(told["others"]),
                "samples": tuple(told["samples"]),
            }
        )
        for told in orjson.loads(batch.columns)
    ]


_LONG_NUMBER = re.compile(r"[0-9][0-9 '’-]{5,}[0-9][0-9Xx]")
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")


def samples_shown(column: Column) -> str:
    """A few cells of a column for whoever says what it is, masked: numbers but for their ends, and what may be names."""
    told = [_LONG_NUMBER.sub(_but_for_its_ends, text) for text in column.samples]
    if column.code == "resident.name" or re.search(r"名|人$|主$|对象|家属|父|母|配偶", column.heading):
        told = [mask_name(text) if _NAME.fullmatch(text) else text for text in told]
    return "、".join(told)


def _but_for_its_ends(found: re.Match[str]) -> str:
    text = found[0]
    digits = re.sub(r"[^0-9Xx]", "", text)
    # A date is as long as a number in town, and is shown elsewhere too.
    return text if len(digits) < 11 else f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"


def to_write(batch: Import) -> QuerySet[ImportRow]:
    """The rows that would change the register, not yet written."""
    return ImportRow.objects.filter(AS_NEW | AS_CHANGED, batch=batch, is_applied=False).order_by("number")


def rows_about_one_person(batch: Import) -> list[int]:
    """The numbers of the first rows that were decided to be about one person of the register; [] when each has one row."""
    known = Q(verdict__in=[Verdict.SAME, Verdict.CHANGED]) | Q(verdict=Verdict.DOUBTFUL, decision=Decision.SAME_PERSON)
    rows = ImportRow.objects.filter(known, batch=batch, resident__isnull=False).order_by()
    person = (
        rows.values("resident")
        .annotate(n=Count("id"))
        .filter(n__gt=1)
        .values_list("resident", flat=True)
        .order_by("resident")
        .first()
    )
    return list(rows.filter(resident=person).order_by("number").values_list("number", flat=True)) if person else []


def may_undo(batch: Import) -> bool:
    """Whether it was written, and not longer than UNDO_DAYS ago."""
    return (
        batch.state == State.DONE
        and batch.finished_at is not None
        and clock.now() - batch.finished_at < timedelta(days=UNDO_DAYS)
    )


@dataclass(frozen=True)
class Progress:
    """How far the work under way is. `left` is in words, "" while there is nothing to go by."""

    done: int
    total: int
    per_second: int
    left: str

    @property
    def part(self) -> float:
        return 100 * self.done / self.total if self.total else 0


def progress_of(batch: Import) -> Progress:
    """Of an import that is being judged, written or taken back, by the rows done since it began."""
    done, total = batch.rows_done, max(batch.rows_total, batch.rows_done)
    seconds = (clock.now() - batch.step_at).total_seconds() if batch.step_at else 0
    if not done or seconds < 1:
        return Progress(done, total, 0, "")
    return Progress(done, total, round(done / seconds), _left((total - done) * seconds / done))


def _left(seconds: float) -> str:
    if seconds < 20:
        return "马上就好"
    if seconds < 90:
        return "还要大约一分钟"
    return f"还要大约 {round(seconds / 60)} 分钟"


def counts_of(batch: Import) -> dict[str, int]:
    """How many rows of each verdict, and how many doubtful ones are still undecided."""
    rows = ImportRow.objects.filter(batch=batch)
    told = dict(rows.order_by().values_list("verdict").annotate(n=Count("id")))
    open_doubts = rows.filter(verdict=Verdict.DOUBTFUL, decision="").count()
    return {**{verdict.value: told.get(verdict.value, 0) for verdict in Verdict}, "undecided": open_doubts}


@dataclass(frozen=True)
class Side:
    """One field of a row: what the register has and what the sheet says, masked."""

    name: str
    held: str
    told: str

    @property
    def is_different(self) -> bool:
        return bool(self.told) and self.held != self.told


@dataclass(frozen=True)
class Candidate:
    """Somebody of the register a row may be about, beside what the row says."""

    id: UUID
    who: str
    sides: list[Side]


@dataclass(frozen=True)
class RowShown:
    """One row as a person judges it; `candidates` only where there are several."""

    row: ImportRow
    who: str
    sides: list[Side]
    reasons: list[str]
    candidates: list[Candidate]


def rows_shown(actor: Actor, rows: Iterable[ImportRow]) -> list[RowShown]:
    """Rows with what the register has beside them, masked on both sides."""
    listed = list(rows)
    wanted = {row.resident for row in listed if row.resident} | {pk for row in listed for pk in row.candidates}
    known = residents_visible_to(actor).in_bulk(wanted)
    held = held_facts(known.values())
    shown = []
    for row in listed:
        facts = Facts.from_json(orjson.loads(row.facts))
        before = held.get(row.resident) if row.resident else None
        people = [pk for pk in row.candidates if pk in held] if len(row.candidates) > 1 else []
        shown.append(
            RowShown(
                row=row,
                who=mask_name(facts.name) if facts.name else "没有姓名",
                sides=_sides(facts, before),
                reasons=[words for _, words in row.reasons],
                candidates=[Candidate(pk, mask_name(held[pk].name), _sides(facts, held[pk])) for pk in people],
            )
        )
    return shown


def _sides(facts: Facts, before: Facts | None) -> list[Side]:
    return [
        Side(words, _masked(field, getattr(before, field)) if before else "", _masked(field, getattr(facts, field)))
        for field, words in FIELD_NAMES.items()
        if getattr(facts, field) or (before and field in ("name", "door", "phone") and getattr(before, field))
    ]


@dataclass(frozen=True)
class Doubts:
    """Undecided rows with one reason, all with somebody they may be about or all without: `sample` is the first one's number."""

    reason: str
    count: int
    sample: int
    have_somebody: bool


def doubts_of(batch: Import) -> list[Doubts]:
    """The undecided rows by their reason, the most frequent first; a reason of one row is decided at the row."""
    rows = ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL, decision="").order_by("number")
    groups: dict[tuple[str, bool], list[int]] = {}
    for number, doubt in _doubts(rows):
        groups.setdefault(doubt, []).append(number)
    found = [Doubts(reason, len(of), of[0], has) for (reason, has), of in groups.items() if len(of) > 1]
    return sorted(found, key=lambda each: -each.count)


def _doubts(rows: QuerySet[ImportRow]) -> list[tuple[int, tuple[str, bool]]]:
    """Each row's number with its reason, and whether there is one person it may be about."""
    told = rows.values_list("number", "reasons", "resident", "candidates")
    return [
        (number, (reason_of(reasons), resident is not None and len(people) < 2))
        for number, reasons, resident, people in told
    ]


def reason_of(reasons: list[list[str]]) -> str:
    """Why a row is doubtful, without the numbers of other rows."""
    return re.sub(r"第 [0-9]+ 行", "另一行", reasons[0][1]) if reasons else ""


def undecided_like(batch: Import, number: int) -> list[int]:
    """The numbers of the undecided rows that are doubtful for the same reason as row `number`."""
    rows = ImportRow.objects.filter(batch=batch, verdict=Verdict.DOUBTFUL, decision="").order_by("number")
    told = dict(_doubts(rows))
    return [row for row, doubt in told.items() if doubt == told.get(number)]


def _masked(field: str, value: object) -> str:
    if value in (None, "", ()):
        return ""
    if field in CODED:
        return code_list(field).name(str(value))
    if field in ("name", "former_name"):
        return mask_name(str(value))
    if field == "id_number":
        return mask_id_number(str(value))
    if field == "phone":
        return mask_phone(str(value))
    if field == "sex":
        return Sex(str(value)).label
    if field == "relation":
        return Relation(str(value)).label
    if field == "population_class":
        return PopulationClass(str(value)).label
    if field == "details":
        return "；".join(f"{category_name(kind)} {_detail_words(told)}" for kind, told in value.items())  # type: ignore[attr-defined]
    if field == "categories":
        return "、".join(category_name(code) for code in value)  # type: ignore[attr-defined]
    return str(value)


def _detail_words(told: dict[str, str]) -> str:
    number = told.get("certificate_number", "")
    words = (told.get("level"), number and f"证号末四位 {number[-4:]}", told.get("decided_on"))
    return "，".join(word for word in words if word)


def _details_held(level: str, number: str | None, decided_on: date | None) -> dict[str, str]:
    told = {"level": level, "certificate_number": number, "decided_on": decided_on and decided_on.isoformat()}
    return {name: value for name, value in told.items() if value}


def held_facts(residents: Iterable[Resident]) -> dict[UUID, Facts]:
    """What the register says of each today, in the form of a row: two queries for all."""
    people = list(residents)
    today, ids = clock.today(), [person.pk for person in people]
    lived = {
        row[0]: row
        for row in Residence.objects.filter(resident__in=ids, kind="lived", span__contains=today).values_list(
            "resident_id", "dwelling__door", "relation_to_head", "population_class", "span"
        )
    }
    kinds: dict[UUID, list[str]] = {}
    details: dict[UUID, dict[str, dict[str, str]]] = {}
    for resident_id, kind, *told in (
        Category.objects.filter(resident__in=ids, span__contains=today)
        .order_by("kind")
        .values_list("resident_id", "kind", "level", "certificate_number", "decided_on")
    ):
        kinds.setdefault(resident_id, []).append(kind)
        details.setdefault(resident_id, {})[kind] = _details_held(*told)
    found = {}
    for person in people:
        stay = lived.get(person.pk)
        found[person.pk] = Facts(
            name=person.name,
            id_number=person.id_number,
            sex=person.sex,
            birth_on=person.birth_on,
            phone=person.phone,
            door=stay[1] if stay else None,
            relation=stay[2] if stay else "",
            population_class=stay[3] if stay else "",
            from_on=stay[4].lower if stay else None,
            died_on=person.died_on,
            categories=tuple(kinds.get(person.pk, ())),
            details={kind: told for kind, told in details.get(person.pk, {}).items() if told},
            former_name=person.former_name,
            employer=person.employer,
            **{field: getattr(person, field) for field in CODED},
        )
    return found


def deaths_asked(resident_ids: Iterable[UUID]) -> dict[UUID, date]:
    """The day of death that waits for a second person, of those of whom one does."""
    rows = CorrectionRequest.objects.filter(resident__in=list(resident_ids), field="died_on", state=Asked.REQUESTED)
    return {row.resident_id: date.fromisoformat(row.value) for row in rows if row.value}


def asked_by(batch: Import, resident_ids: Iterable[UUID]) -> list[UUID]:
    """The requests about these people that were asked while the import was written, by whoever started it."""
    assert batch.began_at is not None and batch.made_by is not None
    rows = CorrectionRequest.objects.filter(
        resident__in=list(resident_ids), requested_by=batch.made_by, requested_at__gte=batch.began_at
    )
    return list(rows.values_list("pk", flat=True))


def changed_since(batch: Import, resident_ids: Iterable[UUID]) -> set[UUID]:
    """Those whom somebody has written about since the import did: their trail goes on after it, in another request."""
    assert batch.began_at is not None
    rows = TrailEntry.objects.filter(
        subject_kind=trail.kind_of(Resident), subject_id__in=list(resident_ids), at__gte=batch.began_at
    ).exclude(verb="resident.revealed")
    return set(rows.filter(~Q(request_id=batch.pk) | Q(request_id=None)).values_list("subject_id", flat=True))


def remembered(sender: str, layout: str) -> Mapping[str, str] | None:
    """What was confirmed before for a sheet of this layout: from this sender, else from anybody."""
    from .models import Layout

    rows = Layout.objects.filter(layout=layout)
    found = rows.filter(sender=sender).first() or rows.order_by("-confirmed_at").first()
    return found.mapping if found else None
