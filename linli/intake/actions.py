"""The verbs of the ways in: put a code up, take it down, take a hotline's sheet in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from linli.core import clock
from linli.core.access import Actor, Permission
from linli.core.db import constraint
from linli.core.errors import Invalid, NotAllowed
from linli.core.identifiers import normalise_phone
from linli.core.trail import record
from linli.imports import sandbox
from linli.imports.checking import plain_file
from linli.matters import actions as matters
from linli.matters.actions import Contact
from linli.matters.models import MatterKind, Source
from linli.matters.queries import Spot, kinds_to_report, spot_named, sub_area_id_of

from . import queries, rules
from .models import HotlineOrder, HotlineSheet, Sticker
from .rules import Order, Wrong

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is taken for something else when it is typed
TOKEN_LENGTH = 8


class LabelMissing(Invalid):
    code, message = "intake.label_missing", "请写一下贴在哪里，例如“2单元一楼消防栓”。居民扫了就看到这几个字。"


class NotYourPatch(NotAllowed):
    code, message = "intake.not_your_patch", "这栋楼不在您的片区。请选本片区的楼，或请后台社工来做。"


class NoOrders(Invalid):
    code = "intake.no_orders"
    message = "没有在表里找到工单。表头里要有“工单编号”和“诉求内容”两列，请看看是不是选错了文件。"


class TooManyOrders(Invalid):
    code = "intake.too_many_orders"
    message = f"一次最多收 {rules.MOST_ROWS} 行。请分成几个文件再传，收过的编号不会重复登记。"


@transaction.atomic
def put_up_sticker(actor: Actor, *, label: str, spot: Spot | None = None, kind: MatterKind | None = None) -> Sticker:
    """Make a code for a place or a device. Needs STICKERS_KEEP; a specialist makes them for her own patch.

    Raises:
        LabelMissing, NotYourPatch.
    """
    actor.require(Permission.STICKERS_KEEP)
    if not label.strip():
        raise LabelMissing(field="label")
    spot = spot or Spot()
    if (
        spot.building
        and not actor.may(Permission.MATTERS_SEE_ALL)
        and sub_area_id_of(spot.building) not in actor.sub_area_ids
    ):
        raise NotYourPatch(field="where")
    row = Sticker.objects.create(
        token="".join(secrets.choice(LETTERS) for _ in range(TOKEN_LENGTH)),
        label=label.strip()[:60],
        building=spot.building,
        entrance=spot.entrance,
        kind=kind,
        made_by=actor.account_id,
        made_at=clock.now(),
    )
    record(actor, "sticker.put_up", row)
    return row


@transaction.atomic
def take_down_sticker(actor: Actor, *, sticker: Sticker) -> Sticker:
    """The code opens nothing any more; who scans it is led to the ordinary form. Twice changes nothing."""
    actor.require(Permission.STICKERS_KEEP)
    row = Sticker.objects.select_for_update().get(pk=sticker.pk)
    if row.taken_down_at is None:
        row.taken_down_at = clock.now()
        row.save(update_fields=["taken_down_at"])
        record(actor, "sticker.taken_down", row)
    return row


def take_in_sheet(actor: Actor, *, content: bytes, name: str) -> HotlineSheet:
    """A sheet of the 12345 hotline's orders: each new number becomes a matter with the hotline's own deadline.

    The file is opened in a child process with limits (`imports.sandbox`). Known numbers are counted and left alone; rows that are no
    order are named with their reason. Sent again, it makes nothing twice.

    Raises:
        NotAllowed: without HOTLINE_TAKE.
        FileUnreadable and its kin, NoOrders, TooManyOrders.
    """
    actor.require(Permission.HOTLINE_TAKE)
    orders, wrong = _read(content)
    return _keep(actor, name=name, orders=orders, wrong=wrong)


def _read(content: bytes) -> tuple[list[Order], list[Wrong]]:
    with plain_file(content) as path:
        for sheet in sandbox.look(Path(path)):
            found = None if sheet.is_hidden else rules.find_columns(sheet.rows)
            if found is None:
                continue
            heading, columns = found
            rows = list(enumerate(sandbox.stream(Path(path), sheet.name), start=1))[heading + 1 :]
            if len(rows) > rules.MOST_ROWS:
                raise TooManyOrders(field="file")
            return rules.read_orders(rows, columns)
    raise NoOrders(field="file")


@transaction.atomic
def _keep(actor: Actor, *, name: str, orders: Sequence[Order], wrong: Sequence[Wrong]) -> HotlineSheet:
    sheet = HotlineSheet.objects.create(name=name[:120], made_by=actor.account_id, made_at=clock.now())
    known = queries.known_numbers(order.number for order in orders)
    kinds = kinds_to_report().by_code
    names = {code: kind.name for code, kind in kinds.items()}
    refused = list(wrong)
    taken = 0
    for order in orders:
        if order.number in known:
            continue
        try:
            phone = normalise_phone(order.phone) if order.phone else None
        except Invalid:
            refused.append(Wrong(order.row, f"联系电话“{order.phone[:4]}…”不像电话。请核对后再传。"))
            continue
        kind = kinds.get(rules.kind_named(order.kind, names)) or next(iter(kinds.values()))
        taken += _take(actor, sheet, order, kind, phone)
    sheet.known = len(orders) - taken - (len(refused) - len(wrong))
    sheet.wrong = [[each.row, each.why] for each in sorted(refused, key=lambda each: each.row)]
    sheet.save(update_fields=["known", "wrong"])
    record(actor, "hotline_sheet.taken_in", sheet, taken=taken, known=sheet.known, wrong=len(refused))
    return sheet


class _TakenMeanwhile(Invalid):
    """Somebody else's sheet had the same order, this very moment."""

    code, message = "intake.taken_meanwhile", "这个工单刚刚被收下了。请刷新页面看看。"


def _take(actor: Actor, sheet: HotlineSheet, order: Order, kind: MatterKind, phone: str | None) -> bool:
    """Make the order's matter; False where another sheet was quicker (the number's constraint decides)."""
    try:
        with constraint("hotline_order_once", broken=_TakenMeanwhile):
            matter = matters.report_matter(
                actor,
                kind=kind,
                words=order.words,
                spot=spot_named(order.place),
                source=Source.HOTLINE,
                contact=Contact(name=order.name, phone=phone),
                due_at=order.due,
            )
            HotlineOrder.objects.create(number=order.number, matter=matter, sheet=sheet, due_at=order.due)
    except _TakenMeanwhile:
        return False
    return True
