"""Households and dwellings as pages and the API show them: who belongs, who lives behind a door, who did before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.places.models import Dwelling
from linli.places.queries import dwellings_visible_to, place_label

from .codes import Relation, ResidenceKind
from .models import Household, Merge, Residence, Resident, Tie
from .queries import ResidentCard, cards_of, is_bound_to_patch, residents_visible_to

PAST_SHOWN = 20
IN_ORDER = [Relation.HEAD, Relation.SPOUSE, Relation.SON, Relation.DAUGHTER]


def households_visible_to(actor: Actor) -> QuerySet[Household]:
    """Those of the doors whose people the actor may see, by door."""
    rows = Household.objects.select_related("dwelling__entrance__building__grid")
    rows = rows.order_by("dwelling__door", "id")
    if not actor.may(Permission.RESIDENTS_SEE):
        return rows.none()
    if is_bound_to_patch(actor):
        return rows.filter(dwelling__entrance__building__grid__sub_area__in=actor.sub_area_ids)
    return rows


def may_see_household(actor: Actor, household_id: UUID) -> bool:
    return households_visible_to(actor).filter(pk=household_id).exists()


def survivor_of(household_id: UUID) -> UUID | None:
    """The id under which a household goes on that was made one with another; None for one of its own."""
    found, at = None, household_id
    for _ in range(8):
        merges = Merge.objects.filter(kind=Merge.Kind.HOUSEHOLD, dropped=at, undone_at=None)
        into = merges.values_list("kept", flat=True).first()
        if into is None:
            break
        found = at = into
    return found


def doors_of_people_visible_to(actor: Actor) -> QuerySet[Dwelling]:
    """Dwellings of whose people the actor may read."""
    rows = dwellings_visible_to(actor)
    if not actor.may(Permission.RESIDENTS_SEE):
        return rows.none()
    if is_bound_to_patch(actor):
        return rows.filter(entrance__building__grid__sub_area__in=actor.sub_area_ids)
    return rows


@dataclass(frozen=True)
class Member:
    """One person of a household or behind a door, on a day, masked; `to_on` is the first day it no longer held."""

    card: ResidentCard
    relation: str
    relation_code: str
    population_class: str
    lives_here: bool
    elsewhere: str  # where they live, or went, in words; "" when they live here
    from_on: date
    to_on: date | None

    @property
    def label(self) -> str:
        """For choices: 王*国 62岁 户主."""
        age = f"{self.card.age}岁" if self.card.age is not None else ""
        is_head = self.relation_code == Relation.HEAD
        return " ".join(filter(None, [self.card.name, age, "户主" if is_head else self.relation]))


def members_of(household: Household, on: date | None = None) -> list[Member]:
    """Who belongs to the household on that day (today): the head, the head's family, then by age."""
    return _members(Residence.objects.filter(household=household, span__contains=on or clock.today()))


def past_members_of(household: Household) -> list[Member]:
    """Who belonged to it and no longer does, the last to leave first."""
    today = clock.today()
    now = Residence.objects.filter(household=household, span__contains=today).values("resident")
    rows = Residence.objects.filter(household=household, span__endswith__lte=today).exclude(resident__in=now)
    return _latest(_members(rows))


def _latest(members: list[Member]) -> list[Member]:
    newest = sorted(members, key=lambda each: each.to_on or date.max, reverse=True)
    seen: dict[UUID, Member] = {}
    for each in newest:
        seen.setdefault(each.card.id, each)
    return list(seen.values())[:PAST_SHOWN]


def _members(rows: QuerySet[Residence]) -> list[Member]:
    """One line a person: the lived residence stands for both."""
    found = list(rows.order_by("resident_id", "kind", "span"))  # "lived" before "registered"
    cards = {card.id: card for card in cards_of(Resident.objects.filter(pk__in={row.resident_id for row in found}))}
    members: dict[UUID, Member] = {}
    for row in found:
        if row.resident_id in cards and row.resident_id not in members:
            members[row.resident_id] = _member(row, cards[row.resident_id])
    return sorted(members.values(), key=_place_in_list)


def _member(row: Residence, card: ResidentCard) -> Member:
    lives_here = row.kind == ResidenceKind.LIVED
    return Member(
        card=card,
        relation=row.get_relation_to_head_display() if row.relation_to_head else "",
        relation_code=row.relation_to_head,
        population_class=row.get_population_class_display(),
        lives_here=lives_here,
        elsewhere="" if lives_here else row.whereabouts or "、".join(card.doors) or "别处",
        from_on=row.span.lower,
        to_on=row.span.upper,
    )


def _place_in_list(member: Member) -> tuple[bool, int, int, str]:
    place = IN_ORDER.index(Relation(member.relation_code)) if member.relation_code in IN_ORDER else len(IN_ORDER)
    return (not member.lives_here, place, -(member.card.age or 0), str(member.card.id))


@dataclass(frozen=True)
class Home:
    """A household in words."""

    id: UUID
    label: str
    head: str
    members: list[Member]
    is_dissolved: bool
    dissolved_on: date | None


def home_of(household: Household) -> Home:
    """The household with who belongs to it today, or did last."""
    members = members_of(household)
    head = next((each.card.name for each in members if each.card.id == household.head_id), "")
    return Home(
        id=household.pk,
        label=place_label(dwelling=household.dwelling),
        head=head,
        members=members,
        is_dissolved=household.dissolved_on is not None,
        dissolved_on=household.dissolved_on,
    )


@dataclass(frozen=True)
class Behind:
    """A door: its households with who lives there, those who live there without one, and those only registered there."""

    homes: list[Home]
    alone: list[Member]
    registered: list[Member]
    past_households: list[Household]
    past: list[Member]

    @property
    def living(self) -> int:
        return sum(each.lives_here for home in self.homes for each in home.members) + len(self.alone)


def behind(dwelling: Dwelling) -> Behind:
    """Everybody of the door, today and before."""
    today = clock.today()
    households = list(Household.objects.filter(dwelling=dwelling).order_by("id"))
    homes = [home_of(each) for each in households if each.dissolved_on is None]
    counted = {each.card.id for home in homes for each in home.members}
    here = Residence.objects.filter(dwelling=dwelling)
    now = _members(here.filter(span__contains=today).exclude(resident__in=counted))
    gone = here.filter(span__endswith__lte=today, kind=ResidenceKind.LIVED)
    gone = gone.exclude(resident__in=here.filter(span__contains=today).values("resident"))
    return Behind(
        homes=homes,
        alone=[each for each in now if each.lives_here],
        registered=[each for each in now if not each.lives_here],
        past_households=[each for each in households if each.dissolved_on is not None],
        past=_latest(_members(gone)),
    )


@dataclass(frozen=True)
class Kin:
    """Somebody tied to a resident, in words: 配偶, 母亲, 监护人, 子女."""

    card: ResidentCard
    words: str
    from_on: date
    to_on: date | None


def kin_of(actor: Actor, resident: Resident) -> list[Kin]:
    """Whom the register ties to the resident and the actor may see, those of today first."""
    ties = list(Tie.objects.filter(Q(resident=resident) | Q(other=resident, kind__in=["mother", "father"])))
    theirs = {tie.pk: tie.other_id if tie.resident_id == resident.pk else tie.resident_id for tie in ties}
    seen = residents_visible_to(actor).filter(pk__in=set(theirs.values()))
    cards = {card.id: card for card in cards_of(seen)}
    kin = [
        Kin(
            card=cards[theirs[tie.pk]],
            words=tie.get_kind_display() if tie.resident_id == resident.pk else "子女",
            from_on=tie.span.lower,
            to_on=tie.span.upper,
        )
        for tie in ties
        if theirs[tie.pk] in cards
    ]
    return sorted(kin, key=lambda each: (each.to_on is not None, each.from_on, each.words))


def current_home(resident: Resident) -> Residence | None:
    """Where the resident lives, or else is registered, today; with household and door."""
    rows = Residence.objects.filter(resident=resident, span__contains=clock.today())
    return rows.select_related("household", "dwelling").order_by("kind").first()


def stays_today(resident: Resident) -> QuerySet[Residence]:
    """The residences of today, lived and registered, with their doors."""
    rows = Residence.objects.filter(resident=resident, span__contains=clock.today())
    return rows.select_related("dwelling")


def last_stay(resident: Resident, kind: str) -> Residence | None:
    """The residence of that kind that began last; None where there was none."""
    rows = Residence.objects.filter(resident=resident, kind=kind).select_related("resident", "dwelling")
    return rows.order_by("-span").first()
