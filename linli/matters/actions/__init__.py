"""Every change of a matter, from the report to the rating, and the kinds it may be of."""

from .adding import AnsweredMeanwhile, add_to_matter
from .handling import (
    AlreadyTaken,
    NotTheReporter,
    NotYours,
    TooLateToReopen,
    WorkedOn,
    accept_matter,
    ask_for_month_table,
    close_by_call_back,
    confirm_matter,
    feed_back,
    note_handling,
    pass_to_back_office,
    put_back,
    refuse_matter,
    reopen_matter,
    reveal_contact,
)
from .kinds import USUAL_KINDS, KindPlan, set_up_kinds
from .reporting import Contact, Photos, WordsMissing, payload_of, queue_for, report_matter

__all__ = [
    "USUAL_KINDS",
    "AlreadyTaken",
    "AnsweredMeanwhile",
    "Contact",
    "KindPlan",
    "NotTheReporter",
    "NotYours",
    "Photos",
    "TooLateToReopen",
    "WordsMissing",
    "WorkedOn",
    "accept_matter",
    "add_to_matter",
    "ask_for_month_table",
    "close_by_call_back",
    "confirm_matter",
    "feed_back",
    "note_handling",
    "pass_to_back_office",
    "payload_of",
    "put_back",
    "queue_for",
    "refuse_matter",
    "reopen_matter",
    "report_matter",
    "reveal_contact",
    "set_up_kinds",
]
