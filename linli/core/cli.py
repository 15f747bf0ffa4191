"""`linli stop`: tell people of a planned stop, and show its page while it lasts."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any


def register(words: Any) -> None:
    stop = words.add_parser("stop", help="计划停机：提前一天在每页告诉大家，到点显示维护页")
    stop.add_argument(
        "starts_at", nargs="?", metavar="开始", help="例如 22:00，或 2026-11-25T22:00；不写就看现在的计划"
    )
    stop.add_argument("until", nargs="?", metavar="恢复", help="例如 22:30，或 2026-11-26T01:00")
    stop.add_argument("--words", default="", help="想告诉大家的一句话，例如：装新版本")
    stop.add_argument("--off", action="store_true", help="取消计划，或提前恢复")
    stop.set_defaults(run=_stop, needs_database=True)


def _stop(args: argparse.Namespace) -> int:
    from linli.core import planned

    if args.off:
        planned.plan(None)
        print("没有计划停机了，网页照常。")
        return 0
    if not args.starts_at:
        print(_told(planned.planned()))
        return 0
    try:
        starts_at = _moment(args.starts_at)
        until = _moment(args.until or "", after=starts_at)
    except ValueError:
        print("时间请写成 22:00 或 2026-11-25T22:00，开始和恢复都要写。")
        return 1
    if until <= starts_at:
        print("恢复要晚于开始。请再看一遍这两个时间。")
        return 1
    stop = planned.Stop(starts_at, until, args.words)
    planned.plan(stop)
    print(_told(stop))
    return 0


def _moment(text: str, *, after: datetime | None = None) -> datetime:
    """A time of today (of the next day, where it lies before `after`), or a whole moment; in China's time."""
    from linli.core.clock import SHANGHAI, now

    if len(text) > 5:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    there = (after or now()).astimezone(SHANGHAI)
    hour, minute = (int(part) for part in text.split(":"))
    moment = there.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment + timedelta(days=1) if after and moment <= after else moment


def _told(stop: Any) -> str:
    if stop is None:
        return "近一天没有计划停机。"
    from linli.core.clock import SHANGHAI

    begin, end = (moment.astimezone(SHANGHAI) for moment in (stop.starts_at, stop.until))
    return f"{begin:%m-%d %H:%M} 停机，{end:%m-%d %H:%M} 恢复。提前一天在每页告诉大家；要取消就运行 linli stop --off。"
