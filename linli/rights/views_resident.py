"""我的信息: what is held about me, who looked at it, and a copy to take away."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from linli.core import clock, paper, ui
from linli.core.guards import signed_in
from linli.core.web import Request

from . import actions, queries
from .forms import day_of

LOOKED_DAYS = 30


@require_safe
@signed_in
def data(request: Request) -> HttpResponse:
    """Everything held, by section, with where it is from and when it was last confirmed; numbers masked."""
    people = [(resident, queries.held_of(resident)) for resident in queries.own_residents(request.actor)]
    context = {"people": people, "count": sum(queries.lines_of(sections) for _, sections in people)}
    return render(request, "rights/resident/data.html", context)


@require_POST
@signed_in
def copy_pdf(request: Request) -> HttpResponse:
    """Everything held, in full, as pages to read and to print."""
    copy = actions.take_copy(request.actor, community=request.community.name, form="pdf")
    told = queries.printed(copy, ring=ui.duty_phone_of(request.community))
    content = paper.pdf(queries.LAYOUT, told, at=clock.now())
    return as_file(content, "application/pdf", f"my-data-{clock.today():%Y%m%d}.pdf")


@require_POST
@signed_in
def copy_json(request: Request) -> HttpResponse:
    """Everything held, in full, as one JSON file (data/person-copy.schema.json)."""
    copy = actions.take_copy(request.actor, community=request.community.name, form="json")
    content = orjson.dumps(copy, option=orjson.OPT_INDENT_2)
    return as_file(content, "application/json; charset=utf-8", f"my-data-{clock.today():%Y%m%d}.json")


def as_file(content: bytes, media_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_safe
@signed_in
def looks(request: Request) -> HttpResponse:
    """Who saw me: a month at a time, in words."""
    today = clock.today()
    until = min(day_of(request.GET.get("until", "")) or today, today)
    ends = datetime.combine(until + timedelta(days=1), time(), tzinfo=clock.SHANGHAI)
    found = queries.looks_at(request.actor, until=ends, days=LOOKED_DAYS)
    context = {
        "looks": found,
        "full": sum(look.is_full for look in found),
        "from_on": until - timedelta(days=LOOKED_DAYS - 1),
        "until": until,
        "is_now": until == today,
        "before": until - timedelta(days=LOOKED_DAYS),
    }
    return render(request, "rights/resident/looks.html", context)
