"""Where an organisation works, and the periods it works for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from linli.core.access import Actor
from linli.core.db import constraint
from linli.core.errors import Conflict, Invalid
from linli.core.tenancy import TenantModel
from linli.core.trail import record

from .. import rules
from ..models import Organisation, OrganisationPlace, OrganisationTerm
from ..queries.organisations import reach_of
from .organisations import DayOutOfOrder, close, require_keeper, require_keeper_of


class PlaceNeeded(Invalid):
    code, message = "organisation.place_needed", "请选一个片区或小区，或写上门牌，例如 48幢、48-2、48-2-301。"


class TermRunning(Conflict):
    code = "organisation.term_running"
    message = "和已有的届期（合同期）重叠了。新的一期从上一期结束那天开始，请看看日期。"


@transaction.atomic
def add_place(
    actor: Actor, *, organisation: Organisation, from_on: date, bond: str = OrganisationPlace.Bond.SERVES, **target: Any
) -> OrganisationPlace:
    """The organisation serves, or stands in, one more place from that day on: at most one of OrganisationPlace.TARGETS.

    With none it is the whole community. A place it has already is returned as it is.

    Raises:
        NotAllowed, OutOfReach, DayOutOfOrder.
    """
    require_keeper_of(actor, organisation)
    given: dict[str, TenantModel | None] = dict.fromkeys(OrganisationPlace.TARGETS) | target
    place = OrganisationPlace(organisation=organisation, bond=bond, span=rules.from_day(from_on), **given)
    require_keeper(actor, *reach_of(place))
    if from_on < organisation.from_on:
        raise DayOutOfOrder("要从组织成立那天或以后算起。请看看日期。", field="from_on")
    same = OrganisationPlace.objects.filter(organisation=organisation, bond=bond, span__endswith__isnull=True)
    exact = {
        name if row is not None else f"{name}__isnull": row if row is not None else True for name, row in given.items()
    }
    if there := same.filter(**exact).first():
        return there
    place.save(force_insert=True)
    record(actor, "organisation_place.added", place, touches=[organisation.pk], bond=bond, from_on=from_on)
    return place


@transaction.atomic
def end_place(actor: Actor, *, place: OrganisationPlace, on: date) -> OrganisationPlace:
    """From `on` the organisation no longer serves (or stands in) that place. Ended already, it stays as it is.

    Raises:
        NotAllowed, OutOfReach, DayOutOfOrder.
    """
    require_keeper_of(actor, place.organisation)
    place = OrganisationPlace.objects.select_for_update().get(pk=place.pk)
    if place.until is not None:
        return place
    if on <= place.from_on:
        raise DayOutOfOrder(field="on")
    close(place, on)
    record(actor, "organisation_place.ended", place, touches=[place.organisation_id], on=on)
    return place


@transaction.atomic
def start_term(actor: Actor, *, organisation: Organisation, label: str, from_on: date, until: date) -> OrganisationTerm:
    """A term of office, or a contract's period, from that day up to, not including, `until`. Renewing is starting the next.

    Raises:
        NotAllowed, OutOfReach, DayOutOfOrder.
        TermRunning: another overlaps.
    """
    require_keeper_of(actor, organisation)
    if until <= from_on:
        raise DayOutOfOrder(field="until")
    term = OrganisationTerm(organisation=organisation, label=label.strip(), span=rules.from_day(from_on, until))
    with constraint("organisation_one_term", broken=TermRunning(field="from_on")):
        term.save(force_insert=True)
    record(actor, "organisation_term.started", term, touches=[organisation.pk], from_on=from_on, until=until)
    return term
