"""The files themselves, by the line of work that asks for them. Each module's `books()` yields its files."""

from __future__ import annotations

from . import (
    aged,
    children,
    disabled,
    health,
    households,
    moves,
    neighbours,
    odd,
    party,
    relief,
    residents,
    services,
    streets,
)

OFFICES = (
    residents,
    households,
    moves,
    aged,
    services,
    relief,
    disabled,
    children,
    party,
    neighbours,
    health,
    odd,
    streets,
)
