"""Builds the demo community: everything through the apps' actions at past moments, in one transaction, the same each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connections, transaction

from linli.core import clock
from linli.core.tenancy import PLATFORM
from linli.places.areas import load_areas
from linli.places.models import Area, Community

from . import deadlines, handing, life, organising, play, records, settle, visiting
from .cast import SIGN_INS
from .geography import SITES, Site, lay_out
from .hours import DAYS, at_time
from .known_matters import known_matters
from .matters_story import MatterPlan, matters_of
from .people import KNOWN_HOUSEHOLDS, population
from .rights import care_for_data
from .settle import Settled
from .ways_in import open_ways_in

__all__ = ["SIGN_INS", "Sizes", "seed", "seed_if_empty"]

Say = Callable[[str], None]
print_now: Say = partial(print, flush=True)


@dataclass(frozen=True)
class Sizes:
    """How much of the full demo a community gets: matters in three months, residents with an account."""

    matters: int
    accounts: int


SIZES = {1: Sizes(1170, 110), 2: Sizes(55, 12), 3: Sizes(12, 3)}


class NotForProduction(RuntimeError):
    """The demo's passwords are open: it is never built where real people are registered."""


def seed_if_empty(*, say: Say = print_now) -> bool:
    """Build the demo unless a community is there already; whether it was built.

    Raises:
        NotForProduction.
    """
    if not settings.IS_DEMO or settings.LINLI_PROFILE == "production":
        raise NotForProduction("the demo is built in the demo profile alone")
    if Community.objects.exclude(pk=PLATFORM).exists():
        return False
    if "owner" in connections and not Area.objects.exists():
        say(f"区划：浙江省 {load_areas().read} 条")
    seed(clock.now(), say=say)
    return True


def seed(now: datetime, *, scale: float = 1.0, say: Say = print_now) -> list[Settled]:
    """Everything up to `now` (aware), or nothing; with `scale` below 1 the main community is that much smaller."""
    now = now.astimezone(clock.SHANGHAI).replace(second=0, microsecond=0)
    began = at_time(now.date() - timedelta(days=DAYS + 14), 9)
    watch = _Watch(say)
    with transaction.atomic():
        with clock.at(began):
            settled = [_set_up(site, now, scale) for site in SITES]
            watch.say("地方", f"{sum(len(here.buildings) for here in settled)} 幢楼")
            settle.appoint(settled)
        for here in settled:
            _bring_to_life(here, began, scale)
        watch.say(
            "居民", f"{sum(len(here.people) for here in settled)} 人，{sum(len(h.holders) for h in settled)} 个账号"
        )
        with clock.at(began + timedelta(hours=6)):
            for here in settled:
                organising.found_organisations(here)
        watch.say("组织", "党组织、队伍、共建单位、阵地和项目")
        told = [_tell(here, now, scale) for here in settled]
        watch.say("事项", f"{sum(map(len, told))} 件")
        for here, plans in zip(settled, told, strict=True):
            organising.keep_current(here, now)
            life.live_on(here, now, spared={plan.for_id_number for plan in plans})
            if here.id == 1:
                records.keep_records(here, now, spared={plan.for_id_number for plan in plans})
            settle.ask_for_links(here, now)
            if here.id == 1:
                care_for_data(here, now)
                handing.hand_things_on(here, now)
                open_ways_in(here, now)
                deadlines.ask_for_time(here, now)
            deadlines.let_deadlines_speak(here, now)
            play.tell_reporters(here, now)
        watch.say("近日", "迁居、通知和待确认的申请")
        walked = sum(visiting.go_round(here, now) for here in settled)
        watch.say("走访", f"{walked} 户次")
    return settled


def _set_up(site: Site, now: datetime, scale: float) -> Settled:
    houses = lay_out(site, scale=scale if site.community_id == 1 else 1.0)
    return settle.set_up(site, houses, population(site, houses, now.date()))


def _bring_to_life(here: Settled, began: datetime, scale: float) -> None:
    many = max(2, round(SIZES[here.id].accounts * min(scale, 1.0)))
    with clock.at(began + timedelta(hours=1)):
        settle.register(here)
    settle.open_accounts(
        here, many=many, from_day=began.date() + timedelta(days=1), to_day=began.date() + timedelta(days=13)
    )


def _tell(here: Settled, now: datetime, scale: float) -> list[MatterPlan]:
    count = round(SIZES[here.id].matters * min(scale, 1.0))
    known = KNOWN_HOUSEHOLDS[here.id]
    holders = [person for person in here.holders if person.door not in known]  # those have their own story
    plans = matters_of(here.site, here.people, holders, now, count=count)
    if here.id == 1:
        plans = sorted([*plans, *known_matters(now)], key=lambda each: each.at)
    play.play(here, plans)
    return plans


class _Watch:
    """Progress lines with the seconds since the last."""

    def __init__(self, say: Say) -> None:
        self._say, self._last = say, time.monotonic()

    def say(self, what: str, words: str) -> None:
        now = time.monotonic()
        self._say(f"  示范社区 {what}:{words}（{now - self._last:.1f} 秒）")
        self._last = now
