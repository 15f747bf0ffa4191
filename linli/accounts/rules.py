"""Signing in, as arithmetic: how often a code may be asked for, and what a role's post must name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from linli.core.access import KEEPERS, Role

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)  # ASVS 5.0, 6.5.5
CODE_TRIES = 5

# (how many, in what span). Per phone: what the SMS providers allow a number (1 a minute, 5 an hour, 10 a day).
PER_PHONE = ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1)))
RESEND_AFTER = PER_PHONE[0][1]
# Per network address: many homes and the service hall share one, so it only stops pumping.
PER_ADDRESS = ((30, timedelta(hours=1)), (120, timedelta(days=1)))
LONGEST_SPAN = timedelta(days=1)

# Wrong passwords from one address, over all usernames, in a quarter of an hour (each username has a lower limit).
GUESSES_PER_ADDRESS = 50

# The second step: wrong digits or recovery codes of one account, in what span.
SECOND_TRIES = 5
SECOND_SPAN = timedelta(minutes=15)
SECOND_WAIT = timedelta(minutes=10)  # how long a right password waits for it
RECOVERY_CODES = 10
FRESH_FOR = timedelta(minutes=15)  # how long after signing in one's own keys may be changed without the password again

RESIDENT_SESSION = timedelta(days=30)
TOKEN_LIFE = timedelta(days=365)


def wait_for_next(made: Iterable[datetime], now: datetime, limits: Iterable[tuple[int, timedelta]]) -> timedelta:
    """How long until one more is allowed, given when the earlier ones were made; zero when it is allowed now.

    A limit (n, span) allows n in any window [t, t + span).
    """
    wait = timedelta(0)
    newest_first = sorted(made, reverse=True)
    for many, span in limits:
        if len(newest_first) >= many:
            wait = max(wait, newest_first[many - 1] + span - now)
    return wait


def plain_digits(text: str) -> str:
    """A code as people type or paste it: full-width digits folded, everything that is no digit dropped."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))


def plain_code(text: str) -> str:
    """A recovery code or six digits as people type them: folded, in capitals, without what separates."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())


def is_mobile(phone: str) -> bool:
    """Whether a normalised phone number can receive a message (eleven digits beginning with 1)."""
    return re.fullmatch(r"1[0-9]{10}", phone) is not None


def in_words(wait: timedelta) -> str:
    """A wait as one says it, rounded up: 40 秒, 3 分钟, 2 小时."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < 60:
        return f"{seconds} 秒"
    minutes = -(-seconds // 60)
    return f"{minutes} 分钟" if minutes < 60 else f"{-(-minutes // 60)} 小时"


def what_a_post_names(role: Role) -> frozenset[str]:
    """Which of community, sub_area_id and street_code a post of `role` names; the others stay empty."""
    return {
        Role.SPECIALIST: frozenset({"community", "sub_area_id"}),
        Role.BACK_OFFICE: frozenset({"community"}),
        Role.SECRETARY: frozenset({"community"}),
        Role.STREET_OFFICIAL: frozenset({"street_code"}),
        **{role: frozenset[str]() for role in KEEPERS},
    }[role]


SECRETARY_GRANTS = frozenset({Role.SPECIALIST, Role.BACK_OFFICE})
"""What a secretary may appoint in her own community; other posts are the administrator's to give."""
