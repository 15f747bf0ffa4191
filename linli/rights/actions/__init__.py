"""What people may do about what is held of them, and the watch over who reads it."""

from .consents import (
    ConsentChanged,
    ConsentGiven,
    NeedsGuardian,
    give_consent,
    may_decide_for,
    withdraw_consent,
)
from .copies import NobodyToCopy, take_copy
from .purge import HoldReasonMissing, drop_old_rows, forget, forget_again, forget_due, hold, lift_hold
from .readings import Reading, ReasonTooShort, explain_reading, limits_at, note_reading
from .requests import (
    AnswerMissing,
    MustBeKept,
    RequestOpen,
    WordsMissing,
    answer_request,
    ask_request,
    withdraw_request,
)

__all__ = [
    "AnswerMissing",
    "ConsentChanged",
    "ConsentGiven",
    "HoldReasonMissing",
    "MustBeKept",
    "NeedsGuardian",
    "NobodyToCopy",
    "Reading",
    "ReasonTooShort",
    "RequestOpen",
    "WordsMissing",
    "answer_request",
    "ask_request",
    "drop_old_rows",
    "explain_reading",
    "forget",
    "forget_again",
    "forget_due",
    "give_consent",
    "hold",
    "lift_hold",
    "limits_at",
    "may_decide_for",
    "note_reading",
    "take_copy",
    "withdraw_consent",
    "withdraw_request",
]
