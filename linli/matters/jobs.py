"""What follows a matter's steps a moment later. Each may run twice and does not mind."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.accounts import queries as accounts
from linli.accounts import queries_seats as seats
from linli.accounts.models import Account
from linli.core import clock, files, tenancy
from linli.core.access import SYSTEM
from linli.core.jobs import tenant_task
from linli.core.models import TrailEntry
from linli.core.states import step
from linli.core.trail import record
from linli.notices import actions as notices
from linli.places.models import Community
from linli.places.queries import communities

from . import actions, month_sheet, queries
from .models import NOT_THE_REPORTERS, Handover, Matter, MonthTable, WhistleCall
from .queries import DeskFilter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@tenant_task(name="matters.tell_reporter")
def tell_reporter(community_id: int, entry_id: str) -> None:
    """Tell whoever asked what has just happened to the matter; once per entry, by the message's once-key.

    A colleague who reported for a resident is not told what she did herself: the resident is, where the register knows her.
    """
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    rows = Matter.objects.select_related("kind", "for_resident")
    matter = rows.get(pk=entry.subject_id)
    _tell(entry, matter, once_key=f"{entry.verb}:{entry.id}")
    if entry.verb == "matter.fed_back":  # who told of the same thing gets the answer under her own number
        for joined in rows.filter(merged_into=matter):
            _tell(entry, joined, once_key=f"{entry.verb}:{entry.id}:{joined.pk}")


def _tell(entry: TrailEntry, matter: Matter, *, once_key: str) -> None:
    if matter.source in NOT_THE_REPORTERS and matter.for_resident is None:
        return
    is_for_resident = matter.source in NOT_THE_REPORTERS
    due = queries.promised_until(matter)
    notices.send_message(
        SYSTEM,
        to_account=None if is_for_resident else matter.reporter,
        to_resident=matter.for_resident if is_for_resident else None,
        template=entry.verb.replace(".", "_"),
        facts={"number": matter.number, "kind": matter.kind.name, "due": f"{due:%-m月%-d日}"},
        about=matter,
        once_key=once_key,
    )


@tenant_task(name="matters.tell_unit")
def tell_unit(community_id: int, entry_id: str) -> None:
    """Tell whoever answers for the organisation that something is to be done, or done again; once per entry."""
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    handover = Handover.objects.select_related("matter").get(pk=entry.facts["handover_id"])
    seat = seats.seats_of([handover.organisation_id]).get(handover.organisation_id)
    if seat is None:
        return
    due = handover.due_at.astimezone(clock.SHANGHAI) - clock.ONE_DAY
    notices.send_message(
        SYSTEM,
        to_account=seat.account_id,
        template=entry.verb.replace(".", "_"),
        facts={"number": handover.matter.number, "due": f"{due:%-m月%-d日}"},
        about=handover,
        once_key=f"{entry.verb}:{entry.id}",
    )


@tenant_task(name="matters.tell_called")
def tell_called(community_id: int, entry_id: str) -> None:
    """Tell every unit that was called where to be by when; once per entry and unit."""
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    call = WhistleCall.objects.select_related("matter").get(pk=entry.facts["call_id"])
    units = list(call.units.all())
    by_unit = seats.seats_of([unit.organisation_id for unit in units])
    for unit in units:
        if (seat := by_unit.get(unit.organisation_id)) is None:
            continue
        notices.send_message(
            SYSTEM,
            to_account=seat.account_id,
            template="whistle_blown",
            facts={
                "number": call.matter.number,
                "by": f"{call.respond_by.astimezone(clock.SHANGHAI):%-m月%-d日 %H:%M}",
            },
            about=call,
            once_key=f"{entry.verb}:{entry.id}:{unit.pk}",
        )


@tenant_task(name="matters.look_at_clocks", is_atomic=False)
def look_at_clocks(community_id: int) -> None:
    """What the deadlines of one community have to say by now, a transaction a batch."""
    community = Community.objects.get(pk=community_id)
    while True:
        with tenancy.active(community_id):
            if not actions.look_at_clocks(community):
                return


@app.periodic(cron="* * * * *")
@app.task(name="matters.sweep_clocks", queueing_lock="matters.sweep_clocks", pass_context=False)
def sweep_clocks(timestamp: int) -> None:
    """Every minute: one job for each community, unless its last one still waits."""
    for known in communities():
        with suppress(AlreadyEnqueued):
            lock = f"matters.look_at_clocks:{known.community.id}"
            look_at_clocks.configure(queueing_lock=lock).defer(community_id=known.community.id)


@tenant_task(name="matters.tell_assigned")
def tell_assigned(community_id: int, entry_id: str) -> None:
    """Tell a colleague that a matter was given to her, by somebody or by a rule; once per entry."""
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    to = entry.facts.get("to")
    if not to or str(entry.account_id) == to:
        return
    matter = Matter.objects.select_related("kind").get(pk=entry.subject_id)
    notices.send_message(
        SYSTEM,
        to_account=UUID(to),
        template="matter_assigned",
        facts={"number": matter.number, "kind": matter.kind.name},
        about=matter,
        once_key=f"matter.assigned:{entry.id}",
    )


@tenant_task(name="matters.make_month_table")
def make_month_table(community_id: int, entry_id: str) -> None:
    """Make the file of a month's table; the table's row is locked, so a second run finds it ready and leaves it."""
    entry = TrailEntry.objects.get(pk=UUID(entry_id))
    table = MonthTable.objects.select_for_update().get(pk=entry.subject_id)
    if table.state == MonthTable.Making.READY or table.asked_by is None:
        return
    community = Community.objects.get(pk=community_id)
    asker = accounts.actor_for(Account.objects.get(pk=table.asked_by), community, via="job")
    figures = queries.month_figures(table.month)
    listed = queries.desk_list(asker, DeskFilter(box="all", month=table.month))
    listed = listed.select_related(*queries.RELATED).order_by("reported_at", "id")
    content = month_sheet.workbook(community.name, figures, listed)
    name = f"{community.name}{table.month:%Y年%m月}事项月表.xlsx"
    files.keep(
        SYSTEM, table, [(name, files.made_here(content, media_type=XLSX, suffix=".xlsx"))], purpose="month_table"
    )
    table.rows = [month_sheet.cells(row) for row in [*figures.rows, figures.total]]
    table.made_at = clock.now()
    step(table, MonthTable.Making.READY)
    table.save(update_fields=["rows", "made_at", "state"])
    record(SYSTEM, "month_table.made", table, month=table.month)


@app.periodic(cron="41 3 * * *")
@app.task(name="matters.forget_tries", queueing_lock="matters.forget_tries", pass_context=False)
def forget_tries(timestamp: int) -> None:
    """Every night, community by community: tries of looking a matter up that no longer slow anybody."""
    for community_id in Community.objects.exclude(pk=tenancy.PLATFORM).values_list("pk", flat=True):
        with tenancy.active(community_id):
            actions.forget_tries()
