from collections.abc import Iterator

import pytest

from linli.places.tests.factories import Neighbourhood, neighbourhood


@pytest.fixture
def here(db: None) -> Iterator[Neighbourhood]:
    """A community with places, active during the test."""
    with neighbourhood() as places:
        yield places
