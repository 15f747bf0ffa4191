"""What an account is called, asked by apps that stand below accounts: `colleagues.names_of(ids)` on a timeline.

Accounts says it in its `apps.py`: `colleagues.let_name(queries.display_names)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

_namers: list[Callable[[Iterable[UUID | None]], dict[UUID, str]]] = []


def let_name(names: Callable[[Iterable[UUID | None]], dict[UUID, str]]) -> None:
    """Ask `names` from now on."""
    _namers[:] = [names]


def names_of(account_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names people gave these accounts, one query; an account without one is left out."""
    return _namers[0](account_ids) if _namers else {}
