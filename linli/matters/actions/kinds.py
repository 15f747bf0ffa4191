"""The kinds of matter a community offers: laid out once, each community's own afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from linli.core.access import Actor
from linli.core.trail import record

from ..models import MatterKind


@dataclass(frozen=True)
class KindPlan:
    """One kind of matter to offer; `promise_days` are calendar days."""

    code: str
    name: str
    icon: str
    hint: str
    promise_days: int


USUAL_KINDS = (
    KindPlan("leak", "漏水渗水", "drop", "楼上漏水、管道渗水", 3),
    KindPlan("repair", "公共设施", "wrench", "路灯、楼道灯、门禁、扶手", 5),
    KindPlan("stairs", "楼道堆物", "box", "纸箱、旧家具、电动车堵楼道", 3),
    KindPlan("fire", "消防隐患", "flame", "飞线充电、通道堵塞", 1),
    KindPlan("noise", "噪音扰民", "volume", "装修、广场舞、半夜吵闹", 3),
    KindPlan("clean", "环境卫生", "broom", "垃圾、污水、绿化", 3),
    KindPlan("parking", "车辆停放", "car", "乱停车、占车位、堵消防通道", 3),
    KindPlan("dispute", "邻里纠纷", "people", "楼上楼下、共用部位、宠物", 7),
    KindPlan("elder", "助老求助", "heart", "买药、陪诊、送餐、家里没动静", 1),
    KindPlan("policy", "政策咨询", "book", "低保、残疾证、老年卡怎么办", 2),
    KindPlan("other", "其他事情", "more", "说不清归哪类，选这个就行", 7),
)


@transaction.atomic
def set_up_kinds(actor: Actor, *, kinds: Iterable[KindPlan] = USUAL_KINDS) -> list[MatterKind]:
    """Lay out the kinds a community offers, in the given order; those it has stay as they are."""
    known = set(MatterKind.objects.values_list("code", flat=True))
    new = [
        MatterKind(code=k.code, name=k.name, icon=k.icon, hint=k.hint, promise_days=k.promise_days, order=order)
        for order, k in enumerate(kinds)
        if k.code not in known
    ]
    made = MatterKind.objects.bulk_create(new)
    for kind in made:
        record(actor, "matter_kind.added", kind, code=kind.code)
    return list(MatterKind.objects.all())
