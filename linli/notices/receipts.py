"""Who may say what became of a message: a provider that signs its callback.

The wire format is Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.

settings.LINLI_MESSAGE_RECEIPT_SECRET is shared with the provider's adapter; without it every callback is refused.
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

from django.conf import settings

from linli.core import clock

TOLERANCE = timedelta(minutes=5)


def signature_of(secret: str, *, id: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature` for a callback."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def is_signed(headers: Any, body: bytes) -> bool:
    """Whether one of the signatures fits (there are two while a secret is changed) and the callback is fresh."""
    secret = str(settings.LINLI_MESSAGE_RECEIPT_SECRET)
    timestamp = headers.get("webhook-timestamp", "")
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 13):
        return False
    if abs(clock.now().timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    right = signature_of(secret, id=headers.get("webhook-id", ""), timestamp=timestamp, body=body)
    offered = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in offered)
