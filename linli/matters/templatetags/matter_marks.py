"""How far a matter is, as a word and a shape, and the clock of its promise: once here, for lists of many and pages of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from linli.core.templatetags.ui import chip, clock, deadline

from ..models import Handover, HandoverState, Matter, State

register = template.Library()

CHIPS: dict[str, tuple[str, ...]] = {
    State.REPORTED: ("待受理", "wait"),
    State.ACCEPTED: ("办理中", "doing"),
    State.HANDED_ON: ("已转办", "doing", "go"),
    State.MERGED: ("已并案", "done", "link"),
    State.FED_BACK: ("待确认", "done", "eye"),
    State.CLOSED: ("已办结", "done"),
    State.REFUSED: ("不予受理", "done", "cross"),
}
TO_CHECK = ("待核查", "wait", "eye")
FOR_REPORTER = CHIPS | {
    State.MERGED: ("一起办", "doing", "link"),
    State.HANDED_ON: ("办理中", "doing"),
    State.FED_BACK: ("等您看看", "wait", "eye"),
}


@register.simple_tag
def matter_state(matter: Matter, for_reporter: Any = False) -> SafeString:
    """The state's chip; an answer waits for its reporter, and is done for the desk."""
    if for_reporter:
        return chip(*FOR_REPORTER[matter.state])
    return chip(*(TO_CHECK if matter.is_to_check else CHIPS[matter.state]))


@register.simple_tag
def supervised_mark(matter: Matter) -> SafeString:
    """In a list, that somebody above asks after it."""
    return chip("督办", "alarm", "warn") if matter.is_supervised else SafeString("")


RAISED = {"secretary": ("已报书记", "late", "bell"), "street": ("已报街道", "late", "bell")}


@register.simple_tag
def matter_marks(matter: Matter) -> SafeString:
    """What the clock did to an open matter, as chips: it stands still, or was raised to somebody. From the row alone."""
    if not matter.is_open:
        return SafeString("")
    stopped = chip("暂停计时", "wait", "clock") if matter.paused_until else SafeString("")
    return SafeString(stopped + (chip(*RAISED[matter.raised_to]) if matter.raised_to else ""))


@register.simple_tag
def matter_said(matter: Matter) -> SafeString:
    """The same in the desk's list, where there is room for a word under the deadline."""
    if not matter.is_open:
        return SafeString("")
    words = "暂停计时" if matter.paused_until else RAISED[matter.raised_to][0]
    return SafeString(f'<span class="worklist__said">{words}</span>')  # words of ours alone


@register.simple_tag
def matter_due(matter: Matter, until: datetime, is_late: Any) -> SafeString:
    """The clock of the promise while the matter is open; afterwards how it was kept."""
    if matter.is_open:
        return deadline(until, matter.reported_at)
    if matter.state == State.REFUSED:
        return clock("不受理", 100, "done")
    if matter.state == State.MERGED:
        return clock("一起办", 100, "done")
    return clock("超时后办好" if is_late else "按时办好", 100, "done")


HANDOVER_CHIPS: dict[str, tuple[str, ...]] = {
    HandoverState.OFFERED: ("待接收", "wait"),
    HandoverState.TAKEN: ("处理中", "doing"),
    HandoverState.ANSWERED: ("待核查", "wait", "eye"),
    HandoverState.AGAIN: ("要重办", "late", "undo"),
    HandoverState.ACCEPTED: ("核查通过", "done"),
    HandoverState.RETURNED: ("已退单", "done", "undo"),
    HandoverState.WITHDRAWN: ("已收回", "done", "undo"),
}


@register.simple_tag
def handover_state(handover: Handover) -> SafeString:
    """How far it is with the organisation."""
    return chip(*HANDOVER_CHIPS[handover.state])
