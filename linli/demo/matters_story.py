"""Three months of matters as a plan: who reports what and when, who takes it, how it ends. Pure, with a fixed seed.

A matter's life is drawn to its end and then cut off at `now`: what has not happened yet is what is open today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from linli.core.clock import SHANGHAI
from linli.matters.actions import USUAL_KINDS
from linli.matters.models import Ending, Source
from linli.worktime.rules import after_calendar_days

from . import words as bank
from .cast import back_office_of, specialist_of
from .geography import Site
from .hours import BY_WEEKDAY, at_work, awake, days_of_history, reporting_moment, some_minutes
from .people import Person

PROMISES = {kind.code: kind.promise_days for kind in USUAL_KINDS}
HOW_OFTEN = {
    "leak": 15, "repair": 17, "stairs": 9, "fire": 5, "noise": 9, "clean": 14,
    "parking": 10, "dispute": 5, "elder": 10, "policy": 6, "other": 3,
}  # fmt: skip
REPORTER = "reporter"
NOTES_OF_PLACE = {
    "stairs": ("{f}楼转角", "{f}楼过道", "一楼门口", "{f}楼到顶楼之间", "单元门边"),
    "house": ("北侧", "南侧花坛边", "楼前", "东山墙边", "楼后小路"),
    "yard": ("楼前空地", "楼西面的花坛", "健身角", "河边步道口", "充电棚旁"),
    "gate": ("小区东门口", "小区北门", "河边步道", "大草坪旁边", "阳光食堂门口"),
}


@dataclass(frozen=True)
class Step:
    """One thing done to a matter. `by` is a colleague's name, or REPORTER."""

    at: datetime
    verb: str  # accept, pass, note, feed_back, refuse, confirm, reopen, call_back
    by: str
    words: str = ""
    ending: Ending = Ending.SOLVED
    rating: int | None = None
    photo: str = ""


@dataclass(frozen=True)
class Place:
    """Where: a door, an entrance or a building by number, and words; all empty for a place no register knows."""

    building: int | None = None
    entrance: int | None = None
    door: str = ""
    note: str = ""


@dataclass(frozen=True)
class MatterPlan:
    """A matter's whole life so far. `account` is the phone of the reporting resident; "" where `by` a colleague reports."""

    at: datetime
    kind: str
    words: str
    place: Place
    source: Source
    account: str = ""
    by: str = ""
    for_id_number: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    photo: str = ""
    steps: tuple[Step, ...] = ()

    def until(self, now: datetime) -> MatterPlan:
        """The matter as it stands at `now`."""
        return replace(self, steps=tuple(step for step in self.steps if step.at <= now))


def matters_of(
    site: Site, people: Sequence[Person], holders: Sequence[Person], now: datetime, *, count: int
) -> list[MatterPlan]:
    """About `count` matters of the last three months, and those open today, by the time of the report.

    `holders` are the residents with an account; others are reported for by a colleague.
    """
    teller = _Teller(site, people, holders, now)
    days = days_of_history(now)
    weights = [BY_WEEKDAY[day.weekday()] * (2.2 if day in teller.wet_days else 1.0) for day in days]
    plans = [teller.some_matter(day) for day in teller.dice.choices(days, weights, k=count)]
    plans += [plan for patch in site.patches for plan in teller.open_today(patch.code)]
    told = [plan.until(now) for plan in plans if plan.at <= now]
    return sorted(told, key=lambda plan: (plan.at, plan.words))


class _Teller:
    def __init__(self, site: Site, people: Sequence[Person], holders: Sequence[Person], now: datetime) -> None:
        self.site, self.now, self.holders = site, now, list(holders)
        self.dice = Random(f"matters {site.code}")
        self.today = now.astimezone(SHANGHAI).date()
        have_account = {person.id_number for person in holders}
        self.others = [p for p in people if p.age >= 58 and p.id_number not in have_account]
        self.back_office = back_office_of(site.community_id)
        days = days_of_history(now)
        self.wet_days = {days[i] for start in (17, 44, 71) for i in range(start, start + 3)}

    def some_matter(self, day: date) -> MatterPlan:
        """One matter reported on `day`, lived to its end."""
        source = self.dice.choices((Source.RESIDENT, Source.NEIGHBOUR, Source.DESK), (58, 12, 30))[0]
        person = self.dice.choice(self.others if source == Source.DESK else self.holders)
        at = reporting_moment(self.dice, day, is_staff=source == Source.DESK)
        return self._told(source, person, at)

    def open_today(self, patch: str) -> list[MatterPlan]:
        """What a specialist has on her desk this morning: late ones, one in her hands, some that came in just now."""
        mine = [person for person in self.holders if person.patch == patch] or self.holders
        plans = []
        for days_late, taken in ((4, True), (2, False)):
            kind = self.dice.choice(("leak", "repair", "clean", "noise", "parking"))
            at = self.now - timedelta(days=PROMISES[kind] + days_late, minutes=self.dice.randrange(20, 400))
            plan = self._told(Source.RESIDENT, self.dice.choice(mine), awake(at, self.dice), kind=kind, is_plain=True)
            plans.append(replace(plan, steps=_stalled(plan.steps) if taken else ()))
        plan = self._told(Source.RESIDENT, self.dice.choice(mine), self._lately(600, 1500), is_plain=True)
        plans.append(replace(plan, steps=plan.steps[:1]))
        for minutes in (12, 60):
            plan = self._told(
                Source.RESIDENT, self.dice.choice(mine), self._lately(minutes, minutes + 90), is_plain=True
            )
            plans.append(replace(plan, steps=()))
        return plans

    def _lately(self, shortest: int, longest: int) -> datetime:
        """Some minutes ago, but not in the night: then it was the evening before."""
        at = (self.now - timedelta(minutes=self.dice.randint(shortest, longest))).astimezone(SHANGHAI)
        return at if 6 <= at.hour < 23 else at - timedelta(hours=(at.hour + 3) % 24)

    def _told(
        self, source: Source, person: Person, at: datetime, *, kind: str = "", is_plain: bool = False
    ) -> MatterPlan:
        kind = kind or self._kind(at.date())
        cases = [case for case in bank.CASES[kind] if case.fits(at.month) and not (is_plain and case.where == "gate")]
        case = self.dice.choice(cases)
        floor, number = self.dice.randint(2, 5), self.dice.randint(2, 3)
        fill = {"f": floor, "n": floor + 1 if floor < 6 else number}
        plan = MatterPlan(
            at=at,
            kind=kind,
            words=self.dice.choice(bank.OPENERS) + case.report.format(**fill) + self.dice.choice(bank.CLOSERS),
            place=self._place(case, person, fill),
            source=source,
            photo=case.photo if case.photo and self.dice.random() < 0.09 else "",
            **self._who(source, person),  # type: ignore[arg-type]
        )
        return replace(plan, steps=tuple(_Life(self, plan, case, person.patch, is_plain=is_plain).steps()))

    def _kind(self, day: date) -> str:
        often = dict(HOW_OFTEN)
        if day in self.wet_days:
            often["leak"] *= 4
        if day.month in {6, 7, 8}:
            often["noise"] *= 2
        if day.month in {12, 1, 2}:
            often["elder"] *= 2
        return self.dice.choices(list(often), list(often.values()))[0]

    def _place(self, case: bank.Case, person: Person, fill: dict[str, int]) -> Place:
        building, entrance, _ = person.door.split("-")
        note = self.dice.choice(NOTES_OF_PLACE.get(case.where, ("",))).format(**fill)
        if case.where == "gate":
            return Place(note=note)
        if case.where == "home":
            return Place(int(building), int(entrance), person.door)
        return Place(int(building), int(entrance) if case.where == "stairs" else None, note=note)

    def _who(self, source: Source, person: Person) -> dict[str, str]:
        if source == Source.DESK:
            by = specialist_of(self.site.community_id, person.patch)
            if self.dice.random() < 0.15:
                by = self.dice.choice(self.back_office)
            return {
                "by": by,
                "for_id_number": person.id_number,
                "contact_name": person.name,
                "contact_phone": person.phone,
            }
        if source == Source.NEIGHBOUR:
            neighbour = self.dice.choice([p for p in self.others if p.patch == person.patch] or self.others)
            return {"account": person.phone, "contact_name": neighbour.name, "contact_phone": neighbour.phone}
        return {"account": person.phone}


def _stalled(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Taken and looked at, and then nothing more."""
    return tuple(step for step in steps if step.verb in {"accept", "note"})


class _Life:
    """Draws what happens to one matter after its report."""

    def __init__(self, teller: _Teller, plan: MatterPlan, case: bank.Case, patch: str, *, is_plain: bool) -> None:
        self.dice, self.plan, self.case, self.is_plain = teller.dice, plan, case, is_plain
        self.back = self.dice.choice(teller.back_office)
        self.has_patch = plan.place.building is not None
        self.handler = specialist_of(teller.site.community_id, patch) if self.has_patch else self.back
        self.is_residents = plan.account != ""
        self.at = plan.at
        self.told: list[Step] = []

    def steps(self) -> list[Step]:
        is_urgent = self.plan.kind in {"fire", "elder"}
        self._work(some_minutes(self.dice, median=11 if is_urgent else 32, spread=1.1))
        if not self.is_plain and self.dice.random() < 0.022:
            self._add("refuse", self.handler, self.dice.choice(bank.REFUSED))
            return self.told
        self._take()
        ending, answer = self._outcome()
        self._handle(self._handling_time(), answer, ending, with_photo=True)
        self._close(may_reopen=True)
        return self.told

    def _take(self) -> None:
        often = {"policy": 0.25, "dispute": 0.25, "other": 0.4}.get(self.plan.kind, 0.05)
        if self.has_patch and not self.is_plain and self.dice.random() < often:
            if self.dice.random() < 0.6:
                self._add("accept", self.handler)
                self._work(some_minutes(self.dice, median=70))
            self._add("pass", self.handler, self.dice.choice(bank.PASSING))
            self.handler = self.back
            self._work(some_minutes(self.dice, median=45))
        self._add("accept", self.handler)

    def _outcome(self) -> tuple[Ending, str]:
        drawn = self.dice.random()
        if drawn < 0.86 or self.is_plain:
            return Ending.SOLVED, self.case.answer
        if drawn < 0.965:
            return Ending.EXPLAINED, self.dice.choice(bank.EXPLAINED[self.plan.kind])
        return Ending.IMPOSSIBLE, self.dice.choice(bank.IMPOSSIBLE)

    def _handling_time(self) -> timedelta:
        promise = PROMISES[self.plan.kind]
        due = after_calendar_days(self.plan.at, promise)
        if self.dice.random() < 0.055:
            return due - self.at + timedelta(hours=self.dice.uniform(2, 60))
        drawn = timedelta(days=promise * self.dice.betavariate(1.2, 3.4)) + some_minutes(self.dice, median=60)
        # Whoever sees the promise coming answers before it, in the afternoon at the latest.
        return max(min(drawn, due - timedelta(hours=7) - self.at), timedelta(minutes=25))

    def _handle(self, takes: timedelta, answer: str, ending: Ending, *, with_photo: bool) -> None:
        began, photo = self.at, self.plan.photo if with_photo else ""
        if ending == Ending.SOLVED and self.dice.random() < 0.92:
            self.at = at_work(began + takes * self.dice.uniform(0.2, 0.6), self.dice)
            if self.at < began + takes:
                self._add("note", self.handler, self.case.note, photo=photo)
        self.at = max(at_work(began + takes, self.dice), self.at + timedelta(minutes=self.dice.randint(6, 40)))
        self._add("feed_back", self.handler, answer, ending=ending, photo=photo and f"{photo}-after")

    def _close(self, *, may_reopen: bool) -> None:
        if not self.is_residents or self.dice.random() < 0.24:
            self._work(timedelta(hours=self.dice.uniform(20, 80)))
            self._add("call_back", self.handler, self.dice.choice(bank.CALL_BACKS))
            return
        self.at = awake(self.at + some_minutes(self.dice, median=400, spread=0.9, most=4000), self.dice)
        if may_reopen and self.dice.random() < 0.045:
            self._add("reopen", REPORTER, self.dice.choice(bank.REOPENED))
            note, answer = self.dice.choice(bank.SETTLED_LATER)
            self._work(some_minutes(self.dice, median=300))
            self._add("note", self.handler, note)
            self._work(some_minutes(self.dice, median=200))
            self._add("feed_back", self.handler, answer)
            self._close(may_reopen=False)
            return
        shares = (58, 27, 9, 3, 3) if may_reopen else (15, 40, 30, 10, 5)
        rating = self.dice.choices((5, 4, 3, 2, 1), shares)[0] if self.dice.random() < 0.88 else None
        words = self.dice.choice(bank.RATINGS[rating]) if rating else ""
        self._add("confirm", REPORTER, words, rating=rating)

    def _work(self, pause: timedelta) -> None:
        self.at = at_work(self.at + pause, self.dice)

    def _add(
        self, verb: str, by: str, words: str = "", *, ending: Ending = Ending.SOLVED, rating: int | None = None, photo: str = ""
    ) -> None:  # fmt: skip
        self.told.append(Step(self.at, verb, by, words, ending, rating, photo))
