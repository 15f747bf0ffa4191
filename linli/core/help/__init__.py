"""Help: one file a topic in `topics/`, shown beside the page it is about, searched, and the source of docs/how-to.

    title: 报一件事
    for: resident                       (resident, staff, or both)
    pages: matters:home matters:report  (names of routes; tests/test_help.py fails for a page without a topic)
    also: 上报 报修                      (what people call it)
    ---
    Paragraphs, lists with "- " or "1. ", **strong**, `a key`. Nothing else.

Search finds what a topic is called, what people call it, and what it says; help.js does the same without a connection.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

TOPICS = Path(__file__).resolve().parent / "topics"
FACES = ("resident", "staff")
MOST = 2
"""How many topics stand beside a page: more is a list to read, not help."""


@dataclass(frozen=True)
class Topic:
    """One thing people ask. `name` is its anchor; `text` is what is written in its file."""

    name: str
    title: str
    faces: tuple[str, ...]
    pages: tuple[str, ...]
    also: tuple[str, ...]
    text: str

    @property
    def body(self) -> SafeString:
        """The text as HTML, written here alone and with nothing filled in."""
        return mark_safe("".join(_block(block) for block in self.text.split("\n\n")))  # noqa: S308 - see above

    def rank(self, asked: str) -> int:
        """How well the topic answers `asked`; 0 when it does not. The title counts most, then what people call it."""
        words = asked.lower().split()
        if not words:
            return 0
        ranks = [self._rank_of(word) for word in words]
        return sum(ranks) if all(ranks) else 0

    def _rank_of(self, word: str) -> int:
        title, also, text = self.title.lower(), " ".join(self.also).lower(), self.text.lower()
        for worth, place in ((800, title), (600, also), (300, text)):
            if word in place:
                return worth
        # Whole questions are typed: 字太小看不清怎么办. Half of their pairs of characters is enough.
        pairs = {word[at : at + 2] for at in range(len(word) - 1)}
        in_name = sum(pair in f"{title} {also}" for pair in pairs)
        in_all = sum(pair in f"{title} {also} {text}" for pair in pairs)
        return in_all + 2 * in_name if len(word) > 2 and in_all * 2 >= len(pairs) else 0


def _block(block: str) -> str:
    lines = block.strip().splitlines()
    for mark, tag in ((r"- ", "ul"), (r"[0-9]+\. ", "ol")):
        if all(re.match(mark, line) for line in lines):
            items = "".join(f"<li>{_inline(re.sub(mark, '', line, count=1))}</li>" for line in lines)
            return f"<{tag}>{items}</{tag}>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    strong = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"`(.+?)`", r'<kbd class="key">\1</kbd>', strong)


def read(path: Path) -> Topic:
    """The topic in `path`. Raises ValueError for one that lacks a line of its head."""
    head, _, text = path.read_text(encoding="utf-8").partition("\n---\n")
    held = dict(line.split(":", 1) for line in head.splitlines())
    missing = {"title", "for", "pages", "also"} - set(held)
    if missing or not text.strip():
        raise ValueError(f"{path.name}: no {', '.join(sorted(missing)) or 'text'}")
    faces, pages, also = (tuple(held[name].split()) for name in ("for", "pages", "also"))
    return Topic(path.stem.split("-", 1)[1], held["title"].strip(), faces, pages, also, text.strip())


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of their files' numbers."""
    return tuple(read(path) for path in sorted(TOPICS.glob("*.md")))


def for_page(view_name: str) -> list[Topic]:
    """What to say beside a page: its own topics, those that name it first before the rest."""
    found = [topic for topic in topics() if view_name in topic.pages]
    return sorted(found, key=lambda topic: topic.pages.index(view_name))[:MOST]


def search(asked: str, *, face: str = "") -> list[Topic]:
    """The topics that answer `asked` nearly as well as the best, best first; all when nothing is asked. `face`'s come first."""
    ranked = [(topic.rank(asked), topic) for topic in topics()] if asked.strip() else [(1, topic) for topic in topics()]
    best = max(rank for rank, _ in ranked)
    found = [(rank, topic) for rank, topic in ranked if rank and rank * 3 >= best]
    return [topic for _, topic in sorted(found, key=lambda pair: (face not in pair[1].faces if face else 0, -pair[0]))]


def as_data(chosen: Iterable[Topic]) -> list[dict[str, object]]:
    """What the script needs to search and show without a connection."""
    return [
        {
            "name": topic.name,
            "title": topic.title,
            "faces": list(topic.faces),
            "also": " ".join(topic.also),
            "text": topic.text,
            "body": topic.body,
        }
        for topic in chosen
    ]


@cache
def packed() -> tuple[bytes, str]:
    """All topics as JSON, and a mark that changes with them: the address carries it, so the answer may be kept for a year."""
    data = json.dumps(as_data(topics()), ensure_ascii=False, separators=(",", ":")).encode()
    return data, hashlib.sha256(data).hexdigest()[:8]
