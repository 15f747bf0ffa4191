"""Writing the register: people come, move, leave and die; categories begin and end; numbers are revealed for a reason.

The trail holds ids and the names of changed fields, never names or numbers of persons.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from linli.core import clock, reading
from linli.core.access import Actor, Permission, Role
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid, NotAllowed, NotFound
from linli.core.identifiers import normalise_phone
from linli.core.trail import record
from linli.core.versions import supersede
from linli.places.models import Dwelling
from linli.residents import queries
from linli.residents.codes import CATEGORY_KINDS, PopulationClass, Relation, ResidenceKind
from linli.residents.models import Category, Household, Residence, Resident

from .facts import put_fields


class LivesElsewhere(Conflict):
    code = "residence.overlaps"
    message = "这位居民在这段时间已经登记住在别处。请先办那一处的迁出，再办迁入。"


class AlreadyMovedOut(Conflict):
    code, message = "residence.ended", "这次居住已经按另一个日期办过迁出。请先核对日期。"


class DateOutOfOrder(Invalid):
    code, message = "residence.date_order", "结束日期要晚于开始日期。请核对这两个日期。"


class NotYet(Invalid):
    code, message = "resident.not_yet", "这个日期还没有到。请核对日期。"


class AlreadyDied(Conflict):
    code, message = "resident.died_already", "已经按另一个日期登记过去世。请先核对证明上的日期。"


class HasDied(Conflict):
    code, message = "resident.has_died", "这位居民已登记去世，去世以后的日期不能再登记。请核对日期。"


class CategoryHeld(Conflict):
    code, message = "category.held", "这位居民在这段时间已经登记了这个类别。请先看看原来的起止日期。"


class CategoryEnded(Conflict):
    code, message = "category.ended", "这个类别已经按另一个日期终止。请先核对日期。"


class CategoryUnknown(Invalid):
    code, message = "category.unknown", "没有这个类别。请从列表里选一个。"


class LevelUnknown(Invalid):
    code, message = "category.level_unknown", "这个类别没有这个级别。请从列表里选一个。"


class ReasonNeeded(Invalid):
    code, message = "resident.reason_needed", "请写明查看的用途（4 到 200 个字），例如“核对低保材料”。"


class NothingToReveal(NotFound):
    code, message = "resident.nothing_to_reveal", "这一项还没有登记，没有可以查看的内容。可以先向居民核对后补登。"


REVEALED = {"name": "姓名", "id_number": "身份证号", "phone": "电话", "birth_on": "出生日期"}
"""Fields that are masked until somebody says why they want to read them."""


def require_keeper(actor: Actor) -> None:
    """The register is kept by those who also confirm which account belongs to which person in it.

    And by the operator, who loads one on the machine itself: an administrator without an account, which no request has.
    """
    is_operator = actor.account_id is None and any(duty.role is Role.ADMINISTRATOR for duty in actor.duties)
    if not is_operator:
        actor.require(Permission.RESIDENTS_LINK)


def require_in_reach(actor: Actor, *, resident: Resident | None = None, dwelling: Dwelling | None = None) -> None:
    """A specialist keeps the register of the own sub-areas only. Raises NotAllowed."""
    if not queries.is_bound_to_patch(actor):
        return
    if resident is not None and not queries.may_see_resident(actor, resident.pk):
        raise NotAllowed("这位居民不住在您的片区。请转给那个片区的专员或后台社工办理。")
    if dwelling is not None and dwelling.entrance.building.grid.sub_area_id not in actor.sub_area_ids:
        raise NotAllowed("这套房屋不在您的片区。请转给那个片区的专员或后台社工办理。")


def lock_living(resident: Resident, to_on: date | None) -> Resident:
    """The resident's row, locked for what is about to be written of them up to `to_on`.

    Two who write what an exclusion constraint forbids would wait for each other, and one be told of a deadlock: one by
    one, the second is told what is the matter. Raises HasDied.
    """
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
    if resident.died_on is not None and (to_on is None or to_on > resident.died_on + timedelta(days=1)):
        raise HasDied()
    return resident


def begins(from_on: date, to_on: date | None = None) -> DateRange:
    """From `from_on` up to, not including, `to_on`; open for None. Raises DateOutOfOrder."""
    if to_on is not None and to_on <= from_on:
        raise DateOutOfOrder(field="to_on")
    return DateRange(from_on, to_on, "[)")


@transaction.atomic
def move_in(
    actor: Actor,
    *,
    resident: Resident,
    dwelling: Dwelling,
    from_on: date,
    to_on: date | None = None,
    household: Household | None = None,
    kind: str = ResidenceKind.LIVED,
    population_class: str = PopulationClass.REGISTERED,
    relation_to_head: str = "",
) -> Residence:
    """`resident` lives behind (or is registered at) `dwelling` from `from_on` up to, not including, `to_on` (or open).

    Nothing is closed in silence: a residence of the same kind that overlaps has to be ended first.

    Raises:
        NotAllowed: may not keep the register, or a specialist outside her sub-areas.
        DateOutOfOrder: `to_on` does not come after `from_on`.
        LivesElsewhere: the database knows an overlapping residence.
        HasDied: it would last beyond the resident's death.
    """
    require_keeper(actor)
    require_in_reach(actor, dwelling=dwelling)
    resident = lock_living(resident, to_on)
    with constraint("residence_one_at_once", broken=LivesElsewhere):
        residence = Residence.objects.create(
            resident=resident,
            dwelling=dwelling,
            household=household,
            kind=ResidenceKind(kind),
            population_class=PopulationClass(population_class),
            relation_to_head=relation_to_head and Relation(relation_to_head),
            span=begins(from_on, to_on),
        )
    record(
        actor, "resident.moved_in", resident, touches=[residence.pk, dwelling.pk], kind=residence.kind, from_on=from_on
    )
    return residence


@transaction.atomic
def move_out(actor: Actor, *, residence: Residence, on: date) -> Residence:
    """The residence ends: `on` is the first day the resident no longer lives there. The same again changes nothing.

    Raises:
        NotAllowed, DateOutOfOrder.
        AlreadyMovedOut: it ended on another day.
    """
    require_keeper(actor)
    residence = Residence.objects.select_for_update().select_related("resident").get(pk=residence.pk)
    require_in_reach(actor, resident=residence.resident)
    if residence.span.upper is not None:
        if residence.span.upper != on:
            raise AlreadyMovedOut()
        return residence
    supersede(residence, span=begins(residence.span.lower, on))
    record(actor, "resident.moved_out", residence.resident, touches=[residence.pk, residence.dwelling_id], on=on)
    return residence


@transaction.atomic
def record_death(actor: Actor, *, resident: Resident, died_on: date) -> Resident:
    """The resident died on that day. Open residences and categories end with it, each with its own trail entry.

    Again with the same day changes nothing.

    Raises:
        NotAllowed.
        NotYet: the day is to come.
        AlreadyDied: another day is recorded.
        DateOutOfOrder: before the birth, or before an open residence or category began: put that right first.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    if resident.died_on is not None:
        if resident.died_on != died_on:
            raise AlreadyDied()
        return resident
    if died_on > clock.today():
        raise NotYet(field="died_on")
    if resident.birth_on is not None and died_on < resident.birth_on:
        raise DateOutOfOrder("去世日期不能早于出生日期。请核对这两个日期。", field="died_on")
    put_fields(resident, {"died_on": died_on}, since=None)
    resident.save(update_fields=["died_on", "marks"])
    record(actor, "resident.died", resident, died_on=died_on)
    _end_all(actor, resident, died_on + timedelta(days=1))
    return resident


def _end_all(actor: Actor, resident: Resident, on: date) -> None:
    for model, verb in ((Residence, "resident.moved_out"), (Category, "category.ended")):
        for row in model.objects.select_for_update().filter(resident=resident, span__upper_inf=True).order_by("id"):
            supersede(row, span=begins(row.span.lower, on))
            record(actor, verb, resident, touches=[row.pk], on=on, because="death")


@transaction.atomic
def grant_category(
    actor: Actor,
    *,
    resident: Resident,
    kind: str,
    from_on: date,
    to_on: date | None = None,
    certificate_number: str | None = None,
    decided_on: date | None = None,
    source: str = "",
    level: str = "",
    decision: str = "",
) -> Category:
    """`resident` counts as `kind` (a code of CATEGORY_KINDS) from `from_on` up to, not including, `to_on` (open: None).

    Raises:
        NotAllowed, CategoryUnknown, LevelUnknown, DateOutOfOrder.
        CategoryHeld: the same kind in an overlapping time.
        HasDied: it would last beyond the resident's death.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    if kind not in CATEGORY_KINDS:
        raise CategoryUnknown(field="kind")
    if level and level not in CATEGORY_KINDS[kind].levels:
        raise LevelUnknown(field="level")
    resident = lock_living(resident, to_on)
    with constraint("category_one_of_a_kind", broken=CategoryHeld):
        category = Category.objects.create(
            resident=resident,
            kind=kind,
            span=begins(from_on, to_on),
            certificate_number=certificate_number or None,
            decided_on=decided_on,
            source=source,
            level=level,
            decision=decision,
        )
    record(actor, "category.granted", resident, touches=[category.pk], kind=kind, from_on=from_on)
    return category


@transaction.atomic
def end_category(actor: Actor, *, category: Category, on: date) -> Category:
    """The category ends: `on` is the first day it no longer holds. Again with the same day changes nothing.

    Raises:
        NotAllowed, DateOutOfOrder.
        CategoryEnded: it ended on another day.
    """
    require_keeper(actor)
    category = Category.objects.select_for_update().select_related("resident").get(pk=category.pk)
    require_in_reach(actor, resident=category.resident)
    if category.span.upper is not None:
        if category.span.upper != on:
            raise CategoryEnded()
        return category
    supersede(category, span=begins(category.span.lower, on))
    record(actor, "category.ended", category.resident, touches=[category.pk], kind=category.kind, on=on)
    return category


@transaction.atomic
def change_phone(actor: Actor, *, resident: Resident, phone: str) -> Resident:
    """The resident's phone; "" when there is none any more. The trail says that it changed, not what it was or is.

    Raises:
        NotAllowed.
        PhoneWrong: not a number that can be called, with what to look at.
    """
    require_keeper(actor)
    require_in_reach(actor, resident=resident)
    number = normalise_phone(phone) if phone.strip() else None
    resident = Resident.objects.select_for_update().get(pk=resident.pk)
    if resident.phone == number:
        return resident
    put_fields(resident, {"phone": number}, since=clock.today())
    resident.save(update_fields=["phone", "phone_index", "phone_tail_index", "marks"])
    record(actor, "resident.phone_changed", resident, changed=["phone"])
    return resident


@transaction.atomic
def reveal(actor: Actor, *, resident: Resident, field: str, reason: str) -> str:
    """The full value of a masked field, in exchange for a reason that stays in the trail for good.

    Raises:
        NotAllowed: without RESIDENTS_REVEAL.
        NotFound: a resident the actor does not see, or a field that is not one of REVEALED.
        ReasonNeeded: shorter than 4 or longer than 200 characters.
        NothingToReveal: nothing is recorded there.
    """
    actor.require(Permission.RESIDENTS_REVEAL)
    if field not in REVEALED or not queries.may_see_resident(actor, resident.pk):
        raise NotFound()
    reason = " ".join(reason.split())
    if not 4 <= len(reason) <= 200:
        raise ReasonNeeded(field="reason")
    value = getattr(resident, field)
    if value in {None, ""}:
        raise NothingToReveal()
    record(actor, "resident.revealed", resident, field=field, reason=reason)
    reading.revealed(resident.pk)
    return str(value)
