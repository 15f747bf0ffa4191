"""Instead of sign-in: constants, made once a process from the accounts the benchmark names in the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase

from linli.accounts.middleware import urls_of
from linli.accounts.models import Account
from linli.accounts.queries import actor_for
from linli.core import tenancy
from linli.core.access import Actor
from linli.matters.actions import handling, reporting
from linli.places.models import Community
from linli.places.queries import community_by_code


@dataclass(frozen=True)
class Known:
    """The one community, and who acts there: staff at the desk, a resident everywhere else."""

    community: Community
    code: str
    people: dict[bool, tuple[Account, Actor]]


@cache
def known() -> Known:
    found = community_by_code(os.environ["BENCH_CODE"])
    assert found is not None
    people = {}
    for is_desk, name in ((True, "BENCH_SPECIALIST"), (False, "BENCH_REPORTER")):
        account = Account.objects.get(pk=UUID(os.environ[name]))
        people[is_desk] = account, actor_for(account, found.community, code=found.code)
    return Known(found.community, found.code, people)


class ConstantActor:
    """Stands where `ActorMiddleware` stands: the same attributes on the request, no query, no transaction, no SET LOCAL."""

    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response
        handling.record = reporting.record = _nothing  # type: ignore[assignment]

    def __call__(self, request: Any) -> HttpResponseBase:
        here = known()
        request.token = request.request_id = None
        request.session = {}  # pages look into it for what was set aside; here nothing ever is
        request.account, request.actor = here.people["/desk/" in request.path_info]
        request.community, request.community_code, request.urlconf = here.community, here.code, urls_of(here.code)
        token = tenancy._active.set(here.community.id)
        try:
            return self.get_response(request)
        finally:
            tenancy._active.reset(token)


def _nothing(*_args: Any, **_facts: Any) -> None:
    """In place of `trail.record`."""
