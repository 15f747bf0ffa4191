"""Whether an actor may see one record, asked by id: the gate for files and live streams, which know only a kind and an id.

Each app says it for its own kinds, in `apps.py`: `subjects.let_see("matters.matter", queries.may_see_matter)`.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from .access import Actor

_gates: dict[str, Callable[[Actor, UUID], bool]] = {}


def let_see(kind: str, may_see: Callable[[Actor, UUID], bool]) -> None:
    """Subjects of `kind` may be seen by whoever `may_see` says (called with the community active)."""
    _gates[kind] = may_see


def may_see(actor: Actor, kind: str, subject_id: UUID) -> bool:
    """Whether `actor` may see the record now; a kind nobody speaks for is seen by nobody."""
    gate = _gates.get(kind)
    return gate is not None and gate(actor, subject_id)
