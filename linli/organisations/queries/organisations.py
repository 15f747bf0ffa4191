"""Organisations as they are shown and asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.core import clock
from linli.core.access import GRANTS, Actor, Permission
from linli.core.masking import mask_name, mask_phone
from linli.core.models import TrailEntry
from linli.places.models import Building, SubArea
from linli.places.queries import place_label

from ..kinds import GROUPS, SINGLE, Role, kinds
from ..models import Organisation, OrganisationPlace, OrganisationPost, OrganisationTerm

WHOLE = "全社区"
TRAIL_SHOWN = 20
PLACE_ROWS = ("sub_area", "estate", "building", "entrance__building", "dwelling__entrance__building")


def organisations_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """The community's organisations, also those that have ended, for who works at its desk; by order and name."""
    rows = Organisation.objects.select_related("parent").order_by("order", "name", "id")
    return rows if actor.may(Permission.DESK_OPEN) else rows.none()


def running_on(rows: QuerySet[Organisation], day: date) -> QuerySet[Organisation]:
    """Those of `rows` that there are on that day."""
    return rows.filter(span__contains=day)


def places_within(sub_area: SubArea) -> Q:
    """The condition for an OrganisationPlace that is the sub-area, lies in it or reaches over it."""
    nowhere = Q(**{f"{target}__isnull": True for target in OrganisationPlace.TARGETS})
    return (
        nowhere
        | Q(sub_area=sub_area)
        | Q(building__grid__sub_area=sub_area)
        | Q(entrance__building__grid__sub_area=sub_area)
        | Q(dwelling__entrance__building__grid__sub_area=sub_area)
        | Q(estate__in=Building.objects.filter(grid__sub_area=sub_area).values("estate"))
    )


def in_sub_area(rows: QuerySet[Organisation], sub_area: SubArea, day: date) -> QuerySet[Organisation]:
    """Those of `rows` that serve the sub-area or stand in it on that day; those of the whole community too."""
    theirs = OrganisationPlace.objects.filter(places_within(sub_area), organisation=OuterRef("pk"), span__contains=day)
    return rows.filter(Exists(theirs))


def sub_area_ids_of(organisation: Organisation) -> set[UUID | None]:
    """The sub-areas the organisation's open places lie in; None among them where one is the whole community."""
    found: set[UUID | None] = set()
    open_places = OrganisationPlace.objects.filter(organisation=organisation, span__upper_inf=True)
    for place in open_places.select_related(
        "building__grid", "entrance__building__grid", "dwelling__entrance__building__grid"
    ):
        found |= reach_of(place)
    return found


def reach_of(place: OrganisationPlace) -> set[UUID | None]:
    """The sub-areas one place lies in."""
    if place.estate_id:
        inside = Building.objects.filter(estate=place.estate_id).values_list("grid__sub_area", flat=True)
        return set(inside.distinct())
    building = _building_of(place)
    return {building.grid.sub_area_id} if building else {place.sub_area_id}


def _building_of(place: OrganisationPlace) -> Building | None:
    if place.dwelling is not None:
        return place.dwelling.entrance.building
    return place.entrance.building if place.entrance is not None else place.building


def place_words(place: OrganisationPlace) -> str:
    """The place in words: 东片, 仓基新村, 48幢2单元, 全社区."""
    if place.sub_area is not None:
        return place.sub_area.name
    if place.estate is not None:
        return place.estate.name
    return place_label(building=place.building, entrance=place.entrance, dwelling=place.dwelling) or WHOLE


def keeps_all(actor: Actor) -> bool:
    """Whether the actor keeps the organisations of the whole community, not of a sub-area alone."""
    keepers = (duty for duty in actor.duties if Permission.ORGANISATIONS_KEEP in GRANTS[duty.role])
    return any(duty.sub_area_id is None for duty in keepers)


def may_keep(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may write about the organisation: a specialist where all it does lies in the own sub-area."""
    if keeps_all(actor):
        return True
    if not actor.may(Permission.ORGANISATIONS_KEEP) or organisation.of_kind.is_party:
        return False
    reach = sub_area_ids_of(organisation)
    return bool(reach) and reach <= actor.sub_area_ids


def holder_name(actor: Actor, post: OrganisationPost) -> str:
    """Who holds the post. That hangs on the notice board; whoever has no business with residents still gets the mask."""
    name = post.resident.name if post.resident else post.name
    return name if actor.may(Permission.RESIDENTS_SEE) else mask_name(name)


@dataclass(frozen=True)
class Card:
    """An organisation in a list."""

    organisation: Organisation
    head: str
    places: tuple[str, ...]
    is_due: bool


def cards_of(actor: Actor, rows: Iterable[Organisation], day: date) -> list[Card]:
    """Each with who leads it and where it works on that day; two queries for all."""
    listed = list(rows)
    heads, places = heads_of(actor, listed, day), places_of(listed, day)
    return [
        Card(row, heads.get(row.pk, ""), tuple(places.get(row.pk, ())), row.is_due_on(clock.today())) for row in listed
    ]


def heads_of(actor: Actor, rows: Sequence[Organisation], day: date) -> dict[UUID, str]:
    """Who leads each organisation on that day; of those without a head, whom one turns to."""
    held = OrganisationPost.objects.filter(
        organisation__in=rows, role__in=[*SINGLE, Role.CONTACT, Role.GRID_WORKER], span__contains=day
    )
    found: dict[UUID, str] = {}
    for post in sorted(held.select_related("resident").order_by("id"), key=lambda post: post.role not in SINGLE):
        found.setdefault(post.organisation_id, holder_name(actor, post))
    return found


def places_of(rows: Sequence[Organisation], day: date) -> dict[UUID, list[str]]:
    """Where each organisation works on that day, in words."""
    found: dict[UUID, list[str]] = defaultdict(list)
    places = OrganisationPlace.objects.filter(organisation__in=rows, span__contains=day)
    for place in places.select_related(*PLACE_ROWS).order_by("bond", "id"):
        words = place_words(place)
        if words not in found[place.organisation_id]:
            found[place.organisation_id].append(words)
    return found


def counts_by_group(rows: QuerySet[Organisation]) -> dict[str, int]:
    """How many organisations of each group of kinds there are among `rows`; one query."""
    by_kind = Counter(rows.order_by().values_list("kind", flat=True))
    found = dict.fromkeys(GROUPS, 0)
    for code, many in by_kind.items():
        found[kinds()[code].group] += many
    return found


@dataclass(frozen=True)
class BranchNode:
    """One party organisation in the tree; `depth` is 0 at the top."""

    branch: Organisation
    depth: int
    secretary: str
    places: tuple[str, ...] = ()
    is_due: bool = False


def branch_tree(actor: Actor, day: date | None = None, rows: QuerySet[Organisation] | None = None) -> list[BranchNode]:
    """The party's tree of that day (today) laid flat, each followed by what stands under it."""
    day = day or clock.today()
    visible = organisations_visible_to(actor) if rows is None else rows
    party = running_on(visible.filter(kind__in=[k.code for k in kinds().values() if k.is_party]), day)
    cards = cards_of(actor, party, day)
    under: dict[UUID | None, list[Card]] = defaultdict(list)
    listed = {card.organisation.pk for card in cards}
    for card in cards:
        parent = card.organisation.parent_id
        under[parent if parent in listed else None].append(card)
    found: list[BranchNode] = []
    waiting = [(card, 0) for card in reversed(under[None])]
    while waiting:
        card, depth = waiting.pop()
        found.append(BranchNode(card.organisation, depth, card.head, card.places, card.is_due))
        waiting += [(child, depth + 1) for child in reversed(under[card.organisation.pk])]
    return found


def general_branch_of(sub_area: SubArea) -> Organisation | None:
    """The 小区党总支 of a sub-area today; None where there is none."""
    rows = Organisation.objects.filter(
        kind="general_branch",
        span__contains=clock.today(),
        places__sub_area=sub_area,
        places__span__contains=clock.today(),
    )
    return rows.order_by("order", "id").first()


def search(actor: Actor, words: str) -> QuerySet[Organisation]:
    """Organisations there are today whose name holds `words`, or whose pinyin or first letters begin with them."""
    letters = words.lower().replace(" ", "")
    rows = running_on(organisations_visible_to(actor), clock.today())
    named = Q(name__icontains=words)
    if letters.isascii() and letters.isalnum() and not letters.isdigit():
        named |= Q(initials__contains=letters) | Q(pinyin__startswith=words.lower())
    return rows.filter(named)


@dataclass(frozen=True)
class PostLine:
    """A post as it is shown."""

    post: OrganisationPost
    who: str
    phone: str
    where: str


@dataclass(frozen=True)
class HistoryLine:
    """Something that began or ended on a day, in words."""

    on: date
    words: str


@dataclass(frozen=True)
class OrganisationPage:
    """One organisation with all that belongs to it, now and before."""

    organisation: Organisation
    posts: list[PostLine]
    places: list[tuple[OrganisationPlace, str]]
    term: OrganisationTerm | None
    children: list[Organisation]
    history: list[HistoryLine]
    trail: list[TrailEntry]


def page_of(actor: Actor, organisation: Organisation) -> OrganisationPage:
    """Who serves in it and where it works today, what it was, and what was written about it; seven queries."""
    today = clock.today()
    posts = list(
        OrganisationPost.objects.filter(organisation=organisation)
        .select_related("resident", "building")
        .order_by("span", "id")
    )
    places = list(
        OrganisationPlace.objects.filter(organisation=organisation).select_related(*PLACE_ROWS).order_by("span", "id")
    )
    terms = list(OrganisationTerm.objects.filter(organisation=organisation).order_by("span"))
    children = running_on(Organisation.objects.filter(parent=organisation).order_by("order", "name"), today)
    rank = {role: at for at, role in enumerate(organisation.of_kind.roles)}
    serving = sorted((post for post in posts if _is_open(post, today)), key=lambda post: rank.get(Role(post.role), 99))
    subjects = [organisation.pk, *(row.pk for row in (*posts, *places, *terms))]
    return OrganisationPage(
        organisation=organisation,
        posts=[_line(actor, post) for post in serving],
        places=[(place, place_words(place)) for place in places if _is_open(place, today)],
        term=next((term for term in reversed(terms) if _is_open(term, today)), None),
        children=list(children),
        history=_history(actor, organisation, posts, places, terms, today),
        trail=list(TrailEntry.objects.filter(subject_id__in=subjects).order_by("-at", "-id")[:TRAIL_SHOWN]),
    )


def _is_open(row: OrganisationPost | OrganisationPlace | OrganisationTerm, today: date) -> bool:
    """Whether it has not ended yet; what is to begin is shown too, with its day."""
    return row.until is None or row.until > today


def _line(actor: Actor, post: OrganisationPost) -> PostLine:
    phone = mask_phone(post.phone) if post.phone else ""
    return PostLine(post, holder_name(actor, post), phone, post.building.name if post.building else "")


def _history(
    actor: Actor,
    organisation: Organisation,
    posts: list[OrganisationPost],
    places: list[OrganisationPlace],
    terms: list[OrganisationTerm],
    today: date,
) -> list[HistoryLine]:
    """What began and ended, the newest first."""
    kind = organisation.of_kind
    told = [(organisation, "登记成立", "停止活动")]
    lines = [*_begun_and_ended(told, today)]
    lines += _begun_and_ended(
        [
            (post, f"{who}任{words}", f"{who}不再担任{words}")
            for post in posts
            for who in [holder_name(actor, post)]
            for words in [f"{post.building.name if post.building else ''}{post.get_role_display()}"]
        ],
        today,
    )
    lines += _begun_and_ended(
        [
            (place, f"开始{place.get_bond_display()}{words}", f"不再{place.get_bond_display()}{words}")
            for place in places
            for words in [place_words(place)]
        ],
        today,
    )
    lines += _begun_and_ended(
        [(term, f"{kind.term}开始：{term.label}", f"{kind.term}到期：{term.label}") for term in terms], today
    )
    return sorted(lines, key=lambda line: line.on, reverse=True)


def _begun_and_ended(told: Iterable[tuple[object, str, str]], today: date) -> Iterable[HistoryLine]:
    for row, began, ended in told:
        first, until = row.from_on, row.until  # type: ignore[attr-defined]
        yield HistoryLine(first, began)
        if until is not None and until <= today:
            yield HistoryLine(until, ended)
