"""What the demo's residents and social workers say. Every case is told whole: the report, what was found, what was answered.

`{f}` becomes a floor, `{n}` a small number. Words are as people type them: short, in a hurry, sometimes with thanks.
"""

from .bank import (
    CALL_BACKS,
    CLOSERS,
    EXPLAINED,
    IMPOSSIBLE,
    OPENERS,
    PASSING,
    RATINGS,
    REFUSED,
    REOPENED,
    SETTLED_LATER,
    Case,
)
from .indoors import INDOORS
from .outdoors import OUTDOORS
from .people import PEOPLE

CASES: dict[str, tuple[Case, ...]] = {**INDOORS, **OUTDOORS, **PEOPLE}

__all__ = [
    "CALL_BACKS",
    "CASES",
    "CLOSERS",
    "EXPLAINED",
    "IMPOSSIBLE",
    "OPENERS",
    "PASSING",
    "RATINGS",
    "REFUSED",
    "REOPENED",
    "SETTLED_LATER",
    "Case",
]
