"""Who looked at whom, and what is held of a person."""

from .consents import ConsentLine, consents_of, guardian_among, guardians_of, has_consent
from .copies import FORMAT, copy_of, own_residents, schema
from .due import due_to_forget
from .held import Line, Record, Section, held_of, lines_of
from .printed import LAYOUT, printed
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
from .requests import reasons_to_keep, requests_of, requests_visible_to, waiting_requests
from .traces import Proof, Traces, search, traces_of, without_shared

__all__ = [
    "FORMAT",
    "LAYOUT",
    "PAGE_WORDS",
    "ConsentLine",
    "Line",
    "Look",
    "Proof",
    "Record",
    "Section",
    "Traces",
    "consents_of",
    "copy_of",
    "due_to_forget",
    "guardian_among",
    "guardians_of",
    "has_consent",
    "held_of",
    "hour_of",
    "is_paused",
    "lines_of",
    "looks_at",
    "outside_patch",
    "own_residents",
    "printed",
    "readings_visible_to",
    "reasons_to_keep",
    "requests_of",
    "requests_visible_to",
    "schema",
    "search",
    "traces_of",
    "unusual_hours",
    "waiting_requests",
    "without_shared",
]
