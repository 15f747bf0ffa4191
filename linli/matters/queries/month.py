"""The month's table: matters counted by kind and outcome, and the files made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission

from .. import rules
from ..models import Matter, MatterKind, MonthTable, outcome_of


@dataclass(frozen=True)
class MonthFigures:
    """The month's table: a row a kind, and the total, with the moment they were counted."""

    month: date
    counted_at: datetime
    rows: list[rules.MonthRow]
    codes: list[str]
    total: rules.MonthRow


def month_figures(month: date) -> MonthFigures:
    """Count the matters reported in `month` by top kind and outcome, from the matters themselves (whole active community).

    Each cell equals the length of `desk_list` with the same month, kind and outcome for somebody who sees all.
    """
    now = clock.now()
    start, end = rules.month_span(month)
    every = list(MatterKind.objects.order_by("level", "order", "code"))
    kinds = [kind for kind in every if kind.level == 1]
    matters = Matter.objects.filter(reported_at__gte=start, reported_at__lt=end).only(
        "state", "ending", "kind_id", "community_id", "rating", "fed_back_at", "due_at"
    )
    tops = {kind.code: kind.name for kind in kinds}
    names = {kind.id: tops[kind.path[0]] for kind in every}
    counted = [rules.Counted(names[m.kind_id], outcome_of(m), m.is_late_at(now), m.rating) for m in matters]
    used = {c.kind for c in counted}
    shown = [kind for kind in kinds if kind.is_offered or kind.name in used]
    return MonthFigures(
        month=month.replace(day=1),
        counted_at=now,
        rows=rules.month_rows(counted, [kind.name for kind in shown]),
        codes=[kind.code for kind in shown],
        total=rules.month_total(counted),
    )


def month_tables_visible_to(actor: Actor) -> QuerySet[MonthTable]:
    """The month tables asked for, newest first; needs FIGURES_EXPORT."""
    rows = MonthTable.objects.order_by("-asked_at", "-id")
    return rows if actor.may(Permission.FIGURES_EXPORT) else rows.none()


def may_see_month_table(actor: Actor, table_id: UUID) -> bool:
    return month_tables_visible_to(actor).filter(pk=table_id).exists()
