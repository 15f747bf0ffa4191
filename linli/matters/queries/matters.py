"""One matter and whose it is: places, kinds, visibility, its page and timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli.accounts import queries as accounts
from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.masking import mask_name, mask_phone
from linli.core.models import StoredFile, TrailEntry
from linli.core.trail import VERBS, timeline_of
from linli.places.models import Building, Dwelling, Entrance, Grid
from linli.places.queries import place_label
from linli.places.rules import parse_door
from linli.residents.models import Resident
from linli.residents.queries import door_of

from .. import rules
from ..models import (
    NOT_THE_REPORTERS,
    OPEN,
    Consent,
    Ending,
    Evidence,
    HandoverState,
    Matter,
    MatterKind,
    Note,
    Queue,
    State,
)
from . import handovers as handed
from .kinds import with_those_above
from .supervision import SupervisionLine, supervision_of
from .telling import DESK_ALONE, UNTOUCHED, next_step_of, pause_words, promised_until, until_words

RELATED = ("kind", "sub_area", "building", "entrance", "dwelling")


@dataclass(frozen=True)
class Spot:
    """Where it is: as exact as known. `note` adds what the register has no word for ("三楼转角")."""

    building: Building | None = None
    entrance: Entrance | None = None
    dwelling: Dwelling | None = None
    note: str = ""


def spot_named(text: str) -> Spot:
    """`text` as a place: as exact as the register knows it when exactly one building fits; otherwise the words themselves.

    "48-2-301", "48幢2单元 三楼转角", "小区东门口". Words the register did not use are kept as the note.
    """
    words = text.strip()
    first, _, rest = words.replace("\u3000", " ").partition(" ")
    for candidate, note in ((words, ""), (first, rest.strip())):
        door = parse_door(candidate)
        if door is None:
            continue
        buildings = list(Building.objects.filter(number=door.building, estate__name__contains=door.estate)[:2])
        if len(buildings) != 1:
            continue
        entrance = (
            Entrance.objects.filter(building=buildings[0], number=door.entrance).first() if door.entrance else None
        )
        dwellings = (
            Dwelling.objects.filter(entrance__building=buildings[0], room=door.room)
            if door.room
            else Dwelling.objects.none()
        )
        found = list(dwellings.filter(entrance=entrance)[:2] if entrance else dwellings.select_related("entrance")[:2])
        dwelling = found[0] if len(found) == 1 else None
        if entrance is None and dwelling is not None:
            entrance = dwelling.entrance
        is_exact = dwelling is not None or door.room is None
        return Spot(buildings[0], entrance, dwelling, note if is_exact else words)
    return Spot(note=words)


def sub_area_id_of(building: Building | None) -> UUID | None:
    """The sub-area a building's matters are routed by."""
    if building is None:
        return None
    return Grid.objects.filter(pk=building.grid_id).values_list("sub_area_id", flat=True).first()


def _own(actor: Actor) -> Q:
    return Q(reporter=actor.account_id) | Q(for_resident_id__in=actor.speaks_for)


def matters_visible_to(actor: Actor) -> QuerySet[Matter]:
    """One's own; staff also their sub-area's and what they handle, or all. Newest first."""
    rows = Matter.objects.select_related(*RELATED).order_by("-reported_at", "-id")
    if actor.may(Permission.MATTERS_SEE_ALL):
        return rows
    if not actor.is_signed_in:
        return rows.none()
    seen = _own(actor)
    if actor.may(Permission.MATTERS_SEE_PATCH):
        seen |= Q(sub_area_id__in=actor.sub_area_ids) | Q(handler=actor.account_id)
    return rows.filter(seen)


def may_see_matter(actor: Actor, matter_id: UUID) -> bool:
    return matters_visible_to(actor).filter(pk=matter_id).exists()


def matters_of(actor: Actor) -> QuerySet[Matter]:
    """What the actor reported, or what was reported for residents she speaks for; newest first."""
    if not actor.is_signed_in:
        return Matter.objects.none()
    return Matter.objects.select_related(*RELATED, "merged_into").filter(_own(actor)).order_by("-reported_at", "-id")


@dataclass(frozen=True)
class MineCounts:
    """The news on a resident's first page: how many matters are being handled, and how many wait for her word."""

    open: int
    waiting: int


def mine_counts(actor: Actor) -> MineCounts:
    """How many of the actor's matters are open, and how many are answered and wait for her word."""
    rows = matters_of(actor).order_by()
    is_open, is_waiting = Q(state__in=OPEN), Q(state=State.FED_BACK)
    return MineCounts(**rows.aggregate(open=Count("id", filter=is_open), waiting=Count("id", filter=is_waiting)))


def needs_evidence(matter: Matter) -> bool:
    """Whether “solved” still lacks the photo its kind asks for."""
    if with_those_above(matter.kind)[-1].held("evidence") != Evidence.NEEDED:
        return False
    return not any(file.purpose == "after" for file in files.files_of(matter))


def is_reporter(actor: Actor, matter: Matter) -> bool:
    """Whether the matter is the actor's to confirm, rate and reopen."""
    is_own = actor.account_id is not None and matter.reporter == actor.account_id
    return is_own or (matter.for_resident_id is not None and matter.for_resident_id in actor.speaks_for)


def is_on_desk_of(actor: Actor, matter: Matter) -> bool:
    """Whether it is the actor's to handle: her patch's front desk or in her hands; all of it with MATTERS_SEE_ALL."""
    if not actor.may(Permission.MATTERS_HANDLE):
        return False
    if actor.may(Permission.MATTERS_SEE_ALL) or matter.handler == actor.account_id:
        return True
    return matter.queue == Queue.FRONT and matter.sub_area_id in actor.sub_area_ids


def may_put_back(actor: Actor, matter: Matter, verbs: Iterable[str] | None = None) -> bool:
    """Whether taking it can be undone: in the actor's hands, not for long, and nothing done to it since. `verbs` are its steps so far."""
    if matter.state != State.ACCEPTED or matter.handler is None or matter.handler != actor.account_id:
        return False
    if matter.accepted_at is None or clock.now() - matter.accepted_at > timedelta(minutes=rules.PUT_BACK_MINUTES):
        return False
    steps = timeline_of(matter).values_list("verb", flat=True) if verbs is None else verbs
    done = [verb for verb in steps if verb not in UNTOUCHED]
    return bool(done) and done[-1] == "matter.accepted"


def home_of(actor: Actor) -> Dwelling | None:
    """The door of the (first) resident the actor is confirmed to be: the known place of a report."""
    return door_of(actor.speaks_for) if actor.speaks_for else None


@dataclass(frozen=True)
class TimelineStep:
    """One step as shown: who (a staff member's name, or 上报人), when, what, which words and photos."""

    at: datetime
    verb: str
    title: str
    who: str
    words: str
    photos: list[StoredFile]
    behalf: str = ""  # for whom, and how she agreed
    handover_id: str = ""


@dataclass(frozen=True)
class MatterPage:
    """Everything the page of one matter shows."""

    matter: Matter
    place: str
    handler_name: str
    contact: str
    has_phone: bool
    for_name: str
    is_late: bool
    is_mine: bool
    may_handle: bool
    may_reopen: bool
    may_put_back: bool
    photos: dict[str, list[StoredFile]]
    steps: list[TimelineStep]
    kinds: list[MatterKind]  # from the top to the matter's own
    handovers: list[handed.HandoverLine] = field(default_factory=list)
    supervision: SupervisionLine | None = None
    joined: list[Matter] = field(default_factory=list)
    pause: str = ""  # why its clock stands still, and until when

    @property
    def kind_line(self) -> str:
        """公共设施，楼道灯、路灯不亮."""
        return "，".join(kind.name for kind in self.kinds)

    @property
    def phrases(self) -> list[tuple[str, str, list[str]]]:
        """Ready answers: the ending, its name, and what one may say."""
        said = self.kinds[-1].held("templates")
        return [(ending.value, ending.label, said[ending.value]) for ending in Ending if said.get(ending.value)]

    @property
    def evidence(self) -> str:
        """What the kind wants to see of a thing that is solved (`models.Evidence`); "" for nothing."""
        return str(self.kinds[-1].held("evidence"))

    @property
    def next_step(self) -> str:
        """What happens next, in a sentence for the reporter."""
        if self.matter.is_open and self.is_late:
            return f"原定 {until_words(self.matter)}前办好，现在晚了，对不起。着急请打社区电话，报编号就行。"
        if self.matter.is_open and self.pause:
            return f"{self.pause}。新的期限是 {until_words(self.matter)}，到时告诉您。"
        return next_step_of(self.matter, self.handler_name, self.units)

    @property
    def units(self) -> str:
        """The organisations that have it now."""
        return "、".join(line.handover.organisation.name for line in self.handovers if line.handover.is_open)

    @property
    def to_check(self) -> list[handed.HandoverLine]:
        """The answers of organisations that wait for the desk's check."""
        return [line for line in self.handovers if line.handover.state == HandoverState.ANSWERED]

    @property
    def handed_before(self) -> list[handed.HandoverLine]:
        """The handovers that are over."""
        return [line for line in self.handovers if not line.handover.is_open]

    @property
    def returned_count(self) -> int:
        """How often an organisation gave it back."""
        return sum(line.handover.state == HandoverState.RETURNED for line in self.handovers)

    @property
    def until(self) -> datetime:
        """The last moment of the promise."""
        return promised_until(self.matter)

    @property
    def answer(self) -> TimelineStep | None:
        """The latest answer to the reporter, refusals included; None before there is one."""
        return next((step for step in reversed(self.steps) if step.verb in ("matter.fed_back", "matter.refused")), None)


def place_of(matter: Matter) -> str:
    """Where it is, in words."""
    return with_note(matter, place_label(building=matter.building, entrance=matter.entrance, dwelling=matter.dwelling))


def with_note(matter: Matter, label: str) -> str:
    return " ".join(part for part in (label, matter.place_note) if part) or "未写明位置"


def page_of(actor: Actor, matter: Matter) -> MatterPage:
    """The page of `matter` (which must come from `matters_visible_to(actor)`)."""
    photos: dict[str, list[StoredFile]] = {"report": [], "before": [], "after": []}
    stored = files.files_of(matter)
    for file in stored:
        photos.setdefault(file.purpose, []).append(file)
    for_name = _name_of(matter.for_resident_id)
    is_mine = is_reporter(actor, matter)
    may_handle = is_on_desk_of(actor, matter)
    steps = _steps(matter, stored, for_name, for_desk=may_handle or actor.is_staff)
    if matter.state == State.MERGED:
        steps += _answer_from(matter.merged_into)
    names = accounts.display_names([matter.handler, matter.reporter])
    was_out = any(each.handover_id for each in steps)
    out = handed.lines_of_matter(actor, matter) if was_out else []
    asked_after = supervision_of(matter) if any(each.verb == "supervision.opened" for each in steps) else None
    matter.is_supervised = asked_after is not None
    matter.is_to_check = any(line.handover.state == HandoverState.ANSWERED for line in out)
    return MatterPage(
        matter=matter,
        place=place_of(matter),
        handler_name=names.get(matter.handler, "") if matter.handler else "",
        contact=_contact(matter, names.get(matter.reporter, "")) if may_handle or actor.is_staff else "",
        has_phone=has_phone(matter),
        for_name=for_name,
        is_late=matter.is_late_at(clock.now()),
        is_mine=is_mine,
        may_handle=may_handle,
        may_reopen=is_mine and _is_answered(matter) and rules.may_reopen(closed_at=matter.closed_at, now=clock.now()),
        may_put_back=may_put_back(actor, matter, [each.verb for each in steps]),
        photos=photos,
        steps=steps,
        kinds=with_those_above(matter.kind),
        handovers=out,
        supervision=asked_after,
        joined=list(matter.joined.order_by("reported_at")) if any(e.verb == "matter.joined" for e in steps) else [],
        pause=pause_words(matter),
    )


def _is_answered(matter: Matter) -> bool:
    """Whether its reporter has an answer: its own, or that of the matter it was merged into."""
    row = matter.merged_into or matter
    return row.state in (State.FED_BACK, State.CLOSED)


def _answer_from(main: Matter | None) -> list[TimelineStep]:
    """What the matter was answered that this one was merged into: the words, which are for everybody who told of it; no photos."""
    if main is None or main.fed_back_at is None:
        return []
    note = Note.objects.filter(matter=main, verb="matter.fed_back").order_by("-made_at").first()
    who = accounts.display_names([main.handler]).get(main.handler, "") if main.handler else ""
    words = note.words if note else ""
    return [TimelineStep(at=main.fed_back_at, verb="matter.fed_back", title="已答复", who=who, words=words, photos=[])]


def _name_of(resident_id: UUID | None) -> str:
    """The masked name of whom it was reported for; "" when nobody else is meant."""
    if resident_id is None:
        return ""
    return mask_name(Resident.objects.filter(pk=resident_id).values_list("name", flat=True).first() or "")


def _behalf(entry: TrailEntry, for_name: str) -> str:
    """The other half of who did it, where she did it for somebody: 替王*芳，本人电话同意."""
    if entry.on_behalf_of is None and not entry.facts.get("consent"):
        return ""
    agreed = dict(Consent.choices).get(entry.facts.get("consent", ""), "")
    return "，".join(filter(None, [f"替{for_name}" if for_name else "代居民", agreed]))


def has_phone(matter: Matter) -> bool:
    """Whether there is a number to ring about it: one that was left, or the reporter's own where it was no colleague."""
    return bool(matter.contact_phone) or matter.source not in NOT_THE_REPORTERS


def phone_to_call(matter: Matter) -> str:
    """That number in full, for the action that shows it; "" where there is none."""
    return matter.contact_phone or accounts.phone_of(matter.reporter) or ""


def _contact(matter: Matter, reporter_name: str) -> str:
    """Whom to ask for, masked: who was named, else the reporter where it was no colleague."""
    name = matter.contact_name or (reporter_name if matter.source not in NOT_THE_REPORTERS else "")
    parts = [
        mask_name(name) if name else "",
        mask_phone(matter.contact_phone) if matter.contact_phone else "",
    ]
    return " ".join(part for part in parts if part)


def _steps(matter: Matter, stored: list[StoredFile], for_name: str = "", *, for_desk: bool) -> list[TimelineStep]:
    """The timeline; what was said between desk and organisations is the desk's alone, that it was with them everybody's."""
    entries = [entry for entry in timeline_of(matter) if for_desk or entry.verb not in DESK_ALONE]
    units = handed.unit_names(e.facts["organisation_id"] for e in entries if e.facts.get("organisation_id"))
    words = dict(Note.objects.filter(matter=matter).values_list("id", "words"))
    by_id = {str(file.id): file for file in stored}
    staff = accounts.display_names([entry.account_id for entry in entries if entry.role not in ("resident", "partner")])
    steps = []
    for entry in entries:
        is_reporter_step = entry.role == "resident"
        handover_id = entry.facts.get("handover_id", "")
        is_inside = (bool(handover_id) and entry.verb != "handover.accepted") or entry.verb.startswith(
            ("supervision.", "whistle.")
        )
        note_id = None if is_inside and not for_desk else entry.facts.get("note_id")
        kept = [by_id[i] for i in entry.facts.get("file_ids", []) if i in by_id]
        if entry.verb == "matter.reported":
            kept = [file for file in stored if file.purpose == "report"]
        steps.append(
            TimelineStep(
                at=entry.at,
                verb=entry.verb,
                title=handed.SAYS.get(entry.verb, VERBS[entry.verb]).format(
                    unit=units.get(entry.facts.get("organisation_id", ""), "有关单位")
                ),
                who="上报人" if is_reporter_step else staff.get(entry.account_id, "") if entry.account_id else "",
                words=words.get(UUID(note_id), "") if note_id else "",
                photos=kept,
                behalf=_behalf(entry, for_name) if entry.verb == "matter.reported" else "",
                handover_id=handover_id,
            )
        )
    return steps
