"""Background work: jobs live in PostgreSQL (procrastinate), hold ids only, and run inside their community's transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import procrastinate
from django.apps import apps
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from . import drafts, tenancy

RETRY = procrastinate.RetryStrategy(max_attempts=6, exponential_wait=4)
"""4, 16, 64 … seconds: an hour in all. A job may run twice and must not mind."""


def tenant_task(
    *, name: str, queue: str = "default", is_atomic: bool = True, **options: Any
) -> Callable[[Callable[..., Any]], Task]:
    """Register `function(community_id, …)` as the job `name`.

    It runs inside `tenancy.active(community_id)`: one transaction, undone when it raises. With `is_atomic=False` it opens
    its own transactions (work that talks to the outside between two of them).
    """

    def register(function: Callable[..., Any]) -> Task:
        @functools.wraps(function)
        def run(community_id: int, **arguments: Any) -> Any:
            if not is_atomic:
                return function(community_id, **arguments)
            with tenancy.active(community_id):
                return function(community_id, **arguments)

        return app.task(name=name, queue=queue, retry=RETRY, pass_context=False, **options)(run)

    return register


@app.periodic(cron="27 3 * * *")
@app.task(name="core.forget_old_drafts", queueing_lock="core.forget_old_drafts", pass_context=False)
def forget_old_drafts(timestamp: int) -> None:
    """Every night: drafts nobody has touched for a month, with their photos, community by community."""
    communities: Any = apps.get_model("places", "Community")
    for community_id in communities.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with tenancy.active(community_id):
            drafts.forget_old()
