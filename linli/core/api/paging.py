"""Pages by cursor: "the next ones after this row", which holds still while rows are added in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from pydantic import Field

from linli.core.errors import NotFound
from linli.core.tenancy import parse_uuid

from .schemas import In, Out, text, whole

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
MOST, USUAL = 100, 50


class PageUnknown(NotFound):
    code, message = "api.page_unknown", "这个翻页标记（cursor）对不上这个列表。请不带 cursor，从第一页重新取。"


class PageIn(In):
    """Which page: `limit` rows after `cursor`."""

    limit: Annotated[whole(1, MOST), Field(description=f"一页几条，最多 {MOST}")] = USUAL  # type: ignore[valid-type]
    cursor: Annotated[text(120) | None, Field(description="上一页的 next；第一页不写")] = None  # type: ignore[valid-type]


class Page(Out, Generic[Item]):
    """One page of a list; `next` is the cursor of the next page, null on the last."""

    items: list[Item]
    next: str | None = Field(description="下一页的 cursor；没有下一页时为 null")


class Key(NamedTuple):
    """One field rows are ordered by."""

    path: str
    is_falling: bool


def page(rows: QuerySet[Row], asked: PageIn, show: Callable[[Row], Any]) -> dict[str, Any]:
    """The page of `rows` that was asked for, each row as `show` shows it; rows keep the order they come in, which ends with `id`.

    A cursor holds the last row's id alone (a name or a time in it would be readable), signed, so that nobody tries out ids by it.

    Raises:
        PageUnknown: the cursor is not of this list, or its row is gone.
    """
    keys = _keys_of(rows)
    if asked.cursor is not None:
        rows = rows.filter(_after(rows, keys, asked.cursor))
    found = list(rows[: asked.limit + 1])
    shown = found[: asked.limit]
    following = _cursor(rows, keys, shown[-1].pk) if len(found) > asked.limit else None
    return {"items": [show(row) for row in shown], "next": following}


def _keys_of(rows: QuerySet[Any]) -> list[Key]:
    order = [str(name) for name in rows.query.order_by]
    if not order or order[-1].lstrip("-") not in {"id", "pk"}:
        raise ValueError("a list is paged only in an order that ends with its id")
    return [Key(name.lstrip("-"), name.startswith("-")) for name in order]


def _signer(rows: QuerySet[Any], keys: list[Key]) -> signing.Signer:
    order = ",".join(f"{key.path}{'-' if key.is_falling else '+'}" for key in keys)
    return signing.Signer(salt=f"linli.api.page:{rows.model._meta.label_lower}:{order}", sep=".")


def _cursor(rows: QuerySet[Any], keys: list[Key], last: UUID) -> str:
    return _signer(rows, keys).sign(last.hex)


def _after(rows: QuerySet[Any], keys: list[Key], cursor: str) -> Q:
    """The condition for rows after the cursor's row: (a, b) > (x, y) spelt out, since each key has a direction of its own."""
    try:
        row_id = parse_uuid(_signer(rows, keys).unsign(cursor))
    except signing.BadSignature:
        raise PageUnknown() from None
    # Not by `rows`: what was filtered out of the list meanwhile (a matter accepted since) still marks the place.
    values = rows.model._default_manager.filter(pk=row_id).values_list(*(key.path for key in keys)).first()
    if values is None:
        raise PageUnknown()
    condition, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        condition |= same & Q(**{f"{key.path}__{'lt' if key.is_falling else 'gt'}": value})
        same &= Q(**{key.path: value})
    return condition
