"""Places somebody marked: who reports from one says neither where it is nor, mostly, what it is about.

Which apps mark places is their own affair: each registers how a token is read (`linli.intake`, its printed codes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .queries import Spot


@dataclass(frozen=True)
class Marked:
    """A marked place of the active community; `kind` is the code of what is mostly reported there, "" where anything is."""

    token: str
    label: str
    spot: Spot
    kind: str = ""


READERS: list[Callable[[str], Marked | None]] = []


def marked(token: str) -> Marked | None:
    """The place `token` stands for; None for a token nobody knows, or no longer knows."""
    return next((found for read in READERS if token and (found := read(token))), None)
