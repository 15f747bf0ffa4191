"""A book is one file: its name, its kind, its sheets, and which of them to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from .cells import Pen, Sheet
from .layouts import Plain, Roster, draw, draw_plain
from .people import AS_OF
from .writers import KINDS, lose_characters


@dataclass
class Book:
    file: str
    """The name without the ending, as it arrives in a chat group."""
    kind: str
    about: str
    """Which roster it is, in one English word or two: elders 80+, dogs."""
    sheets: Sequence[Roster | Plain]
    use: int = 0
    """The sheet a person would read: the newest month, or the first of several that are equally good."""
    hidden_sheets: Sequence[int] = ()

    @property
    def file_name(self) -> str:
        return f"{self.file}.{KINDS[self.kind][0]}"

    def make(self) -> tuple[bytes, dict[str, Any]]:
        """The file's bytes and what is expected of it."""
        pen_seed = self.file_name
        sheets: list[Sheet] = []
        found: dict[int, dict[str, Any]] = {}
        for i, drawing in enumerate(self.sheets):
            if isinstance(drawing, Plain):
                sheets.append(draw_plain(drawing))
                continue
            sheet, expected = draw(drawing, Pen(Random(f"{pen_seed} {i}")))
            sheet.hidden = i in self.hidden_sheets
            people = range(expected["first_data"], expected["last_data"] + 1)
            expected["troubles"] += [
                {"row": row, "column": column, "what": "character_lost"}
                for row, column in lose_characters(sheet, self.kind)
                if row in people
            ]
            sheets.append(sheet)
            found[i] = expected
        _, encoding, write = KINDS[self.kind]
        if encoding:
            found[self.use]["sheet"] = ""
        return write(sheets), {
            "file": self.file_name,
            "kind": self.kind,
            "encoding": encoding,
            "about": self.about,
            "as_of": AS_OF.isoformat(),
            "sheet_names": [] if encoding else [sheet.name for sheet in sheets],
            "hidden_sheets": [sheet.name for sheet in sheets if sheet.hidden],
            "sheet_index": self.use,
            "habits": sorted(_habits(self.sheets[self.use], len(sheets))),
            **found[self.use],
            "also_rosters": [found[i] for i in found if i != self.use],
        }


def _habits(roster: Roster | Plain, sheets: int) -> Iterator[str]:
    """What is peculiar about the drawing, to choose files by."""
    assert isinstance(roster, Roster)
    columns = roster.flat()
    depth = max(len(c.heads) for c in columns)
    means = [c.means for c in columns]
    texts = ["".join(c.heads) for c in columns]
    yield from (
        word
        for word, is_so in {
            "title": bool(roster.title),
            "no title": not roster.title,
            f"{depth} heading rows": True,
            "merged across": roster.merge and depth > 1,
            "merged down": any(c.down for c in columns),
            "nothing merged": not roster.merge,
            "empty rows first": roster.at[0] > 0,
            "empty columns first": roster.at[1] > 0,
            "units row": roster.units,
            "codes row": roster.codes,
            "example row": roster.example,
            "total at the end": roster.total == "end",
            "total on top": roster.total == "top",
            "subtotals": roster.subtotals,
            "sections": bool(roster.sections) and roster.section_names,
            "blank rows": roster.blank_every > 0,
            "headings repeated": roster.page > 0,
            "notes below": bool(roster.foot),
            "numbered empty rows": roster.numbered_rest > 0,
            "hidden rows": roster.hide_share > 0,
            "hidden columns": any(c.hidden for c in columns),
            "several sheets": sheets > 1,
            "longer than it is": roster.ghost_rows > 0,
            "line breaks in headings": any("\n" in t for t in texts),
            "blanks in headings": any(" " in t or "　" in t for t in texts),
            "required marks": any("*" in t or "＊" in t for t in texts),
            "remarks in headings": any("(" in t or "（" in t for t in texts),
            "a column without a heading": any(not t for t in texts),
            "door in columns": {"building", "room"} <= set(means),
            "flags in columns": sum(m.startswith("flag:") for m in means) > 1,
            "groups as text": "groups_text" in means,
            "two people side by side": depth == 1 and texts.count("姓名") > 1,
        }.items()
        if is_so
    )
