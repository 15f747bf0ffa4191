"""Documents for people, as PDF: laid out by Typst from a layout (`….typ`) and what is told (JSON), in a child process.

What comes out is tagged for screen readers, has a title and a language, and its text can be searched and copied. The child has little time and
memory, reads no file but the layout and the font, and takes what it was told with it: nothing of a person stays in a process that serves pages.
A character the font does not have is written by its number, 〔U+1F600〕, never as an empty box.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SECONDS = 30
MEMORY_BYTES = 1536 * 1024 * 1024
SPOKEN = "〔U+{:04X}〕"


class NotLaidOut(Exception):
    """The child could not make the document. A bug: its layout does not fit what it was told."""


def pdf(layout: Path, told: Mapping[str, Any], *, at: datetime) -> bytes:
    """The document; `at` stands in it as the moment it was made. The same twice gives the same bytes.

    Raises NotLaidOut.
    """
    child = subprocess.run(
        [sys.executable, "-m", "linli.core.paper", str(layout), str(int(at.timestamp()))],
        input=json.dumps(speakable(told), ensure_ascii=False).encode(),
        capture_output=True,
        timeout=SECONDS,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "LANG": "C.UTF-8"},
    )
    if child.returncode or not child.stdout.startswith(b"%PDF"):
        raise NotLaidOut(f"{layout.name}: exit {child.returncode}")  # what the child says may quote what it was told
    return child.stdout


# -- what the font has


def font_file() -> Path:
    """Noto Sans CJK (SIL Open Font License), as its package carries it."""
    found = find_spec("noto_cjk_sans_otc")
    assert found is not None and found.origin is not None, "noto-cjk-sans-otc is in the lock"
    return Path(found.origin).parent / "NotoSansCJK-Regular.ttc"


def speakable(told: Any) -> Any:
    """The same with every character the font does not have written by its number."""
    if isinstance(told, str):
        return "".join(each if each in "\n\t" or has_glyph(each) else SPOKEN.format(ord(each)) for each in told)
    if isinstance(told, Mapping):
        return {key: speakable(value) for key, value in told.items()}
    return [speakable(each) for each in told] if isinstance(told, list | tuple) else told


def has_glyph(character: str) -> bool:
    """Whether the font can show it."""
    code = ord(character)
    return any(begin <= code <= end for begin, end in _ranges(code >> 12))


@cache
def _ranges(block: int) -> tuple[tuple[int, int], ...]:
    """The ranges of characters the font has that touch one block of 4096."""
    first, last = block << 12, (block << 12) | 0xFFF
    return tuple(each for each in _all_ranges() if each[0] <= last and each[1] >= first)


@cache
def _all_ranges() -> tuple[tuple[int, int], ...]:
    """The groups of the font's character map (cmap, format 12: first and last character, first glyph)."""
    with font_file().open("rb") as file:

        def read(at: int, form: str) -> Any:
            file.seek(at)
            return struct.unpack(form, file.read(struct.calcsize(form)))

        (face,) = read(12, ">I")  # a collection begins with its faces; all of Noto's show the same characters
        (tables,) = read(face + 4, ">H")
        entries = [read(face + 12 + 16 * n, ">4sIII") for n in range(tables)]
        cmap = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
        (count,) = read(cmap + 2, ">H")
        whole = [read(cmap + 4 + 8 * n, ">HHI") for n in range(count)]
        at = cmap + next(offset for platform, coding, offset in whole if (platform, coding) == (3, 10))
        (groups,) = read(at + 12, ">I")
        told = read(at + 16, f">{3 * groups}I")
    return tuple(zip(told[::3], told[1::3], strict=True))


# -- the child


def main(argv: list[str]) -> int:
    """`LAYOUT SECONDS`: what is told comes in, the PDF goes out."""
    layout = Path(argv[0])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import typst  # here: its library is large, and only the child needs it

    made = typst.compile(
        str(layout),
        root=str(layout.parent),
        font_paths=[str(font_file().parent)],
        ignore_system_fonts=True,
        sys_inputs={"told": sys.stdin.read()},
        timestamp=int(argv[1]),
        format="pdf",
        pdf_standards=["ua-1"],
    )
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
