"""Who looked at whom, and what is held of a person."""

from .copies import FORMAT, copy_of, own_residents, schema
from .held import Line, Record, Section, held_of, lines_of
from .readings import (
    PAGE_WORDS,
    Look,
    hour_of,
    is_paused,
    looks_at,
    outside_patch,
    readings_visible_to,
    unusual_hours,
)

__all__ = [
    "FORMAT",
    "PAGE_WORDS",
    "Line",
    "Look",
    "Record",
    "Section",
    "copy_of",
    "held_of",
    "hour_of",
    "is_paused",
    "lines_of",
    "looks_at",
    "outside_patch",
    "own_residents",
    "readings_visible_to",
    "schema",
    "unusual_hours",
]
