"""The street's board: every community one oversees, each asked in its own tenant, under one's own rights there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core import clock
from linli.core.access import Actor, Permission, Role
from linli.core.tenancy import active
from linli.matters.filters import DeskFilter
from linli.matters.queries import matters_visible_to
from linli.places.models import Community
from linli.places.queries import KnownCommunity
from linli.residents import asked, freshness

from .counting import Mean, Number, Share, count, mean_rating, month_to, touched_since


@dataclass(frozen=True)
class Standing:
    """How a community's matters stand: what is open now, and the month so far. Every number opens its list there."""

    open: Number
    late: Number
    waiting: Number
    reported: Number
    settled: Number
    in_time: Share
    rating: Mean


@dataclass(frozen=True)
class Register:
    """How a community's register stands, in numbers alone; `may_open` where the official may also read who they are."""

    people: int
    to_check: int
    waiting: int
    overdue: int
    may_open: bool
    may_decide: bool


@dataclass(frozen=True)
class Line:
    """One community; without `standing` and `register` for who may not see its figures."""

    community: Community
    code: str
    specialists: int
    standing: Standing | None
    register: Register | None = None

    @property
    def late(self) -> int:
        return self.standing.late.value if self.standing else 0


@dataclass(frozen=True)
class Board:
    """The communities of one's street, what is late first; `place` is the street's name where there is one street."""

    place: str
    lines: list[Line]
    counted_at: datetime

    @property
    def late_places(self) -> int:
        return sum(line.late > 0 for line in self.lines)

    @property
    def sees_figures(self) -> bool:
        return any(line.standing for line in self.lines)

    @property
    def totals(self) -> dict[str, int]:
        """Sums over the communities; rates are left to each."""
        names = ("open", "late", "waiting", "reported", "settled")
        return {name: sum(getattr(each, name).value for each in self._standings) for name in names}

    @property
    def registers(self) -> dict[str, int]:
        """Sums of the registers."""
        held = [line.register for line in self.lines if line.register]
        names = ("people", "to_check", "waiting", "overdue")
        return {name: sum(getattr(each, name) for each in held) for name in names}

    @property
    def _standings(self) -> Iterator[Standing]:
        return (line.standing for line in self.lines if line.standing)


def board_of(account: Account) -> Board | None:
    """The board of everybody who oversees communities today; None for all others."""
    overseen = accounts.communities_overseen_by(account)
    if not overseen:
        return None
    lines = [_line(account, known) for known in overseen]
    lines.sort(key=lambda line: (-line.late, -(line.standing.open.value if line.standing else 0), line.code))
    return Board(accounts.street_of(account), lines, clock.now())


def _line(account: Account, known: KnownCommunity) -> Line:
    """One community, with nothing but its own rows in sight."""
    with active(known.community.id):
        actor = accounts.actor_for(account, known.community, code=known.code)
        sees_figures = actor.may(Permission.FIGURES_SEE)
        return Line(
            community=known.community,
            code=known.code,
            specialists=len(accounts.staff_of(known.community, Role.SPECIALIST)),
            standing=standing_of(actor, clock.today()) if sees_figures else None,
            register=register_of(actor) if sees_figures else None,
        )


def register_of(actor: Actor) -> Register:
    """The active community's register, two queries."""
    buckets = freshness.whole()
    waiting, overdue = asked.counts_of_community()
    return Register(
        people=buckets.people,
        to_check=buckets.to_check,
        waiting=waiting,
        overdue=overdue,
        may_open=actor.may(Permission.RESIDENTS_SEE),
        may_decide=actor.may(Permission.RESIDENTS_LINK),
    )


def standing_of(actor: Actor, today: date) -> Standing:
    """The active community's standing, one query."""
    now, days = clock.now(), month_to(today)
    month = DeskFilter("all", month=days.first)
    wanted = {
        "open": DeskFilter("open"),
        "late": DeskFilter("open", is_late=True),
        "waiting": DeskFilter("waiting"),
        "reported": month,
        "settled": DeskFilter("all", answered=days),
        "in_time": month.but(is_in_time=True),
        "not_in_time": month.but(is_late=True),
        "rated": month.but(is_rated=True),
    }
    rows = matters_visible_to(actor).filter(touched_since(days.first))
    found = count(rows, actor, wanted, now, rating=mean_rating(actor, wanted["rated"], now))
    number = {name: Number(found[name], each) for name, each in wanted.items()}
    return Standing(
        open=number["open"],
        late=number["late"],
        waiting=number["waiting"],
        reported=number["reported"],
        settled=number["settled"],
        in_time=Share(number["in_time"], found["in_time"] + found["not_in_time"]),
        rating=Mean(found["rating"], number["rated"]),
    )
