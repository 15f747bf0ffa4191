"""Reading a sheet row by row and judging each against the register. Nothing of the register is written here."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

import orjson
from django.conf import settings

from linli.core import clock, files
from linli.core.copy import add_rows
from linli.core.crypto import field_cipher
from linli.core.pinyin import pinyin_of
from linli.core.uploads import open_stored
from linli.places.models import Dwelling
from linli.residents.codes import CATEGORY_KINDS
from linli.residents.models import Resident

from . import sandbox
from .models import Import, ImportRow, Verdict
from .queries import held_facts
from .rules.facts import Facts, read_row
from .rules.headings import Heading, data_of

CHUNK = 1000
FILE_CONTEXT = b"imports.file"
KINDS_BY_NAME = {kind.name: kind.code for kind in CATEGORY_KINDS.values()}
COMPARED = ("name", "sex", "birth_on", "phone", "door", "id_number")


def sealed(content: bytes) -> bytes:
    """A file as it is kept: rosters hold what is encrypted in the register, so they are encrypted too."""
    return field_cipher().encrypt(content, FILE_CONTEXT)


def content_of(batch: Import) -> bytes:
    """The file as it came."""
    (stored,) = [file for file in files.files_of(batch) if file.purpose == "roster"]
    with open_stored(Path(settings.LINLI_FILES), stored.path) as kept:
        return field_cipher().decrypt(kept.read(), FILE_CONTEXT)


@contextmanager
def plain_file(content: bytes) -> Iterator[Path]:
    """`content` as a file with no name anybody knows, gone with the block."""
    with tempfile.NamedTemporaryFile(prefix="linli-import-", suffix=".bin") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def heading_of(batch: Import) -> Heading:
    told = batch.heading
    return Heading(told["top"], told["bottom"], told["first_row"], tuple(map(tuple, told["columns"])), told["title"])


def data_rows(batch: Import, path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """The rows of data of the sheet, numbered as the spreadsheet does, as values by what the columns were confirmed to be."""
    heading, hidden = heading_of(batch), frozenset(batch.heading["hidden_rows"])
    wanted = {int(number): code for number, code in batch.mapping.items() if code and not code.startswith("-")}
    for number, row in data_of(enumerate(sandbox.stream(path, batch.sheet)), heading):
        if number not in hidden:
            yield number + 1, _cells(row, wanted)


def _cells(row: sandbox.Row, wanted: dict[int, str]) -> dict[str, object]:
    cells: dict[str, object] = {}
    for number, code in wanted.items():
        value = row[number] if number < len(row) else None
        if value is None:
            cells.setdefault(code, None)
        elif cells.get(code) is None:
            cells[code] = value
        else:  # only a column that may stand several times gets here: its words are put together
            cells[code] = f"{cells[code]}、{value}"
    return cells


@dataclass
class Judge:
    """Judges chunk after chunk of one sheet; remembers what it has seen in it. One for an import."""

    batch: Import
    today: date = field(default_factory=clock.today)
    doors: dict[str, UUID] = field(default_factory=dict)
    seen_ids: dict[str, int] = field(default_factory=dict)
    seen_people: dict[tuple[str, date | None, str | None], int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        by_room: dict[str, list[UUID]] = {}
        for pk, door in Dwelling.objects.values_list("pk", "door"):
            self.doors[door] = pk
            building, _, room = door.split("-", 2)
            by_room.setdefault(f"{building}--{room}", []).append(pk)
        # "48幢301": enough where the building has one such room.
        self.doors |= {short: found[0] for short, found in by_room.items() if len(found) == 1}

    def judge(self, rows: list[tuple[int, dict[str, object]]]) -> list[ImportRow]:
        """The rows of one chunk with their verdicts, unsaved."""
        read = [(number, read_row(cells, today=self.today, kinds=KINDS_BY_NAME)) for number, cells in rows]
        numbers = {r.facts.id_number for _, r in read if r.facts.id_number}
        known = (
            {person.id_number: person for person in Resident.objects.filter(id_number_index__in=list(numbers))}
            if numbers
            else {}
        )
        alike = self._alike({r.facts.birth_on for _, r in read if r.facts.birth_on})
        held = held_facts([*known.values(), *(person for people in alike.values() for person in people)])
        judged = []
        for number, r in read:
            reasons = [list(each) for each in r.wrong]
            verdict, resident = self._verdict(number, r.facts, reasons, known, alike, held)
            self.counts[verdict] += 1
            judged.append(
                ImportRow(
                    batch=self.batch,
                    number=number,
                    verdict=verdict,
                    facts=orjson.dumps(r.facts.as_json()).decode(),
                    reasons=reasons,
                    resident=resident,
                )
            )
        return judged

    def _alike(self, births: set[date]) -> dict[tuple[date, str], list[Resident]]:
        """People of the register by birth date and sound of the name: the same person with another number, or a slip of the pen."""
        found: dict[tuple[date, str], list[Resident]] = {}
        for person in Resident.objects.filter(birth_on__in=births) if births else ():
            assert person.birth_on is not None
            found.setdefault((person.birth_on, person.pinyin), []).append(person)
        return found

    def _verdict(
        self,
        number: int,
        facts: Facts,
        reasons: list[list[str]],
        known: dict[str | None, Resident],
        alike: dict[tuple[date, str], list[Resident]],
        held: dict[UUID, Facts],
    ) -> tuple[Verdict, UUID | None]:
        if facts.door and facts.door not in self.doors:
            reasons.append(["residence.dwelling", f"房屋档案里没有 {facts.door}。请核对门牌，或先登记这套房屋。"])
        if facts.id_number and (first := self.seen_ids.setdefault(facts.id_number, number)) != number:
            reasons.append(["resident.id_number", f"和第 {first} 行是同一个身份证号。请留下对的那一行。"])
        if reasons:
            return Verdict.WRONG, None
        if facts.id_number and facts.id_number in known:
            person = known[facts.id_number]
            if facts.name != person.name:
                reasons.append(
                    ["resident.name", "档案里这个身份证号是另一个名字。请对照证件看是改名了，还是号码写错了。"]
                )
                return Verdict.DOUBTFUL, person.pk
            return (Verdict.CHANGED if self.differences(facts, held[person.pk]) else Verdict.SAME), person.pk
        key = (facts.name, facts.birth_on, facts.door)
        if not facts.id_number and (first := self.seen_people.setdefault(key, number)) != number:
            reasons.append(["resident.name", f"和第 {first} 行同名、同生日、同住址，没有身份证号可以分清。"])
            return Verdict.DOUBTFUL, None
        return self._doubts(facts, reasons, alike, held)

    def _doubts(
        self,
        facts: Facts,
        reasons: list[list[str]],
        alike: dict[tuple[date, str], list[Resident]],
        held: dict[UUID, Facts],
    ) -> tuple[Verdict, UUID | None]:
        people = alike.get((facts.birth_on, pinyin_of(facts.name)), []) if facts.birth_on else []
        for person in people:
            told = held[person.pk]
            if facts.id_number and told.id_number:
                if _differ_little(facts.id_number, told.id_number):
                    reasons.append(
                        ["resident.id_number", "档案里有一位同名同生日的居民，身份证号只差一两位。请对照证件。"]
                    )
                    return Verdict.DOUBTFUL, person.pk
                continue
            same = person.name == facts.name
            words = "同名、同生日" if same else "读音相同、同生日"
            reasons.append(["resident.name", f"档案里有一位{words}的居民，可能是同一个人。"])
            return Verdict.DOUBTFUL, person.pk
        if not facts.id_number and not facts.birth_on:
            reasons.append(["resident.name", "没有身份证号，也没有出生日期，分不清是不是已经登记过的人。"])
            return Verdict.DOUBTFUL, None
        return Verdict.NEW, None

    @staticmethod
    def differences(facts: Facts, held: Facts) -> list[str]:
        """The fields in which a row says something else than the register; what it does not say is no difference."""
        fields = [name for name in COMPARED if getattr(facts, name) and getattr(facts, name) != getattr(held, name)]
        if facts.door and held.door and "door" in fields and _same_door(facts.door, held.door):
            fields.remove("door")
        return fields + (["categories"] if set(facts.categories) - set(held.categories) else [])


def _same_door(told: str, held: str) -> bool:
    building, entrance, room = told.split("-", 2)
    theirs = held.split("-", 2)
    return not entrance and [building, room] == [theirs[0], theirs[2]]


def _differ_little(one: str, other: str) -> bool:
    """Up to two places apart, or two neighbours changed round: what slips when a number is typed."""
    return sum(a != b for a, b in zip(one, other, strict=False)) <= 2 and len(one) == len(other)


def keep_judged(rows: list[ImportRow]) -> None:
    add_rows(ImportRow, rows)
