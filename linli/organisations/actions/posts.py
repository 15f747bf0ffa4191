"""Who serves in an organisation: posts are given and end, a contact's number is shown for a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from linli.core.access import Actor, Permission
from linli.core.db import constraints
from linli.core.errors import Conflict, Invalid, NotFound
from linli.core.identifiers import normalise_name, normalise_phone
from linli.core.trail import record
from linli.places.models import Building
from linli.residents.models import Resident

from .. import rules
from ..kinds import SINGLE, Role
from ..models import Organisation, OrganisationPost
from .organisations import DayOutOfOrder, close, require_keeper, require_keeper_of


class RoleUnknown(Invalid):
    code, message = "organisation.role_unknown", "这类组织没有这个职务。请从列出的职务里选。"


class HolderNeeded(Invalid):
    code, message = "organisation.holder_needed", "请从居民里选一位，或者写上这位联系人的姓名。"


class SecretaryDied(Conflict):
    code, message = "organisation.holder_died", "这位居民已登记去世。请核对后另选一位。"


class SeatTaken(Conflict):
    code = "organisation.seat_taken"
    message = "这段时间里已经有人担任这个职务。请先写明前任哪天离任，或勾选“接替现任”。"


class StewardThere(Conflict):
    code = "organisation.steward_there"
    message = "这幢楼这段时间里已经有一位红管家。请先写明前任哪天离任，或勾选“接替现任”。"


class HoldsAlready(Conflict):
    code, message = "organisation.holds_already", "这位已经担任这个职务。请看看日期有没有重叠。"


class ReasonNeeded(Invalid):
    code, message = "organisation.reason_needed", "请写明查看的用途（4 到 200 个字），例如“联系共建活动”。"


class NoPhone(Invalid):
    code, message = "organisation.no_phone", "这位联系人没有登记电话。可以重新登记任职时补上。"


@transaction.atomic
def give_post(
    actor: Actor,
    *,
    organisation: Organisation,
    role: str,
    from_on: date,
    until: date | None = None,
    resident: Resident | None = None,
    name: str = "",
    phone: str = "",
    building: Building | None = None,
    succeeding: bool = False,
) -> OrganisationPost:
    """`resident`, or a contact known by `name`, serves from that day up to, not including, `until`; the same again changes nothing.

    A 楼栋红管家 serves one building, and a specialist names those of the own sub-area. With `succeeding`, whoever holds
    the seat leaves it that day.

    Raises:
        NotAllowed, OutOfReach, RoleUnknown, HolderNeeded, SecretaryDied, DayOutOfOrder, NameWrong, PhoneWrong.
        SeatTaken, StewardThere, HoldsAlready: the database decides, so a race loses cleanly.
    """
    if building is not None and role == Role.STEWARD:
        require_keeper(actor, building.grid.sub_area_id)
    else:
        require_keeper_of(actor, organisation)
    kind = organisation.of_kind
    if role not in kind.roles or (role == Role.STEWARD) != (building is not None):
        raise RoleUnknown(field="building" if role == Role.STEWARD else "role")
    if resident is None and not name.strip():
        raise HolderNeeded(field="name")
    if resident is not None and resident.died_on is not None:
        raise SecretaryDied(field="name")
    if from_on < organisation.from_on or (until is not None and until <= from_on):
        raise DayOutOfOrder("任职要在组织成立之后，离任要在任职之后。请看看日期。", field="from_on")
    held = {"organisation": organisation, "role": role, "resident": resident, "building": building}
    span = rules.from_day(from_on, until)
    if resident is not None and (same := OrganisationPost.objects.filter(**held, span=span).first()):
        return same
    if succeeding:
        _leave_seat(organisation, role, building, from_on)
    post = OrganisationPost(
        **held,
        name="" if resident else normalise_name(name),
        phone=normalise_phone(phone) if phone.strip() and resident is None else None,
        span=span,
    )
    taken = {
        "organisation_post_one_head": SeatTaken(field="role"),
        "organisation_post_one_steward": StewardThere(field="building"),
        "organisation_post_held_once": HoldsAlready(field="name"),
    }
    with constraints(taken):
        post.save(force_insert=True)
    touches = [organisation.pk, *([resident.pk] if resident else [])]
    record(actor, "organisation_post.given", post, touches=touches, role=role, from_on=from_on)
    return post


def _leave_seat(organisation: Organisation, role: str, building: Building | None, on: date) -> None:
    """Whoever holds the seat on that day leaves it then."""
    seats = OrganisationPost.objects.select_for_update().filter(role=role, span__contains=on)
    if role == Role.STEWARD:
        seats = seats.filter(building=building)
    elif role in SINGLE:
        seats = seats.filter(organisation=organisation)
    else:
        return
    for post in seats:
        if post.from_on < on:
            close(post, on)


@transaction.atomic
def end_post(actor: Actor, *, post: OrganisationPost, on: date) -> OrganisationPost:
    """From `on` the post is no longer held. Ended already, it stays as it is.

    Raises:
        NotAllowed, OutOfReach, DayOutOfOrder.
    """
    if post.building is not None:
        require_keeper(actor, post.building.grid.sub_area_id)
    else:
        require_keeper_of(actor, post.organisation)
    post = OrganisationPost.objects.select_for_update().get(pk=post.pk)
    if post.until is not None and post.until <= on:
        return post
    if on <= post.from_on:
        raise DayOutOfOrder("离任要在任职之后。请看看日期。", field="on")
    close(post, on)
    touches = [post.organisation_id, *([post.resident_id] if post.resident_id else [])]
    record(actor, "organisation_post.ended", post, touches=touches, role=post.role, on=on)
    return post


@transaction.atomic
def reveal_phone(actor: Actor, *, post: OrganisationPost, reason: str) -> str:
    """A contact's number in full, for a reason that stays in the trail.

    Raises:
        NotAllowed: without RESIDENTS_REVEAL.
        NotFound: to who does not work at this desk.
        ReasonNeeded, NoPhone.
    """
    actor.require(Permission.RESIDENTS_REVEAL)
    if not actor.may(Permission.DESK_OPEN):
        raise NotFound()
    reason = " ".join(reason.split())
    if not 4 <= len(reason) <= 200:
        raise ReasonNeeded(field="reason")
    if not post.phone:
        raise NoPhone()
    record(actor, "organisation_post.revealed", post, touches=[post.organisation_id], reason=reason)
    return str(post.phone)
