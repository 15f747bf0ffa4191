"""The API against its own document: schemathesis sends what the document allows and what it does not, as three people.

Everything runs in this process through WSGI, in a transaction that is undone. One worker: hypothesis does not take more.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from config.api import api
from linli.core.tenancy import parse_uuid
from linli.matters.actions import USUAL_KINDS
from tests.api_factories import MATTER_IDS, caller, cast_for_a_module, matters_in_every_state, register_rows
from tests.cast import CODES

pytestmark = pytest.mark.django_db
PEOPLE = {"secretary": "赵敏", "specialist": "李娜", "anonymous": None}
# Cases an operation; the coverage phase adds some fifty more. All of it has to fit into the ordinary suite.
SHARES = {"secretary": 15, "specialist": 18, "anonymous": 7}
SLOW_TIMES = 20
patient = settings(deadline=None, suppress_health_check=list(HealthCheck))


def described(who: str, times: int = 1) -> Any:
    """The API's document with the answers of this process behind it.

    The ordinary suite sends the same cases each time; the slow one, `times` as many, new ones.
    """
    is_same_each_time = times == 1
    settled = {"seed": 380} if is_same_each_time else {}
    config = SchemathesisConfig.from_dict(
        {
            **settled,
            "dictionaries": {
                "matters": {"values": [str(matter_id) for matter_id in MATTER_IDS.values()]},
                "kinds": {"values": [kind.code for kind in USUAL_KINDS]},
            },
            "parameters": {
                # An unknown community is met in the middleware, before any operation (tests/test_api.py).
                "path.code": CODES[1][1],
                "path.matter_id": {"dictionary": "matters", "probability": 0.8},
                "query.kind": {"dictionary": "kinds", "probability": 0.5},
                "body.kind": {"dictionary": "kinds", "probability": 0.8},
            },
            "generation": {"max-examples": SHARES[who] * times, "database": "none", "deterministic": is_same_each_time},
            # Every boundary, every method nobody offers, and each answer again without its token: once, as the one who may do all.
            "phases": {"coverage": {"enabled": who == "secretary"}},
            "checks": {"ignored_auth": {"enabled": who == "secretary"}},
        }
    )
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(), config=config)
    schema.app = WSGIHandler()
    return schema


@pytest.fixture(scope="module")
def cast(django_db_blocker: Any) -> Any:
    with cast_for_a_module(django_db_blocker) as made:
        with django_db_blocker.unblock():
            matters_in_every_state(made)
            made.register = register_rows(made)
        yield made


@pytest.fixture(scope="module")
def headers(cast: Any, django_db_blocker: Any) -> dict[str, dict[str, str]]:
    with django_db_blocker.unblock():
        secrets = {who: caller(cast, name).secret for who, name in PEOPLE.items()}
    return {who: {"Authorization": f"Bearer {secret}"} if secret else {} for who, secret in secrets.items()}


@pytest.fixture(scope="module", autouse=True)
def connection_kept() -> Any:
    """As Django's own test client does: a request must not close the connection of the transaction it runs in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


BODIES = {
    "dwelling_id": "dwelling_id",
    "household_id": "household_id",
    "into_id": "household_id",
    "spouse_id": "other_id",
    "guardian_id": "other_id",
    "head_id": "resident_id",
    "drop_id": "other_id",
    "mother_id": "resident_id",
}
"""What a body names by id, and which of `known` it may be."""

Headers = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def known(cast: Any) -> dict[str, str]:
    """Ids that are made up only when the cast is."""
    return {
        "resident_id": str(cast.residents["王芳"].id),
        "building_id": str(cast.here.buildings[48].id),
        **cast.register,
    }


def aimed(case: Any, known: dict[str, str]) -> Any:
    """`case`, half of the time at a row that exists: random ids meet nothing but 404."""
    for name, real in known.items():
        drawn = parse_uuid(str(case.path_parameters.get(name)))
        if drawn is not None and drawn.int % 2:
            case.path_parameters[name] = real
    if isinstance(case.body, dict):
        for name in case.body.keys() & BODIES.keys():
            drawn = parse_uuid(str(case.body[name]))
            if drawn is not None and drawn.int % 2:
                case.body[name] = known[BODIES[name]]
    return case


@described("secretary").parametrize()
@patient
def test_as_secretary(case: Any, headers: Headers, known: dict[str, str]) -> None:
    aimed(case, known).call_and_validate(headers=headers["secretary"])


@described("specialist").parametrize()
@patient
def test_as_specialist(case: Any, headers: Headers, known: dict[str, str]) -> None:
    aimed(case, known).call_and_validate(headers=headers["specialist"])


@described("anonymous").parametrize()
@patient
def test_as_nobody(case: Any, headers: Headers, known: dict[str, str]) -> None:
    aimed(case, known).call_and_validate(headers=headers["anonymous"])


@pytest.mark.slow
@described("secretary", SLOW_TIMES).parametrize()
@patient
def test_as_secretary_at_length(case: Any, headers: Headers, known: dict[str, str]) -> None:
    aimed(case, known).call_and_validate(headers=headers["secretary"])


@pytest.mark.slow
@described("specialist", SLOW_TIMES).parametrize()
@patient
def test_as_specialist_at_length(case: Any, headers: Headers, known: dict[str, str]) -> None:
    aimed(case, known).call_and_validate(headers=headers["specialist"])
