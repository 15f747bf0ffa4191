"""A community is the tenant. Every tenant row names its community; the database shows a process only the active one's rows.

The active community holds for one transaction (`SET LOCAL app.community`), in requests and jobs alike. Two nets: the default manager
filters on it, and row-level security does so again where the filter is forgotten. What the database holds is put there by `core.protect`
after each migration, from the models alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self
from uuid import UUID

from django.apps import apps
from django.db import connections, models, transaction
from django.db.models.lookups import Exact

from .ids import uuid7

PLATFORM = 0
"""The community row of the platform itself: sign-ins and posts above a community are recorded there."""

GLOBAL_TABLES = {
    # Every table without a tenant, and why it has none. A test fails for a table that is neither here nor tenanted.
    "django_migrations": "framework",
    "django_content_type": "framework",
    "auth_permission": "framework; unused, access is core.access",
    "auth_group": "framework; unused",
    "auth_group_permissions": "framework; unused",
    "axes_accessattempt": "guessed passwords, by account and address",
    "axes_accesslog": "sign-ins, by account and address",
    "axes_accessattemptexpiration": "when a lock-out ends",
    "axes_accessfailurelog": "failed sign-ins",
    "procrastinate_jobs": "the queue; job arguments hold ids only",
    "procrastinate_events": "the queue",
    "procrastinate_periodic_defers": "the queue",
    "procrastinate_workers": "the queue",
    "places_area": "area codes of China, the same for all",
    "places_community": "the list of tenants",
    "places_communitycode": "dated area codes of communities",
    "accounts_account": "a person may live here and work there",
    "accounts_post": "posts decide which communities an account may open",
    "accounts_signincode": "one-time codes, before anybody is known",
    "accounts_token": "API tokens belong to accounts",
    "accounts_session": "sessions belong to accounts",
    "accounts_secondstep": "what an account shows beside its password",
    "accounts_secondreset": "two administrators reset a lost second step",
    "accounts_passkey": "passkeys belong to accounts",
    "accounts_recoverycode": "recovery codes belong to accounts",
    "accounts_pastpassword": "an account's last passwords",
}

_active: ContextVar[int | None] = ContextVar("community", default=None)


class NoCommunity(RuntimeError):
    """A tenant table was read or written with no community active: a bug, never a user's mistake."""


def current_id() -> int:
    """The active community's id. Raises NoCommunity when none is active."""
    community_id = _active.get()
    if community_id is None:
        raise NoCommunity("no community is active: wrap the work in tenancy.active(community_id)")
    return community_id


def is_active(community_id: int) -> bool:
    """Whether that community is the active one here and now."""
    return _active.get() == community_id


@contextmanager
def active(community_id: int, *, using: str = "default") -> Iterator[None]:
    """One transaction in which `community_id` is the active community (for the ORM and for the database).

    May be nested, for the same or another community; leaving restores what was active before.
    """
    was_inside = transaction.get_connection(using).in_atomic_block
    before = _active.get()
    token = _active.set(community_id)
    try:
        with transaction.atomic(using=using):
            _set_local(using, community_id)
            yield
            if was_inside:  # the setting would outlive a released savepoint
                _set_local(using, before)
    finally:
        _active.reset(token)


def _set_local(using: str, community_id: int | None) -> None:
    value = "" if community_id is None else str(int(community_id))
    with connections[using].cursor() as cursor:
        # SET takes no parameters; the value is an int of ours. set_config() would not reach the workers of a sharded database.
        cursor.execute(f"SET LOCAL app.community = '{value}'")


class TenantManager(models.Manager):
    """Rows of the active community. Raises NoCommunity when none is active."""

    use_in_migrations = False
    is_filtering: ClassVar[bool] = (
        True  # the isolation tests switch the ORM's net off, to see the database's hold alone
    )

    def get_queryset(self) -> models.QuerySet[Any]:
        community_id = current_id()
        rows = super().get_queryset()
        return rows.filter(community_id=community_id) if self.is_filtering else rows


class TenantModel(models.Model):
    """A row of one community. The database key is (community_id, id); Django keeps `id`.

    Subclasses: unique and exclusion constraints lead with `community`; foreign keys to other tenant tables are `TenantForeignKey`s;
    a row never changes its community. `append_only` tables grant the serving role neither UPDATE nor DELETE. What `is_vouched_for` is written
    beside a row of the same community, and needs no key to it.
    """

    append_only: ClassVar[bool] = False
    is_vouched_for: ClassVar[bool] = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(
        "places.Community",
        models.PROTECT,
        default=current_id,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="社区",
    )

    objects = TenantManager()
    across_communities = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "across_communities"
        default_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **more: Any) -> Self:
        row = super().from_db(db, field_names, values, **more)
        row._loaded_community_id = row.__dict__.get("community_id")  # type: ignore[attr-defined]
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:
        loaded = getattr(self, "_loaded_community_id", None)
        if loaded is not None and loaded != self.community_id:
            raise ValueError("a row never changes its community")
        super().save(*args, **kwargs)


class TenantForeignKey(models.ForeignKey):
    """A foreign key between tenant tables: joins restrict on the community, and `core.protect` adds the composite database key.

    No single-column database constraint is made; deletion must be PROTECT or CASCADE by Django, the database refuses the rest.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # an index leads with community_id: `core.protect` makes it
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        if kwargs.get("db_index") is False:
            kwargs.pop("db_index")
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        theirs: Any = self.remote_field.model._meta.get_field("community")
        ours: Any = self.model._meta.get_field("community")
        return Exact(theirs.get_col(alias), ours.get_col(related_alias))


def tenant_models() -> list[type[TenantModel]]:
    """Every concrete tenant model, by table name."""
    found = [m for m in apps.get_models(include_auto_created=True) if issubclass(m, TenantModel)]
    return sorted(found, key=lambda m: m._meta.db_table)


def parse_uuid(text: str) -> UUID | None:
    """`text` as a UUID, or None."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
