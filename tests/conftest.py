"""Fixtures of the whole house. The cast is in tests/cast.py; `linli/conftest.py` shares both with the apps' own tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from linli.core.access import Actor
from linli.core.tenancy import active
from linli.places.queries import forget_addresses
from tests.cast import Cast, Place, make_cast
from tests.helpers import empty_database


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there already: tests/plugin.py copied it from the migrated template."""


@pytest.fixture(scope="session", autouse=True)
def serving_role(django_db_blocker: Any) -> None:
    """The suite runs as the role that serves: neither superuser nor BYPASSRLS, or row-level security would be off."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("linli_app", False, False)
    connection.close()


@pytest.fixture(autouse=True)
def no_remembered_addresses() -> None:
    """Each test makes its own communities under the same codes."""
    forget_addresses()


@pytest.fixture
def committed_db(django_db_blocker: Any) -> Iterator[None]:
    """A database where transactions really commit, for races, relays and other processes; emptied afterwards by the owner."""
    from django.db import connections

    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connections.close_all()
            empty_database()
            connections.close_all()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in a transaction that is undone."""
    return make_cast()


@pytest.fixture
def committed_cast(committed_db: None) -> Cast:
    """The cast, committed: for races and other connections."""
    return make_cast()


@pytest.fixture
def here(cast: Cast) -> Iterator[Place]:
    """仓基新村, active."""
    with active(cast.here.id):
        yield cast.here


@pytest.fixture
def as_wang(cast: Cast, here: Place) -> Actor:
    return cast.actor("王芳")


@pytest.fixture
def as_specialist(cast: Cast, here: Place) -> Actor:
    return cast.actor("李娜")


@pytest.fixture
def as_other_specialist(cast: Cast, here: Place) -> Actor:
    return cast.actor("孙伟")


@pytest.fixture
def as_back_office(cast: Cast, here: Place) -> Actor:
    return cast.actor("陈建国")


@pytest.fixture
def as_secretary(cast: Cast, here: Place) -> Actor:
    return cast.actor("赵敏")


@pytest.fixture
def as_official(cast: Cast, here: Place) -> Actor:
    return cast.actor("周国平")


@pytest.fixture
def as_outsider(cast: Cast, here: Place) -> Actor:
    """The secretary of next door, in 仓基新村."""
    return cast.actor("郑涛")


@pytest.fixture
def browse() -> Any:
    """`browse(account)`: a test client signed in as the account, speaking https as the cookies demand."""
    from django.test import Client

    def sign_in(account: Any = None) -> Client:
        client = Client(headers={"host": "localhost"})
        if account is not None:
            client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
