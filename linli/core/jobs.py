"""Background work: jobs live in PostgreSQL (procrastinate), hold ids only, and run inside their community's transaction."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any

import procrastinate
import structlog
from django.apps import apps
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.tasks import Task

from . import drafts, tenancy

RETRY = procrastinate.RetryStrategy(max_attempts=6, exponential_wait=4)
"""4, 16, 64 … seconds: an hour in all. A job may run twice and must not mind."""
STALLED_SECONDS = 30
"""A worker's heart beats every ten; one that is silent for longer is dead."""

log = structlog.get_logger(__name__)


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


@app.periodic(cron="* * * * *")
@app.task(name="core.take_up_stalled", queueing_lock="core.take_up_stalled", pass_context=True)
async def take_up_stalled(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs whose worker was killed wait their turn again."""
    await put_back(context.app.job_manager)


async def put_back(manager: JobManager) -> dict[str, int]:
    """Put back what dead workers were at; how many of which task. Any job may run twice, that is what a job is here.

    A job that dies with its worker time and again fails in the end, like one that raises; of one that must wait alone
    (`queueing_lock`) and has a successor already, nothing is left to do.
    """
    found: Counter[str] = Counter()
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.attempts >= (RETRY.max_attempts or 0):
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            log.error("a job has taken its worker with it too often", task=job.task_name, attempts=job.attempts)
            continue
        try:
            await manager.retry_job(job)
        except ConnectorException:
            await manager.finish_job(job, Status.ABORTED, delete_job=True)
        found[job.task_name] += 1
    if found:
        log.warning("jobs of a worker that was killed are put back", tasks=dict(found))
    return dict(found)


@app.periodic(cron="27 3 * * *")
@app.task(name="core.forget_old_drafts", queueing_lock="core.forget_old_drafts", pass_context=False)
def forget_old_drafts(timestamp: int) -> None:
    """Every night: drafts nobody has touched for a month, with their photos, community by community."""
    communities: Any = apps.get_model("places", "Community")
    for community_id in communities.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with tenancy.active(community_id):
            drafts.forget_old()
