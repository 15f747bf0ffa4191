"""王桂英 (87) of 48-1-102 lives alone; a rule lists who lives alone, once a month."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from linli.core import clock
from linli.residents import actions as residents
from linli.visits import actions
from linli.visits.actions import PolicyFacts
from linli.visits.models import VisitPolicy
from tests.cast import Cast

MONDAY = datetime(2026, 11, 2, 9, tzinfo=clock.SHANGHAI)


def day(month: int, number: int, hour: int = 10) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=clock.SHANGHAI)


@pytest.fixture
def alone(cast: Cast, here) -> Cast:
    """The cast with 王桂英 and 老马 (of the western patch) living alone."""
    for name in ("王桂英", "老马"):
        residents.grant_category(
            cast.actor("赵敏"), resident=cast.residents[name], kind="living_alone", from_on=date(2024, 1, 1)
        )
    return cast


@pytest.fixture
def monthly(alone: Cast) -> VisitPolicy:
    with clock.at(MONDAY):
        return actions.add_policy(
            alone.actor("赵敏"), facts=PolicyFacts(name="独居", every="month", categories=["living_alone"])
        )
