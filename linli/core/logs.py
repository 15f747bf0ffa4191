"""Logs as data, in English, with personal fields scrubbed in this one place."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# ID numbers, mobile numbers and six-digit codes, wherever they turn up in a log line. ASCII digits: input is NFKC-folded before use.
_PERSONAL = re.compile(r"(?<![0-9A-Za-z-])(?:[0-9]{17}[0-9Xx]|[0-9]{15}|1[0-9]{10}|[0-9]{6})(?![0-9A-Za-z-])")
_SECRET_KEYS = {"password", "code", "token", "cookie", "authorization", "id_number", "phone", "name"}


def scrub(text: str) -> str:
    """`text` with anything that looks like an ID number, a mobile number or a one-time code replaced."""
    return _PERSONAL.sub("[scrubbed]", text)


def _scrub_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "[scrubbed]"
        elif isinstance(value, str) and key != "timestamp":
            event[key] = scrub(value)
    return event


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's loggers through one scrubbing formatter to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _scrub_event,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("axes", "procrastinate", "django.request"):
        logging.getLogger(noisy).setLevel("WARNING" if noisy != "django.request" else "ERROR")
