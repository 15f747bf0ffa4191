"""What 李娜 has handed on to the property company these days: to take, taken, late, to check, given back, done well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.accounts import queries as accounts
from linli.accounts.models import Account
from linli.core import clock
from linli.core.access import Actor
from linli.core.tenancy import active
from linli.matters import actions
from linli.matters.models import Handover, Matter, State
from linli.organisations.models import Organisation
from linli.places.models import Community

from .cast import UNIT_PHONE
from .hours import at_time
from .pictures import picture
from .settle import Settled

HANDLER = "李娜"
WANG = "10012340001"
THEIRS = ("repair", "leak", "clean", "parking", "stairs")


@dataclass(frozen=True)
class _Plan:
    """One handover: asked so many days ago, due so many days from today; what the company did, and how the check went."""

    ago: int
    due_in: int
    asked: str
    deeds: tuple[tuple[str, str], ...] = ()


PLANS = (
    _Plan(1, 1, "请今天到现场看一下，办好后拍照反馈。"),
    _Plan(2, 1, "请派人处理，工具和材料先垫上，办好后拍照反馈。", (("take", ""),)),
    _Plan(4, -1, "请尽快处理，居民催了两次。", (("take", ""),)),
    _Plan(3, 1, "请修好后拍照反馈。", (("take", ""), ("answer", "配件换好了，试过三次都正常，照片附上。"))),
    _Plan(3, 1, "请看看是不是公共管道。", (("return", "看过了，是住户家里的支管，不在公共部位，请社区另外安排。"),)),
    _Plan(5, 0, "请清理干净，拍照反馈。", (("take", ""), ("answer", "清了一半，剩下的明天来拉。"), ("again", "居民说门口还堆着，请一次清完。"))),
)  # fmt: skip


def hand_things_on(here: Settled, now: datetime) -> int:
    """As many of 李娜's matters in hand as there are plans; how many. Told of 仓基新村 alone."""
    lina = here.actors.get(HANDLER)
    with active(here.id):
        company = Organisation.objects.filter(kind="property_company").first()
        if lina is None or company is None:
            return 0
        mine = Matter.objects.filter(
            state=State.ACCEPTED,
            handler=lina.account_id,
            kind__path__0__in=THEIRS,
            accepted_at__lt=now - timedelta(hours=20),
        )
        matters = list(mine.exclude(reporter__in=[here.actors[WANG].account_id]).order_by("reported_at", "id"))
        for plan, matter in zip(PLANS, matters, strict=False):
            _hand_on(here, lina, company, matter, plan, now)
        _supervise(here, [matter for matter, plan in zip(matters, PLANS, strict=False) if plan.due_in < 0], now)
        return min(len(PLANS), len(matters))


def _hand_on(here: Settled, lina: Actor, company: Organisation, matter: Matter, plan: _Plan, now: datetime) -> None:
    today = now.date()
    assert matter.accepted_at is not None
    began = max(at_time(today - timedelta(days=plan.ago), 10, 12), matter.accepted_at + timedelta(minutes=20))
    due = max(today + timedelta(days=plan.due_in), began.astimezone(clock.SHANGHAI).date())
    with clock.at(began):
        row = actions.hand_on(
            lina, matter=matter, organisation=company, asked=plan.asked, answer_by=due, shares_contact=True
        )
    unit = _unit(here)
    at = began
    for deed, words in plan.deeds:
        at = min(at + timedelta(hours=3, minutes=17), now - timedelta(minutes=2))
        with clock.at(max(at, began)):
            _do(unit, lina, row, deed, words)


def _do(unit: Actor, lina: Actor, row: Handover, deed: str, words: str) -> None:
    if deed == "take":
        actions.take_handover(unit, handover=row)
    elif deed == "answer":
        shown = [("lamp-after.jpg", picture("lamp-after"))]
        actions.answer_handover(unit, handover=row, words=words, photos=shown)
    elif deed == "return":
        actions.return_handover(unit, handover=row, reason=words)
    else:
        actions.send_again(lina, handover=row, reason=words)


def _supervise(here: Settled, late: list[Matter], now: datetime) -> None:
    """赵敏 asks after what the company is late with."""
    for matter in late:
        with clock.at(now - timedelta(hours=1, minutes=20)):
            words = "居民催了两次，请今天说清楚哪天能修好。"
            actions.supervise(here.actors["赵敏"], matter=matter, why=words, answer_by=now.date())


def _unit(here: Settled) -> Actor:
    """Whoever answers for the company."""
    account = Account.objects.get(phone_index=UNIT_PHONE)
    return accounts.actor_for(account, Community.objects.get(pk=here.id), via="demo")
