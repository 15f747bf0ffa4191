"""What a resident reads of her own matters, and who looks after her door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linli.accounts import queries as accounts
from linli.core import clock
from linli.core.access import Role
from linli.places.models import Community, Dwelling

from ..models import IN_HAND, Matter, State
from .matters import promised_until, sub_area_id_of


@dataclass(frozen=True)
class MineRow:
    """One of her matters in a list; `says` is who has it and by when, or how it ended, in a few words."""

    matter: Matter
    says: str
    is_late: bool


@dataclass(frozen=True)
class MineGroups:
    """Her matters as she thinks of them: for her to look at, in others' hands, done."""

    waiting: list[MineRow]
    in_hand: list[MineRow]
    done: list[MineRow]


def mine_rows(matters: Iterable[Matter]) -> list[MineRow]:
    """`matters` as lists show them to whoever reported them, in their order: one query for the names."""
    now, listed = clock.now(), list(matters)
    names = accounts.display_names([matter.handler for matter in listed])
    return [
        MineRow(m, _says(m, names.get(m.handler, "") if m.handler else "", late), late)
        for m in listed
        for late in [m.is_open and m.is_late_at(now)]
    ]


def mine_groups(matters: Iterable[Matter]) -> MineGroups:
    """The same, sorted into what waits for her, what is in hand, and what is done."""
    rows = mine_rows(matters)
    return MineGroups(
        waiting=[row for row in rows if row.matter.state == State.FED_BACK],
        in_hand=[row for row in rows if _is_in_hand(row.matter)],
        done=[row for row in rows if row.matter.state != State.FED_BACK and not _is_in_hand(row.matter)],
    )


def _is_in_hand(matter: Matter) -> bool:
    """Open, or merged into one that is."""
    return matter.is_open or (matter.merged_into is not None and matter.merged_into.is_open)


def _says(matter: Matter, handler: str, is_late: bool) -> str:
    by = f"{promised_until(matter):%-m月%-d日}前答复"
    who = f"{handler or '社区'}在办" if matter.state in IN_HAND else "等人接单"
    if matter.is_open:
        return f"{who}，晚了，在催" if is_late else f"{who}，{by}"
    if matter.state == State.MERGED:
        return "和别人报的一起办，办好了告诉您" if _is_in_hand(matter) else "一起办的那件已经答复"
    if matter.state == State.FED_BACK:
        return f"{handler or '社区'}已经答复"
    if matter.state == State.CLOSED and matter.closed_at:
        return f"{matter.closed_at.astimezone(clock.SHANGHAI):%-m月%-d日}办结"
    return "不归社区办，答复里写了该找哪里"


@dataclass(frozen=True)
class Neighbourly:
    """Who looks after a door: a specialist's name and her patch."""

    name: str
    patch: str


def specialist_near(community: Community, home: Dwelling | None) -> Neighbourly | None:
    """The specialist of the patch `home` lies in; None without a home, or when nobody serves it."""
    sub_area_id = sub_area_id_of(home.entrance.building) if home else None
    if sub_area_id is None:
        return None
    serving = accounts.staff_of(community, Role.SPECIALIST, sub_area_id=sub_area_id)
    if not serving:
        return None
    return Neighbourly(serving[0].display_name, accounts.sub_area_names().get(sub_area_id, ""))
