"""When things happen: residents report in the mornings and evenings, colleagues work by day and look in on duty evenings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from linli.core.clock import SHANGHAI

DAYS = 92
"""How much history the demo has."""

BY_WEEKDAY = (1.15, 1.0, 1.0, 1.0, 1.05, 0.82, 0.74)  # Monday first
BY_HOUR = (
    0.3, 0.15, 0.1, 0.1, 0.15, 0.7, 2.6, 6.2, 8.2, 7.0, 6.0, 4.8, 3.6, 3.8, 4.6, 5.2, 5.6, 6.6, 8.4, 9.2, 8.0, 4.8, 2.2, 0.9,
)  # fmt: skip
OPENS, SHUTS, LAST_LOOK = time(8, 10), time(18, 0), time(21, 0)


def at_time(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An aware moment in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)


def days_of_history(now: datetime) -> list[date]:
    """The days before today that have a history, oldest first, and today."""
    today = now.astimezone(SHANGHAI).date()
    return [today - timedelta(days=ago) for ago in range(DAYS, -1, -1)]


def reporting_moment(dice: Random, day: date, *, is_staff: bool) -> datetime:
    """A moment of `day` at which somebody reports; staff write down what they are told while at work."""
    hour = dice.choices(range(24), BY_HOUR)[0]
    if is_staff:
        hour = 8 + hour % 10
    return at_time(day, hour, dice.randrange(60), dice.randrange(60))


def at_work(moment: datetime, dice: Random) -> datetime:
    """`moment` if somebody is at work then, else soon after work begins again. Some look in again until nine."""
    local = moment.astimezone(SHANGHAI)
    clock_time = local.time()
    if OPENS <= clock_time < SHUTS or (SHUTS <= clock_time < LAST_LOOK and dice.random() < 0.4):
        return local
    day = local.date() + timedelta(days=0 if clock_time < OPENS else 1)
    return at_time(day, 8, 10, dice.randrange(60)) + timedelta(minutes=dice.expovariate(1 / 35))


def awake(moment: datetime, dice: Random) -> datetime:
    """`moment`, or the next morning where it is night: residents answer between seven and half past ten."""
    local = moment.astimezone(SHANGHAI)
    if time(7) <= local.time() < time(22, 30):
        return local
    day = local.date() + timedelta(days=0 if local.hour < 7 else 1)
    return at_time(day, 7, dice.randrange(60), dice.randrange(60)) + timedelta(minutes=dice.randrange(90))


def some_minutes(dice: Random, *, median: float, spread: float = 1.0, most: float = 720.0) -> timedelta:
    """A waiting time with a long tail."""
    return timedelta(minutes=min(median * dice.lognormvariate(0, spread), most), seconds=dice.randrange(60))
