"""Requests about one's own data: the asker's, the desk's queue, and why something must be kept."""

from __future__ import annotations

from django.db.models import QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.matters.models import OPEN, Matter
from linli.residents.models import Category, Residence, Resident
from linli.residents.queries import is_bound_to_patch, residents_visible_to
from linli.rights.models import RequestState, RightsRequest

AIDED = {"subsistence_allowance", "extreme_hardship", "near_subsistence", "disabled", "entitled_veteran", "orphan"}


def requests_of(actor: Actor) -> QuerySet[RightsRequest]:
    """Requests about those the actor speaks for, the newest first."""
    rows = RightsRequest.objects.filter(resident__in=list(actor.speaks_for)).select_related("resident")
    return rows.order_by("-asked_at", "id")


def requests_visible_to(actor: Actor) -> QuerySet[RightsRequest]:
    """Every request the actor may answer: what waits first, what is due first."""
    if not actor.may(Permission.RIGHTS_HANDLE):
        return RightsRequest.objects.none()
    rows = RightsRequest.objects.select_related("resident")
    if is_bound_to_patch(actor):
        rows = rows.filter(resident__in=residents_visible_to(actor).values("pk"))
    return rows.order_by("answered_at", "due_on", "id")


def waiting_requests(actor: Actor) -> QuerySet[RightsRequest]:
    """Those that wait for an answer of the actor or a colleague."""
    return requests_visible_to(actor).filter(state=RequestState.ASKED)


def reasons_to_keep(resident: Resident) -> list[str]:
    """Why the register may not forget this person now, in words for her; empty when it may (PIPL article 47)."""
    today = clock.today()
    reasons = []
    if Residence.objects.filter(resident=resident, span__contains=today).exists():
        reasons.append("您还登记在本社区。居住和户籍登记是法定职责，迁出以后才能删除。")
    if Category.objects.filter(resident=resident, span__contains=today, kind__in=AIDED).exists():
        reasons.append("您正在享受救助、残疾或优抚待遇，档案要按规定保存。")
    if Matter.objects.filter(for_resident=resident, state__in=OPEN).exists():
        reasons.append("还有为您上报的事没有办结，办结以后才能删除。")
    return reasons
