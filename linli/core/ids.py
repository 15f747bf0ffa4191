"""Row ids: UUIDv7, ordered by time, made by the client where there is one (a phone offline can make one)."""

from __future__ import annotations

from uuid import UUID

import uuid_utils

__all__ = ["uuid7"]


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness."""
    return UUID(int=uuid_utils.uuid7().int)
