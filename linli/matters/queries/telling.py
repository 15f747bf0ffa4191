"""What a matter's deadline and turn are in words, and what of its timeline is whose to read."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.core import clock

from .. import rules
from ..models import AskState, Matter, Pause, Queue, State

DESK_ALONE = frozenset(
    {
        "matter.pause_asked",
        "matter.pause_declined",
        "matter.extension_asked",
        "matter.extension_declined",
        "matter.ask_withdrawn",
        "matter.due_soon",
        "matter.untaken",
        "matter.slow",
    }
)
"""What colleagues settle among themselves: the reporter's timeline tells what came of it."""


UNTOUCHED = frozenset(
    {"matter.contact_revealed", "matter.added", "matter.due_soon", "matter.slow", "matter.overdue", "matter.raised"}
)
"""What happens to a matter without anybody having worked on it."""


def promised_until(matter: Matter) -> datetime:
    """The last second of the last promised day, in Asia/Shanghai: pages name that day, never the one after it."""
    return matter.due_at.astimezone(clock.SHANGHAI) - timedelta(seconds=1)


def until_words(matter: Matter) -> str:
    """The promise's last day, with the hour where it ends within a day."""
    due = matter.due_at.astimezone(clock.SHANGHAI)
    return f"{due:%-m月%-d日 %-H:%M}" if (due.hour, due.minute) != (0, 0) else f"{promised_until(matter):%-m月%-d日}"


def pause_words(matter: Matter) -> str:
    """Why the clock stands still, for the reporter, and until when; "" when it does not."""
    if matter.paused_until is None:
        return ""
    pause = Pause.objects.filter(matter=matter, state=AskState.GRANTED).select_related("reason").first()
    why = pause.reason.for_reporter if pause else "要等一等"
    until = matter.paused_until.astimezone(clock.SHANGHAI) - clock.ONE_DAY / 2
    return f"{why}，先暂停计时，最晚 {until:%-m月%-d日}接着办"


def next_step_of(matter: Matter, handler_name: str = "", units: str = "") -> str:
    """What the reporter may expect, with who and by when."""
    by = f"最晚 {until_words(matter)}"
    where = "片区专员" if matter.queue == Queue.FRONT else "社区后台社工"
    return {
        State.REPORTED: f"{handler_name or where}会先看到，承诺{by}办好并答复您。",
        State.ACCEPTED: f"{handler_name or where}正在办，承诺{by}答复您。",
        State.HANDED_ON: f"已请{units or '有关单位'}处理，{handler_name or where}去核查，承诺{by}答复您。",
        State.MERGED: "和别人报的同一件事一起办，办好了用您这个编号答复您，不用再报。",
        State.FED_BACK: "已经答复。请看看是否办好：办好了请确认，没办好可以说明后重开。",
        State.CLOSED: f"已办结。{rules.REOPEN_DAYS} 天内如果又出现，可以重开。",
        State.REFUSED: "这件事不归社区办，答复里写了该找哪里。",
    }[State(matter.state)]
