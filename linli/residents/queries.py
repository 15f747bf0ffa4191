"""Who is in the register, who lives where, and how a person is shown unasked: masked, as a card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from linli.core import clock, reading
from linli.core.access import Actor, Permission
from linli.core.masking import mask_id_number, mask_name, mask_phone
from linli.places.models import Dwelling
from linli.places.queries import place_label

from . import rules
from .codes import ResidenceKind, Sex, category_name
from .models import Category, CorrectionRequest, Residence, Resident
from .second_person import why_second


def residents_visible_to(actor: Actor) -> QuerySet[Resident]:
    """Those the actor speaks for; staff also all of the community, or who lives in their sub-areas today. By pinyin."""
    rows = Resident.objects.order_by("pinyin", "id")
    seen = Q(pk__in=actor.speaks_for)
    if not actor.may(Permission.RESIDENTS_SEE):
        return rows.filter(seen)
    if is_bound_to_patch(actor):
        return rows.filter(
            seen | Exists(lived_today().filter(dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids))
        )
    return rows


def is_bound_to_patch(actor: Actor) -> bool:
    """Whether the actor sees only sub-areas: specialists, unless another post of theirs sees the whole community."""
    return actor.may(Permission.MATTERS_SEE_PATCH) and not actor.may(Permission.MATTERS_SEE_ALL)


def may_see_resident(actor: Actor, resident_id: UUID) -> bool:
    return residents_visible_to(actor).filter(pk=resident_id).exists()


def lived_today() -> QuerySet[Residence]:
    """Residences lived in today of the resident of the outer query."""
    return lived_on(clock.today()).filter(resident=OuterRef("pk"))


def lived_everywhere_today() -> QuerySet[Residence]:
    """All residences lived in today."""
    return lived_on(clock.today())


def lived_on(day: date) -> QuerySet[Residence]:
    return Residence.objects.filter(kind=ResidenceKind.LIVED, span__contains=day)


def residence_of(resident: Resident, on: date | None = None) -> Residence | None:
    """Where the resident lives (lived) on that day (today), with the dwelling and what it is in; None when unknown."""
    rows = lived_on(on or clock.today()).filter(resident=resident)
    return rows.select_related("dwelling__entrance__building__grid__sub_area", "household").first()


def door_of(resident_ids: Iterable[UUID]) -> Dwelling | None:
    """The door where the first of these residents lives today, with its entrance and building; None when none is known.

    Three joins, not seven: most of a wide join's time goes into planning it.
    """
    rows = lived_on(clock.today()).filter(resident_id__in=list(resident_ids)).order_by("resident_id")
    residence = rows.select_related("dwelling__entrance__building").first()
    return residence.dwelling if residence else None


def who_lives_in(dwelling: Dwelling, on: date | None = None) -> QuerySet[Resident]:
    """Who lived behind that door on that day (today), by pinyin. Pages narrow it by `residents_visible_to`."""
    lived = lived_on(on or clock.today()).filter(dwelling=dwelling)
    return Resident.objects.filter(pk__in=Subquery(lived.values("resident"))).order_by("pinyin", "id")


def residences_of(resident: Resident) -> QuerySet[Residence]:
    """All residences, the newest first."""
    return (
        Residence.objects.filter(resident=resident)
        .select_related("dwelling__entrance__building")
        .order_by("-span", "id")
    )


def categories_of(resident: Resident) -> QuerySet[Category]:
    """All categories, ended ones too, the newest first."""
    return Category.objects.filter(resident=resident).order_by("-span", "id")


@dataclass(frozen=True)
class ResidentCard:
    """A person as shown unasked. Pages and API show people by this and nothing else."""

    id: UUID
    name: str  # masked: 王*芳
    sex: str  # in words, "" when unknown
    age: int | None  # completed years today, or at death
    phone: str  # masked, "" for none
    id_number: str  # masked, "" for none
    doors: tuple[str, ...]  # lived in today, 48-2-301
    categories: tuple[str, ...]  # in words, in force today
    is_dead: bool

    @property
    def surname(self) -> str:
        """What stays readable of a masked name: its first character."""
        return self.name[:1]

    @property
    def is_over_80(self) -> bool:
        return self.age is not None and self.age >= 80


def with_cards(rows: QuerySet[Resident]) -> QuerySet[Resident]:
    """`rows` with what their cards need loaded in the same query."""
    today = clock.today()
    lived = lived_today().values_list("dwelling__door", flat=True)
    counted = Category.objects.filter(resident=OuterRef("pk"), span__contains=today).order_by("kind")
    return rows.annotate(
        card_doors=ArraySubquery(lived), card_kinds=ArraySubquery(counted.values_list("kind", flat=True))
    )


def cards_of(rows: QuerySet[Resident]) -> list[ResidentCard]:
    """The rows' cards, in their order; slice before, for a page. One query."""
    return [_card(row) for row in with_cards(rows)]


def card_of(resident: Resident) -> ResidentCard:
    """One resident's card (a query, where the row was not loaded by `with_cards`)."""
    if not hasattr(resident, "card_doors"):
        resident = with_cards(Resident.objects.filter(pk=resident.pk)).get()
    return _card(resident)


def _card(row: Any) -> ResidentCard:
    reading.shown([row.id])
    until = row.died_on or clock.today()
    return ResidentCard(
        id=row.id,
        name=mask_name(row.name),
        sex="" if row.sex in {Sex.UNKNOWN, Sex.UNSTATED} else row.get_sex_display(),
        age=rules.age_on(row.birth_on, until) if row.birth_on else None,
        phone=mask_phone(row.phone) if row.phone else "",
        id_number=mask_id_number(row.id_number) if row.id_number else "",
        doors=tuple(row.card_doors),
        categories=tuple(category_name(kind) for kind in row.card_kinds),
        is_dead=row.died_on is not None,
    )


def residents_by_phone(phone: str) -> QuerySet[Resident]:
    """Residents who gave that number: candidates for a link between an account and the register."""
    return Resident.objects.filter(phone_index=phone).order_by("pinyin", "id") if phone else Resident.objects.none()


def in_category(rows: QuerySet[Resident], kind: str, on: date | None = None) -> QuerySet[Resident]:
    """Those of `rows` in the category on that day (today)."""
    held = Category.objects.filter(resident=OuterRef("pk"), kind=kind, span__contains=on or clock.today())
    return rows.filter(Exists(held))


def over(rows: QuerySet[Resident], years: int, on: date | None = None) -> QuerySet[Resident]:
    """Those of `rows` alive who have completed `years` years on that day (today)."""
    return rows.filter(died_on=None, birth_on__lte=rules.latest_birth_of(years, on or clock.today()))


@dataclass(frozen=True)
class HomeOfResident:
    """A door somebody lives behind, ready to be chosen when reporting a matter."""

    resident_id: UUID
    dwelling: Dwelling
    label: str


def homes_of(resident_ids: Iterable[UUID]) -> list[HomeOfResident]:
    """Where the given residents live today, one query, by door."""
    rows = lived_on(clock.today()).filter(resident__in=list(resident_ids))
    rows = rows.select_related("dwelling__entrance__building__grid__sub_area").order_by("dwelling__door")
    return [HomeOfResident(row.resident_id, row.dwelling, place_label(dwelling=row.dwelling)) for row in rows]


@dataclass(frozen=True)
class Apartness:
    """人户分离 in words: the door lived behind, and the one of the household book."""

    lived: str
    registered: str


def apartness_of(resident: Resident, on: date | None = None) -> Apartness | None:
    """Where the resident lives and where they are registered, when these are two doors; None where they are one."""
    rows = Residence.objects.filter(resident=resident, span__contains=on or clock.today())
    held = {row.kind: row for row in rows.select_related("dwelling__entrance__building")}
    lived, registered = held.get(ResidenceKind.LIVED), held.get(ResidenceKind.REGISTERED)
    if lived is None or registered is None or lived.dwelling_id == registered.dwelling_id:
        return None
    return Apartness(place_label(dwelling=lived.dwelling), place_label(dwelling=registered.dwelling))


def corrections_visible_to(actor: Actor) -> QuerySet[CorrectionRequest]:
    """Requests of the actor's own, of residents they speak for, and for staff of residents they may see; oldest first."""
    rows = CorrectionRequest.objects.select_related("resident").order_by("requested_at", "id")
    own = Q(requested_by=actor.account_id) | Q(resident__in=actor.speaks_for)
    if actor.account_id is None:
        return rows.none()
    if not actor.may(Permission.RESIDENTS_SEE):
        return rows.filter(own)
    return rows.filter(own | Q(resident__in=residents_visible_to(actor).order_by().values("pk")))


def may_decide(actor: Actor, request: CorrectionRequest) -> bool:
    """Whether the actor may agree or not: never who asked; a field that needs no second person any keeper in reach."""
    if actor.account_id is None or actor.account_id == request.requested_by:
        return False
    if not may_see_resident(actor, request.resident_id):
        return False
    if actor.may(Permission.CORRECTIONS_CONFIRM):
        return True
    return request.is_own and not why_second(request.field) and actor.may(Permission.RESIDENTS_LINK)


def survivor_of(resident_id: UUID) -> UUID | None:
    """The id under which somebody is kept whose record was merged into another; None for a record of its own."""
    found, at = None, resident_id
    for _ in range(8):
        row = Resident.with_merged.filter(pk=at).exclude(merged_into=None).values_list("merged_into_id", flat=True)
        into = row.first()
        if into is None:
            break
        found = at = into
    return found
