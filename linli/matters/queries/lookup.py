"""What is told of a matter to somebody who names its number and a phone's last digits, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from linli.accounts import queries as accounts
from linli.core import clock

from ..models import Matter, State
from .handovers import out_of
from .matters import next_step_of, promised_until


@dataclass(frozen=True)
class LookedUp:
    """Number, kind, how far it is, who has it, what comes next and by when: no words, no place, no name of a resident."""

    number: str
    kind: str
    state: str
    state_name: str
    matter: Matter  # for its chip and its clock alone
    who: str
    next_step: str
    until: datetime
    is_late: bool
    reported_at: datetime


def looked_up(number: str, tail: str) -> LookedUp | None:
    """The matter, if the phone left for it, its reporter's or that of whom it is for ends in `tail`; else None."""
    matter = Matter.objects.select_related("kind", "for_resident").filter(number=number).first()
    phones = _phones_of(matter) if matter else [""]
    is_theirs = bool(sum(compare_digest(phone[-4:], tail) for phone in phones))
    if matter is None or not is_theirs:
        return None
    names = accounts.display_names([matter.handler])
    handler = names.get(matter.handler, "") if matter.handler else ""
    there = out_of([matter.pk]).get(matter.pk)
    units = there.units if there else ""
    is_late = matter.is_open and matter.is_late_at(clock.now())
    until = promised_until(matter)
    return LookedUp(
        number=matter.number,
        kind=matter.kind.name,
        state=matter.state,
        state_name=matter.get_state_display(),
        matter=matter,
        who=units or handler or ("" if matter.state != State.REPORTED else f"等{matter.get_queue_display()}接单"),
        next_step=f"原定 {until:%-m月%-d日}前办好，现在晚了，对不起。着急请打社区电话，报编号就行。"
        if is_late
        else next_step_of(matter, handler, units),
        until=until,
        is_late=is_late,
        reported_at=matter.reported_at,
    )


def _phones_of(matter: Matter) -> list[str]:
    """Every number that may be named for it; a colleague's own is none."""
    found = [matter.contact_phone, matter.for_resident.phone if matter.for_resident else None]
    if matter.source != "desk":
        found.append(accounts.phone_of(matter.reporter))
    return [phone for phone in found if phone]
