"""Homes and houses for these tests; every process and folder is gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ops.house import House


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the database's user may enter, as /tmp/pytest-of-root is not."""
    path = Path(tempfile.mkdtemp(prefix="linli-home-"))
    path.chmod(0o711)
    yield path / "home"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def open_house(home: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def opened(*words: str, **more: str) -> House:
        houses.append(House(home, *words, **more))
        return houses[-1]

    yield opened
    for house in houses:
        house.process.terminate()
    for house in houses:
        house.process.wait(20)
        house.wait_until_gone()


@pytest.fixture(scope="module")
def shared_house() -> Iterator[House]:
    """One open house for the tests that only look at it."""
    path = Path(tempfile.mkdtemp(prefix="linli-home-"))
    path.chmod(0o711)
    house = House(path / "home").wait_for("按 Ctrl-C 停止")
    yield house
    house.process.terminate()
    house.process.wait(20)
    shutil.rmtree(path, ignore_errors=True)
