"""Where a matter goes, on plain values: the first rule that fits says so; where none does, the kind and the patch do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

FRONT, BACK, PERSON = "front", "back", "person"


class Pattern(StrEnum):
    """How often the like of it was reported lately."""

    ANY = ""  # 不看次数
    LIKE = "like"  # 同类反复
    NEW = "new"  # 好久没有过


class Within(StrEnum):
    """Where the like of it is counted."""

    BUILDING = "building"
    SUB_AREA = "sub_area"
    COMMUNITY = "community"


WITHIN_NAMES = {Within.BUILDING: "本楼栋", Within.SUB_AREA: "本片区", Within.COMMUNITY: "本社区"}


@dataclass(frozen=True)
class Rule:
    """One rule as it stands, with `seen`: how many of the like were reported before, within its days and its place.

    For NEW, 0 says that none was, in a community that has kept count for so long.
    """

    id: UUID
    name: str
    target: str
    person: UUID | None = None
    kind: str = ""
    sub_area: UUID | None = None
    source: str = ""
    grade: str = ""
    pattern: str = Pattern.ANY
    at_least: int = 0
    days: int = 0
    within: str = Within.COMMUNITY
    seen: int = 0


@dataclass(frozen=True)
class Facts:
    """What is known of a matter when it comes in. `path` leads from the top kind to its own; `side` is who its kind begins with."""

    path: Sequence[str]
    source: str
    grade: str
    side: str = ""
    sub_area: UUID | None = None
    has_specialist: bool = False


@dataclass(frozen=True)
class Placed:
    """Where it goes, by which rule (None: by none), and why, in a sentence for colleagues."""

    queue: str
    because: str
    person: UUID | None = None
    rule: UUID | None = None


def why_not(rule: Rule, facts: Facts) -> str:
    """What keeps `rule` from fitting, in a few words; "" where it fits."""
    if rule.kind and rule.kind not in facts.path:
        return "类别不同"
    if rule.sub_area is not None and rule.sub_area != facts.sub_area:
        return "不在这个片区"
    if rule.source and rule.source != facts.source:
        return "来源不同"
    if rule.grade and rule.grade != facts.grade:
        return "层级不同"
    if rule.pattern == Pattern.LIKE and rule.seen + 1 < rule.at_least:
        return f"近 {rule.days} 天才第 {rule.seen + 1} 件，不到 {rule.at_least} 件"
    if rule.pattern == Pattern.NEW and rule.seen:
        return f"近 {rule.days} 天有过，或社区用了还不到 {rule.days} 天"
    return ""


def reason_of(rule: Rule) -> str:
    """Why a rule that fits sends it there."""
    if rule.pattern == Pattern.LIKE:
        return f"近 {rule.days} 天{WITHIN_NAMES[Within(rule.within)]}第 {rule.seen + 1} 件同类"
    if rule.pattern == Pattern.NEW:
        return f"近 {rule.days} 天没有过这样的事"
    return rule.name


def place(facts: Facts, rules: Iterable[Rule], on_duty: Collection[UUID] = ()) -> Placed:
    """The place of every matter. The first rule that fits decides; one that names somebody who is not on duty is passed over.

    Without a rule it goes where its kind begins; the front desk only where the patch has a specialist today.
    """
    for rule in rules:
        if why_not(rule, facts) or (rule.target == PERSON and rule.person not in on_duty):
            continue
        if rule.target == PERSON:
            return Placed(BACK, reason_of(rule), rule.person, rule.id)
        if rule.target == FRONT and not facts.has_specialist:
            return Placed(BACK, f"{reason_of(rule)}，但{_nobody(facts)}", rule=rule.id)
        return Placed(rule.target, reason_of(rule), rule=rule.id)
    if facts.side == BACK:
        return Placed(BACK, "这一类先由后台办")
    if facts.has_specialist:
        return Placed(FRONT, "零散的事先由片区专员办")
    return Placed(BACK, _nobody(facts))


def _nobody(facts: Facts) -> str:
    return "没有写明楼栋" if facts.sub_area is None else "这个片区今天没有专员在岗"
