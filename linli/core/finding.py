"""What the one box finds. Each app answers for its own in `finding.py`; `linli.desk` lays the answers side by side.

An app joins the finder with a function `found_by(actor, words, *, limit)`, which answers at most `limit` + 1 under the actor's rights
(the one too many says that there are more), and a line in `linli.desk.queries.find.GROUPS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from .access import Actor


@dataclass(frozen=True)
class Found:
    """One answer: what it is called, what tells it from others of its name, and the page that shows it.

    `page` is the page's name; it takes `id` where there is one, and `query` follows its address. `tag` is a word of state.
    """

    title: str
    more: Sequence[str]
    page: str
    id: UUID | None = None
    query: str = ""
    tag: str = ""


class FoundBy(Protocol):
    """What an app offers the finder."""

    def __call__(self, actor: Actor, words: str, *, limit: int) -> list[Found]: ...
