"""What the party tree held before is taken over whole: the statements of the migration, on rows as they were."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from django.db import connections, transaction

from linli.core.ids import uuid7

STEPS = import_module("linli.organisations.migrations.0003_take_over_party_branches")
OLD = """
CREATE TABLE organisations_partybranch (id uuid, community_id bigint, parent_id uuid, sub_area_id uuid, kind text,
    name text, secretary_id uuid, secretary_from date, "order" smallint)
"""


@pytest.mark.django_db(databases=["default", "owner"])
def test_branches_keep_their_ids_their_place_and_their_secretary() -> None:
    committee, general, area, secretary = (uuid7() for _ in range(4))
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(OLD)
        row = "INSERT INTO organisations_partybranch VALUES (%s, 9, %s, %s, %s, %s, %s, %s, %s)"
        cursor.execute(row, [committee, None, None, "committee", "社区党委", None, None, 0])
        cursor.execute(row, [general, committee, area, "general_branch", "东片总支", secretary, date(2020, 5, 4), 1])
        for statement in (STEPS.ORGANISATIONS, STEPS.PLACES, STEPS.SECRETARIES):
            cursor.execute(statement)
        cursor.execute("SELECT id, parent_id, kind, lower(span) FROM organisations_organisation ORDER BY name DESC")
        (first, *_), (second, parent, kind, since) = cursor.fetchall()
        assert (first, second, parent, kind, since) == (
            committee,
            general,
            committee,
            "general_branch",
            date(2020, 5, 4),
        )
        cursor.execute("SELECT organisation_id, sub_area_id FROM organisations_organisationplace")
        assert dict(cursor.fetchall()) == {committee: None, general: area}
        cursor.execute("SELECT organisation_id, resident_id, role, lower(span) FROM organisations_organisationpost")
        assert cursor.fetchall() == [(general, secretary, "secretary", date(2020, 5, 4))]
        transaction.set_rollback(True, using="owner")
