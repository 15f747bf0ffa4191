"""Spreadsheets as Chinese neighbourhood offices send them, with what a careful reader finds in each. See README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .books import Book
from .offices import OFFICES
from .vocabulary import SKIPPED, TROUBLES, WORDS

__all__ = ["SKIPPED", "TROUBLES", "WORDS", "Book", "all_books", "write_corpus"]


def all_books() -> list[Book]:
    """Every file of the corpus, in a fixed order."""
    return [book for office in OFFICES for book in office.books()]


def write_corpus(folder: Path) -> list[dict[str, Any]]:
    """Write all files and index.json into `folder`; the index is also returned."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for book in all_books():
        content, expected = book.make()
        (folder / book.file_name).write_bytes(content)
        index.append(expected)
    (folder / "index.json").write_text(_index(index), encoding="utf-8")
    return index


def _index(files: list[dict[str, Any]]) -> str:
    """The vocabulary, then one line a file."""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    head = "".join(
        f'"{key}": {plain(words)},\n' for key, words in (("words", WORDS), ("troubles", TROUBLES), ("skipped", SKIPPED))
    )
    return "{\n" + head + '"files": [\n' + ",\n".join(map(plain, files)) + "\n]\n}\n"
