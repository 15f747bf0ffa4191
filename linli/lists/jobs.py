"""Files of lists are made behind the page, and go when their time is over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from procrastinate.contrib.django import app

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core import tenancy
from linli.core.access import SYSTEM
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.places.models import Community

from . import actions
from .models import Export


@tenant_task(name="lists.make")
def make(community_id: int, entry_id: str) -> None:
    """The file of an export, with the rights its asker holds now; nothing when it waits, or was made already."""
    subject = TrailEntry.objects.values_list("subject_id", flat=True).get(pk=UUID(entry_id))
    export = Export.objects.get(pk=subject)
    account = Account.objects.get(pk=export.made_by)
    community = Community.objects.get(pk=community_id)
    actor = accounts.actor_for(account, community, via="job", request_id=export.pk)
    actions.make_file(actor, export=export, who=f"{community.name} {account.display_name}")


@app.periodic(cron="7 * * * *")
@app.task(name="lists.let_expire", queueing_lock="lists.let_expire", pass_context=False)
def let_expire(timestamp: int) -> None:
    """Every hour, community by community."""
    communities: Any = apps.get_model("places", "Community")
    for community_id in communities.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with tenancy.active(community_id):
            actions.let_expire(SYSTEM)
