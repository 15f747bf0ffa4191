"""A community of the size the figures are for: residents, and years of matters with their trail, sealed.

Made through the apps' own verbs (many at once) at past moments. Everybody is invented, drawn by the demo's fixed seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections, transaction

from linli.accounts import actions as account_actions
from linli.accounts.models import Account, LinkState, ResidentLink
from linli.accounts.queries import actor_for, operator
from linli.core import clock
from linli.core.access import Actor, Role
from linli.core.copy import copy_rows
from linli.core.models import TrailSeal
from linli.core.seals import COLUMNS, GENESIS, SELECT_ENTRY, link
from linli.core.tenancy import active
from linli.demo import settle
from linli.demo.cast import back_office_of
from linli.demo.geography import SITES, lay_out
from linli.demo.people import Person, population
from linli.matters.bulk import Batch
from linli.matters.models import OPEN, Ending, Matter, MatterKind, Queue, State
from linli.matters.queries import DeskFilter, Spot, desk_list
from linli.places.models import Dwelling, SubArea

MATTERS_A_DAY = 46
"""50,000 are then three years of a busy community."""
OPEN_MATTERS = 200
"""How many of the matters nobody has answered yet: about what one community's staff have before them."""
CHUNK = 5000
WORDS = (
    "三楼到四楼的楼道灯不亮,晚上下楼看不见台阶,请来看看。",
    "单元门口堆了纸箱和旧沙发,过道只剩半个人宽,老人走路要侧身。",
    "厨房顶上渗水,墙皮鼓起来了,楼上说不是他家漏的,想请社区帮忙看看。",
    "有人从三楼拉电线下来给电动车充电,下雨天很吓人。",
    "垃圾桶两天没有清,门口味道很重,苍蝇多。",
    "隔壁装修中午也在打孔,家里有两个月大的孩子,睡不了觉。",
    "通道被一辆车堵住了,消防车进不来,打电话没有人接。",
    "母亲八十七岁一个人住,这两天电话没有人接,能不能上门看一下。",
)


@dataclass(frozen=True)
class Town:
    """What the load needs to know: addresses, the people who act, and what is reported."""

    community_id: int
    code: str
    specialist: Account
    reporter: Account
    patch: SubArea
    home: Dwelling
    kind: MatterKind
    sizes: dict[str, int]

    def actor(self, account: Account) -> Actor:
        """`account` as an Actor here, made as for a request."""
        from linli.places.queries import community_by_code

        found = community_by_code(self.code)
        assert found is not None
        with active(self.community_id):
            return actor_for(account, found.community, code=found.code)


def build(*, residents: int, matters: int) -> Town:
    """`residents` people and `matters` matters, OPEN_MATTERS of them unanswered, a quarter in each of four patches."""
    site, now = SITES[0], clock.now()
    began = now - timedelta(days=matters // MATTERS_A_DAY + 2)
    houses = lay_out(site)
    people = _spread(population(site, houses, began.date()), residents)
    with clock.at(began), transaction.atomic():
        here = settle.set_up(site, houses, people)
        specialists = _staff(here)
        settle.register(here)
        reporters = _open_accounts(here)
    histories, kinds = list(_histories(now, matters)), list(here.kinds.values())
    for start in range(0, matters, CHUNK):
        with active(here.id), Batch() as batch:
            for n, history in enumerate(histories[start : start + CHUNK], start):
                reporter = reporters[n * 7 % len(reporters)]
                handler = specialists[reporter.person.patch][1]
                _live_through(batch, history, reporter, handler, kinds[n % len(kinds)], WORDS[n % len(WORDS)])
    sealed = _seal()
    person = reporters[0].person
    with active(here.id):
        opened = Matter.objects.filter(state__in=OPEN)
        sizes = {
            "residents": len(people),
            "matters": Matter.objects.count(),
            "open": opened.count(),
            "open_on_desk": opened.filter(sub_area=here.sub_areas[person.patch], queue=Queue.FRONT).count(),
            "trail_entries": sealed,
        }
    return Town(
        community_id=here.id,
        code=site.code,
        specialist=specialists[person.patch][0],
        reporter=reporters[0].account,
        patch=here.sub_areas[person.patch],
        home=here.dwellings[person.door],
        kind=here.kinds["repair"],
        sizes=sizes,
    )


def _spread(people: list[Person], count: int) -> list[Person]:
    """`count` of `people`, evenly from all over the place."""
    if len(people) < count:
        raise ValueError(f"the plan houses {len(people)} people only")
    return [person for i, person in enumerate(people) if (i + 1) * count // len(people) > i * count // len(people)]


Staff = dict[str, tuple[Account, Actor]]


@dataclass(frozen=True)
class Reporter:
    """A resident with an account, and the door they report from."""

    person: Person
    account: Account
    actor: Actor
    spot: Spot


def _staff(here: settle.Settled) -> Staff:
    """A specialist for each patch and one in the back office, who keeps the register."""
    keeper, found = operator(), {}
    posts: list[tuple[str, Role, dict[str, Any]]] = [
        (code, Role.SPECIALIST, {"sub_area_id": area.id}) for code, area in here.sub_areas.items()
    ]
    for name, role, scope in [*posts, ("", Role.BACK_OFFICE, {})]:
        account = account_actions.add_account(
            keeper, username=f"bench-{name or 'office'}".lower(), display_name=f"专员{name}"
        )
        account_actions.grant_post(
            keeper, account=account, role=role, community=here.community, from_on=clock.today(), **scope
        )
        found[name] = account, actor_for(account, here.community, code=here.site.code)
    here.actors[back_office_of(here.id)[0]] = found.pop("")[1]
    return found


def _open_accounts(here: settle.Settled) -> list[Reporter]:
    """Every third adult with a phone has an account, confirmed to be that resident."""
    able = [person for person in here.people if person.phone and 20 <= person.age < 80][::3]
    accounts = [Account(phone=person.phone, display_name=person.name, lives_in=[here.id]) for person in able]
    Account.objects.bulk_create(accounts)
    rows, found = [], []
    for person, account in zip(able, accounts, strict=True):
        resident, home = here.residents[person.id_number], here.dwellings[person.door]
        said = {"stated_name": person.name, "stated_door": person.door}
        times = {"requested_at": clock.now(), "decided_at": clock.now()}
        known = {"account_id": account.id, "resident": resident, "state": LinkState.CONFIRMED}
        rows.append(ResidentLink(community_id=here.id, **known, **said, **times))
        actor = settle.resident_actor(here, account, resident.pk)
        found.append(Reporter(person, account, actor, Spot(home.entrance.building, home.entrance, home)))
    with active(here.id):
        ResidentLink.objects.bulk_create(rows)
    return found


@dataclass(frozen=True)
class History:
    """When a matter was reported, taken, answered and confirmed; None for what has not happened yet."""

    reported_at: datetime
    accepted_at: datetime | None
    fed_back_at: datetime | None
    confirmed_at: datetime | None


def _histories(now: datetime, count: int) -> Iterator[History]:
    """`count` matters evenly up to `now`, oldest first; of the last OPEN_MATTERS, unanswered all, every other is taken."""
    dice, step = Random("histories"), timedelta(days=1) / MATTERS_A_DAY
    for n in range(count):
        at = now - step * (count - n)
        is_open = n >= count - OPEN_MATTERS
        accepted = at + timedelta(minutes=dice.randint(5, 40)) if not is_open or n % 2 else None
        fed_back = None if is_open else at + timedelta(hours=dice.randint(2, 90))
        confirmed = fed_back + timedelta(hours=dice.randint(1, 70)) if fed_back else None
        yield History(at, *(moment if moment and moment < now else None for moment in (accepted, fed_back, confirmed)))


def _live_through(
    batch: Batch, history: History, reporter: Reporter, handler: Actor, kind: MatterKind, words: str
) -> None:
    """One matter by the verbs, each at its moment."""
    with clock.at(history.reported_at):
        matter = batch.report_matter(reporter.actor, kind=kind, words=words, spot=reporter.spot)
    if history.accepted_at:
        with clock.at(history.accepted_at):
            batch.accept_matter(handler, matter=matter)
    if history.fed_back_at:
        with clock.at(history.fed_back_at):
            batch.feed_back(handler, matter=matter, ending=Ending.SOLVED, words="已联系物业处理好,您再看看。")
    if history.confirmed_at:
        with clock.at(history.confirmed_at):
            batch.confirm_matter(reporter.actor, matter=matter)


def _seal() -> int:
    """Seal the whole history in one go, in the relay's order; what follows an entry has followed long ago."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT {SELECT_ENTRY} FROM core_trailentry e ORDER BY e.community_id, e.xact, e.id")
        return copy_rows(TrailSeal, _links(cursor.fetchall()), using="owner")


def _links(entries: list[tuple[Any, ...]]) -> Iterator[TrailSeal]:
    sealed_at, entry_id = clock.now(), COLUMNS.index("id")
    for community_id, group in groupby(entries, key=itemgetter(COLUMNS.index("community_id"))):
        last = GENESIS
        for n, entry in enumerate(group, 1):
            last = link(last, entry)
            yield TrailSeal(community_id=community_id, n=n, entry_id=entry[entry_id], hash=last, sealed_at=sealed_at)


def add_reported(town: Town, count: int) -> None:
    """`count` more matters in the specialist's patch that nobody has taken; the relay seals them."""
    actor = town.actor(town.reporter)
    with active(town.community_id):
        home = Dwelling.objects.select_related("entrance__building").get(pk=town.home.pk)
        spot = Spot(home.entrance.building, home.entrance, home)
        with Batch() as batch:
            for n in range(count):
                batch.report_matter(actor, kind=town.kind, words=WORDS[n % len(WORDS)], spot=spot)


def untaken(town: Town) -> list[UUID]:
    """Matters the specialist may accept now, oldest first."""
    with active(town.community_id):
        rows = Matter.objects.filter(state=State.REPORTED, queue=Queue.FRONT, sub_area=town.patch)
        return list(rows.order_by("reported_at", "id").values_list("id", flat=True))


def session_of(account: Account) -> str:
    """The key of a new signed-in session of `account`."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def shown_on_desk(town: Town, count: int) -> list[UUID]:
    """Matters the specialist opens on a day: up to `count` open ones of her list, and as many answered lately."""
    actor = town.actor(town.specialist)
    with active(town.community_id):
        boxes = (desk_list(actor, DeskFilter()), desk_list(actor, DeskFilter(box="all")).exclude(state__in=OPEN))
        return [matter_id for rows in boxes for matter_id in rows.values_list("id", flat=True)[:count]]


def count_reported(town: Town) -> int:
    with active(town.community_id):
        return Matter.objects.count()


def count_accepted(town: Town) -> int:
    """How many matters the specialist has in hand."""
    with active(town.community_id):
        return Matter.objects.filter(state=State.ACCEPTED, handler=town.specialist.pk).count()


def count_unsealed() -> int:
    """Trail entries the relay has not come to yet."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM core_trailentry) - (SELECT count(*) FROM core_trailseal)")
        count: int = cursor.fetchone()[0]
        return count
