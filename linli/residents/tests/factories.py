"""People for tests. Area code 990105 does not exist, and no phone begins with 100."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from linli.core.access import Role
from linli.core.identifiers import check_digit
from linli.places.tests.factories import staff
from linli.residents import actions
from linli.residents.models import Resident

BORN = date(1980, 3, 2)
SINCE = date(2015, 1, 1)
_numbers = count(1)


def id_number(birth_on: date = BORN, sequence: int | None = None) -> str:
    """A well-formed number nobody has; odd sequences are male."""
    body = f"990105{birth_on:%Y%m%d}{(next(_numbers) if sequence is None else sequence) % 1000:03d}"
    return body + check_digit(body)


def phone(n: int | None = None) -> str:
    return f"100{(next(_numbers) if n is None else n):08d}"


def register(name: str = "王芳", **plan: Any) -> Resident:
    """Registered by the back office, through the action."""
    return actions.register_resident(staff(Role.BACK_OFFICE), actions.ResidentPlan(name=name, **plan))
