"""How far a matter is, as a word and a shape, and the clock of its promise: once here, for lists of many and pages of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from linli.core.templatetags.ui import chip, clock, deadline

from ..models import Matter, State

register = template.Library()

CHIPS: dict[str, tuple[str, ...]] = {
    State.REPORTED: ("待受理", "wait"),
    State.ACCEPTED: ("办理中", "doing"),
    State.FED_BACK: ("待确认", "done", "eye"),
    State.CLOSED: ("已办结", "done"),
    State.REFUSED: ("不予受理", "done", "cross"),
}
FOR_REPORTER = CHIPS | {State.FED_BACK: ("等您看看", "wait", "eye")}


@register.simple_tag
def matter_state(matter: Matter, for_reporter: Any = False) -> SafeString:
    """The state's chip; an answer waits for its reporter, and is done for the desk."""
    return chip(*(FOR_REPORTER if for_reporter else CHIPS)[matter.state])


@register.simple_tag
def matter_due(matter: Matter, until: datetime, is_late: Any) -> SafeString:
    """The clock of the promise while the matter is open; afterwards how it was kept."""
    if matter.is_open:
        return deadline(until, matter.reported_at)
    if matter.state == State.REFUSED:
        return clock("不受理", 100, "done")
    return clock("超时后办好" if is_late else "按时办好", 100, "done")
