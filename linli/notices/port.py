"""The way out: one protocol for every provider, simulators that always deliver or always fail, the choice per channel.

settings.LINLI_MESSAGE_PROVIDERS maps a channel to the dotted name of a Provider. Without it demo and tests use the
simulator, and production sends nothing by itself: its messages become calls for the front desk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from . import rules
from .models import Channel
from .wording import words

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Receipt:
    """The provider took the message under `ref`. `is_final`: it is known to have arrived; else a receipt follows."""

    ref: str
    is_final: bool = False


class NotTaken(Exception):
    """The provider did not take it. `is_final`: it never will (no such number); else another try may do."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        self.code, self.is_final = code, is_final
        super().__init__(code)


class Provider(Protocol):
    """Sends one message. The same `once_key` again must not reach the phone twice, where the provider can know.

    `send` returns within `rules.LEASE` or raises; NotTaken says why, any other exception is a try that may be repeated.
    """

    name: str

    def send(self, to: str, body: str, once_key: str) -> Receipt: ...


@dataclass
class Simulator:
    """Delivers after `failures` failed calls (None: never). Counts the calls and tells nobody."""

    name: str
    failures: int | None = 0
    calls: list[str] = field(default_factory=list)

    def send(self, to: str, body: str, once_key: str) -> Receipt:
        self.calls.append(once_key)
        if self.failures is None or self.calls.count(once_key) <= self.failures:
            raise NotTaken("simulated")
        del self.calls[:-1000]  # a demo runs for weeks
        return Receipt(f"sim-{len(self.calls)}", is_final=True)


always_deliver = Simulator("always_deliver")
always_fail = Simulator("always_fail", failures=None)
fail_then_deliver = Simulator("fail_then_deliver", failures=2)


def provider_for(channel: str) -> Provider | None:
    """Whoever sends by `channel`, or None when nobody does."""
    name = settings.LINLI_MESSAGE_PROVIDERS.get(channel)
    return import_string(name) if name else None


def signature() -> str:
    """What stands in 【】 before a text message, as registered with the provider."""
    return str(settings.LINLI_SMS_SIGNATURE)


def send_code(phone: str, code: str, once_key: str) -> bool:
    """Send a one-time code now, past the queue and without keeping it; whether a provider took it."""
    provider = provider_for(Channel.SMS)
    if provider is None:
        return False
    text = words("sign_in_code", {"code": code, "minutes": 10})
    try:
        provider.send(phone, rules.signed(signature(), text), once_key)
    except Exception as error:  # whatever a provider raises, the one who waits is told what to do
        log.warning("message.code_not_taken", provider=provider.name, error=type(error).__name__)
        return False
    return True
