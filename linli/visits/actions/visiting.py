"""A pass at one door, in one transaction: how everybody was found, what was made sure of, what is to be done, when next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from linli.core import clock, files
from linli.core.access import Actor, Permission
from linli.core.db import already_made, create_once
from linli.core.errors import Invalid, NotAllowed
from linli.core.ids import uuid7
from linli.core.states import step
from linli.core.trail import record
from linli.core.uploads import CleanFile
from linli.matters import actions as matters
from linli.matters.models import Consent, Matter, MatterKind, Source
from linli.matters.queries import Spot
from linli.places.models import Dwelling
from linli.residents import actions as residents
from linli.residents import check_rules

from .. import queries, rules
from ..models import Cause, Channel, Found, PlanState, Visit, VisitPlan, VisitSession
from .planning import add_plans

Photos = Sequence[tuple[str, CleanFile]]
CONFIRMED_BY = {Channel.DOOR: "visit", Channel.PAIRING: "visit", Channel.PHONE: "phone", Channel.VIDEO: "phone"}


class NobodyThere(Invalid):
    code, message = "visit.nobody", "还没有记下见到了谁。请在每个人下面点一下“见到了”或“没见到”。"


class NotBehindThisDoor(Invalid):
    code, message = "visit.not_behind_door", "有一位不住在这一户。请回到走访清单，从他现在的住处进来记。"


class CannotConfirm(Invalid):
    code = "visit.cannot_confirm"
    message = "没有和本人说上话，不能标“已核实”。请去掉这一项，或下次见到本人再核实。"


class PhotoNotAsked(Invalid):
    code, message = "visit.photo_not_asked", "这一户不需要拍照，也就不留照片。请去掉照片再记。"


class TimeWrong(Invalid):
    code, message = "visit.time_wrong", "走访时间要在最近七天内，不能是以后。请看看手机的时间对不对。"


@dataclass(frozen=True)
class Need:
    """Something to be done for a person: a matter of that kind; `is_handed_on` gives it to the back office at once."""

    kind: MatterKind
    words: str
    is_handed_on: bool = False


@dataclass(frozen=True)
class Said:
    """How one person was found, and what they said."""

    resident_id: UUID
    found: str
    answers: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    is_confirmed: bool = False
    need: Need | None = None
    next_on: date | None = None


@transaction.atomic
def record_session(
    actor: Actor,
    *,
    dwelling: Dwelling,
    channel: str,
    said: Sequence[Said],
    id: UUID | None = None,
    at: datetime | None = None,
    photos: Photos = (),
) -> VisitSession:
    """Everything of one pass at a door. `id` may come from the phone: the same id, actor and content again changes nothing.

    Whoever was met, by a way their rule accepts, has done everything due; whoever was not is due again today. `at` is for
    what a phone sends late.

    Raises:
        NotAllowed: without VISITS_MAKE, or a door out of reach.
        NobodyThere, NotBehindThisDoor, CannotConfirm, PhotoNotAsked, TimeWrong.
        IdTaken: the id belongs to something else.
        WordsMissing and what else the matter's and the register's own verbs raise.
    """
    actor.require(Permission.VISITS_MAKE)
    payload = payload_of(dwelling, channel, said, at, photos)
    if id and (earlier := already_made(VisitSession, id=id, actor=actor, payload=payload)):
        return earlier
    page = queries.door_page(actor, dwelling)
    if page is None:
        raise NotAllowed("这一户不在您的片区，也没有交给您。请转给那个片区的专员。")
    members = {member.resident.pk: member for member in page.members}
    moment = _moment(at)
    _check(said, members, channel)
    if photos and not page.wants_photo:
        raise PhotoNotAsked(field="photos")
    session, is_new = create_once(
        VisitSession,
        id=id or uuid7(),
        actor=actor,
        payload=payload,
        dwelling=dwelling,
        channel=Channel(channel),
        at=moment,
    )
    if not is_new:
        return session
    files.keep(actor, session, list(photos), purpose="door")
    for each in said:
        _record(actor, session, members[each.resident_id], each)
    record(
        actor,
        "visit.recorded",
        session,
        touches=[each.resident_id for each in said],
        channel=session.channel,
        met=sum(each.found == Found.MET for each in said),
        missed=sum(each.found != Found.MET for each in said),
    )
    return session


def _check(said: Sequence[Said], members: Mapping[UUID, queries.MemberPage], channel: str) -> None:
    if not said:
        raise NobodyThere()
    if len({each.resident_id for each in said}) != len(said) or any(each.resident_id not in members for each in said):
        raise NotBehindThisDoor()
    for each in said:
        if each.is_confirmed and (each.found != Found.MET or channel not in CONFIRMED_BY):
            raise CannotConfirm()


def _moment(at: datetime | None) -> datetime:
    now = clock.now()
    if at is None:
        return now
    if not now - timedelta(days=rules.LATE_SENDING_DAYS) <= at <= now + timedelta(minutes=5):
        raise TimeWrong()
    return min(at, now)


def _record(actor: Actor, session: VisitSession, member: queries.MemberPage, said: Said) -> Visit:
    is_met, answers = said.found == Found.MET, rules.sound(said.answers)
    confirmed = said.is_confirmed and _confirm(actor, session, member)
    matter = _open_matter(actor, session, member, said.need) if said.need else None
    visit: Visit = Visit.objects.create(
        session=session,
        resident=member.resident,
        at=session.at,
        found=Found(said.found),
        counts=is_met and _accepts(member, session.channel),
        answers=orjson.dumps(answers).decode() if answers and is_met else None,
        words=said.words.strip()[:300] or None,
        is_worrying=is_met and bool(rules.worries(answers)),
        is_confirmed=confirmed,
        matter=matter,
    )
    if is_met:
        close_plans(visit, session.channel)
    else:
        today = clock.today()
        add_plans([visit.resident_id], cause=Cause.FOLLOW_UP, from_on=today, due_on=today, assignee=_walker(member))
    if said.next_on and said.next_on > clock.today():
        add_plans([visit.resident_id], cause=Cause.AGREED, from_on=said.next_on, due_on=said.next_on)
    return visit


def _accepts(member: queries.MemberPage, channel: str) -> bool:
    return member.policy is None or channel in member.policy.channels


def _walker(member: queries.MemberPage) -> UUID | None:
    return next((plan.assignee for plan in member.plans if plan.assignee), None)


def close_plans(visit: Visit, channel: str) -> None:
    """What was open for her by then is done, but what her rule wants done another way."""
    plans = VisitPlan.objects.select_for_update(of=("self",)).select_related("policy")
    now = clock.now()
    for plan in plans.filter(resident=visit.resident_id, state=PlanState.OPEN, from_on__lte=clock.today()).order_by(
        "id"
    ):
        if plan.policy is not None and channel not in plan.policy.channels:
            continue
        step(plan, PlanState.DONE)
        plan.visit, plan.closed_at = visit, now
        plan.save(update_fields=["state", "visit", "closed_at"])


def _confirm(actor: Actor, session: VisitSession, member: queries.MemberPage) -> bool:
    """What was due to be looked at is so: the fields and the home that stood on the page. Whether there was anything."""
    how = CONFIRMED_BY[Channel(session.channel)]
    for name in member.to_confirm:
        if name == check_rules.RESIDENCE:
            home = queries.home_behind(member.resident, session.dwelling)
            if home is not None:
                residents.confirm_home(actor, residence=home, how=how)
        else:
            residents.confirm_field(actor, resident=member.resident, field=name, how=how)
    return bool(member.to_confirm)


def _open_matter(actor: Actor, session: VisitSession, member: queries.MemberPage, need: Need) -> Matter:
    dwelling = session.dwelling
    is_there = session.channel in {Channel.DOOR, Channel.PAIRING}
    matter = matters.report_matter(
        actor,
        kind=need.kind,
        words=need.words,
        spot=Spot(dwelling.entrance.building, dwelling.entrance, dwelling),
        source=Source.DESK,
        contact=matters.Contact(resident=member.resident, consent=Consent.IN_PERSON if is_there else Consent.PHONE),
    )
    if need.is_handed_on:
        matter = matters.pass_to_back_office(actor, matter=matter, reason="走访时发现，转后台办理")
    return matter


def payload_of(
    dwelling: Dwelling, channel: str, said: Sequence[Said], at: datetime | None, photos: Photos
) -> dict[str, Any]:
    """What makes two passes under one id the same pass."""
    return {
        "dwelling": dwelling.pk,
        "channel": str(channel),
        "at": at,
        "said": [
            [
                each.resident_id,
                str(each.found),
                dict(each.answers),
                each.words.strip(),
                each.is_confirmed,
                [each.need.kind.pk, each.need.words.strip(), each.need.is_handed_on] if each.need else None,
                each.next_on,
            ]
            for each in said
        ],
        "photos": [str(clean.sha256) for _, clean in photos],
    }
