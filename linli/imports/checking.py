"""Reading a sheet row by row and judging each against the register. Nothing of the register is written here.

Chunks of rows are judged by themselves, so that several processes can; what rows have to do with each other is looked at when all are in.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from linli.core import clock, files
from linli.core.copy import add_rows, maker
from linli.core.crypto import blind_index, field_cipher
from linli.core.errors import Conflict
from linli.core.pinyin import pinyin_of
from linli.core.tenancy import current_id
from linli.core.uploads import open_stored
from linli.places.models import Dwelling
from linli.residents.codes import CATEGORY_KINDS
from linli.residents.models import Resident

from . import sandbox
from .models import Import, ImportRow, Verdict
from .queries import deaths_asked, held_facts
from .rules.alike import alike
from .rules.facts import CODED, Facts, Read, read_row, says_less
from .rules.headings import Heading, data_of

CHUNK = 2000
FILE_CONTEXT = b"imports.file"
KINDS_BY_NAME = {kind.name: kind.code for kind in CATEGORY_KINDS.values()}
COMPARED = ("name", "sex", "birth_on", "died_on", "phone", "door", "id_number", "former_name", *CODED, "employer")
MOST_CANDIDATES = 3
DEATH_WAITS = "表里写着去世。写入以后，去世这一项还要另一位同事核准；核准以前，档案里不算去世。"


class FileGone(Conflict):
    code = "import.file_gone"
    message = "这张表的原件已按规定删除，不能再取回。要改的，请在原来的表里改好，再传一次。"


def sealed(content: bytes) -> bytes:
    """A file as it is kept: rosters hold what is encrypted in the register, so they are encrypted too."""
    return field_cipher().encrypt(content, FILE_CONTEXT)


def content_of(batch: Import) -> bytes:
    """The file as it came. Raises FileGone when it was let go of."""
    stored = next((file for file in files.files_of(batch) if file.purpose == "roster"), None)
    if stored is None:
        raise FileGone()
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


Numbered = tuple[int, bytes]
"""A row as it travels between processes: its number as the spreadsheet counts, and its cells as the sandbox wrote them."""


@contextmanager
def data_rows(batch: Import, content: bytes) -> Iterator[tuple[Iterator[Numbered], int]]:
    """The rows of data of the sheet, and about how many there are.

    The file is read to its end first: the child that reads it is gone before any row is judged.
    """
    heading, hidden = heading_of(batch), frozenset(batch.heading["hidden_rows"])
    with plain_file(content) as path, tempfile.TemporaryFile(prefix="linli-import-") as spool:
        count = 0
        for line in sandbox.raw_rows(path, batch.sheet):
            spool.write(line)
            count += 1
        spool.seek(0)
        lines: dict[int, bytes] = {}
        rows = data_of(_decoded(spool, lines), heading)
        yield ((number + 1, lines[number]) for number, _ in rows if number not in hidden), count


def _decoded(spool: IO[bytes], lines: dict[int, bytes]) -> Iterator[tuple[int, sandbox.Row]]:
    for number, line in enumerate(spool):
        lines.clear()
        lines[number] = line
        yield number, sandbox.row_of(line)


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
    """Judges chunks of one sheet's rows against the register, a handful of queries a chunk."""

    batch: Import
    today: date = field(default_factory=clock.today)

    def judge(self, rows: Sequence[Numbered]) -> list[ImportRow]:
        """The rows of one chunk with their verdicts, unsaved."""
        wanted = {int(number): code for number, code in self.batch.mapping.items() if code and not code.startswith("-")}
        read = [
            (number, read_row(_cells(sandbox.row_of(line), wanted), today=self.today, kinds=KINDS_BY_NAME))
            for number, line in rows
        ]
        return self.judge_read(read)

    def judge_read(self, read: Sequence[tuple[int, Read]]) -> list[ImportRow]:
        facts = [each.facts for _, each in read]
        register = Register.about(facts)
        make = maker(ImportRow, batch=self.batch)
        return [make(number=number, **self._judged(each, register)) for number, each in read]

    def _judged(self, read: Read, register: Register) -> dict[str, object]:
        facts, reasons = read.facts, [list(each) for each in read.wrong]
        dwelling = register.dwelling(facts, reasons)
        verdict, people = (Verdict.WRONG, []) if reasons else self._verdict(facts, reasons, register)
        if read.asked and verdict is not Verdict.WRONG:
            verdict, reasons = Verdict.DOUBTFUL, [*reasons, *map(list, read.asked)]
        held = register.held.get(people[0]) if people else None
        if facts.died_on and verdict is not Verdict.WRONG and (held is None or held.died_on != facts.died_on):
            reasons.append(["resident.died_on", DEATH_WAITS])
        told = facts.as_json()
        if dwelling is not None:
            told["dwelling"] = str(dwelling)
        return {
            "verdict": verdict.value,
            "facts": orjson.dumps(told).decode(),
            "reasons": reasons,
            "resident": people[0] if people else None,
            "candidates": people,
            "key": key_of(facts),
        }

    def _verdict(self, facts: Facts, reasons: list[list[str]], register: Register) -> tuple[Verdict, list[UUID]]:
        person = register.by_id_number.get(facts.id_number) if facts.id_number else None
        if person is not None:
            if facts.name != person.name:
                reasons.append(
                    ["resident.name", "档案里这个身份证号是另一个名字。请对照证件看是改名了，还是号码写错了。"]
                )
                return Verdict.DOUBTFUL, [person.pk]
            is_same = not self.differences(facts, register.held[person.pk])
            return (Verdict.SAME if is_same else Verdict.CHANGED), [person.pk]
        found = [
            (likeness, pk)
            for pk in register.namesakes.get(pinyin_of(facts.name), ())
            if (likeness := alike(facts, register.held[pk])) is not None
        ]
        found.sort(key=lambda pair: pair[0].rank)
        if found:
            reasons.append([found[0][0].column, found[0][0].words])
            return Verdict.DOUBTFUL, [pk for _, pk in found[:MOST_CANDIDATES]]
        if not facts.id_number and not facts.birth_on:
            reasons.append(["resident.name", "没有身份证号，也没有出生日期，分不清是不是已经登记过的人。"])
            return Verdict.DOUBTFUL, []
        return Verdict.NEW, []

    @staticmethod
    def differences(facts: Facts, held: Facts) -> list[str]:
        """The fields in which a row says something else than the register; what it does not say is no difference."""
        fields = [name for name in COMPARED if getattr(facts, name) and getattr(facts, name) != getattr(held, name)]
        if facts.door and held.door and "door" in fields and _same_door(facts.door, held.door):
            fields.remove("door")
        fields = [name for name in fields if not says_less(name, getattr(facts, name), getattr(held, name))]
        fields += ["details"] if any(details_to_correct(facts, held)) else []
        return fields + (["categories"] if set(facts.categories) - set(held.categories) else [])


def details_to_correct(facts: Facts, held: Facts) -> Iterator[str]:
    """The kinds the register has, with other details than the row says."""
    for kind, told in facts.details.items():
        if kind in held.categories and not told.items() <= held.details.get(kind, {}).items():
            yield kind


@dataclass
class Register:
    """What the register knows of the people and doors of one chunk of rows."""

    by_id_number: dict[str | None, Resident]
    namesakes: dict[str, list[UUID]]
    held: dict[UUID, Facts]
    doors: dict[str, list[tuple[UUID, str]]]

    @classmethod
    def about(cls, facts: Sequence[Facts]) -> Register:
        numbers = [each.id_number for each in facts if each.id_number]
        known = list(Resident.objects.filter(id_number_index__in=numbers)) if numbers else []
        taken = {person.id_number for person in known}
        asked = [each for each in facts if each.name and (not each.id_number or each.id_number not in taken)]
        people = list(Resident.objects.filter(pk__in=_namesakes(asked)))
        namesakes: dict[str, list[UUID]] = {}
        for person in people:
            namesakes.setdefault(person.pinyin, []).append(person.pk)
        return cls(
            by_id_number={person.id_number: person for person in known},
            namesakes=namesakes,
            held=_with_deaths_asked(facts, held_facts({person.pk: person for person in (*known, *people)}.values())),
            doors=_doors({each.door for each in facts if each.door}),
        )

    def dwelling(self, facts: Facts, reasons: list[list[str]]) -> UUID | None:
        """Where the row's door is; a door that is not there, or there twice, is said among the reasons."""
        if not facts.door:
            return None
        found = self.doors.get(facts.door, [])
        if len(found) > 1:
            found = [each for each in found if facts.estate and facts.estate in (each[1], f"{each[1]}小区")]
            if len(found) != 1:
                reasons.append(
                    ["residence.dwelling", f"有不止一处 {facts.door}。请写明是哪个小区的，例如“仓基新村48幢”。"]
                )
                return None
        if not found:
            reasons.append(["residence.dwelling", f"房屋档案里没有 {facts.door}。请核对门牌，或先登记这套房屋。"])
            return None
        return found[0][0]


def _with_deaths_asked(facts: Sequence[Facts], held: dict[UUID, Facts]) -> dict[UUID, Facts]:
    """What the register says, with the days of death that wait for a second person: asked once is asked."""
    if not any(each.died_on for each in facts):
        return held
    return held | {pk: replace(held[pk], died_on=day) for pk, day in deaths_asked(held).items()}


def _namesakes(facts: Sequence[Facts]) -> list[UUID]:
    """People whose names sound as in one of the rows, and whose birth date does not speak against it: two of its three parts agree.

    One query for all rows; whoever has no birth date, or is asked for without one, counts as not spoken against.
    """
    if not facts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT r.id FROM unnest(%s::text[], %s::date[]) AS told (pinyin, birth_on)
               JOIN residents_resident r ON r.community_id = %s AND r.pinyin = told.pinyin AND r.merged_into_id IS NULL
               WHERE told.birth_on IS NULL OR r.birth_on IS NULL OR r.birth_on = told.birth_on
                  OR (extract(year FROM r.birth_on) = extract(year FROM told.birth_on))::int
                   + (extract(month FROM r.birth_on) = extract(month FROM told.birth_on))::int
                   + (extract(day FROM r.birth_on) = extract(day FROM told.birth_on))::int >= 2""",
            [[pinyin_of(each.name) for each in facts], [each.birth_on for each in facts], current_id()],
        )
        return [row[0] for row in cursor.fetchall()]


def _doors(wanted: set[str]) -> dict[str, list[tuple[UUID, str]]]:
    """The dwellings behind doors, with their estates. "48--301" is enough where the building has one such room."""
    found: dict[str, list[tuple[UUID, str]]] = {}
    short = {door for door in wanted if "--" in door}
    columns = ("pk", "door", "entrance__building__estate__name")
    for pk, door, estate in Dwelling.objects.filter(door__in=wanted - short).values_list(*columns):
        found.setdefault(door, []).append((pk, estate))
    if short:
        buildings = {int(door.split("-", 1)[0]) for door in short}
        rows = Dwelling.objects.filter(entrance__building__number__in=buildings).values_list(*columns)
        for pk, door, estate in rows:
            building, _, room = door.split("-", 2)
            if (without := f"{building}--{room}") in short:
                found.setdefault(without, []).append((pk, estate))
    return found


def _same_door(told: str, held: str) -> bool:
    building, entrance, room = told.split("-", 2)
    theirs = held.split("-", 2)
    return not entrance and [building, room] == [theirs[0], theirs[2]]


def key_of(facts: Facts) -> bytes | None:
    """The same for rows about one person: by the ID number, else by name, birth date and door."""
    if facts.id_number:
        return blind_index("imports.row", facts.id_number)
    return blind_index("imports.row", f"{facts.name} {facts.birth_on} {facts.door}") if facts.name else None


def keep_judged(rows: list[ImportRow]) -> None:
    add_rows(ImportRow, rows)


def mark_repeated(batch: Import) -> None:
    """Rows about a person an earlier row is about. With an ID number one of them must go; without one a person decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT number, first FROM (
                   SELECT number, min(number) OVER (PARTITION BY key) AS first FROM imports_importrow
                   WHERE community_id = %s AND batch_id = %s AND key IS NOT NULL) AS told
               WHERE number > first""",
            [current_id(), batch.pk],
        )
        firsts = dict(cursor.fetchall())
    changed = []
    for row in ImportRow.objects.filter(batch=batch, number__in=firsts):
        has_number = "id_number" in orjson.loads(row.facts)
        words = "是同一个身份证号。请留下对的那一行。" if has_number else "同名、同生日、同住址，没有身份证号可以分清。"
        column = "resident.id_number" if has_number else "resident.name"
        row.reasons = [*row.reasons, [column, f"和第 {firsts[row.number]} 行{words}"]]
        if has_number:
            row.verdict = Verdict.WRONG
        elif row.verdict in (Verdict.NEW, Verdict.DOUBTFUL):
            row.verdict = Verdict.DOUBTFUL
        changed.append(row)
    ImportRow.objects.bulk_update(changed, ["verdict", "reasons"], batch_size=500)
