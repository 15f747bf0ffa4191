"""Looking for canary values wherever bytes lie: as they are, as other encodings write them, and inside gzip."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

BLOCK = 8 * 1024 * 1024


@dataclass(frozen=True)
class Hit:
    """Where a canary was found, which, and in which form."""

    where: str
    canary: str
    form: str


def forms_of(canary: str) -> dict[str, bytes]:
    """How `canary` may be written. base64 has three, by where it begins; of each the letters that depend on nothing else."""
    plain = canary.encode()
    forms = {
        "utf-8": plain,
        "utf-16-le": canary.encode("utf-16-le"),
        "utf-16-be": canary.encode("utf-16-be"),
        "gb18030": canary.encode("gb18030"),
        "json": json.dumps(canary)[1:-1].encode(),
        "url": quote(canary).encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "backwards": plain[::-1],
    }
    for shift in range(3):
        letters = base64.b64encode(b"\0" * shift + plain)
        forms[f"base64+{shift}"] = letters[4 if shift else 0 : len(letters) - 4]
    return forms


def look_in(where: str, data: bytes, canaries: list[str]) -> list[Hit]:
    """Every canary in `data`; gzip is unpacked wherever it begins."""
    found = [
        Hit(where, canary, form) for canary in canaries for form, needle in forms_of(canary).items() if needle in data
    ]
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        try:
            inside = zlib.decompressobj(wbits=31).decompress(data[at:], BLOCK)
        except zlib.error:
            inside = b""
        if inside:
            found += [Hit(f"{where} (gzip)", hit.canary, hit.form) for hit in look_in(where, inside, canaries)]
        at = data.find(b"\x1f\x8b\x08", at + 1)
    return found


def look_through(folder: Path, canaries: list[str], *, but: frozenset[str] = frozenset()) -> list[Hit]:
    """Every canary in any file of `folder`, names of files included."""
    found: list[Hit] = []
    for path in sorted(folder.rglob("*")):
        relative = str(path.relative_to(folder))
        if set(path.relative_to(folder).parts) & but:
            continue
        found += look_in(f"name of {relative}", relative.encode(), canaries)
        if path.is_file():
            for block in _blocks(path):
                found += look_in(relative, block, canaries)
    return found


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in large pieces that overlap, so that nothing hides on a border."""
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(BLOCK):
            yield rest + piece
            rest = (rest + piece)[-200:]


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode())
