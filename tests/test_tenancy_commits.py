"""What only a real commit shows of tenancy: the setting's end, failing requests, jobs."""

from __future__ import annotations

import contextlib

from django.db import connection

from linli.core import tenancy
from linli.core.jobs import tenant_task
from linli.core.tenancy import active
from linli.places.models import Community, SubArea


def test_the_setting_ends_with_its_transaction(committed_db):
    Community.objects.create(id=1, name="仓基新村")
    with active(1):
        SubArea.objects.create(code="1", name="一片")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.community', true)")
        assert cursor.fetchone() == ("",), "'' after commit: the policy must use nullif"
    assert SubArea.across_communities.count() == 0


def test_a_job_runs_in_its_community_and_a_failing_one_undoes_everything(committed_db):
    Community.objects.create(id=1, name="仓基新村")

    @tenant_task(name="tests.add_sub_area")
    def add_sub_area(community_id, code, is_failing):
        assert tenancy.current_id() == community_id
        SubArea.objects.create(code=code, name=f"{code}片")
        if is_failing:
            raise ValueError("after the write")

    add_sub_area(community_id=1, code="1", is_failing=False)
    with contextlib.suppress(ValueError):
        add_sub_area(community_id=1, code="2", is_failing=True)
    with active(1):
        assert [row.code for row in SubArea.objects.all()] == ["1"]
