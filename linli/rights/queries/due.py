"""Whom the register should forget by now, and whom it may not."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.core import clock
from linli.matters.models import OPEN, Matter
from linli.residents.models import Residence, Resident
from linli.rights.models import LegalHold, Outcome, RequestKind, RequestState, RightsRequest
from linli.rights.retention import Rule, months_before, retention

from .requests import reasons_to_keep


def due_to_forget(most: int = 200) -> list[tuple[Resident, Rule]]:
    """At most `most` people whose time is over, each with the rule that says so; legal holds and open matters spare them."""
    found: dict[object, tuple[Resident, Rule]] = {}
    for code, rows in (("died", _died), ("moved", _moved), ("asked", _asked)):
        rule = retention().people[code]
        for resident in _free(rows(rule)).order_by("pk")[:most]:
            if code != "asked" or not reasons_to_keep(resident):
                found.setdefault(resident.pk, (resident, rule))
    return list(found.values())[:most]


def _free(rows: QuerySet[Resident]) -> QuerySet[Resident]:
    held = LegalHold.objects.filter(resident=OuterRef("pk"), lifted_at=None)
    busy = Matter.objects.filter(for_resident=OuterRef("pk"), state__in=OPEN)
    return rows.exclude(Exists(held)).exclude(Exists(busy))


def _died(rule: Rule) -> QuerySet[Resident]:
    return Resident.objects.filter(died_on__lte=months_before(clock.today(), rule.months))


def _moved(rule: Rule) -> QuerySet[Resident]:
    """Known to have lived or been registered here, and nowhere here since that day."""
    since = months_before(clock.today(), rule.months)
    ever = Residence.objects.filter(resident=OuterRef("pk"))
    later = ever.filter(Q(span__upper_inf=True) | Q(span__endswith__gt=since))
    return Resident.objects.filter(Exists(ever), died_on=None).exclude(Exists(later))


def _asked(rule: Rule) -> QuerySet[Resident]:
    promised = RightsRequest.objects.filter(
        resident=OuterRef("pk"), kind=RequestKind.DELETE, state=RequestState.ANSWERED, outcome=Outcome.DONE
    )
    return Resident.objects.filter(Exists(promised))
