"""Fields of a person over time, as believed over time (`models.Fact`): sparse until a field first changes.

Two ways to write one: **it was always so** (a correction: what stood there was never true), and **it is so since a day**
(a change in the world: a new phone, a marriage). Both keep what was believed before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from linli.core import clock
from linli.core.errors import Invalid
from linli.residents.models import Fact, Resident


class DayUnreadable(Invalid):
    code, message = "fact.day_unreadable", "日期没有认出来。请写成 2026-03-01 这样，并且是日历上有的一天。"


TIMED = (
    "name",
    "former_name",
    "sex",
    "birth_on",
    "id_number",
    "phone",
    "died_on",
    "ethnicity",
    "education",
    "marital_status",
    "political_status",
    "employment",
    "employer",
)
"""The fields of Resident that have two times."""


def as_text(value: Any) -> str | None:
    """A field's value as a fact keeps it: ISO for dates, None for nothing."""
    if value in {None, ""}:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def from_text(field: str, text: str | None) -> Any:
    """The other way round. Raises DayUnreadable for what should be a date and is none."""
    if not text:
        return None if Resident._meta.get_field(field).null else ""
    if field not in {"birth_on", "died_on"}:
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayUnreadable(field="value") from None


def put_fields(resident: Resident, values: dict[str, Any], *, since: date | None, source: str = "") -> list[str]:
    """Set `values` on the record and keep what was believed before; the names of the fields that changed.

    `since` is the first day the new value holds; None says that it always did. The caller holds the row's lock, saves
    it, and has checked the values. A value that holds from a day to come is not for here.
    """
    changed = [name for name, value in values.items() if getattr(resident, name) != value]
    for name in changed:
        if name in TIMED:
            _believe(resident, name, values[name], since=since, source=source)
        setattr(resident, name, values[name])
        resident.marks.pop(name, None)
    return changed


def _believe(resident: Resident, name: str, value: Any, *, since: date | None, source: str) -> None:
    now = clock.now()
    current = list(Fact.objects.filter(resident=resident, field=name))
    if not current:
        base = Fact(
            resident=resident,
            field=name,
            value=as_text(getattr(resident, name)),
            span=DateRange(None, None, "()"),
            known_from=min(resident.noted_at, now),
            source=resident.source,
        )
        base.save(force_insert=True)
        current = [base]
    for fact in current:
        if since is not None and fact.span.upper is not None and fact.span.upper <= since:
            continue
        fact.known_to = now
        fact.save(update_fields=["known_to"])
        if since is not None and (fact.span.lower is None or fact.span.lower < since):
            _fact(resident, name, fact.value, DateRange(fact.span.lower, since, "[)"), now, fact.source)
    _fact(resident, name, as_text(value), DateRange(since, None, "[)"), now, source)


def _fact(resident: Resident, name: str, value: str | None, span: DateRange, now: datetime, source: str) -> None:
    Fact.objects.create(resident=resident, field=name, value=value, span=span, known_from=now, source=source)


def unwrite_fields(resident: Resident, names: Iterable[str], *, since: datetime) -> None:
    """As if the fields `names` had not been written from the moment `since` on: what was believed then is again.

    The values on the record are the caller's to set. A field that never changed but for this has no facts again.
    """
    for name in names:
        facts = Fact.of_all_times.filter(resident=resident, field=name)
        facts.filter(known_from__gte=since).delete()
        facts.filter(known_to__gte=since).update(known_to=None)
        if facts.count() == 1 and facts.filter(span__lower_inf=True, span__upper_inf=True, known_to=None).exists():
            facts.delete()
