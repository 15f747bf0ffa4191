"""Doors as people write them, on plain values: `48-2-301`, `48幢2单元301室`, full-width, with or without the estate."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

AREA_CODE_LENGTHS = (2, 4, 6, 9, 12)
"""Province, city, county, street, community: a code begins with those of all the areas it lies in."""

_DASHES = re.compile(r"[-\u2010-\u2015\u2212\u30fc~/、#]")
_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9])(?:\s+|[.,_。，·])(?=[0-9])")  # 48 2 301, 48.2.301
_ENTRANCE_NUMERAL = re.compile(r"[一二两三四五六七八九十](?=单元|门(?!牌))")
_BUILDING_WORD = re.compile(r"号楼|号院|[幢栋座号]")
_ENTRANCE_WORD = re.compile(r"单元|门(?!牌)")
_ROOM_WORD = re.compile(r"[室房户]$")
_PARTS = re.compile(
    r"(?P<estate>[^0-9]*?)-*(?P<building>[0-9]{1,4})"
    r"(?:-+(?P<second>[0-9]{1,4}[A-Z]?))?(?:-+(?P<third>[0-9]{1,4}[A-Z]?))?-*"
)


@dataclass(frozen=True)
class Door:
    """What a text says of a place; entrance and room are None where it says nothing of them."""

    building: int
    entrance: int | None = None
    room: str | None = None
    estate: str = ""


def parse_door(text: str) -> Door | None:
    """Read a place as typed; None for text that names no building.

    Of two numbers the second is a room when it has three digits or a letter or is called 室, else an entrance
    (48-301 is room 301 of building 48, 48-2 its entrance 2).
    """
    plain = _BETWEEN_NUMBERS.sub("-", unicodedata.normalize("NFKC", text).upper().strip())
    plain = _ENTRANCE_NUMERAL.sub(lambda found: str(_NUMERALS[found[0]]), "".join(plain.split()))
    has_room_word = bool(_ROOM_WORD.search(plain))
    plain = _DASHES.sub("-", _ROOM_WORD.sub("", plain))
    says_entrance = bool(_ENTRANCE_WORD.search(plain))
    match = _PARTS.fullmatch(_ENTRANCE_WORD.sub("-", _BUILDING_WORD.sub("-", plain)))
    if match is None:
        return None
    second, third = match["second"], match["third"]
    if second and not third and not says_entrance and (has_room_word or not re.fullmatch(r"[0-9]{1,2}", second)):
        second, third = None, second
    if second and not second.isdecimal():
        return None
    return Door(int(match["building"]), int(second) if second else None, third, match["estate"])


def door_of(building: int, entrance: int, room: str) -> str:
    """The short form of a door: 48-2-301."""
    return f"{building}-{entrance}-{room}"


def room_name(floor: int, index: int) -> str:
    """What the `index`-th room (from 1) of a floor above ground is called: 301, 1204."""
    return f"{floor}{index:02d}"


def is_area_code(text: str) -> bool:
    """Whether `text` has the form of an area code of any level."""
    return re.fullmatch(r"[0-9]+", text) is not None and len(text) in AREA_CODE_LENGTHS


def prefixes_of(code: str) -> list[str]:
    """The codes of all areas a code lies in, from the province down to itself."""
    return [code[:length] for length in AREA_CODE_LENGTHS if length <= len(code)]


MOST_BUILDINGS_A_LINE = 400
_NUMERALS = dict(zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
_COUNT = r"[0-9]{1,2}|[一二两三四五六七八九十]"
_BUILDING_LINE = re.compile(
    rf"(?P<numbers>[0-9]+(?:[-,][0-9]+)*)(?:幢|栋|座|号楼),?(?P<entrances>{_COUNT})个?单元,?(?P<floors>{_COUNT})层,?"
    rf"(?:每层|一层|每梯|一梯)?(?P<rooms>{_COUNT})户"
)


@dataclass(frozen=True)
class BuildingLine:
    """Buildings of one shape: their numbers in order, and what each of them has."""

    numbers: tuple[int, ...]
    entrances: int
    floors: int
    rooms_per_floor: int

    @property
    def words(self) -> str:
        """1–20幢; 3、5、7–9幢."""
        runs: list[list[int]] = []
        for number in self.numbers:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return "、".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs) + "幢"

    @property
    def dwellings(self) -> int:
        return len(self.numbers) * self.entrances * self.floors * self.rooms_per_floor

    @property
    def first_door(self) -> str:
        return door_of(self.numbers[0], 1, room_name(1, 1))

    @property
    def last_door(self) -> str:
        return door_of(self.numbers[-1], self.entrances, room_name(self.floors, self.rooms_per_floor))


def parse_building_line(text: str) -> BuildingLine | None:
    """Read `1-20幢 3单元 6层 每层2户` (`3、5、7-9号楼 一单元 6层 一梯两户`); None for what is no such line.

    Numbers run from 1 to 9999, at most MOST_BUILDINGS_A_LINE a line, each once.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    plain = re.sub(r"[、；;，]", ",", re.sub(r"[至到~\u2010-\u2015\u2212]", "-", plain))
    match = _BUILDING_LINE.fullmatch(plain)
    if match is None:
        return None
    numbers: list[int] = []
    for piece in match["numbers"].split(","):
        ends = [int(end) for end in piece.split("-")]
        if len(ends) > 2 or ends[0] > ends[-1] or ends[-1] - ends[0] >= MOST_BUILDINGS_A_LINE:
            return None
        numbers += range(ends[0], ends[-1] + 1)
    counts = [_count(match[name]) for name in ("entrances", "floors", "rooms")]
    is_sound = len(numbers) <= MOST_BUILDINGS_A_LINE and len(set(numbers)) == len(numbers)
    if not is_sound or min(numbers) < 1 or max(numbers) > 9999 or min(counts) < 1:
        return None
    return BuildingLine(tuple(numbers), *counts)


def _count(text: str) -> int:
    return _NUMERALS[text] if text in _NUMERALS else int(text)
