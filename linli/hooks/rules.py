"""Standard Webhooks (https://www.standardwebhooks.com/): what is signed and how, when it is tried again, where it may go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

OFFERED = ("matter", "handover", "whistle", "pause", "extension", "visit", "hotline_sheet")
"""The nouns whose verbs may be wanted: what happens to work. What happens to people's records is nobody's to be pushed."""

PREFIX = "whsec_"
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""The schedule Standard Webhooks proposes; after the tenth try it is FAILED and can be sent again by hand."""
LEASE = timedelta(seconds=60)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def signature(secret: str, *, id: str, at: datetime, body: str) -> str:
    """`v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`; `secret` is base64 behind `whsec_`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    told = f"{id}.{int(at.timestamp())}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` (1 or more) tries failed; None when it is given up."""
    return now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def may_go_to(address: str, allowed: Iterable[Network]) -> bool:
    """Whether an IP address is on the open internet, or in a network the operator has allowed.

    Machines of one's own (this one, its neighbours, the cloud's own services) are out of bounds until they are named.
    """
    ip = ipaddress.ip_address(address)
    if getattr(ip, "ipv4_mapped", None):
        ip = ip.ipv4_mapped  # type: ignore[union-attr, assignment]
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    return ip.is_global and not ip.is_multicast
