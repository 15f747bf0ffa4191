"""Who saw whom: the resident's own list in words, the audit's whole, and whether an account must say why it reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from linli.accounts.queries import display_names
from linli.core import clock
from linli.core.access import ROLE_NAMES, Actor, Permission, Role
from linli.core.models import TrailEntry
from linli.core.trail import READING
from linli.residents.models import Residence
from linli.rights import rules
from linli.rights.models import ReadingHour

REVEALED = "resident.revealed"
PAGE_WORDS = {
    "residents:list": "居民清单",
    "residents:search": "找人",
    "residents:page": "居民档案",
    "residents:reveal": "居民档案",
    "desk:find": "找人",
    "street:find": "街道查找",
    "places:building": "楼栋页",
    "matters:find_person": "代办上报",
    "matters:desk_report": "代办上报",
    "me:links": "核对关联申请",
    "api": "接口",
}
"""What the pages that show people are called for those who were shown; another page is 工作台."""


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def is_paused(actor: Actor) -> bool:
    """Whether the account has read so much this hour that it must say why before it goes on."""
    if actor.account_id is None:
        return False
    hour = hour_of(clock.now())
    row = ReadingHour.objects.filter(account_id=actor.account_id, hour=hour).first()
    if row is None:
        return False
    limits = rules.Limits(**settings.LINLI_READING).at_hour(hour.astimezone(clock.SHANGHAI).hour)
    return rules.must_say_why(row.tally, limits)


def outside_patch(actor: Actor, ids: Collection[UUID]) -> int:
    """How many of these people live today outside the sub-areas of an actor who has some; 0 for who has none.

    A specialist is shown only her own; this counts when another post, or an emergency, opened more.
    """
    if not ids or not actor.sub_area_ids or not actor.may(Permission.MATTERS_SEE_ALL):
        return 0
    lived = Residence.objects.filter(
        resident__in=ids,
        kind="lived",
        span__contains=clock.today(),
        dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids,
    )
    return len(ids) - lived.values("resident").distinct().count()


@dataclass(frozen=True)
class Look:
    """One line of “who looked at me”: when, who (a post; with a name where a full number was given), what and why."""

    at: datetime
    who: str
    what: str
    why: str
    is_full: bool = False
    times: int = 1


def looks_at(actor: Actor, *, until: datetime | None = None, days: int = 30) -> list[Look]:
    """Who saw those the actor speaks for, in the `days` before `until` (now), newest first.

    Who opened a record or saw somebody on a list is told by post: a colleague at work answers as the community. Who saw
    a full number is named, because that was a decision with a reason. Lists of one day and one post are one line.
    """
    until = until or clock.now()
    people = list(actor.speaks_for)
    if not people:
        return []
    within = TrailEntry.objects.filter(at__gt=until - timedelta(days=days), at__lte=until)
    about = Q(subject_id__in=people, verb__in=["resident.opened", REVEALED])
    lists = Q(verb="resident.listed", touches__overlap=people)
    opened = list(within.filter(about))
    seen = list(within.filter(verb__in=READING).filter(lists))
    names = display_names([entry.account_id for entry in opened if entry.verb == REVEALED])
    looks = [_look(entry, names) for entry in opened]
    seen.sort(key=_day_and_post)
    for _, same in groupby(seen, key=_day_and_post):
        entries = list(same)
        last = max(entries, key=lambda entry: entry.at)
        looks.append(Look(last.at, _post(last), "在清单上看到您", _where(last), times=len(entries)))
    return sorted(looks, key=lambda look: look.at, reverse=True)


def _day_and_post(entry: TrailEntry) -> tuple[str, str, str]:
    return (entry.at.astimezone(clock.SHANGHAI).date().isoformat(), entry.role, _where(entry))


def _look(entry: TrailEntry, names: dict[UUID, str]) -> Look:
    if entry.verb == REVEALED:
        name = names.get(entry.account_id, "") if entry.account_id else ""
        who = f"{_post(entry)}{name and ' '}{name}"
        return Look(entry.at, who, "看了您的完整号码", str(entry.facts.get("reason", "")), is_full=True)
    return Look(entry.at, _post(entry), "打开了您的档案，号码遮着", _where(entry))


def _post(entry: TrailEntry) -> str:
    return ROLE_NAMES[Role(entry.role)] if entry.role in set(Role) else "工作人员"


def _where(entry: TrailEntry) -> str:
    return PAGE_WORDS.get(str(entry.facts.get("page", "")), "工作台")


def readings_visible_to(actor: Actor) -> QuerySet[TrailEntry]:
    """Every reading of people in the active community, newest first, for whoever watches over it (TRAIL_SEE)."""
    if not actor.may(Permission.TRAIL_SEE):
        return TrailEntry.objects.none()
    return TrailEntry.objects.filter(verb__in=[*READING, REVEALED]).order_by("-at", "-id")


def unusual_hours(actor: Actor, *, days: int = 30) -> QuerySet[ReadingHour]:
    """Hours in which an account read unusually much, the newest first."""
    if not actor.may(Permission.TRAIL_SEE):
        return ReadingHour.objects.none()
    since = clock.now() - timedelta(days=days)
    return ReadingHour.objects.filter(told_at__isnull=False, hour__gt=since).order_by("-hour", "id")
