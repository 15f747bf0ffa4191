"""Writes of the front pages: what is put aside on the first day, and the verbs below taken together."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from linli.accounts import actions as accounts
from linli.accounts.models import Account, Post
from linli.core import clock
from linli.core.access import Actor, Permission, Role
from linli.core.errors import Conflict, Invalid, NotFound
from linli.core.trail import record
from linli.matters import actions as matters
from linli.places import actions as places
from linli.places.models import Building, Community, Dwelling, Estate, Grid, SubArea
from linli.places.rules import BuildingLine
from linli.residents import actions as residents
from linli.residents.models import Residence, Resident

from .models import CARD, FirstDayChoice, FirstDayStep

MOST_DWELLINGS = 20_000
"""At once; a larger community is laid out in several goes."""
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - none that looks like another


class StepUnknown(NotFound):
    code, message = "first_day.step_unknown", "没有这一步。请回到首日准备，从清单里选。"


class TooManyDwellings(Invalid):
    code = "first_day.too_many_dwellings"
    message = "一次最多登记 20,000 户。请把这些楼分两三次写。"


class AlreadyThere(Conflict):
    code, message = "first_day.already_there", "这一户已经登记了同名的居民。请先查一查是不是同一位。"


@transaction.atomic
def put_aside(actor: Actor, *, step: str, is_aside: bool = True) -> FirstDayChoice:
    """Put a step of the first day (or its card) aside, or take it up again. Needs PLACES_KEEP; the same again changes nothing.

    Raises:
        NotAllowed, StepUnknown
    """
    actor.require(Permission.PLACES_KEEP)
    if step not in (*FirstDayStep.values, CARD):
        raise StepUnknown()
    row = FirstDayChoice.objects.select_for_update().filter(step=step).first()
    if row is not None and row.is_aside == is_aside:
        return row
    fields = {"is_aside": is_aside, "chosen_by": actor.account_id, "chosen_at": clock.now()}
    row, _ = FirstDayChoice.objects.update_or_create(step=step, defaults=fields)
    record(actor, "first_day.put_aside" if is_aside else "first_day.taken_up", row, step=step)
    return row


@dataclass(frozen=True)
class AreaLine:
    """A sub-area to make, with so many grids."""

    name: str
    grids: int = 1


@transaction.atomic
def lay_out_areas(actor: Actor, lines: Sequence[AreaLine]) -> list[SubArea]:
    """Sub-areas with their grids, numbered on from those there are; and the usual kinds of matters, where there are none.

    Raises:
        NotAllowed, NameTaken
    """
    actor.require(Permission.PLACES_KEEP)
    taken = set(SubArea.objects.values_list("code", flat=True))
    names = set(SubArea.objects.values_list("name", flat=True))
    codes = (code for n in range(1, 1000) if (code := str(n)) not in taken)
    made: list[SubArea] = []
    for line in lines:
        if line.name in names:
            raise places.NameTaken(f"已经有“{line.name}”了。请换一个名字，或去掉这一行。", field="lines")
        names.add(line.name)
        code = next(codes)
        area = places.add_sub_area(actor, code=code, name=line.name, order=len(taken) + len(made))
        for n in range(1, line.grids + 1):
            places.add_grid(actor, sub_area=area, code=f"{code}-{n}", name=f"{line.name}{n}网格")
        made.append(area)
    matters.set_up_kinds(actor)
    matters.set_up_routing(actor)
    return made


@transaction.atomic
def lay_out_buildings(
    actor: Actor, *, estate: str, grid: Grid, lines: Sequence[BuildingLine], built_year: int | None = None
) -> list[Building]:
    """Buildings as the lines say, in an estate that is made where it is new.

    Raises:
        NotAllowed, TooManyDwellings, BuildingExists: nothing is added then.
    """
    actor.require(Permission.PLACES_KEEP)
    if sum(line.dwellings for line in lines) > MOST_DWELLINGS:
        raise TooManyDwellings(field="lines")
    there = Estate.objects.filter(name=estate).first()
    row = there or places.add_estate(actor, name=estate, built_year=built_year)
    plans = [
        places.BuildingPlan(
            estate=row,
            grid=grid,
            number=number,
            entrances=line.entrances,
            floors=line.floors,
            rooms_per_floor=line.rooms_per_floor,
            built_year=built_year,
        )
        for line in lines
        for number in line.numbers
    ]
    return places.add_buildings(actor, plans)


@transaction.atomic
def register_at_door(actor: Actor, *, name: str, dwelling: Dwelling, phone: str | None = None) -> Resident:
    """One resident behind a door, from today.

    Raises:
        AlreadyThere: somebody of that name lives there; and what `residents.register_many` raises.
    """
    lives_there = Residence.objects.filter(dwelling=dwelling, resident__name=name, span__contains=clock.today())
    if lives_there.exists():
        raise AlreadyThere(field="name")
    return residents.register_resident(actor, residents.ResidentPlan(name=name, phone=phone, dwelling=dwelling))


@dataclass(frozen=True)
class Appointed:
    """A post with its account; `password` is the first one of an account that was opened for it, else ""."""

    post: Post
    account: Account
    password: str = ""


@transaction.atomic
def appoint(
    actor: Actor, *, community: Community, name: str, username: str, role: Role, sub_area: SubArea | None = None
) -> Appointed:
    """Give a colleague a post from today; without an account, one is opened with a first password, which is told once.

    Raises:
        what `accounts.add_account` and `accounts.grant_post` raise.
    """
    actor.require(Permission.POSTS_GRANT)
    account, password = Account.objects.filter(username=username, is_active=True).first(), ""
    if account is None:
        password = "-".join("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(4))
        account = accounts.add_account(actor, username=username, password=password, display_name=name)
    post = accounts.grant_post(
        actor,
        account=account,
        role=role,
        community=community,
        sub_area_id=sub_area.pk if sub_area and role == Role.SPECIALIST else None,
    )
    return Appointed(post, account, password)
