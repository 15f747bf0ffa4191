"""An organisation begins, changes, is confirmed and ends."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraints
from linli.core.errors import Conflict, Invalid, NotAllowed
from linli.core.trail import record
from linli.places.models import SubArea

from .. import rules
from ..kinds import Kind, kinds
from ..models import Confirmed, Organisation, OrganisationPlace, OrganisationPost, OrganisationTerm
from ..queries import keeps_all, may_keep

CHECK_MONTHS = 3
"""How long a confirmation of a venue or project holds."""

Row = TypeVar("Row", bound=Confirmed)


class KindUnknown(Invalid):
    code, message = "organisation.kind_unknown", "请从列出的组织类型里选一种。"


class NameNeeded(Invalid):
    code, message = "organisation.name_needed", "请写上组织的名称，最多 60 个字。"


class OrganisationNamed(Conflict):
    code, message = "organisation.named", "本社区已经有同名的组织。请先查看，再决定要不要另取一个名字。"


class CodeWrong(Invalid):
    code, message = "organisation.code_wrong", "统一社会信用代码对不上。请对照证书再看一遍。"


class CodeTaken(Conflict):
    code, message = "organisation.code_taken", "这个统一社会信用代码已经登记在另一个组织名下。请先查找那个组织。"


class OutOfPlace(Conflict):
    code = "organisation.out_of_place"
    message = "层级对不上：社区党委在最上面，下面依次是小区党总支、党支部、楼道党小组。请换一个上级组织。"


class DayOutOfOrder(Conflict):
    code, message = "organisation.day_out_of_order", "结束的日子要在开始之后。请看看两个日期。"


class OutOfReach(NotAllowed):
    code = "organisation.out_of_reach"
    message = "您登记自己片区的组织；党组织和跨片区的，请全能社工或社区书记来登记。"


def require_keeper(actor: Actor, *sub_area_ids: UUID | None) -> None:
    """Raise unless the actor keeps what lies in these sub-areas (None is the whole community)."""
    actor.require(Permission.ORGANISATIONS_KEEP)
    if not keeps_all(actor) and not ({*sub_area_ids} and {*sub_area_ids} <= actor.sub_area_ids):
        raise OutOfReach()


def require_keeper_of(actor: Actor, organisation: Organisation) -> None:
    """Raise unless the actor keeps the organisation."""
    actor.require(Permission.ORGANISATIONS_KEEP)
    if not may_keep(actor, organisation):
        raise OutOfReach()


@transaction.atomic
def add_organisation(
    actor: Actor,
    *,
    kind: str,
    name: str,
    from_on: date,
    parent: Organisation | None = None,
    sub_area: SubArea | None = None,
    credit_code: str = "",
    words: str = "",
    source: str = "",
    order: int = 0,
) -> Organisation:
    """A new organisation from that day on, serving `sub_area` (None: the whole community); confirmed today by being written.

    A specialist adds organisations of the own sub-area, but no party organisation.

    Raises:
        NotAllowed, OutOfReach, KindUnknown, NameNeeded.
        OutOfPlace: an organisation of that kind does not stand under `parent`.
        OrganisationNamed: another there is at the same time has the name.
        CodeWrong, CodeTaken: the credit code holds not together, or is another's.
    """
    if kind not in kinds():
        raise KindUnknown(field="kind")
    of_kind = kinds()[kind]
    require_keeper(actor, sub_area.pk if sub_area else None)
    if of_kind.is_party and not keeps_all(actor):
        raise OutOfReach()
    _require_place(of_kind, parent)
    organisation = Organisation(
        kind=kind,
        name=_name_of(name),
        parent=parent,
        credit_code=_credit_code_of(credit_code),
        words=" ".join(words.split())[:200],
        source=source,
        order=order,
        span=rules.from_day(from_on),
        **_checked(of_kind.check_months),
    )
    _save(organisation)
    place = OrganisationPlace(organisation=organisation, sub_area=sub_area, span=rules.from_day(from_on))
    place.save(force_insert=True)
    record(actor, "organisation.added", organisation, kind=kind, from_on=from_on)
    return organisation


def _save(organisation: Organisation, **kwargs: Any) -> None:
    taken = {
        "organisation_name": OrganisationNamed(field="name"),
        "organisation_credit_code": CodeTaken(field="credit_code"),
    }
    with constraints(taken):
        organisation.save(**kwargs)


def _name_of(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 60:
        raise NameNeeded(field="name")
    return name


def _credit_code_of(text: str) -> str | None:
    code = rules.plain_credit_code(text)
    if code and (fault := rules.credit_code_fault(code)):
        raise CodeWrong(fault, field="credit_code")
    return code or None


def _require_place(kind: Kind, parent: Organisation | None) -> None:
    if kind.stands_alone and not kind.is_party:
        return  # whatever helps: a team may belong to a branch or to nobody
    if (parent.kind not in kind.under) if parent is not None else not kind.stands_alone:
        raise OutOfPlace(field="parent")


def _checked(months: int) -> dict[str, date]:
    today = clock.today()
    return {"confirmed_on": today, "check_by": rules.months_later(today, months)}


@transaction.atomic
def change_organisation(
    actor: Actor, *, organisation: Organisation, name: str, credit_code: str = "", words: str = ""
) -> Organisation:
    """Put the name, the credit code or what it does right; the trail keeps what it said before. The same again changes nothing.

    Raises:
        NotAllowed, OutOfReach, NameNeeded, OrganisationNamed, CodeWrong, CodeTaken.
    """
    require_keeper_of(actor, organisation)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    wanted = {"name": _name_of(name), "credit_code": _credit_code_of(credit_code), "words": " ".join(words.split())}
    before = {field: getattr(organisation, field) for field in wanted if getattr(organisation, field) != wanted[field]}
    if not before:
        return organisation
    for field in before:
        setattr(organisation, field, wanted[field])
    _save(organisation, update_fields=list(before))
    record(actor, "organisation.changed", organisation, before=before)
    return organisation


@transaction.atomic
def confirm(actor: Actor, *, row: Row) -> Row:
    """Somebody looked and it is still so: an organisation, a venue or a project. Twice on one day is once.

    Raises:
        NotAllowed, OutOfReach.
    """
    require_keeper_of_row(actor, row)
    months = row.of_kind.check_months if isinstance(row, Organisation) else CHECK_MONTHS
    if row.confirmed_on == clock.today() and not row.is_due_on(clock.today()):
        return row
    for field, day in _checked(months).items():
        setattr(row, field, day)
    row.save(update_fields=["confirmed_on", "check_by"])
    record(actor, f"{row._meta.model_name}.confirmed", row, check_by=row.check_by)
    return row


def require_keeper_of_row(actor: Actor, row: Confirmed) -> None:
    """Raise unless the actor keeps the organisation, venue or project."""
    if isinstance(row, Organisation):
        require_keeper_of(actor, row)
    else:
        require_keeper(actor, row.sub_area_id)  # type: ignore[attr-defined]


@transaction.atomic
def end_organisation(actor: Actor, *, organisation: Organisation, on: date) -> Organisation:
    """From `on` there is no such organisation: its posts, places and term end with it. Ended already, it stays as it is.

    Raises:
        NotAllowed, OutOfReach.
        DayOutOfOrder: it did not yet exist on the day before.
    """
    require_keeper_of(actor, organisation)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.until is not None:
        return organisation
    if on <= organisation.from_on:
        raise DayOutOfOrder(field="on")
    organisation.span = rules.from_day(organisation.from_on, on)
    organisation.save(update_fields=["span"])
    for model in (OrganisationPost, OrganisationPlace, OrganisationTerm):
        for row in model.objects.select_for_update().filter(organisation=organisation, span__endswith__isnull=True):
            close(row, on)
        for row in model.objects.select_for_update().filter(organisation=organisation, span__endswith__gt=on):
            close(row, on)
    record(actor, "organisation.ended", organisation, on=on)
    return organisation


def close(row: Any, on: date) -> None:
    """End a dated row before `on`; what had not yet begun by then lasts the one day it was to begin, so that nothing is lost."""
    first = row.span.lower
    row.span = rules.from_day(first, max(on, rules.day_after(first)))
    row.save(update_fields=["span"])
