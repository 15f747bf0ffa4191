"""django.mo from django.po: the framework's own sentences in our words (`linli/core/locale`). Written by `linli docs`.

A reader of the few forms our file uses (msgid, msgid_plural, msgstr, msgstr[0], lines that go on), so that neither gettext's tools nor
another library is needed to change a sentence.
"""

from __future__ import annotations

import ast
import re
import struct
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "core/locale/zh_Hans/LC_MESSAGES/django.po"
TARGET = SOURCE.with_suffix(".mo")
MAGIC = 0x950412DE
LINE = re.compile(r"(?:(msgid_plural|msgid|msgstr(?:\[0\])?) )?(\".*\")")


def entries(text: str) -> dict[str, str]:
    """Sentences by their English; one with a plural stands under both, with NUL between, as gettext has it."""
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        parts: dict[str, str] = {}
        word = ""
        for line in block.splitlines():
            if hit := LINE.fullmatch(line.strip()):
                word = hit.group(1) or word
                parts[word] = parts.get(word, "") + ast.literal_eval(hit.group(2))
        if "msgid" in parts:
            key = "\0".join([parts["msgid"], *([parts["msgid_plural"]] if "msgid_plural" in parts else [])])
            found[key] = parts.get("msgstr", parts.get("msgstr[0]", ""))
    return found


def compiled(text: str) -> bytes:
    """The catalogue gettext reads: a head, two tables of (length, offset), then the texts, each ended by NUL."""
    pairs = sorted((key.encode(), said.encode()) for key, said in entries(text).items())
    start = 7 * 4 + len(pairs) * 16
    keys: list[int] = []
    said: list[int] = []
    body = b""
    for table, place in ((keys, 0), (said, 1)):
        for pair in pairs:
            table += [len(pair[place]), start + len(body)]
            body += pair[place] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + len(pairs) * 8, 0, start)
    return head + struct.pack(f"<{len(keys) + len(said)}I", *keys, *said) + body


def main(*, check: bool) -> int:
    """Write django.mo, or with `check` only compare; 0 when it matches (now)."""
    wanted = compiled(SOURCE.read_text(encoding="utf-8"))
    if TARGET.exists() and TARGET.read_bytes() == wanted:
        return 0
    if check:
        print("django.mo 和 django.po 不一致。请运行 ./run docs 再提交。")
        return 1
    TARGET.write_bytes(wanted)
    return 0
