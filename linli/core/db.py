"""Small helpers round the database's own promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
from django.db import IntegrityError, models, transaction

from .errors import Conflict, Problem

if TYPE_CHECKING:
    from .access import Actor

Row = TypeVar("Row", bound="ClientMade")


class IdTaken(Conflict):
    # A bare sentence: whoever guesses ids learns nothing of the row behind one.
    code, message = "core.id_taken", "这次提交的编号已经用过了。请回到上一页重新填写一次。"


@contextmanager
def constraint(name: str, *, broken: type[Problem] | Problem) -> Iterator[None]:
    """A savepoint round a write; breaking the constraint `name` raises `broken`, anything else flies."""
    with constraints({name: broken}):
        yield


@contextmanager
def constraints(broken: Mapping[str, type[Problem] | Problem]) -> Iterator[None]:
    """One savepoint round a write that may break one of several constraints: each raises what stands beside its name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if problem := broken.get(constraint_of(error)):
            raise problem from error
        raise


def constraint_of(error: IntegrityError) -> str:
    """The name of the database constraint an IntegrityError broke ('' when unknown)."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


class ClientMade(models.Model):
    """A row whose id the client makes, so that a retry cannot double it."""

    made_by = models.UUIDField("提交账号", null=True, editable=False)
    made_hash = models.BinaryField("提交内容摘要", max_length=32, editable=False)

    class Meta:
        abstract = True


def payload_hash(payload: dict[str, Any]) -> bytes:
    """SHA-256 of the payload's canonical JSON (sorted keys; UUIDs and dates as text)."""
    return hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).digest()


def already_made(model: type[Row], *, id: UUID, actor: Actor, payload: dict[str, Any]) -> Row | None:
    """The row this actor made earlier under `id` with the same payload, or None when `id` is free.

    Raises:
        IdTaken: the id is another's, or the payload differs.
    """
    earlier = model._default_manager.filter(pk=id).first()
    if earlier and (earlier.made_by != actor.account_id or bytes(earlier.made_hash) != payload_hash(payload)):
        raise IdTaken()
    return earlier


def create_once(
    model: type[Row], *, id: UUID, actor: Actor, payload: dict[str, Any], **fields: Any
) -> tuple[Row, bool]:
    """Insert a row under a client-made `id`; the same id, actor and payload again returns the first row.

    Returns:
        the row, and whether this call made it.

    Raises:
        IdTaken: the id is another's, or the payload differs.
    """
    row = model(id=id, made_by=actor.account_id, made_hash=payload_hash(payload), **fields)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return row, True
    except IntegrityError as error:
        if constraint_of(error) != f"{model._meta.db_table}_pkey":
            raise
    earlier = already_made(model, id=id, actor=actor, payload=payload)
    if earlier is None:
        raise IdTaken()
    return earlier, False
