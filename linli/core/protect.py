"""What the database itself promises about tenants, put in place after every migration from the models alone. Idempotent.

For each tenant table: primary key (community_id, id); composite foreign keys (community_id, x_id), which vouch for the community too; row-level
security, forced, with one policy; and the rights of the three roles. For each global table: the serving role's rights.
No triggers, so that the schema can be sharded.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections, models

from .keys import function_of, keyed_models
from .tenancy import GLOBAL_TABLES, TenantForeignKey, TenantModel, tenant_models

APP, AUDIT = "linli_app", "linli_audit"
POLICY = "one_community"
IS_ACTIVE = "community_id = nullif(current_setting('app.community', true), '')::bigint"

# Written by migrations and by `linli areas load`, which run as the owner; the serving role reads.
READ_ONLY = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "places_area",
}
# The queue is the relay's too: it defers the jobs that follow a trail entry.
QUEUE = [name for name in GLOBAL_TABLES if name.startswith("procrastinate_")]


def protect_all(using: str) -> None:
    """Bring every table under its promises; run by `migrate` as the owner (post_migrate)."""
    with connections[using].cursor() as cursor:
        existing = set(connections[using].introspection.table_names(cursor))
        for model in tenant_models():
            if model._meta.db_table in existing:
                _key(cursor, model)
        for model in tenant_models():
            if model._meta.db_table in existing:
                _references(cursor, model)
                _policy(cursor, model)
                _rights(
                    cursor,
                    model._meta.db_table,
                    "SELECT, INSERT" if model.append_only else "SELECT, INSERT, UPDATE, DELETE",
                )
        for keyed, field in keyed_models(tenant_models()):
            if keyed._meta.db_table in existing:
                _finder(cursor, keyed._meta.db_table, str(field.column))
        for table in sorted(GLOBAL_TABLES.keys() & existing):
            _rights(cursor, table, "SELECT" if table in READ_ONLY else "SELECT, INSERT, UPDATE, DELETE")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP}, {AUDIT}")
        _audit_rights(cursor, existing)


def _one(cursor: Any, sql: str, *params: Any) -> Any:
    cursor.execute(sql, params)
    row = cursor.fetchone()
    return row and row[0]


def _key(cursor: Any, model: type[TenantModel]) -> None:
    table = model._meta.db_table
    columns = _one(
        cursor,
        """SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_constraint c
           CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(attnum, n)
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
           WHERE c.conrelid = %s::regclass AND c.contype = 'p'""",
        table,
    )
    if columns != ["community_id", "id"]:
        cursor.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD CONSTRAINT {table}_pkey PRIMARY KEY (community_id, id)"
        )


def _references(cursor: Any, model: type[TenantModel]) -> None:
    for field in model._meta.local_fields:
        if not isinstance(field, TenantForeignKey):
            continue
        table, column = model._meta.db_table, field.column
        target = field.remote_field.model._meta.db_table
        name = f"{table[:28]}_{column[:24]}_tenant"
        if not _one(cursor, "SELECT 1 FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass", name, table):
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (community_id, {column})"
                f" REFERENCES {target} (community_id, id) DEFERRABLE INITIALLY DEFERRED"
            )
        if field.unique or _leads_an_index(model, field.name):
            cursor.execute(f"DROP INDEX IF EXISTS {name}_i")
        else:
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name}_i ON {table} (community_id, {column})")
    if model.is_vouched_for or any(
        isinstance(field, TenantForeignKey) and not field.null for field in model._meta.local_fields
    ):
        _drop_own_key_to_community(cursor, model._meta.db_table)


def _leads_an_index(model: type[TenantModel], name: str) -> bool:
    """Whether a declared index over all rows begins with the community and the field: a second one would only be written."""
    declared = [
        index.fields for index in model._meta.indexes if type(index) is models.Index and index.condition is None
    ]
    declared += [
        list(each.fields)
        for each in model._meta.constraints
        if isinstance(each, models.UniqueConstraint) and each.condition is None
    ]
    return any(list(fields[:2]) == ["community", name] for fields in declared)


def _drop_own_key_to_community(cursor: Any, table: str) -> None:
    """A row that must refer to another one of its community is vouched for by that one. Asked for itself as well, the community's
    row would be locked once for every row written, by several processes at once: a third of what a large import cost the database.
    """
    held = _one(
        cursor,
        """SELECT c.conname FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
           WHERE c.conrelid = %s::regclass AND c.contype = 'f' AND a.attname = 'community_id'""",
        table,
    )
    if held:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{held}"')


def _policy(cursor: Any, model: type[TenantModel]) -> None:
    table = model._meta.db_table
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    if not _one(cursor, "SELECT 1 FROM pg_policies WHERE tablename = %s AND policyname = %s", table, POLICY):
        cursor.execute(f"CREATE POLICY {POLICY} ON {table} USING ({IS_ACTIVE}) WITH CHECK ({IS_ACTIVE})")


def _finder(cursor: Any, table: str, column: str) -> None:
    """What asks the index of keys in the serving role's place (see `core.keys`); it tells ids of the active community alone.

    `+ 0`: the keys know the community already, so no other index is worth a look.
    """
    if not _one(cursor, "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s", table, column):
        return  # a migration that stops before the column is made
    name = function_of(table)
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {name}(wanted int[]) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, public ROWS 20 AS $$ SELECT id FROM {table} WHERE {column} @> wanted"
        " AND community_id + 0 = nullif(current_setting('app.community', true), '')::bigint $$"
    )
    cursor.execute(f"REVOKE ALL ON FUNCTION {name}(int[]) FROM PUBLIC")
    cursor.execute(f"GRANT EXECUTE ON FUNCTION {name}(int[]) TO {APP}")


def _rights(cursor: Any, table: str, rights: str) -> None:
    cursor.execute(f"REVOKE ALL ON {table} FROM {APP}, {AUDIT}")
    cursor.execute(f"GRANT {rights} ON {table} TO {APP}")


def _audit_rights(cursor: Any, existing: set[str]) -> None:
    """The audit role reads the whole trail, adds seals and defers what follows; it sees no other record."""
    trail, seals = "core_trailentry", "core_trailseal"
    if seals not in existing:
        return
    cursor.execute(f"GRANT SELECT ON {trail}, places_community, django_migrations TO {AUDIT}")
    cursor.execute(f"GRANT SELECT, INSERT ON {seals} TO {AUDIT}")
    cursor.execute(f"REVOKE INSERT ON {seals} FROM {APP}")
    for table, command, clause in (
        (trail, "SELECT", "USING (true)"),
        (seals, "SELECT", "USING (true)"),
        (seals, "INSERT", "WITH CHECK (true)"),
    ):
        name = f"audit_{command.lower()}"
        if not _one(cursor, "SELECT 1 FROM pg_policies WHERE tablename = %s AND policyname = %s", table, name):
            cursor.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO {AUDIT} {clause}")
    for table in QUEUE:
        if table in existing:
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {AUDIT}")


def on_migrate(app_config: Any, using: str, **_: Any) -> None:
    """post_migrate receiver; once, after the last app's signal."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if app_config.label == last.label:
        protect_all(using)
