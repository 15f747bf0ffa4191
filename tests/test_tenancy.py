"""What the database itself promises about tenants. Each promise is read back from PostgreSQL's own catalogue, then tried."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from linli.core import tenancy
from linli.core.models import TrailEntry
from linli.core.protect import POLICY
from linli.core.tenancy import GLOBAL_TABLES, TenantForeignKey, TenantManager, active, tenant_models
from linli.places.models import Building, Community, Estate, Grid, SubArea

pytestmark = pytest.mark.django_db
IDS = [model._meta.db_table for model in tenant_models()]
QUAL = "(community_id = (NULLIF(current_setting('app.community'::text, true), ''::text))::bigint)"


def query(sql, *params, using="default"):
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@pytest.fixture
def two_communities():
    here, there = (Community.objects.create(id=i, name=name) for i, name in ((1, "仓基新村"), (2, "卖鱼桥")))
    for community in (here, there):
        with active(community.id):
            SubArea.objects.create(code="1", name=f"{community.name}一片")
    return here, there


def test_every_table_is_tenanted_or_listed_as_global():
    tables = {row[0] for row in query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - set(IDS) - set(GLOBAL_TABLES) == set(), "a table that nobody decided about"
    assert set(GLOBAL_TABLES) - tables == set(), "a listed table that does not exist"


def missing_protection(table, using="default"):
    """What the table lacks, in words; [] when it is safe."""
    enabled, forced, owner = query(
        "SELECT relrowsecurity, relforcerowsecurity, relowner::regrole::text FROM pg_class WHERE oid = %s::regclass",
        table,
        using=using,
    )[0]
    rows = query(
        "SELECT permissive, roles::text, cmd, qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = %s",
        table,
        POLICY,
        using=using,
    )
    found = [] if enabled and forced else ["row-level security is not forced"]
    if rows != [("PERMISSIVE", "{public}", "ALL", QUAL, QUAL)]:
        found.append(f"policy is {rows}")
    others = query(
        "SELECT policyname, roles::text FROM pg_policies WHERE tablename = %s AND policyname <> %s",
        table,
        POLICY,
        using=using,
    )
    found += [f"another policy: {name}" for name, roles in others if roles != "{linli_audit}"]
    return found + (["owned by the serving role"] if owner == "linli_app" else [])


@pytest.mark.parametrize("table", IDS)
def test_table_shows_only_the_active_community(table):
    assert missing_protection(table) == []


@pytest.mark.parametrize("table", IDS)
@pytest.mark.django_db(databases=["default", "owner"])
def test_a_dropped_policy_would_be_seen(table):
    with transaction.atomic(using="owner"):
        query_none(f"DROP POLICY {POLICY} ON {table}")
        assert missing_protection(table, using="owner") != []
        transaction.set_rollback(True, using="owner")


def query_none(sql):
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("model", tenant_models(), ids=IDS)
def test_keys_lead_with_the_community(model):
    table = model._meta.db_table
    keys = query(
        """SELECT c.contype::text, c.conname::text, array_agg(a.attname::text ORDER BY k.n) FROM pg_constraint c
        CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(attnum, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
        WHERE c.conrelid = %s::regclass AND c.contype IN ('p', 'u', 'x') GROUP BY 1, 2""",
        table,
    )
    assert ("p", f"{table}_pkey", ["community_id", "id"]) in keys
    assert [name for kind, name, columns in keys if columns[0] != "community_id"] == []
    loose = query(
        """SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = %s::regclass AND i.indisunique AND a.attname <> 'community_id'""",
        table,
    )
    assert loose == []


@pytest.mark.parametrize("model", tenant_models(), ids=IDS)
def test_references_carry_the_community(model):
    wanted = {f.column for f in model._meta.local_fields if isinstance(f, TenantForeignKey)}
    loose = {
        f.name
        for f in model._meta.local_fields
        if f.is_relation
        and not isinstance(f, TenantForeignKey)
        and issubclass(f.remote_field.model, tenancy.TenantModel)
    }
    assert loose == set(), "a plain ForeignKey between tenant tables"
    held = query(
        """SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n)
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum)
        FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype = 'f'""",
        model._meta.db_table,
    )
    composite = {columns[1] for (columns,) in held if len(columns) == 2 and columns[0] == "community_id"}
    assert wanted == composite
    assert all(columns in (["community_id"], *[["community_id", c] for c in wanted]) for (columns,) in held)


@pytest.mark.parametrize("model", tenant_models(), ids=IDS)
def test_every_row_is_of_a_community_there_is(model):
    """By a key of its own, or by a row it must refer to, which has one or must refer to one in turn."""
    keyed = query(
        """SELECT 1 FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.conrelid = %s::regclass AND c.contype = 'f' AND a.attname = 'community_id'""",
        model._meta.db_table,
    )
    vouching = [f for f in model._meta.local_fields if isinstance(f, TenantForeignKey) and not f.null]
    assert bool(keyed) != (bool(vouching) or model.is_vouched_for)
    assert all(field.remote_field.model is not model for field in vouching)


def test_only_the_trail_and_its_seals_are_vouched_for_by_what_stands_beside_them():
    assert {m.__name__ for m in tenant_models() if m.is_vouched_for} == {"TrailEntry", "TrailSeal"}


def test_tenant_tables_have_no_triggers_of_ours():
    assert (
        query(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
            IDS,
        )
        == []
    )


def test_the_serving_role_can_neither_define_nor_empty(two_communities):
    for sql in (
        "CREATE TABLE mine (x int)",
        "TRUNCATE places_subarea",
        "ALTER TABLE places_subarea DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_community ON places_subarea",
        "SET ROLE linli_owner",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            query_default(sql)


def query_default(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("model", [m for m in tenant_models() if m.append_only], ids=lambda m: m._meta.db_table)
def test_append_only_tables_cannot_be_changed(model):
    for sql in (f"UPDATE {model._meta.db_table} SET id = id", f"DELETE FROM {model._meta.db_table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            query_default(sql)


def test_only_the_audit_role_seals():
    assert query(
        "SELECT has_table_privilege('linli_app', 'core_trailseal', 'INSERT'), has_table_privilege('linli_audit', 'core_trailseal', 'INSERT')"
    ) == [(False, True)]
    rights = query(
        """SELECT c.relname::text, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
        WHERE a.grantee = 'linli_audit'::regrole AND c.relkind = 'r' AND c.relname NOT LIKE %s""",
        "procrastinate%",
    )
    assert {(table, right) for table, right in rights if right != "SELECT"} == {("core_trailseal", "INSERT")}
    assert {table for table, _ in rights} <= {
        "core_trailentry",
        "core_trailseal",
        "places_community",
        "django_migrations",
    }


def test_without_a_community_nothing_is_seen_and_nothing_written(two_communities):
    with pytest.raises(tenancy.NoCommunity):
        SubArea.objects.count()
    assert SubArea.across_communities.count() == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        SubArea.across_communities.create(community_id=1, code="9", name="漏")


def test_the_database_alone_keeps_communities_apart(two_communities, monkeypatch):
    here, there = two_communities
    monkeypatch.setattr(TenantManager, "is_filtering", False)
    with active(here.id):
        assert [row.community_id for row in SubArea.objects.all()] == [here.id]
        assert SubArea.across_communities.filter(community_id=there.id).count() == 0
        assert SubArea.across_communities.filter(community_id=there.id).update(name="改") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            SubArea.across_communities.create(community_id=there.id, code="9", name="越界")


def test_a_reference_into_another_community_is_refused(two_communities):
    here, there = two_communities
    with active(there.id):
        theirs = SubArea.objects.get()
    with active(here.id), pytest.raises(IntegrityError), transaction.atomic():
        Grid.objects.create(sub_area_id=theirs.id, code="1", name="越界网格")
        query_default("SET CONSTRAINTS ALL IMMEDIATE")


def test_joins_restrict_on_the_community(two_communities):
    here, _ = two_communities
    with active(here.id):
        sql = str(Building.objects.select_related("grid__sub_area").query)
    assert '"places_grid"."community_id" = ("places_building"."community_id")' in sql
    assert '"places_subarea"."community_id" = ("places_grid"."community_id")' in sql
    with active(here.id):
        estate = Estate.objects.create(name="仓基新村")
        grid = Grid.objects.create(sub_area=SubArea.objects.get(), code="1", name="一格")
        Building.objects.create(estate=estate, grid=grid, number=48, name="48幢")
        assert Building.objects.select_related("grid__sub_area", "estate").get().grid.sub_area.name == "仓基新村一片"
        assert list(estate.buildings.all()) == list(Building.objects.filter(grid__sub_area__code="1"))
        assert (
            grid.buildings.count() == 1
            and Grid.objects.prefetch_related("buildings").get().buildings.all()[0].number == 48
        )
        assert not Grid.objects.exclude(buildings__number=48).exists()


def test_leaving_a_community_restores_what_was_active(two_communities):
    here, there = two_communities
    with active(here.id):
        with active(there.id):
            assert SubArea.objects.get().name.startswith("卖鱼桥")
        assert SubArea.across_communities.get().name.startswith("仓基")
        with pytest.raises(RuntimeError), active(there.id):
            raise RuntimeError
        assert SubArea.across_communities.get().name.startswith("仓基")
    assert SubArea.across_communities.count() == 0


def test_a_row_never_changes_its_community(two_communities):
    here, there = two_communities
    with active(here.id):
        row = SubArea.objects.get()
        row.community_id = there.id
        with pytest.raises(ValueError, match="never changes"):
            row.save()


def test_trail_and_seal_are_the_only_tables_the_audit_role_may_read_across(two_communities):
    policies = query("SELECT tablename FROM pg_policies WHERE roles::text = '{linli_audit}'")
    assert {row[0] for row in policies} == {"core_trailentry", "core_trailseal"}
    assert TrailEntry.append_only
