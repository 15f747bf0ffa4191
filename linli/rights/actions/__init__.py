"""What people may do about what is held of them, and the watch over who reads it."""

from .copies import NobodyToCopy, take_copy
from .readings import Reading, ReasonTooShort, explain_reading, limits_at, note_reading

__all__ = ["NobodyToCopy", "Reading", "ReasonTooShort", "explain_reading", "limits_at", "note_reading", "take_copy"]
