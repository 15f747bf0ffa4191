"""What is handed on: to whom it may go, what an organisation sees of it, what the desk sees of all that are out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.accounts import queries_seats as seats
from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.models import StoredFile
from linli.organisations.kinds import GROUPS, kinds
from linli.organisations.models import Organisation, OrganisationPlace, OrganisationPost
from linli.organisations.queries import holder_name, in_sub_area, organisations_visible_to, running_on

from ..models import HANDED, CalledUnit, Handover, HandoverState, Matter
from .calls import called_to

NOT_ASKED = ("committee",)
"""The community's own party committee: nothing is handed on to oneself."""
NEAR_AT_MOST = 6
DONE_SHOWN = 20
USUALLY = {
    "repair": ("property_company", "owners_committee"),
    "leak": ("property_company", "owners_committee"),
    "stairs": ("stairwell_group", "property_company", "stairwell_help"),
    "fire": ("property_company", "grid_force"),
    "clean": ("property_company", "stairwell_help"),
    "parking": ("property_company", "self_management", "owners_committee"),
    "noise": ("self_management", "grid_force", "property_company"),
    "dispute": ("stairwell_group", "self_management", "social_organisation"),
    "elder": ("volunteer_team", "stairwell_help", "social_organisation"),
}
"""Which kinds of organisation usually settle which kind of matter: they are offered first. Ours."""
SAYS = {
    "handover.offered": "转给{unit}办",
    "handover.taken": "{unit}已接收",
    "handover.answered": "{unit}已反馈，等核查",
    "handover.accepted": "核查通过：{unit}办好了",
    "handover.again": "请{unit}重办",
    "handover.returned": "{unit}退单",
    "handover.withdrawn": "收回转给{unit}的事",
    "whistle.arrived": "{unit}已报到",
    "whistle.told": "{unit}说了办的结果",
    "whistle.rated": "给{unit}评分",
}


@dataclass(frozen=True)
class Party:
    """An organisation something may be handed to: whom one turns to there, and whether a code reaches them."""

    organisation: Organisation
    who: str
    is_reached: bool
    is_near: bool

    @property
    def words(self) -> str:
        """绿城物业（周师傅）, and what to know of it."""
        who = f"（{self.who}）" if self.who else ""
        return f"{self.organisation.name}{who}"


def parties_for(actor: Actor, matter: Matter) -> tuple[list[Party], dict[str, list[Party]]]:
    """The likeliest for this matter, and the others by group of kinds; those that have it already are left out."""
    today = clock.today()
    busy = Handover.objects.filter(matter=matter, state__in=HANDED).values("organisation")
    rows = running_on(organisations_visible_to(actor).exclude(kind__in=NOT_ASKED).exclude(pk__in=busy), today)
    usual = USUALLY.get(matter.kind.path[0], ())
    near = {row.pk for row in _near(rows.filter(kind__in=usual), matter)} if usual else set()
    listed = list(rows)
    posts = seats.who_answers([row.pk for row in listed])
    found = [_party(actor, row, posts.get(row.pk), row.pk in near) for row in listed]
    first = sorted((p for p in found if p.is_near), key=lambda p: (usual.index(p.organisation.kind), not p.is_reached))
    first = first[:NEAR_AT_MOST]
    others: dict[str, list[Party]] = {}
    for code, name in GROUPS.items():
        there = [p for p in found if p not in first and kinds()[p.organisation.kind].group == code]
        if there:
            others[name] = there
    return first, others


NOT_CALLED = (*NOT_ASKED, "stairwell_group", "stairwell_help", "interest_team", "merchant", "general_branch", "branch")


def units_to_call(actor: Actor) -> list[Party]:
    """Whom a whistle may call: departments' units, companies, committees and forces; by kind and name."""
    rows = list(running_on(organisations_visible_to(actor).exclude(kind__in=NOT_CALLED), clock.today()))
    posts = seats.who_answers([row.pk for row in rows])
    rank = {code: at for at, code in enumerate(kinds())}
    rows.sort(key=lambda row: (rank[row.kind], row.order, row.name))
    return [_party(actor, row, posts.get(row.pk), False) for row in rows]


def _near(rows: QuerySet[Organisation], matter: Matter) -> QuerySet[Organisation]:
    """Those whose place is the matter's own building, its sub-area, or the whole community."""
    today = clock.today()
    if matter.building_id is not None:
        theirs = OrganisationPlace.objects.filter(organisation=OuterRef("pk"), span__contains=today)
        nowhere = Q(**{f"{target}__isnull": True for target in OrganisationPlace.TARGETS})
        here = Q(building=matter.building_id)
        for target, place in (("entrance", matter.entrance_id), ("sub_area", matter.sub_area_id)):
            here |= Q(**{target: place}) if place else Q()
        here |= Q(estate=matter.building.estate_id) if matter.building else Q()
        return rows.filter(Exists(theirs.filter(nowhere | here)) | ~Exists(theirs))
    return in_sub_area(rows, matter.sub_area, today) if matter.sub_area else rows


def _party(actor: Actor, row: Organisation, post: OrganisationPost | None, is_near: bool) -> Party:
    who = f"{post.get_role_display()} {holder_name(actor, post)}" if post else ""
    return Party(row, who, post is not None and seats.is_reached(post), is_near)


def handovers_visible_to(actor: Actor) -> QuerySet[Handover]:
    """What was handed to the organisations the actor answers for, and, at the desk, of the matters she may see; soonest due first."""
    from .matters import matters_visible_to  # which reads this module for its pages

    rows = Handover.objects.select_related(
        "organisation", "matter__kind", "matter__building", "matter__entrance", "matter__dwelling"
    ).order_by("due_at", "id")
    seen = Q(pk__in=())
    if actor.may(Permission.HANDOVERS_ANSWER):
        seen |= Q(organisation__in=actor.answers_for)
    if actor.may(Permission.DESK_OPEN):
        seen |= Q(matter__in=matters_visible_to(actor).order_by().values("pk"))
    return rows.filter(seen)


def may_see_handover(actor: Actor, handover_id: UUID) -> bool:
    return handovers_visible_to(actor).filter(pk=handover_id).exists()


@dataclass(frozen=True)
class Inbox:
    """What an organisation has: to take or to do, what waits for the check, what is over."""

    units: list[str]
    called: list[CalledUnit]
    open: list[HandoverLine]
    waiting: list[HandoverLine]
    done: list[HandoverLine]

    @property
    def late(self) -> int:
        return sum(line.is_late for line in self.open)


@dataclass(frozen=True)
class HandoverLine:
    """One handover as it is shown: where it is, what was given along, what was answered."""

    handover: Handover
    place: str
    is_late: bool
    until: datetime
    given: list[StoredFile]
    answered: list[StoredFile]
    who: str = ""  # whom one turns to there
    link: str = ""  # the code of their inbox's link
    may_call: bool = False


def inbox_of(actor: Actor) -> Inbox:
    """The actor's own organisations' handovers; late first, then by their day, the ones that are over newest first."""
    rows = handovers_visible_to(actor).filter(organisation__in=actor.answers_for)
    names = Organisation.objects.filter(pk__in=actor.answers_for).order_by("name").values_list("name", flat=True)
    todo = rows.filter(state__in=[state for state in HANDED if state != HandoverState.ANSWERED])
    return Inbox(
        units=list(names),
        called=called_to(actor),
        open=[_line(row) for row in todo],
        waiting=[_line(row) for row in rows.filter(state=HandoverState.ANSWERED)],
        done=[_line(row) for row in rows.exclude(state__in=HANDED).order_by("-ended_at")[:DONE_SHOWN]],
    )


def count_of_inbox(actor: Actor) -> int:
    """How many wait for the actor's organisations."""
    waiting = [state for state in HANDED if state != HandoverState.ANSWERED]
    return Handover.objects.filter(organisation__in=actor.answers_for, state__in=waiting).count()


def _line(row: Handover, kept: Iterable[StoredFile] = (), **more: str) -> HandoverLine:
    from .matters import has_phone, place_of

    listed = list(kept)
    return HandoverLine(
        handover=row,
        place=place_of(row.matter),
        is_late=row.is_late_at(clock.now()),
        until=row.due_at.astimezone(clock.SHANGHAI) - timedelta(seconds=1),
        given=[file for file in listed if file.purpose == "report"],
        answered=[file for file in listed if file.purpose == "after"],
        may_call=row.shares_contact and row.is_open and has_phone(row.matter),
        **more,
    )


def line_of(row: Handover) -> HandoverLine:
    """One handover on the organisation's page, with its photos."""
    return _line(row, files.files_of(row))


def lines_of_matter(actor: Actor, matter: Matter) -> list[HandoverLine]:
    """All handovers of a matter for the desk, those that are open first; four queries whatever their number."""
    rows = list(Handover.objects.filter(matter=matter).select_related("organisation").order_by("offered_at", "id"))
    if not rows:
        return []
    units = [row.organisation_id for row in rows]
    posts, links = seats.who_answers(units), seats.seats_of(units)
    by_row: dict[UUID, list[StoredFile]] = {}
    for file in StoredFile.objects.filter(
        owner_kind="matters.handover", owner_id__in=[row.pk for row in rows]
    ).order_by("made_at", "id"):
        by_row.setdefault(file.owner_id, []).append(file)
    lines = []
    for row in sorted(rows, key=lambda row: not row.is_open):
        row.matter = matter
        post, seat = posts.get(row.organisation_id), links.get(row.organisation_id)
        who = f"{post.get_role_display()} {holder_name(actor, post)}" if post else ""
        lines.append(_line(row, by_row.get(row.pk, ()), who=who, link=seat.code if seat else ""))
    return lines


@dataclass(frozen=True)
class Out:
    """Where an open matter is, in a list: the organisations that have it, and whether an answer waits to be checked."""

    units: str
    is_to_check: bool


def out_of(matter_ids: Iterable[UUID]) -> dict[UUID, Out]:
    """The open handovers of these matters; one query, none for none."""
    wanted = list(matter_ids)
    if not wanted:
        return {}
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = Handover.objects.filter(matter__in=wanted, state__in=HANDED).order_by("offered_at")
    for matter_id, name, state in rows.values_list("matter_id", "organisation__name", "state"):
        found.setdefault(matter_id, []).append((name, state))
    return {
        matter_id: Out("、".join(name for name, _ in there), any(state == HandoverState.ANSWERED for _, state in there))
        for matter_id, there in found.items()
    }


def unit_names(organisation_ids: Iterable[str]) -> dict[str, str]:
    """Names of organisations by their id as the trail writes it."""
    wanted = set(organisation_ids)
    if not wanted:
        return {}
    return {str(key): name for key, name in Organisation.objects.filter(pk__in=wanted).values_list("pk", "name")}
