"""When reading becomes unusual, and by when a request must be answered. Pure; the numbers are settings (LINLI_READING)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DUE_WORKING_DAYS = 15
"""Within how many working days the community answers a request about somebody's own data (PIPL article 50 names no number)."""


@dataclass(frozen=True)
class Limits:
    """How much one account reads in an hour before somebody is told, before it slows, before it is asked why.

    `people` are records opened and numbers revealed; `rows` are lines of lists. `night` is from that hour up to, not
    including, the second; then the limits are a part of those by day.
    """

    people_told: int = 120
    people_asked: int = 240
    rows_told: int = 2400
    rows_asked: int = 6000
    outside_told: int = 10
    night: tuple[int, int] = (21, 7)
    night_divisor: int = 4
    slowest_seconds: float = 2.0

    def at_hour(self, hour: int) -> Limits:
        """The limits that hold at that hour of the day, where the communities are."""
        begins, ends = self.night
        is_night = hour >= begins or hour < ends if begins > ends else begins <= hour < ends
        if not is_night:
            return self
        part = self.night_divisor
        return Limits(
            self.people_told // part,
            self.people_asked // part,
            self.rows_told // part,
            self.rows_asked // part,
            self.outside_told,
            self.night,
            part,
            self.slowest_seconds,
        )


@dataclass(frozen=True)
class Tally:
    """What one account has read in one hour. `allowed` is how many times it has said why and gone on."""

    listed: int = 0
    opened: int = 0
    revealed: int = 0
    outside: int = 0
    allowed: int = 0

    @property
    def people(self) -> int:
        return self.opened + self.revealed


def is_unusual(tally: Tally, limits: Limits) -> bool:
    """Whether somebody should know of it."""
    return (
        tally.people >= limits.people_told or tally.listed >= limits.rows_told or tally.outside >= limits.outside_told
    )


def must_say_why(tally: Tally, limits: Limits) -> bool:
    """Whether the account is asked for a reason before it reads on; each reason opens as much again."""
    rounds = 1 + tally.allowed
    return tally.people >= limits.people_asked * rounds or tally.listed >= limits.rows_asked * rounds


def delay_seconds(tally: Tally, limits: Limits) -> float:
    """How long the next page waits: nothing up to where somebody is told, then growing up to `slowest_seconds`."""
    over = max(
        _part(tally.people, limits.people_told, limits.people_asked),
        _part(tally.listed, limits.rows_told, limits.rows_asked),
    )
    return round(over * limits.slowest_seconds, 2)


def _part(count: int, begins: int, ends: int) -> float:
    if count < begins:
        return 0.0
    return min(1.0, (count - begins + 1) / max(1, ends - begins))


def after_working_days(day: date, count: int) -> date:
    """The day `count` working days after `day`. Public holidays are not taken off: the answer is due rather sooner than later."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def is_under(years: int, birth_on: date | None, today: date) -> bool:
    """Whether somebody born on that day has not completed `years` years; False where the day is not known."""
    if birth_on is None:
        return False
    completed = today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))
    return completed < years


def needs_guardian(birth_on: date | None, today: date) -> bool:
    """Whether somebody else must agree for the person: under 14 (PIPL article 31)."""
    return is_under(14, birth_on, today)
