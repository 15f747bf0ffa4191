"""The only source of "now". Settable in demo and tests alone, for backdated history and fake-clock tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
_set: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _set.get() or settings.LINLI_NOW or datetime.now(UTC)  # noqa: TID251  the one place


def today() -> date:
    """Today's date where the communities are (Asia/Shanghai)."""
    return now().astimezone(SHANGHAI).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware `moment` inside the block. Refused in production."""
    if not settings.IS_DEMO:
        raise RuntimeError("the clock can be set only in demo and tests")
    if moment.tzinfo is None:
        raise ValueError("an aware datetime, please")
    token = _set.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)
