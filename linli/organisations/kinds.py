"""Kinds of organisations and venues as data: `data/<list>.csv`, one line a kind. A new kind is a new line and nothing more.

`list` is which of the five lists an organisation stands on, `under` what kinds it may stand under, `roles` which posts it
has, `term` what its period is called (empty where it has none), `check_months` how long a confirmation holds.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import models

DATA = Path(__file__).parent / "data"


class Role(models.TextChoices):
    """What somebody is in an organisation. Which of them a kind has is in its line; of SINGLE there is one at a time."""

    SECRETARY = "secretary", "书记"
    DEPUTY_SECRETARY = "deputy_secretary", "副书记"
    DIRECTOR = "director", "主任"
    VICE_DIRECTOR = "vice_director", "副主任"
    MANAGER = "manager", "项目经理"
    LEADER = "leader", "负责人"
    GRID_WORKER = "grid_worker", "网格员"
    STEWARD = "steward", "楼栋红管家"
    CONTACT = "contact", "联系人"
    MEMBER = "member", "成员"


SINGLE = (Role.SECRETARY, Role.DIRECTOR, Role.MANAGER, Role.LEADER)
"""The head of an organisation: one at a time, and the one its line in a list names."""

GROUPS = {
    "party": "党组织",
    "self_rule": "自治和物业",
    "force": "网格和志愿",
    "community": "社会组织和队伍",
    "partner": "共建单位和商户",
}


@dataclass(frozen=True)
class Kind:
    """One kind of organisation."""

    code: str
    name: str
    group: str
    list: str
    under: tuple[str, ...]
    roles: tuple[Role, ...]
    term: str
    has_credit_code: bool
    check_months: int

    @property
    def is_party(self) -> bool:
        return self.group == "party"

    @property
    def stands_alone(self) -> bool:
        """Whether it need not stand under anything."""
        return not self.under


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of organisation by its code, in the file's order."""
    return {
        row["code"]: Kind(
            code=row["code"],
            name=row["name"],
            group=row["group"],
            list=row["list"],
            under=_parts(row["under"]),
            roles=tuple(Role(role) for role in _parts(row["roles"])),
            term=row["term"],
            has_credit_code=row["has_credit_code"] == "yes",
            check_months=int(row["check_months"]),
        )
        for row in _rows("organisation_kind")
    }


@cache
def venue_kinds() -> dict[str, str]:
    """Names of the kinds of venues by their code."""
    return {row["code"]: row["name"] for row in _rows("venue_kind")}


def codes_in(**wanted: str) -> list[str]:
    """Codes of the kinds whose `group` or `list` is the given one."""
    return [kind.code for kind in kinds().values() if all(getattr(kind, key) == value for key, value in wanted.items())]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))
