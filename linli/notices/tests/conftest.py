from __future__ import annotations

import pytest

from linli.accounts.tests.conftest import browser, here, next_door  # noqa: F401
from linli.accounts.tests.factories import actor_of, make_holder
from linli.core.access import Role
from linli.core.tenancy import active
from linli.notices.port import Simulator


@pytest.fixture
def in_here(here):  # noqa: F811
    with active(here.id):
        yield here


@pytest.fixture
def as_back_office(here):  # noqa: F811
    return actor_of(make_holder(Role.BACK_OFFICE, community=here), here)


@pytest.fixture
def providers(monkeypatch, settings):
    """Choose a simulator per channel: `providers(sms=always)`; the simulators are returned by channel."""
    chosen: dict[str, Simulator] = {}

    def choose(**by_channel: Simulator) -> dict[str, Simulator]:
        chosen.clear()
        chosen.update(by_channel)
        return chosen

    monkeypatch.setattr("linli.notices.port.import_string", lambda channel: chosen[channel])
    settings.LINLI_MESSAGE_PROVIDERS = _Named(chosen)
    return choose


class _Named:
    """A channel's dotted name is the channel itself, where a simulator was chosen for it."""

    def __init__(self, chosen: dict[str, Simulator]) -> None:
        self.chosen = chosen

    def get(self, channel: str) -> str | None:
        return str(channel) if channel in self.chosen else None
