"""The ways in, in the demo: a few printed codes, and yesterday's sheet of the hotline."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.core import clock
from linli.core.tenancy import active
from linli.intake import actions as intake
from linli.matters.models import MatterKind
from linli.matters.queries import spot_named

from .cast import back_office_of
from .settle import Settled

STICKERS = (
    ("48幢2单元一楼消防栓", "48幢2单元", "fire"),
    ("48幢1单元门禁", "48幢1单元", "repair"),
    ("东门垃圾房", "", "clean"),
    ("小广场健身器材", "", "repair"),
)
ORDERS = (
    ("楼下小吃店夜里十一点还在炒菜，油烟往家里飘", "仓基新村48幢", "噪音扰民", 5),
    ("小区西门进来的路灯有三盏不亮，老人晚上看不清", "仓基新村西门", "公共设施", 7),
    ("高层有人往下扔烟头，希望社区提醒一下", "仓基新村52幢", "环境卫生", 3),
)


def open_ways_in(here: Settled, now: datetime) -> None:
    """Codes put up a month ago; three orders of the hotline taken in yesterday morning."""
    clerk = here.actors[back_office_of(here.id)[0]]
    with active(here.id):
        kinds = {kind.code: kind for kind in MatterKind.objects.all()}
        with clock.at(now - timedelta(days=30)):
            for label, where, kind in STICKERS:
                spot = spot_named(where) if where else None
                intake.put_up_sticker(clerk, label=label, spot=spot, kind=kinds[kind])
        came = now - timedelta(days=1, hours=3)
        rows = [",".join(("工单编号", "来电时间", "诉求类型", "诉求地址", "诉求内容", "办理期限"))]
        for number, (words, place, kind_name, days) in enumerate(ORDERS, start=1):
            due = came + timedelta(days=days)
            rows.append(
                f"GS{came:%Y%m%d}{number:04},{came:%Y-%m-%d %H:%M},{kind_name},{place},{words},{due:%Y-%m-%d} 17:00"
            )
        with clock.at(came + timedelta(minutes=40)):
            intake.take_in_sheet(clerk, content="\n".join(rows).encode(), name=f"12345转办工单{came:%m%d}.csv")
