"""The secretary's month: what came, what was settled, how fast, how well; by kind, sub-area, building and hour. Never by worker.

One query a group. Each number carries the filter it was counted by, and is therefore as long as the list it opens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Case, Count, DurationField, ExpressionWrapper, F, IntegerField, Value, When
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.clock import SHANGHAI
from linli.core.errors import NotAllowed
from linli.matters.filters import NOWHERE, NOWHERE_WORDS, Days, DeskFilter
from linli.matters.models import MatterKind
from linli.matters.queries import condition_of, matters_visible_to
from linli.places.models import Building, SubArea

from .. import rules
from ..rules import Spans
from .counting import Mean, Number, Share, count, counters, mean_rating

BUILDINGS_SHOWN = 10
BANDS = ((0, 6), (6, 9), (9, 12), (12, 15), (15, 18), (18, 24))
"""Hours of the day put together as a duty roster does."""


class Percentile(Aggregate):
    """percentile_cont over a wait."""

    template = "percentile_cont(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Span:
    """One column: its days, and what was counted in them."""

    days: Days
    reported: Number
    settled: Number
    in_time: Share
    late: Number
    reopened: Number
    rating: Mean
    taken: Number
    median: str  # of the wait until somebody took it, in words; "" where nobody did
    ninetieth: str


@dataclass(frozen=True)
class Now:
    """What lies before us at this moment, whatever month it is of."""

    open: Number
    late: Number
    waiting: Number


@dataclass(frozen=True)
class Row:
    """One kind or sub-area: this span and the one before; `part` is its bar, 0 to 100 of the longest."""

    name: str
    reported: Number
    before: Number
    late: Number
    in_time: Share
    rating: Mean
    part: int


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map: how many, and how full from 0 to 5."""

    number: Number
    heat: int
    name: str = ""


@dataclass(frozen=True)
class Figures:
    """The page: everything counted at one moment."""

    month: date
    spans: Spans
    counted_at: datetime
    this: Span
    before: Span
    last_month: Span
    now: Now
    kinds: list[Row]
    sub_areas: list[Row]
    buildings: list[Cell]
    hours: list[tuple[str, list[Cell]]]

    @property
    def bands(self) -> list[str]:
        return [_hours_words(band) for band in BANDS]

    @property
    def change(self) -> str:
        return rules.change_words(self.this.reported.value, self.before.reported.value)


def figures_of(actor: Actor, month: date) -> Figures:
    """The figures of `month` for who may see figures.

    Raises:
        NotAllowed
    """
    actor.require(Permission.FIGURES_SEE)
    if not actor.may(Permission.MATTERS_SEE_ALL):
        raise NotAllowed()  # what one does not see cannot be counted
    now, spans = clock.now(), rules.spans_of(month, clock.today())
    counting = _Counting(actor, now, spans)
    this, before, last_month = counting.columns()
    return Figures(
        month=month.replace(day=1),
        spans=spans,
        counted_at=now,
        this=this,
        before=before,
        last_month=last_month,
        now=counting.at_present(),
        kinds=counting.by_kind(),
        sub_areas=counting.by_sub_area(),
        buildings=counting.by_building(),
        hours=counting.by_hour(),
    )


@dataclass(frozen=True)
class _Counting:
    actor: Actor
    now: datetime
    spans: Spans

    def _rows(self) -> Any:
        """Everything the three spans may count as reported: an index range."""
        first, last = self.spans.first, self.spans.this[1]
        return (
            matters_visible_to(self.actor)
            .select_related(None)
            .filter(Days(first, last).holds("reported_at"))
            .order_by()
        )

    def columns(self) -> list[Span]:
        """The three columns: one query over what was reported in them, one over what was answered."""
        spans = [Days(*span) for span in (self.spans.this, self.spans.before, self.spans.last_month)]
        wanted: dict[str, DeskFilter] = {}
        more: dict[str, Any] = {}
        for i, days in enumerate(spans):
            base = DeskFilter("all", reported=days)
            wanted |= {f"{name}_{i}": each for name, each in _narrowed(base).items()}
            taken = condition_of(self.actor, wanted[f"taken_{i}"], self.now)
            wait = ExpressionWrapper(F("accepted_at") - F("reported_at"), output_field=DurationField())
            more[f"rating_{i}"] = mean_rating(self.actor, wanted[f"rated_{i}"], self.now)
            more[f"median_{i}"] = Percentile(wait, filter=taken, part="0.5")
            more[f"ninetieth_{i}"] = Percentile(wait, filter=taken, part="0.9")
        found = count(self._rows(), self.actor, wanted, self.now, **more)
        settled = {f"settled_{i}": DeskFilter("all", answered=days) for i, days in enumerate(spans)}
        answered = matters_visible_to(self.actor).filter(
            Days(self.spans.first, self.spans.this[1]).holds("fed_back_at")
        )
        found |= count(answered, self.actor, settled, self.now)
        wanted |= settled
        return [_span(days, i, wanted, found) for i, days in enumerate(spans)]

    def at_present(self) -> Now:
        wanted = {
            "open": DeskFilter("open"),
            "late": DeskFilter("open", is_late=True),
            "waiting": DeskFilter("waiting"),
        }
        rows = matters_visible_to(self.actor).filter(closed_at__isnull=True)
        found = count(rows, self.actor, wanted, self.now)
        return Now(**{name: Number(found[name], each) for name, each in wanted.items()})

    def by_kind(self) -> list[Row]:
        """Every top kind that is offered or was used, with all under it, in the community's order."""
        kinds = {kind.code: kind for kind in MatterKind.objects.filter(level=1).order_by("order", "code")}
        found = self._grouped("kind__path__0")
        shown = [code for code, kind in kinds.items() if kind.is_offered or code in found]
        return self._lines(found, [(code, kinds[code].name, code) for code in shown], lambda f, code: f.but(kind=code))

    def by_sub_area(self) -> list[Row]:
        """Every sub-area in its order, and at the end what lies in none."""
        areas = list(SubArea.objects.order_by("order", "code").values_list("code", "name"))
        found = self._grouped("sub_area__code")
        keys: list[tuple[Any, str, str]] = [(code, name, code) for code, name in areas]
        if None in found:
            keys.append((None, NOWHERE_WORDS, NOWHERE))
        return self._lines(found, keys, lambda f, code: f.but(sub_area=code))

    def _grouped(self, by: str) -> dict[Any, dict[str, Any]]:
        base, before = self._bases()
        wanted = {"before": before, **_narrowed(base)}
        rating = mean_rating(self.actor, wanted["rated"], self.now)
        rows = self._rows().values(by).annotate(**counters(self.actor, wanted, self.now), rating_mean=rating)
        return {row[by]: row for row in rows}

    def _bases(self) -> tuple[DeskFilter, DeskFilter]:
        this, before = (DeskFilter("all", reported=Days(*span)) for span in (self.spans.this, self.spans.before))
        return this, before

    def _lines(
        self,
        found: dict[Any, dict[str, Any]],
        keys: list[tuple[Any, str, str]],
        narrow: Callable[[DeskFilter, str], DeskFilter],
    ) -> list[Row]:
        most = rules.most_of(row["reported"] for row in found.values())
        base, before = self._bases()
        lines = []
        for key, name, code in keys:
            row = found.get(key, {})
            wanted = {each: narrow(each_filter, code) for each, each_filter in _narrowed(base).items()}
            number = {each: Number(row.get(each, 0), wanted[each]) for each in wanted}
            lines.append(
                Row(
                    name=name,
                    reported=number["reported"],
                    before=Number(row.get("before", 0), narrow(before, code)),
                    late=number["late"],
                    in_time=Share(number["in_time"], number["in_time"].value + number["late"].value),
                    rating=Mean(row.get("rating_mean"), number["rated"]),
                    part=100 * number["reported"].value // most if most else 0,
                )
            )
        return lines

    def by_building(self) -> list[Cell]:
        """The buildings most was reported of in this span, the most first."""
        base, _ = self._bases()
        rows = self._rows().filter(condition_of(self.actor, base, self.now), building__isnull=False)
        found = list(
            rows.values_list("building").annotate(many=Count("id")).order_by("-many", "building")[:BUILDINGS_SHOWN]
        )
        names = dict(Building.objects.filter(pk__in=[key for key, _ in found]).values_list("pk", "name"))
        most = rules.most_of(many for _, many in found)
        return [Cell(Number(many, base.but(building=key)), rules.heat(many, most), names[key]) for key, many in found]

    def by_hour(self) -> list[tuple[str, list[Cell]]]:
        """Monday to Sunday, each by BANDS of the day."""
        base, _ = self._bases()
        hour = ExtractHour("reported_at", tzinfo=SHANGHAI)
        rows = self._rows().filter(condition_of(self.actor, base, self.now)).annotate(hour=hour)
        band = Case(
            *(When(hour__lt=after, then=Value(i)) for i, (_, after) in enumerate(BANDS)), output_field=IntegerField()
        )
        day = ExtractIsoWeekDay("reported_at", tzinfo=SHANGHAI)
        found = {
            (weekday, i): many
            for weekday, i, many in rows.annotate(day=day, band=band)
            .values_list("day", "band")
            .annotate(many=Count("id"))
        }
        most = rules.most_of(found.values())

        def cell(weekday: int, i: int) -> Cell:
            many = found.get((weekday, i), 0)
            return Cell(
                Number(many, base.but(weekday=weekday, hours=BANDS[i])), rules.heat(many, most), _hours_words(BANDS[i])
            )

        return [
            (f"周{'一二三四五六日'[weekday - 1]}", [cell(weekday, i) for i in range(len(BANDS))])
            for weekday in range(1, 8)
        ]


def _hours_words(band: tuple[int, int]) -> str:
    return f"{band[0]}–{band[1]}点"


def _narrowed(base: DeskFilter) -> dict[str, DeskFilter]:
    """What is counted of a span, by the name of the count."""
    return {
        "reported": base,
        "in_time": base.but(is_in_time=True),
        "late": base.but(is_late=True),
        "reopened": base.but(is_reopened=True),
        "rated": base.but(is_rated=True),
        "taken": base.but(is_taken=True),
    }


def _span(days: Days, i: int, wanted: dict[str, DeskFilter], found: dict[str, Any]) -> Span:
    def number(name: str) -> Number:
        return Number(found[f"{name}_{i}"], wanted[f"{name}_{i}"])

    return Span(
        days=days,
        reported=number("reported"),
        settled=number("settled"),
        in_time=Share(number("in_time"), number("in_time").value + number("late").value),
        late=number("late"),
        reopened=number("reopened"),
        rating=Mean(found[f"rating_{i}"], number("rated")),
        taken=number("taken"),
        median=rules.spell_hours(_hours(found[f"median_{i}"])),
        ninetieth=rules.spell_hours(_hours(found[f"ninetieth_{i}"])),
    )


def _hours(wait: timedelta | None) -> float | None:
    return None if wait is None else wait / timedelta(hours=1)
