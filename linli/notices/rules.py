"""Messages as arithmetic: how long to wait between tries, which channel comes next, how long a text message may be."""

from __future__ import annotations

from datetime import timedelta

SMS_LENGTH = 70  # characters with 【签名】: longer ones are split and paid as several
SIGNATURE_LENGTH = 10  # the longest signature (without 【】) the templates leave room for

TRIES = 8
WAITS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 900, 1500))  # 58 minutes over eight tries
LEASE = timedelta(minutes=2)  # how long one send may take; a provider's own time limit must be shorter
RECEIPT_WAIT = timedelta(hours=72)  # no receipt after this ends the wait
CALLS = 3  # unanswered calls before a phone task ends
CALL_PAUSE = timedelta(hours=2)

LADDER = ("wechat", "sms", "phone_task")


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the n-th failed try (from 1); None when that was the last."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def below(channel: str) -> tuple[str, ...]:
    """The channels under `channel` on the ladder, next first."""
    return LADDER[LADDER.index(channel) + 1 :]


def signed(signature: str, text: str) -> str:
    """A text message as the phone shows it."""
    return f"【{signature}】{text}"
