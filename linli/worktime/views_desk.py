"""The working calendar: a month to look at, a day to change, the week's hours."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from linli.core import clock
from linli.core.access import Permission
from linli.core.errors import Invalid
from linli.core.guards import desk
from linli.core.web import Request

from . import actions, queries
from .forms import WEEKDAYS, DayForm, WeekForm, day_of, write_spans


@require_safe
@desk()
def month(request: Request) -> HttpResponse:
    """A month's calendar; `?day=` opens one day beside it. Everybody at the desk may look; who keeps it may change."""
    day = day_of(request.GET.get("day", ""))
    return _page(request, day=day)


def _page(
    request: Request, *, day: date | None = None, status: int = 200, day_form: DayForm | None = None, **forms: Any
) -> HttpResponse:
    wanted = day_of(request.GET.get("month", "") + "-01") or day or clock.today()
    shown, week = queries.month_of(wanted), queries.week()
    opened = next((each for each in shown.days if each.day == day), None)
    if opened and day_form is None:
        day_form = DayForm(initial=_as_is(opened))
    context = {
        "shown": shown,
        "opened": opened,
        "weekdays": WEEKDAYS,
        "week": [(name, write_spans(spans)) for name, spans in zip(WEEKDAYS, week, strict=True)],
        "is_usual": queries.is_usual(),
        "specials": queries.special_days(clock.today()),
        "may_keep": request.actor.may(Permission.WORKTIME_KEEP),
        "day_form": day_form,
        "week_form": forms.get("week_form") or WeekForm(week=week),
        "is_week_open": "week_form" in forms,
    }
    return render(request, "worktime/desk/month.html", context, status=status)


def _as_is(shown: queries.DayShown) -> dict[str, Any]:
    """What the day's form begins with: what was decided; else the opposite of what the day is, which is what one comes for."""
    if shown.special:
        return {"day": shown.day, "is_working": str(int(shown.special.is_working)), "reason": shown.special.reason}
    return {"day": shown.day, "is_working": str(int(not shown.is_working))}


@require_POST
@desk(Permission.WORKTIME_KEEP)
def set_day(request: Request) -> HttpResponse:
    """One day worked or not, against the calendar."""
    form = DayForm(request.POST)
    if not form.is_valid():
        return _page(request, day=day_of(request.POST.get("day", "")), status=422, day_form=form)
    data = form.cleaned_data
    actions.set_day(request.actor, day=data["day"], is_working=data["is_working"] == "1", reason=data["reason"])
    return _back_to(data["day"])


@require_POST
@desk(Permission.WORKTIME_KEEP)
def clear_day(request: Request) -> HttpResponse:
    """The day is again what the calendar says."""
    day = day_of(request.POST.get("day", ""))
    if day is None:
        raise Invalid("没有读懂是哪一天。请回到日历，再点一次那一天。", field="day")
    actions.clear_day(request.actor, day=day)
    return _back_to(day)


@require_POST
@desk(Permission.WORKTIME_KEEP)
def set_week(request: Request) -> HttpResponse:
    """The hours of the week."""
    form = WeekForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, week_form=form)
    actions.set_week(request.actor, week=form.cleaned_data["week"])
    return redirect("worktime:month")


def _back_to(day: date) -> HttpResponse:
    response = redirect("worktime:month")
    response["Location"] += f"?month={day:%Y-%m}&day={day}"
    return response
